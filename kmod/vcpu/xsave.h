/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FPU state as a VMM reads and writes it whole: KVM_GET_XSAVE, KVM_SET_XSAVE
 * (the standard format of SDM vol. 1, 13.4), KVM_GET_XCRS, KVM_SET_XCRS.
 */
#ifndef VMXDBG_VCPU_XSAVE_H
#define VMXDBG_VCPU_XSAVE_H

#include <linux/types.h>

struct kvm_xcrs;
struct vcpu;

/* xsave.c: @area has at least fpu_xsave_size(fpu_xcr0_mask) bytes */
void vcpu_get_xsave(struct vcpu *vcpu, void *area);
int vcpu_set_xsave(struct vcpu *vcpu, const void *area);
void vcpu_get_xcrs(struct vcpu *vcpu, struct kvm_xcrs *xcrs);
int vcpu_set_xcrs(struct vcpu *vcpu, const struct kvm_xcrs *xcrs);

#endif
