/* SPDX-License-Identifier: GPL-2.0-only */
/* Services of KVM's that a guest may use if its CPUID has them: clock and steal time. */
#ifndef VMXDBG_VCPU_PV_H
#define VMXDBG_VCPU_PV_H

#include <linux/types.h>

struct kvm_cpuid_entry2;
struct vcpu;

/* KVM_CPUID_SIGNATURE and KVM_CPUID_FEATURES for KVM_GET_SUPPORTED_CPUID */
void pv_fill_leaf(struct kvm_cpuid_entry2 *e);

/* Return: whether guests can have KVM's clock on this host. */
bool pv_clock_available(void);

/* Return: the features (BIT(KVM_FEATURE_*)) in a guest's CPUID that exist here. */
u32 pv_features(const struct kvm_cpuid_entry2 *entries, unsigned int nr);

/* The guest's CPUID has these features now. Services without one are off. */
void pv_set_features(struct vcpu *vcpu, u32 features);

/* RESET and INIT: all services are off. */
void pv_reset(struct vcpu *vcpu);

/*
 * Read or write an MSR. Return: as vcpu_get_msr() and vcpu_set_msr(). Without its feature, an
 * MSR does not exist for the guest; the VMM reads 0 and may write 0.
 */
int pv_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);
int pv_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);

/* Return: whether @index is an MSR of these services... */
bool pv_is_msr(u32 index);

/* ...which the guest's CPUID has. */
bool pv_has_msr(const struct vcpu *vcpu, u32 index);

/* REQ_PV: write what is due to guest memory. Context: the vCPU's thread, may sleep. */
void pv_update(struct vcpu *vcpu);

#endif
