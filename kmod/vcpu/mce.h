/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's machine check banks (SDM vol. 3, chapter 16). */
#ifndef VMXDBG_VCPU_MCE_H
#define VMXDBG_VCPU_MCE_H

#include <linux/bits.h>
#include <linux/types.h>

struct kvm_x86_mce;
struct vcpu;

/* Bits of IA32_MCG_CAP that a guest can have, besides the number of banks */
#define MCE_CAP_SUPPORTED (MCG_CTL_P | MCG_SER_P | MCG_CMCI_P)

/* McStatusWrEn of HWCR: an AMD guest may write any STATUS (AMD64 APM vol. 2, 9.3.2.4). */
#define HWCR_MC_STATUS_WR	BIT_ULL(18)

/* KVM_X86_SETUP_MCE. @cap: IA32_MCG_CAP. Return: 0 or -EINVAL. */
int vcpu_setup_mce(struct vcpu *vcpu, u64 cap);

/* KVM_X86_SET_MCE: record an error, and raise the #MC or CMCI that it needs. Return: 0, -EINVAL. */
int vcpu_set_mce(struct vcpu *vcpu, const struct kvm_x86_mce *mce);

/* Machine check MSRs, for msr.c. Return: 0, or -EINVAL if there is no such MSR or value. */
int mce_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);
int mce_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);

#endif
