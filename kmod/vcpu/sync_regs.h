/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers in struct kvm_run (KVM_CAP_SYNC_REGS), which save the VMM ioctls: KVM_RUN
 * loads the sets in kvm_dirty_regs and stores those in kvm_valid_regs.
 */
#ifndef VMXDBG_VCPU_SYNC_REGS_H
#define VMXDBG_VCPU_SYNC_REGS_H

#include <linux/types.h>

struct vcpu;

/* At the start of KVM_RUN; takes state_mutex. Return: 0, -EINVAL, or -EINTR if killed. */
int vcpu_sync_take(struct vcpu *vcpu);

/* At the end of KVM_RUN, by the owner of the vCPU's state */
void vcpu_sync_leave(struct vcpu *vcpu);

#endif
