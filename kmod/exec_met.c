// SPDX-License-Identifier: GPL-2.0-only
/*
 * A breakpoint in a debug register comes before its instruction, which RF then lets
 * pass (SDM vol. 3, 18.3.1.1). RF may wait for that in the frame of an interrupt, or
 * of the #DB that the guest gets for a register of its own at the same place. When the
 * debugger's is moved to a hook meanwhile (bp_make_room()), there is an int3 in the
 * way, which does not know RF. So what was met is remembered until the int3 there, and
 * the instruction known by the registers that tell it from any other execution.
 */
#include <linux/build_bug.h>
#include <linux/string.h>

#include "exec_met.h"
#include "object.h"
#include "vcpu.h"

static void read_place(struct vcpu *vcpu, u64 *cr3, u64 *rsp)
{
	vmcs_get(&vcpu->vmcs);
	*cr3 = vmcs_read(GUEST_CR3);
	*rsp = vmcs_read(GUEST_RSP);
	vmcs_put();
}

void exec_met_note(struct vcpu *vcpu, u8 wants, u64 rip)
{
	const struct dr_plan *plan = &vcpu->plan;
	struct exec_met *met = &vcpu->exec_met;
	unsigned int slot;

	met->nr = 0;
	for (slot = 0; slot < DR_COUNT; slot++)
		if (plan->slot[slot].owner == DR_DEBUGGER && (plan->exec & BIT(slot)) &&
		    (wants & BIT(plan->slot[slot].index)))
			met->id[met->nr++] = vcpu->plan_ids[plan->slot[slot].index];
	met->rip = rip;
	read_place(vcpu, &met->cr3, &met->rsp);
	memcpy(met->regs, vcpu->regs, sizeof(met->regs));
}

/* RSP is in the VMCS. */
static bool same_registers(const struct vcpu *vcpu, const struct exec_met *met)
{
	BUILD_BUG_ON(sizeof(vcpu->regs) != sizeof(met->regs));
	return !memcmp(met->regs, vcpu->regs, GPR_RSP * sizeof(u64)) &&
	       !memcmp(&met->regs[GPR_RBP], &vcpu->regs[GPR_RBP],
		       sizeof(met->regs) - GPR_RBP * sizeof(u64));
}

void exec_met_again(struct vcpu *vcpu, u64 rip)
{
	struct exec_met *met = &vcpu->exec_met;
	u64 cr3, rsp;

	if (likely(!exec_met_at(met, rip)))
		return;
	read_place(vcpu, &cr3, &rsp);
	if (met->cr3 == cr3 && met->rsp == rsp && same_registers(vcpu, met))
		while (met->nr)
			object_passed(vcpu, met->id[--met->nr]);
	met->nr = 0;
}
