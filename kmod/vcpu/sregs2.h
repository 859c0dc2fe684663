/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_GET_SREGS2 and KVM_SET_SREGS2: SREGS with the PDPTEs of PAE paging. */
#ifndef VMXDBG_VCPU_SREGS2_H
#define VMXDBG_VCPU_SREGS2_H

#include <linux/types.h>

struct kvm_sregs2;
struct vcpu;

void vcpu_get_sregs2(struct vcpu *vcpu, struct kvm_sregs2 *sregs2);

/* Return: 0, or -EINVAL as vcpu_set_sregs(), or for PDPTEs without PAE paging. */
int vcpu_set_sregs2(struct vcpu *vcpu, const struct kvm_sregs2 *sregs2);

#endif
