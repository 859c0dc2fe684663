/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM's clock: structures in guest memory by which a guest computes the time from its TSC. */
#ifndef VMXDBG_VCPU_PVCLOCK_H
#define VMXDBG_VCPU_PVCLOCK_H

#include <linux/types.h>

struct vcpu;

/*
 * The guest, or its VMM (@host), writes MSR_KVM_SYSTEM_TIME, or with @old the older MSR of
 * that name. The state's owner; may be called with preemption off.
 */
void pvclock_set(struct vcpu *vcpu, u64 val, bool old, bool host);

/* The vCPU's TSC was moved. Context as above. */
void pvclock_tsc_moved(struct vcpu *vcpu);

/* KVM_KVMCLOCK_CTRL. Return: 0, or -EINVAL for a guest that does not use the clock. */
int pvclock_note_pause(struct vcpu *vcpu);

/* Write the vCPU's structure, if it is on. Context: its thread, may sleep. */
void pvclock_update(struct vcpu *vcpu);

/* Write the wall clock that is due, if any. Context as above. */
void pvclock_update_wall(struct vcpu *vcpu);

#endif
