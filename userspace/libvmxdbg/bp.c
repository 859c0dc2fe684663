// SPDX-License-Identifier: MIT
/* A session: breakpoints, watchpoints, catches. */
#include <sys/ioctl.h>

#include "vmxdbg-client.h"

int vmxdbg_add_bp(int session, struct vmxdbg_bp *bp)
{
	return ioctl(session, VMXDBG_ADD_BP, bp);
}

int vmxdbg_add_catch(int session, struct vmxdbg_catch *catch_it)
{
	return ioctl(session, VMXDBG_ADD_CATCH, catch_it);
}

int vmxdbg_del_bp(int session, uint32_t id)
{
	return ioctl(session, VMXDBG_DEL_BP, (unsigned long)id);
}

int vmxdbg_hits(int session, uint32_t id, uint64_t *hits)
{
	struct vmxdbg_object object = { .id = id };

	if (ioctl(session, VMXDBG_GET_OBJECT, &object))
		return -1;
	*hits = object.hits;
	return 0;
}

static int add(int session, struct vmxdbg_bp *bp, uint32_t *id)
{
	if (vmxdbg_add_bp(session, bp) < 0)
		return -1;
	*id = bp->id;
	return 0;
}

int vmxdbg_break(int session, uint32_t vcpu, uint64_t addr, uint32_t *id)
{
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_SOFT,
		.addr = addr,
		.len = 1,
		.vcpu = vcpu,
	};

	return add(session, &bp, id);
}

int vmxdbg_break_hard(int session, uint64_t addr, uint32_t *id)
{
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_HARD,
		.addr = addr,
		.len = 1,
	};

	return add(session, &bp, id);
}

int vmxdbg_watch(int session, uint32_t type, uint64_t addr, size_t len,
		 uint32_t *id)
{
	struct vmxdbg_bp bp = {
		.type = type,
		.addr = addr,
		.len = len,
	};

	return add(session, &bp, id);
}
