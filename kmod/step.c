// SPDX-License-Identifier: GPL-2.0-only
/* The end of an instruction that somebody wanted to see the end of. */
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "hook.h"
#include "session.h"
#include "vcpu.h"

/* What the processor keeps of a data breakpoint that met our step. */
#define PENDING_B	0xfULL
#define PENDING_ENABLED	BIT_ULL(12)

/* Copies of the pages that it wrote are made anew. */
static void refresh_written(struct vcpu *vcpu)
{
	while (vcpu->nr_written)
		hook_refresh(vcpu->vm, vcpu->written[--vcpu->nr_written] << PAGE_SHIFT, 1);
}

/*
 * MTF comes before a debug trap of the same instruction (SDM vol. 3, 26.5.2),
 * which then waits in the VMCS. Ours are taken out and reported with the step.
 */
static u8 take_pending_hits(struct vcpu *vcpu, u64 *bits)
{
	struct dr_hits hits;
	u64 pending;

	vmcs_get(&vcpu->vmcs);
	pending = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS);
	hits = dr_split_hits(&vcpu->plan, pending & PENDING_B, vcpu->dr7);
	*bits = pending & PENDING_B;
	if (hits.debugger) {
		pending &= ~(PENDING_B | PENDING_ENABLED);
		if (hits.guest & PENDING_B)
			pending |= (hits.guest & PENDING_B) | PENDING_ENABLED;
		vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, pending);
	}
	vmcs_put();
	return hits.debugger;
}

static bool still_in_range(struct vcpu *vcpu)
{
	u64 rip = vcpu_linear_rip(vcpu);

	return vcpu->step_range && rip >= vcpu->range_start && rip < vcpu->range_end;
}

static void session_step_done(struct vcpu *vcpu)
{
	u32 ids[VMXDBG_EVENT_BPS], why = 0;
	unsigned int nr = 0;
	u64 addr = 0, bits;
	u8 hits = take_pending_hits(vcpu, &bits);

	if (hits)
		nr = bp_dr_hits(vcpu, hits, ids, &why, &addr);
	if (!nr && still_in_range(vcpu)) {
		vcpu->stepping |= STEP_SESSION;
		return;
	}
	vcpu_post_event(vcpu, why | VMXDBG_WHY_STEP, bits | DR6_BS, ids, nr, addr);
}

int vcpu_step_done(struct vcpu *vcpu, bool leaving)
{
	u32 was = vcpu->stepping;
	u64 bits;

	vcpu->insn_done = false;
	vcpu->stepping = 0;
	refresh_written(vcpu);
	if ((was & STEP_INBAND) && !leaving) {
		take_pending_hits(vcpu, &bits);
		return guest_debug_exit(vcpu, DB_VECTOR, bits | DR6_BS);
	}
	if (was & STEP_SESSION)
		session_step_done(vcpu);
	return RUN_RESUME;
}
