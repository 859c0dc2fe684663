/* SPDX-License-Identifier: GPL-2.0-only */
/* MSRs: which ones a guest has, and where their values are. */
#ifndef VMXDBG_VCPU_MSR_H
#define VMXDBG_VCPU_MSR_H

#include <linux/types.h>

struct kvm_msr_list;
struct kvm_msrs;
struct vcpu;

#define UCODE_REV	0x100000000ULL	/* revision 1, as KVM has it */

/* both 0 or -EINVAL; @host: for the VMM, which may do what a guest may not */
int vcpu_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);
int vcpu_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);
int vcpu_set_apic_base(struct vcpu *vcpu, u64 val);	/* 0 or -EINVAL */
int msr_index_list(struct kvm_msr_list __user *user);
int msr_feature_list(struct kvm_msr_list __user *user);
int msr_ioctl_features(struct kvm_msrs __user *user);	/* KVM_GET_MSRS, no vCPU */
int vcpu_ioctl_msrs(struct vcpu *vcpu, struct kvm_msrs __user *user, bool set);
void msr_bitmap_reset(u64 *bitmap);	/* all exit but the pass-through ones */
/* reads or writes of a range exit, too */
void msr_bitmap_exit(u64 *bitmap, u64 first, u64 last, bool read, bool write);
bool msr_passes(u32 index, bool write);	/* is it one that fastpaths through? */
int exit_rdmsr(struct vcpu *vcpu);	/* msr.c */
int exit_wrmsr(struct vcpu *vcpu);

#endif
