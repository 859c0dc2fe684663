/* SPDX-License-Identifier: GPL-2.0-only */
/* In-band debugging: KVM_SET_GUEST_DEBUG and KVM_EXIT_DEBUG, for VMMs with a stub. */
#ifndef VMXDBG_DEBUG_GUEST_DEBUG_H
#define VMXDBG_DEBUG_GUEST_DEBUG_H

#include <linux/bits.h>
#include <linux/kvm.h>
#include <linux/types.h>

#include "lib/dr.h"
#include "vcpu.h"

struct kvm_guest_debug;

#define GUEST_DEBUG_VALID	(KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP | \
				 KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_USE_HW_BP | \
				 KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP | \
				 KVM_GUESTDBG_BLOCKIRQ)

/* guest_debug.c: KVM_SET_GUEST_DEBUG */
int vcpu_set_guest_debug(struct vcpu *vcpu, const struct kvm_guest_debug *dbg);
/* KVM_EXIT_DEBUG: RUN_USER. Both with the VMCS current. */
int guest_debug_bp(struct vcpu *vcpu);
int guest_debug_db(struct vcpu *vcpu, u64 bits);

static inline void guest_debug_begin(struct vcpu *vcpu)	/* KVM_RUN starts */
{
	vcpu->guest_debug_dr6 = 0;
	if (unlikely(vcpu->guest_debug.control & KVM_GUESTDBG_SINGLESTEP))
		vcpu->stepping |= STEP_INBAND;
}

/* The VMM's of the registers in a #DB's exit qualification, by its numbers. */
static inline u64 guest_debug_hits(struct vcpu *vcpu, u64 qual)
{
	unsigned long left = qual & (BIT(DR_COUNT) - 1);
	u64 bits = 0;

	for (; left; left &= left - 1) {
		unsigned int slot = __ffs(left);

		if (vcpu->plan.slot[slot].owner == DR_DEBUGGER)
			bits |= BIT_ULL(vcpu->plan_ids[vcpu->plan.slot[slot].index]);
	}
	return bits;
}

#endif
