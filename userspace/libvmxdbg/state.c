// SPDX-License-Identifier: MIT
/* A session: registers and memory of the guest. */
#include <sys/ioctl.h>

#include "vmxdbg-client.h"

int vmxdbg_get_regs(int session, uint32_t vcpu, uint32_t set, void *data,
		    size_t size)
{
	struct vmxdbg_regs regs = {
		.vcpu = vcpu,
		.set = set,
		.size = size,
		.data = (uintptr_t)data,
	};

	return ioctl(session, VMXDBG_GET_REGS, &regs);
}

int vmxdbg_set_regs(int session, uint32_t vcpu, uint32_t set, const void *data,
		    size_t size)
{
	struct vmxdbg_regs regs = {
		.vcpu = vcpu,
		.set = set,
		.size = size,
		.data = (uintptr_t)data,
	};

	return ioctl(session, VMXDBG_SET_REGS, &regs);
}

int vmxdbg_try_regs(int session, uint32_t vcpu, uint32_t set, const void *data,
		    size_t size, uint32_t *refused)
{
	struct vmxdbg_regs regs = {
		.vcpu = vcpu,
		.set = set,
		.size = size,
		.data = (uintptr_t)data,
	};
	int result = ioctl(session, VMXDBG_SET_REGS, &regs);

	*refused = regs.refused;
	return result;
}

static int msrs(int session, unsigned long request, struct vmxdbg_msrs *arg,
		uint32_t *done, uint32_t *refused)
{
	int result = ioctl(session, request, arg);

	if (done)
		*done = arg->done;
	if (refused)
		*refused = arg->refused;
	return result;
}

int vmxdbg_get_msrs(int session, uint32_t vcpu, struct kvm_msr_entry *entries,
		    uint32_t count, uint32_t *done)
{
	struct vmxdbg_msrs arg = {
		.vcpu = vcpu,
		.count = count,
		.entries = (uintptr_t)entries,
	};

	return msrs(session, VMXDBG_GET_MSRS, &arg, done, NULL);
}

int vmxdbg_set_msrs(int session, uint32_t vcpu,
		    const struct kvm_msr_entry *entries, uint32_t count,
		    uint32_t *done, uint32_t *refused)
{
	struct vmxdbg_msrs arg = {
		.vcpu = vcpu,
		.count = count,
		.entries = (uintptr_t)entries,
	};

	return msrs(session, VMXDBG_SET_MSRS, &arg, done, refused);
}

int vmxdbg_list_msrs(int session, uint32_t vcpu, uint32_t *indices, uint32_t room)
{
	struct vmxdbg_msr_list list = {
		.vcpu = vcpu,
		.count = room,
		.indices = (uintptr_t)indices,
	};

	return ioctl(session, VMXDBG_LIST_MSRS, &list) < 0 ? -1 : (int)list.count;
}

static ssize_t mem(int session, unsigned long request, struct vmxdbg_mem *arg)
{
	if (ioctl(session, request, arg) < 0)
		return -1;
	return arg->done;
}

ssize_t vmxdbg_read_mem(int session, uint32_t vcpu, uint32_t flags,
			uint64_t addr, void *buf, size_t len)
{
	struct vmxdbg_mem arg = {
		.vcpu = vcpu,
		.flags = flags,
		.addr = addr,
		.len = len,
		.buf = (uintptr_t)buf,
	};

	return mem(session, VMXDBG_READ_MEM, &arg);
}

ssize_t vmxdbg_write_mem(int session, uint32_t vcpu, uint32_t flags,
			 uint64_t addr, const void *buf, size_t len)
{
	struct vmxdbg_mem arg = {
		.vcpu = vcpu,
		.flags = flags,
		.addr = addr,
		.len = len,
		.buf = (uintptr_t)buf,
	};

	return mem(session, VMXDBG_WRITE_MEM, &arg);
}

int vmxdbg_translate(int session, uint32_t vcpu, uint64_t gva,
		     struct vmxdbg_translate *result)
{
	*result = (struct vmxdbg_translate){ .vcpu = vcpu, .gva = gva };
	return ioctl(session, VMXDBG_TRANSLATE, result);
}
