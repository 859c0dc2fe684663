/* SPDX-License-Identifier: GPL-2.0-only */
/* Events for the session, which read() of its file descriptor returns. */
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
 * post_event() - stop the vCPU and give the session an event
 * @part: the event without vcpu and rip. If an event of the vCPU is unread, @part is
 *	merged into that one.
 * Context: the vCPU's thread in KVM_RUN; does not sleep.
 * Return: false if there is no session; then nothing has happened.
 */
bool post_event(struct vcpu *vcpu, const struct vmxdbg_event *part);

/* Call post_event() for objects that were hit. @why, @dr6: added to the event. */
bool post_hits(struct vcpu *vcpu, const struct hits *hits, u32 why, u64 dr6);

/* Mark the VM dead and wake up the session: the run plane has closed its last fd. */
void post_vm_gone(struct vm *vm);

#endif
