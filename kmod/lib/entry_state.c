// SPDX-License-Identifier: GPL-2.0-only
/* Checks of VM entry, done in software since emulators check less or more than CPUs. */
#include <linux/bits.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "lib/entry_state.h"
#include "lib/tpr.h"

/* Pending debug exceptions: B0-B3, BLD, enabled breakpoint, BS, RTM */
#define PENDING_BS	BIT_ULL(14)
#define PENDING_RTM	BIT_ULL(16)
#define PENDING_KNOWN	(0xfULL | BIT_ULL(11) | BIT_ULL(12) | PENDING_BS | PENDING_RTM)
#define DEBUGCTL_BTF	BIT_ULL(1)
#define BLOCKING_KNOWN	(SHADOWS | GUEST_INTR_STATE_SMI | GUEST_INTR_STATE_NMI)

static const char *bad_pending(const struct entry_state *s)
{
	bool due = (s->rflags & X86_EFLAGS_TF) && !(s->debugctl & DEBUGCTL_BTF);

	if (s->pending & ~PENDING_KNOWN)
		return "reserved bits in the pending debug exceptions";
	/*
	 * The guest got there by executing an instruction, so with TF set a single-step
	 * trap is due.
	 */
	if (!(s->blocking & SHADOWS) && s->activity != GUEST_ACTIVITY_HLT)
		return NULL;
	if (due && !(s->pending & PENDING_BS))
		return "TF in a shadow without pending BS";
	if (!due && (s->pending & PENDING_BS))
		return "pending BS in a shadow without TF";
	return NULL;
}

static const char *bad_blocking(const struct entry_state *s)
{
	if (s->blocking & ~BLOCKING_KNOWN)
		return "reserved bits in the interruptibility state";
	if ((s->blocking & SHADOWS) == SHADOWS)
		return "blocking by STI and by MOV SS";
	if ((s->blocking & GUEST_INTR_STATE_SMI))
		return "blocking by SMI outside of SMM";
	if ((s->blocking & SHADOWS) && s->activity != GUEST_ACTIVITY_ACTIVE)
		return "a shadow while the vCPU is not active";
	return NULL;
}

static const char *bad_event(const struct entry_state *s)
{
	u32 type = s->event & INTR_INFO_INTR_TYPE_MASK;

	if (!(s->event & INTR_INFO_VALID_MASK))
		return NULL;
	if (type == INTR_TYPE_EXT_INTR && (s->blocking & SHADOWS))
		return "an interrupt in a shadow";
	if (type == INTR_TYPE_NMI_INTR && (s->blocking & GUEST_INTR_STATE_MOV_SS))
		return "an NMI in MOV SS's shadow";
	if (type == INTR_TYPE_NMI_INTR && (s->blocking & GUEST_INTR_STATE_NMI))
		return "an NMI while NMIs are blocked";
	return NULL;
}

static const char *bad_tpr(const struct entry_state *s)
{
	if (s->tpr_threshold > TPR_MAX_CLASS)
		return "reserved bits in the TPR threshold";
	return s->tpr_threshold > TPR_CLASS(s->tpr) ? "a TPR below its threshold" : NULL;
}

const char *entry_state_bad(const struct entry_state *s)
{
	const char *bad = bad_pending(s);

	if (!bad)
		bad = bad_blocking(s);
	if (!bad)
		bad = bad_event(s);
	return bad ? bad : bad_tpr(s);
}
