/* SPDX-License-Identifier: GPL-2.0-only */
/* Events for the session that read() of its file descriptor returns. */
#ifndef VMXDBG_DEBUG_POST_H
#define VMXDBG_DEBUG_POST_H

#include <linux/types.h>

#include "debug/session_object.h"
#include "vm.h"

struct hits;
struct vcpu;
struct vmxdbg_event;

/* vm->dbg_lock held. Return: whether there is a session that takes events. */
static inline bool post_has_listener(const struct vm *vm)
{
	return vm->session && !vm->session->closing;
}

/**
 * post_event() - stop the vCPU for the session and report why
 * @part: its vcpu and rip are filled in. If an event of the vCPU is unread, all of
 *	@part is added to that one.
 * Context: the vCPU's thread in KVM_RUN; does not sleep.
 * Return: false if there is no session; then nothing has happened.
 */
bool post_event(struct vcpu *vcpu, const struct vmxdbg_event *part);

/* post_event() for objects that were hit. */
bool post_hits(struct vcpu *vcpu, const struct hits *hits, u32 why, u64 dr6);
/* The run plane has let go of @vm (vm_user_put()): tells the session. */
void post_vm_gone(struct vm *vm);

#endif
