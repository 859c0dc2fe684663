/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints and watchpoints: a session's objects. */
#ifndef VMXDBG_DEBUG_BP_H
#define VMXDBG_DEBUG_BP_H

#include <linux/types.h>

struct session;
struct vcpu;
struct vmxdbg_bp;

/* Sets arg->id. session->mutex held, no vCPU's state_mutex. May sleep. */
int bp_add(struct session *s, struct vmxdbg_bp *arg);

/**
 * bp_make_room() - the guest's debug registers come first
 * What was in a debug register of @vcpu's VM and finds none in its plan is moved
 * to a hook or a watch, before it goes from there; if that cannot be, the session
 * is told. REQ_DR_ROOM.
 * Context: the vCPU's thread, before it enters the guest; may sleep.
 * Return: 0, or -EINTR.
 */
int bp_make_room(struct vcpu *vcpu);

#endif
