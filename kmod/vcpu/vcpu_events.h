/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pending events of a vCPU, as a VMM reads and writes them: KVM_GET_VCPU_EVENTS,
 * KVM_SET_VCPU_EVENTS.
 */
#ifndef VMXDBG_VCPU_VCPU_EVENTS_H
#define VMXDBG_VCPU_VCPU_EVENTS_H

#include <linux/kvm.h>
#include <linux/types.h>

struct vcpu;

/* Return: whether @events set a pending exception. Without its flag the field is unknown. */
static inline bool vcpu_events_pending(const struct kvm_vcpu_events *events)
{
	return (events->flags & KVM_VCPUEVENT_VALID_PAYLOAD) && events->exception.pending;
}

void vcpu_get_events(struct vcpu *vcpu, struct kvm_vcpu_events *events);

/* Return: 0, or -EINVAL for unknown flags, SMM, or an invalid exception vector. */
int vcpu_set_events(struct vcpu *vcpu, const struct kvm_vcpu_events *events);

#endif
