/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The whole FPU state, as a VMM reads and writes it: KVM_GET_XSAVE, KVM_SET_XSAVE (the
 * standard format of SDM vol. 1, 13.4), KVM_GET_XCRS, KVM_SET_XCRS.
 */
#ifndef VMXDBG_VCPU_XSAVE_H
#define VMXDBG_VCPU_XSAVE_H

#include <linux/types.h>

struct kvm_xcrs;
struct vcpu;

/* @area has at least fpu_xsave_size(fpu_xcr0_mask) bytes; the rest of it is not written. */
void vcpu_get_xsave(struct vcpu *vcpu, void *area);

/* Return: 0, or -EINVAL for a header or MXCSR with which XRSTOR would raise #GP. */
int vcpu_set_xsave(struct vcpu *vcpu, const void *area);

void vcpu_get_xcrs(struct vcpu *vcpu, struct kvm_xcrs *xcrs);

/* Return: 0, or -EINVAL for an XCR0 that the guest cannot set. */
int vcpu_set_xcrs(struct vcpu *vcpu, const struct kvm_xcrs *xcrs);

#endif
