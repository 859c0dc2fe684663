/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints and watchpoints of a session. */
#ifndef VMXDBG_DEBUG_BP_H
#define VMXDBG_DEBUG_BP_H

#include <linux/types.h>

struct session;
struct vcpu;
struct vmxdbg_bp;

/**
 * bp_add() - VMXDBG_ADD_BP
 * @arg: id is set on success
 * Context: session->mutex, no vCPU's state_mutex; may sleep.
 * Return: 0; -EINVAL, -ENOENT, -EFAULT, -EOPNOTSUPP, -ENOSPC, -ENOMEM, -EBUSY when the
 * vCPU is not stopped, -ENXIO without memory at a physical address, -EINTR or
 * -ERESTARTSYS on a signal.
 */
int bp_add(struct session *s, struct vmxdbg_bp *arg);

/**
 * bp_make_room() - displace objects from debug registers that the guest needs
 * Handles REQ_DR_ROOM. An object without a register in the vCPU's plan is armed by a
 * hook or a watch first, then removed from the registers of all vCPUs. If it cannot
 * be armed, it stays and the session gets an event.
 * Context: the vCPU's thread, before it enters the guest; may sleep.
 * Return: 0, or -EINTR.
 */
int bp_make_room(struct vcpu *vcpu);

#endif
