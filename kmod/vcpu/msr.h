/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's MSRs. */
#ifndef VMXDBG_VCPU_MSR_H
#define VMXDBG_VCPU_MSR_H

#include <linux/types.h>

struct kvm_msr_list;
struct kvm_msrs;
struct vcpu;

#define UCODE_REV	0x100000000ULL	/* revision 1, same as KVM */

/**
 * vcpu_get_msr() - read an MSR
 * @host: the access is the VMM's, which a few MSRs allow more than a guest
 * Return: 0, -ENOENT if there is no such MSR, -EINVAL if the guest may not read it.
 */
int vcpu_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);

/**
 * vcpu_set_msr() - write an MSR
 * @host: as in vcpu_get_msr(). If false, the guest's state must be in the CPU.
 * Return: 0, -ENOENT if there is no such MSR, -EINVAL if it cannot have the value.
 */
int vcpu_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);

/* Return: 0, or -EINVAL for reserved bits. */
int vcpu_set_apic_base(struct vcpu *vcpu, u64 val, bool host);

/* KVM_GET_MSR_INDEX_LIST, KVM_GET_MSR_FEATURE_INDEX_LIST. Return: 0, -E2BIG or -EFAULT. */
int msr_index_list(struct kvm_msr_list __user *user);
int msr_feature_list(struct kvm_msr_list __user *user);

/*
 * KVM_GET_MSRS of /dev/vmxdbg; KVM_GET_MSRS and KVM_SET_MSRS of a vCPU. Return: the
 * number of MSRs done, -E2BIG, -EFAULT or -ENOMEM.
 */
int msr_ioctl_features(struct kvm_msrs __user *user);
int vcpu_ioctl_msrs(struct vcpu *vcpu, struct kvm_msrs __user *user, bool set);

/*
 * Let all MSRs exit, except those that the guest accesses itself: msr_passes(), and what
 * spec_ctrl.c lets pass; of these, what the VMM's filter allows.
 */
void msr_bitmap_reset(struct vcpu *vcpu);

/* Let reads and writes of the MSRs @first to @last exit as well. */
void msr_bitmap_exit(u64 *bitmap, u64 first, u64 last, bool read, bool write);

/* Return: whether an access to @index exits for a catch alone, and has no handler. */
bool msr_passes(u32 index, bool write);

#endif
