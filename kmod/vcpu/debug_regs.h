/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's debug registers, and the accesses that the module makes for it. */
#ifndef VMXDBG_VCPU_DEBUG_REGS_H
#define VMXDBG_VCPU_DEBUG_REGS_H

#include <linux/types.h>

#include "vcpu.h"

struct kvm_debugregs;

void vcpu_get_debugregs(struct vcpu *vcpu, struct kvm_debugregs *d);
int vcpu_set_debugregs(struct vcpu *vcpu, const struct kvm_debugregs *d);
/* the module made a data access for the guest's instruction, before vcpu_skip() */
void vcpu_note_access(struct vcpu *vcpu, u64 gva, u64 len, bool write);

static inline bool vcpu_data_watched(const struct vcpu *vcpu)
{
	return vcpu->plan_active || READ_ONCE(vcpu->vm->nr_watches);
}

#endif
