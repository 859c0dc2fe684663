/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's machine check banks (SDM vol. */
#ifndef VMXDBG_VCPU_MCE_H
#define VMXDBG_VCPU_MCE_H

#include <linux/types.h>

struct kvm_x86_mce;
struct vcpu;

#define MCE_CAP_SUPPORTED (MCG_CTL_P | MCG_SER_P)

int vcpu_setup_mce(struct vcpu *vcpu, u64 cap);
int vcpu_set_mce(struct vcpu *vcpu, const struct kvm_x86_mce *mce);
int mce_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);
int mce_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);

#endif
