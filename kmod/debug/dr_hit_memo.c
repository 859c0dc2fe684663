// SPDX-License-Identifier: GPL-2.0-only
/*
 * A breakpoint in a debug register hits before its instruction, and RF then lets the
 * instruction execute (SDM vol. 3, 18.3.1.1). Until then RF may be saved in the frame of
 * an interrupt, or of the #DB of a guest's own register at the same address. If
 * bp_make_room() displaces the debugger's breakpoint to a hook meanwhile, the int3 there
 * ignores RF. So the hit is remembered until the int3 is executed.
 */
#include "debug/dbg_object.h"
#include "debug/dr_hit_memo.h"
#include "debug/exec_point.h"
#include "debug/types.h"
#include "lib/dr.h"
#include "vcpu.h"

void dr_hit_memo_note(struct vcpu *vcpu, u8 wants, u64 rip)
{
	const struct dr_plan *plan = &vcpu->plan;
	struct dr_hit_memo *memo = &vcpu->dr_hit_memo;
	unsigned int slot;

	memo->nr = 0;
	for (slot = 0; slot < DR_COUNT; slot++)
		if (plan->slot[slot].owner == DR_DEBUGGER && (plan->exec & BIT(slot)) &&
		    (wants & BIT(plan->slot[slot].index)))
			memo->id[memo->nr++] = vcpu->plan_ids[plan->slot[slot].index];
	exec_point_save(vcpu, rip, &memo->at);
}

void dr_hit_memo_skip(struct vcpu *vcpu, u64 rip)
{
	struct dr_hit_memo *memo = &vcpu->dr_hit_memo;

	if (likely(!dr_hit_memo_is_at(memo, rip)))
		return;
	if (exec_point_is(vcpu, rip, &memo->at))
		while (memo->nr)
			hit_point_skip(vcpu, memo->id[--memo->nr]);
	memo->nr = 0;
}
