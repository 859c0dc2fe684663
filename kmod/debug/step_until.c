// SPDX-License-Identifier: GPL-2.0-only
/*
 * Length of a session's step: one instruction, or until rip leaves a range, a branch
 * is taken, or the function returns. DEBUGCTL.BTF could find the branches without an
 * exit for each instruction, but needs RFLAGS.TF, which the guest would see.
 */
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/step_until.h"
#include "insn/branch.h"
#include "insn/insn.h"
#include "vcpu.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

#define UNTIL	(VMXDBG_RESUME_RANGE | VMXDBG_RESUME_BRANCH | VMXDBG_RESUME_RETURN)

static u64 until_cr3(struct vcpu *vcpu)
{
	u64 cr3;

	vmcs_get(&vcpu->vmcs);
	cr3 = vmcs_read(GUEST_CR3);
	vmcs_put();
	return cr3;
}

/* Remember the next instruction, to decode it when it is over. */
static void note_insn(struct vcpu *vcpu)
{
	vcpu->until.from = vcpu_linear_rip(vcpu);
	vcpu->until.bits = vcpu_code_bits(vcpu);
	vcpu->until.cr3 = until_cr3(vcpu);
	vcpu->delivers = false;
}

void step_until_begin(struct vcpu *vcpu)
{
	vcpu->until.rsp = vcpu_gpr(vcpu, GPR_RSP);
	vcpu->until.cpl = vcpu_cpl(vcpu);
	note_insn(vcpu);
}

/*
 * Decode the instruction that is over. The processor has just fetched it, so its memory
 * is present; otherwise, or in another address space now, it counts as no branch.
 */
static struct branch insn_done(struct vcpu *vcpu)
{
	struct branch none = { .kind = BRANCH_NONE };
	u8 bytes[INSN_MAX];
	size_t nr;

	if (vcpu->delivers || until_cr3(vcpu) != vcpu->until.cr3)
		return none;
	pagefault_disable();
	nr = gva_read(vcpu, vcpu->until.from, bytes, sizeof(bytes));
	pagefault_enable();
	return branch_decode(bytes, nr, vcpu->until.bits);
}

/* To an outer CPL, or above the stack pointer at the begin of the step. */
static bool left_frame(struct vcpu *vcpu)
{
	int cpl = vcpu_cpl(vcpu);

	return cpl > vcpu->until.cpl ||
	       (cpl == vcpu->until.cpl && vcpu_gpr(vcpu, GPR_RSP) > vcpu->until.rsp);
}

static bool returned(struct vcpu *vcpu, struct branch insn)
{
	return (insn.kind == BRANCH_RETURN || insn.kind == BRANCH_IRET) &&
	       left_frame(vcpu);
}

/* After an interrupt, an exception, or an instruction that raises one. */
static bool in_handler(struct vcpu *vcpu, struct branch insn, bool taken)
{
	return vcpu->delivers || insn.kind == BRANCH_INT ||
	       (taken && insn.kind == BRANCH_NONE);
}

static bool until_goes_on(struct vcpu *vcpu, u64 rip)
{
	struct branch insn = insn_done(vcpu);
	bool taken = vcpu->delivers || branch_taken(insn, vcpu->until.from, rip);
	u32 flags = vcpu->step_flags;

	if ((flags & VMXDBG_RESUME_INTO) && in_handler(vcpu, insn, taken))
		return false;
	if (flags & VMXDBG_RESUME_BRANCH)
		return !taken;
	if (flags & VMXDBG_RESUME_RETURN)
		return !returned(vcpu, insn);
	return true;
}

u64 step_until_insn(struct vcpu *vcpu)
{
	u32 flags = vcpu->step_flags;
	bool range = (flags & UNTIL) == VMXDBG_RESUME_RANGE;

	if (vcpu->delivers || (range && !(flags & VMXDBG_RESUME_INTO)))
		return 0;
	return vcpu->until.from;
}

bool step_until_goes_on(struct vcpu *vcpu)
{
	u32 until = vcpu->step_flags & UNTIL;
	u64 rip;

	if (!until)
		return false;
	rip = vcpu_linear_rip(vcpu);
	if (until == VMXDBG_RESUME_RANGE &&
	    (rip < vcpu->range_start || rip >= vcpu->range_end))
		return false;
	/* A plain range does not care what the instruction was. */
	if (until == VMXDBG_RESUME_RANGE && !(vcpu->step_flags & VMXDBG_RESUME_INTO))
		return true;
	if (!until_goes_on(vcpu, rip))
		return false;
	note_insn(vcpu);
	return true;
}
