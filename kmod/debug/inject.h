/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that a session injects into a vCPU. */
#ifndef VMXDBG_DEBUG_INJECT_H
#define VMXDBG_DEBUG_INJECT_H

struct vcpu;
struct vmxdbg_inject;

/* Return: 0, -EINVAL for an event that the guest's processor does not have. */
int inject_check(const struct vmxdbg_inject *arg);

/*
 * Keep the event until the vCPU runs. @arg has been checked. stop_lock() held.
 * Return: 0, -EBUSY if one of its type waits, -ENXIO for an INIT if the VMM has the local APIC.
 */
int inject_event_set(struct vcpu *vcpu, const struct vmxdbg_inject *arg);

/*
 * REQ_INJECT: queue what waits for the next entry, beside the VMM's events and the guest's
 * own. Context: before an entry, interrupts off, VMCS current.
 */
void inject_take(struct vcpu *vcpu);

#endif
