/* SPDX-License-Identifier: GPL-2.0-only */
/* A VM and a session on it, both in this process. */
#ifndef TESTS_ABI_MACHINE_H
#define TESTS_ABI_MACHINE_H

#include <unistd.h>

#include "vmm.h"

struct machine {
	struct vm vm;
	struct vcpu *v;
	int session;		/* or -1 */
};

static inline void machine_make(struct machine *m, enum guest_mode mode, struct prog prog)
{
	m->v = guest_make(&m->vm, mode, prog);
	m->session = -1;
}

static inline void machine_destroy(struct machine *m)
{
	if (m->session >= 0)
		close(m->session);
	vm_destroy(&m->vm);
}

/* Add an object that counts, and does not stop. */
static inline long machine_count(struct machine *m, u32 type, u64 addr, u64 len)
{
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_attach arg = { .flags = VMXDBG_ATTACH_FD, .target = m->vm.fd };
	struct vmxdbg_bp bp = {
		.type = type, .addr = addr, .len = len,
		.options = (unsigned long)&options,
	};
	long id;

	if (m->session < 0)
		m->session = CHECK_OK(ioctl(m->vm.dev, VMXDBG_ATTACH, &arg));
	CHECK_OK(session_stop(m->session, VMXDBG_ALL_VCPUS));
	id = session_add_bp(m->session, bp);
	REQUIRE(id > 0);
	CHECK_OK(session_resume(m->session, VMXDBG_ALL_VCPUS, 0));
	return id;
}

static inline u64 machine_hits(struct machine *m, long id)
{
	struct vmxdbg_object object = { .id = id };

	CHECK_OK(ioctl(m->session, VMXDBG_GET_OBJECT, &object));
	return object.hits;
}

#endif
