/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_GET_SREGS2, KVM_SET_SREGS2: as SREGS, with PAE's page directory pointers. */
#ifndef VMXDBG_VCPU_SREGS2_H
#define VMXDBG_VCPU_SREGS2_H

#include <linux/types.h>

struct kvm_sregs2;
struct vcpu;

void vcpu_get_sregs2(struct vcpu *vcpu, struct kvm_sregs2 *sregs2);
int vcpu_set_sregs2(struct vcpu *vcpu, const struct kvm_sregs2 *sregs2);

#endif
