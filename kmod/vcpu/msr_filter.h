/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_X86_SET_MSR_FILTER: MSRs that the VMM takes away from its guest. */
#ifndef VMXDBG_VCPU_MSR_FILTER_H
#define VMXDBG_VCPU_MSR_FILTER_H

#include <linux/types.h>

struct kvm_msr_filter;
struct vm;

/**
 * msr_filter_set() - put a filter in the place of the VM's last one
 * Context: may sleep; no lock held.
 * On return, no vCPU accesses an MSR by the old filter.
 * Return: 0; -EINVAL for unknown flags, a range without flags or with more than 12288 MSRs,
 * or a filter that denies all without a range; -EFAULT, -ENOMEM.
 */
int msr_filter_set(struct vm *vm, const struct kvm_msr_filter *arg);

/* The VM ends: no vCPU is left. */
void msr_filter_end(struct vm *vm);

/* Return: whether the guest may read (KVM_MSR_FILTER_READ) or write an MSR. */
bool msr_filter_allows(const struct vm *vm, u32 index, u32 access);

#endif
