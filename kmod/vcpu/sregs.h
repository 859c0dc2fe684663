/* SPDX-License-Identifier: GPL-2.0-only */
/* Segments, and KVM_GET_SREGS and KVM_SET_SREGS as a whole. */
#ifndef VMXDBG_VCPU_SREGS_H
#define VMXDBG_VCPU_SREGS_H

#include <linux/types.h>

struct kvm_sregs;
struct vcpu;

void vcpu_get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs);
int vcpu_set_sregs(struct vcpu *vcpu, const struct kvm_sregs *sregs);

#endif
