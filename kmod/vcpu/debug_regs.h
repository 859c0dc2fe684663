/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's debug registers, and data breakpoints on accesses by the module. */
#ifndef VMXDBG_VCPU_DEBUG_REGS_H
#define VMXDBG_VCPU_DEBUG_REGS_H

#include <linux/types.h>

#include "vcpu.h"

struct kvm_debugregs;

/* KVM_GET_DEBUGREGS */
void vcpu_get_debugregs(struct vcpu *vcpu, struct kvm_debugregs *d);

/* KVM_SET_DEBUGREGS. Return: 0, or -EINVAL for flags or if MOV to DR6 or DR7 raises #GP. */
int vcpu_set_debugregs(struct vcpu *vcpu, const struct kvm_debugregs *d);

/*
 * The module accessed @len bytes at @gva for the guest's instruction. A breakpoint
 * there becomes pending. Call it before vcpu_skip().
 */
void vcpu_note_access(struct vcpu *vcpu, u64 gva, u64 len, bool write);

/* Return: whether a debug register or a watch of the VM may cover data. */
static inline bool vcpu_data_watched(const struct vcpu *vcpu)
{
	return vcpu->plan_active || READ_ONCE(vcpu->vm->nr_watches);
}

#endif
