/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID: the leaves a guest can have on this host (KVM_GET_SUPPORTED_CPUID), those
 * that the VMM gave it (KVM_SET_CPUID2), and the instruction.
 */
#ifndef VMXDBG_VCPU_CPUID_H
#define VMXDBG_VCPU_CPUID_H

#include <linux/types.h>

struct kvm_cpuid2;
struct vcpu;

/* KVM_GET_SUPPORTED_CPUID. Return: 0, -E2BIG, -EFAULT or -ENOMEM. */
int cpuid_supported(struct kvm_cpuid2 __user *user);

/*
 * KVM_SET_CPUID2. Return: 0, -E2BIG, -EFAULT or -ENOMEM; -EINVAL if the vCPU has run
 * with another CPUID, or for widths of addresses that no processor has; -EPERM for
 * AMX.
 */
int vcpu_set_cpuid(struct vcpu *vcpu, struct kvm_cpuid2 __user *user);

/* KVM_GET_CPUID2: the leaves as the guest sees them now. Return: 0, -E2BIG or -EFAULT. */
int vcpu_get_cpuid(struct vcpu *vcpu, struct kvm_cpuid2 __user *user);

/**
 * vcpu_cpuid() - CPUID as the guest executes it
 * @eax: leaf in, result out
 * @ebx: result out
 * @ecx: subleaf in, result out
 * @edx: result out
 */
void vcpu_cpuid(struct vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx);

/* Return: whether the guest's CPUID is one of AMD or Hygon, has MONITOR and MWAIT now, has SSE3. */
bool cpuid_is_amd(struct vcpu *vcpu);
bool cpuid_has_mwait(struct vcpu *vcpu);
bool cpuid_has_sse3(struct vcpu *vcpu);

/* Exit handler. Return: RUN_RESUME. */
int exit_cpuid(struct vcpu *vcpu);

#endif
