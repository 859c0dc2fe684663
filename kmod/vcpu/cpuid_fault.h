/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID faulting: MSR_PLATFORM_INFO and MSR_MISC_FEATURES_ENABLES. */
#ifndef VMXDBG_VCPU_CPUID_FAULT_H
#define VMXDBG_VCPU_CPUID_FAULT_H

#include <linux/types.h>

struct vcpu;

/* As after RESET: the processor can fault, and does not. */
void cpuid_fault_reset(struct vcpu *vcpu);

/*
 * Access both MSRs, for msr.c. Return: 0; -EINVAL if this value cannot be, or the guest has no such
 * MSR; -ENOENT for other MSRs.
 */
int cpuid_fault_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);
int cpuid_fault_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);

#endif
