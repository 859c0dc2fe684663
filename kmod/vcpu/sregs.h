/* SPDX-License-Identifier: GPL-2.0-only */
/* Segments, and the whole of KVM_GET_SREGS and KVM_SET_SREGS. */
#ifndef VMXDBG_VCPU_SREGS_H
#define VMXDBG_VCPU_SREGS_H

#include <linux/types.h>

struct kvm_segment;
struct kvm_sregs;
struct vcpu;

void vcpu_get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs);

/* May sleep (PAE paging). Return: 0, or -EINVAL for a state that no processor can have. */
int vcpu_set_sregs(struct vcpu *vcpu, const struct kvm_sregs *sregs);

/* Return: the attributes as vcpu_set_sregs() writes them, for TR without its fix. */
u32 sregs_segment_ar(const struct kvm_segment *seg);

#endif
