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

/*
 * KVM_SET_GUEST_DEBUG. Context: vcpu->mutex, outside KVM_RUN's loop.
 * Return: 0, -EINVAL, -EBUSY when a session debugs the VM or an event is pending.
 */
int vcpu_set_guest_debug(struct vcpu *vcpu, const struct kvm_guest_debug *dbg);

/* Fill in KVM_EXIT_DEBUG for #BP or #DB. VMCS current. Return: RUN_USER. */
int guest_debug_bp(struct vcpu *vcpu);
int guest_debug_db(struct vcpu *vcpu, u64 bits);

/* KVM_RUN begins. */
static inline void guest_debug_begin(struct vcpu *vcpu)
{
	vcpu->guest_debug_dr6 = 0;
	if (unlikely(vcpu->guest_debug.control & KVM_GUESTDBG_SINGLESTEP))
		vcpu->stepping |= STEP_INBAND;
}

/* Return: B0-B3 in the VMM's numbering, from the exit qualification of a #DB. */
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
