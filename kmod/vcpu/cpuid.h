/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID: what a guest can have here (KVM_GET_SUPPORTED_CPUID), what its VMM
 * gave it (KVM_SET_CPUID2), and the instruction itself.
 */
#ifndef VMXDBG_VCPU_CPUID_H
#define VMXDBG_VCPU_CPUID_H

#include <linux/types.h>

struct kvm_cpuid2;
struct vcpu;

int cpuid_supported(struct kvm_cpuid2 __user *user);
int vcpu_set_cpuid(struct vcpu *vcpu, struct kvm_cpuid2 __user *user);
int vcpu_get_cpuid(struct vcpu *vcpu, struct kvm_cpuid2 __user *user);
void vcpu_cpuid(struct vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);
int exit_cpuid(struct vcpu *vcpu);	/* cpuid.c */

#endif
