// SPDX-License-Identifier: GPL-2.0-only
/* Completion of a stepped instruction. */
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/dbg_object.h"
#include "debug/dr_wants.h"
#include "debug/guest_debug.h"
#include "debug/post.h"
#include "debug/rep.h"
#include "debug/step.h"
#include "debug/step_until.h"
#include "debug/watch_hit.h"
#include "debug/watch_insn.h"
#include "lib/dr.h"
#include "mmu/hook.h"
#include "mmu/step_view.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

/*
 * An MTF exit comes before a debug trap of the same instruction (SDM vol. 3, 26.5.2),
 * which stays pending in the VMCS. Return: the debugger's wants that it reports.
 */
static u8 pending_hits(struct vcpu *vcpu)
{
	u64 pending;

	vmcs_get(&vcpu->vmcs);
	pending = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS);
	vmcs_put();
	if (likely(!(pending & DB_QUAL_B)))
		return 0;
	return dr_split_hits(&vcpu->plan, pending & DB_QUAL_B, vcpu->dr7).debugger;
}

/* Remove the debugger's hits from the VMCS. Return: B0-B3 as they were. */
static u64 take_pending_hits(struct vcpu *vcpu)
{
	struct dr_hits hits = { };
	u64 pending, bits;

	vmcs_get(&vcpu->vmcs);
	pending = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS);
	bits = pending & DB_QUAL_B;
	if (unlikely(bits))
		hits = dr_split_hits(&vcpu->plan, bits, vcpu->dr7);
	if (hits.debugger) {
		pending &= ~(DB_QUAL_B | DB_QUAL_ENABLED);
		if (hits.guest & DB_QUAL_B)
			pending |= (hits.guest & DB_QUAL_B) | DB_QUAL_ENABLED;
		vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, pending);
	}
	vmcs_put();
	return bits;
}

/* Hit the watches that the instruction touched, by EPT or in debug registers. */
static enum hit_result step_hits(struct vcpu *vcpu, struct hits *hits)
{
	u8 wants = pending_hits(vcpu);
	enum hit_result r;

	if (!wants && !vcpu->watch.nr)
		return HIT_GO;
	hit_point_begin(vcpu);
	r = watch_hits(vcpu, hits);
	return wants ? hit_both(r, dr_wants_hit(vcpu, wants, hits)) : r;
}

/* Watched bytes were touched, and the session does not step. */
static int touched(struct vcpu *vcpu)
{
	struct hits hits = { };
	u64 dr6;

	if (step_hits(vcpu, &hits) == HIT_RETRY)
		return RUN_RETRY;
	dr6 = take_pending_hits(vcpu);
	if (hits.nr)
		post_hits(vcpu, &hits, 0, dr6);
	return RUN_RESUME;
}

static int session_step_done(struct vcpu *vcpu)
{
	struct hits hits = { };

	if (step_hits(vcpu, &hits) == HIT_RETRY)
		return RUN_RETRY;
	if (hits.access && !hits.insn)
		hits.insn = step_until_insn(vcpu);
	vcpu->stepping &= ~STEP_SESSION;
	if (!hits.nr && step_until_goes_on(vcpu)) {
		take_pending_hits(vcpu);
		vcpu->stepping |= STEP_SESSION;
		return RUN_RESUME;
	}
	post_hits(vcpu, &hits, VMXDBG_WHY_STEP, take_pending_hits(vcpu) | DR6_BS);
	return RUN_RESUME;
}

/*
 * Return: whether to pass over the next iteration of a REP without a hit, too. A waiting
 * event comes first; after that rep_goes_on() recognises the instruction.
 */
static bool passes_on(struct vcpu *vcpu, bool leaving)
{
	if (!(vcpu->stepping & STEP_PASS) && !vcpu->watch.asked)
		return false;
	if (!rep_note(vcpu))
		return false;
	return !leaving && vcpu->stepping == STEP_PASS && !event_irq_waits(vcpu) &&
	       !vcpu->irq_window && !vcpu->nmi_pending && !vcpu->event.valid;
}

int vcpu_step_done(struct vcpu *vcpu, bool leaving)
{
	bool inband = (vcpu->stepping & STEP_INBAND) && !leaving, pass;
	int r = RUN_RESUME;
	u64 bits;

	if (vcpu->nr_written) {
		if (unlikely(vcpu->written_more))
			return RUN_RETRY;
		hook_refresh_written(vcpu);
	}
	if (vcpu->stepping & STEP_SESSION)
		r = session_step_done(vcpu);
	else if (vcpu->watch.nr)
		r = touched(vcpu);
	if (r == RUN_RETRY)
		return r;
	pass = passes_on(vcpu, leaving);
	watch_forget(vcpu);
	step_view_over(vcpu);
	vcpu->insn_done = false;
	vcpu->stepping &= STEP_SESSION;
	if (pass)
		vcpu->stepping |= STEP_PASS;
	if (!inband)
		return r;
	vmcs_get(&vcpu->vmcs);
	bits = take_pending_hits(vcpu);
	guest_debug_db(vcpu, guest_debug_hits(vcpu, bits) | DR6_BS);
	vmcs_put();
	return RUN_USER;
}

/* The common in-band step needs only the exit to the VMM. */
int exit_mtf(struct vcpu *vcpu)
{
	if (vcpu->stepping == STEP_INBAND &&
	    !(vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS) & DB_QUAL_B)) {
		vcpu->stepping = 0;
		return guest_debug_db(vcpu, DR6_BS);
	}
	vcpu->insn_done = true;
	return RUN_RESUME;
}
