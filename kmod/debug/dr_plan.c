// SPDX-License-Identifier: GPL-2.0-only
/* The plan of a vCPU's debug registers: which are the guest's, which the debugger's. */
#include <linux/string.h>
#include <asm/vmx.h>

#include "debug/dr_plan.h"
#include "debug/dr_wants.h"
#include "lib/dr.h"
#include "vcpu.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* Use the VMM's registers as they are. They hold something that is no want, such as I/O. */
static void plan_raw(struct vcpu *vcpu, const __u64 *reg)
{
	struct dr_plan *plan = &vcpu->plan;
	unsigned int i;

	memset(plan, 0, sizeof(*plan));
	plan->dr7 = dr7_normalize(reg[7]) & ~(u64)DR7_GD;
	for (i = 0; i < DR_COUNT; i++) {
		plan->dr[i] = reg[i];
		vcpu->plan_ids[i] = i;
		if (dr7_enabled(plan->dr7, i)) {
			plan->slot[i].owner = DR_DEBUGGER;
			plan->slot[i].index = i;
		}
		if (dr7_enabled(vcpu->dr7, i))
			plan->guest_unarmed |= BIT(i);
	}
	dr_plan_note(plan);
}

/* In-band: the VMM's come first, then the guest's own, which KVM drops. */
static void plan_inband(struct vcpu *vcpu)
{
	const __u64 *reg = vcpu->guest_debug.arch.debugreg;
	struct dr_want want[DR_COUNT];
	unsigned int i, nr = 0;

	for (i = 0; i < DR_COUNT; i++) {
		if (!dr7_enabled(reg[7], i))
			continue;
		if (!dr_want_decode(&want[nr], reg[i], reg[7], i)) {
			plan_raw(vcpu, reg);
			return;
		}
		want[nr].id = i;
		vcpu->plan_ids[nr++] = i;
	}
	dr_plan_make(&vcpu->plan, want, nr, vcpu->dr, vcpu->dr7, DR_FIRST_DEBUGGER);
}

/*
 * The guest's registers come first. The session's wants get the free ones: data before
 * execution, since a watch costs more without a register than a breakpoint does.
 */
static void plan_session(struct vcpu *vcpu)
{
	struct dr_want want[DR_COUNT];
	unsigned int nr;

	nr = dr_wants_of(vcpu, want);
	dr_plan_make(&vcpu->plan, want, nr, vcpu->dr, vcpu->dr7, DR_FIRST_GUEST);
	if (unlikely(vcpu->plan.want_unarmed))
		set_bit(REQ_DR_ROOM, &vcpu->requests);
}

static bool is_inband(const struct vcpu *vcpu)
{
	u32 inband = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;

	return (vcpu->guest_debug.control & inband) == inband;
}

static void plan_anew(struct vcpu *vcpu)
{
	if (is_inband(vcpu))
		plan_inband(vcpu);
	else
		plan_session(vcpu);
}

/* A #DB for data breakpoints is pending in the VMCS: renumber its bits for the new plan. */
static void plan_with_pending(struct vcpu *vcpu, u64 pending)
{
	struct dr_plan was = vcpu->plan;
	u64 bits, lost;
	u32 ids[DR_COUNT];

	memcpy(ids, vcpu->plan_ids, sizeof(ids));
	plan_anew(vcpu);
	bits = dr_plan_carry(&was, ids, &vcpu->plan, vcpu->plan_ids, pending & DB_QUAL_B);
	lost = dr_plan_lost(&was, ids, &vcpu->plan, vcpu->plan_ids, pending & DB_QUAL_B);
	if (lost && !is_inband(vcpu))
		dr_wants_keep(vcpu, &was, ids, lost);
	pending &= ~DB_QUAL_B;
	if (!bits)
		pending &= ~DB_QUAL_ENABLED;
	vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, pending | bits);
}

void dr_plan_vcpu(struct vcpu *vcpu)
{
	u64 pending;

	vmcs_get(&vcpu->vmcs);
	pending = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS);
	if (unlikely(pending & DB_QUAL_B))
		plan_with_pending(vcpu, pending);
	else
		plan_anew(vcpu);
	vcpu->plan_active = dr_plan_active(&vcpu->plan);
	vmcs_write(GUEST_DR7, vcpu->plan.dr7);
	vmcs_put();
}
