/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers in struct kvm_run: KVM_RUN takes what the VMM marked dirty and leaves
 * what it marked valid, which saves it the ioctls.
 */
#ifndef VMXDBG_VCPU_SYNC_REGS_H
#define VMXDBG_VCPU_SYNC_REGS_H

#include <linux/types.h>

struct vcpu;

/* sync_regs.c: at the start of KVM_RUN, and at its end with the state in hand */
int vcpu_sync_take(struct vcpu *vcpu);
void vcpu_sync_leave(struct vcpu *vcpu);

#endif
