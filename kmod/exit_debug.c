// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions that exit: #DB and #AC always, #BP while somebody needs it. */
#include <linux/uaccess.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "hook.h"
#include "session.h"
#include "vcpu.h"

#define INT3	0xcc

/* A fault-class #DB of ours was not wanted after all: go on past it. */
static void set_rf(void)
{
	vmcs_write(GUEST_RFLAGS, vmcs_read(GUEST_RFLAGS) | X86_EFLAGS_RF);
}

static bool session_hit(struct vcpu *vcpu, u8 wants)
{
	u32 ids[VMXDBG_EVENT_BPS], why;
	unsigned int nr;
	u64 addr;

	nr = bp_dr_hits(vcpu, wants, ids, &why, &addr);
	if (nr && vcpu_post_event(vcpu, why, vcpu->exit_qual, ids, nr, addr)) {
		vcpu->stepping &= ~STEP_SESSION;
		return true;
	}
	if (bp_exec_at(vcpu, vcpu_linear_rip(vcpu)))
		set_rf();
	return false;
}

/*
 * DR6's bits are in the exit qualification, and are the guest's only as far as
 * they are not ours (DESIGN rule 4). A step of ours never comes this way.
 */
static int debug_exception(struct vcpu *vcpu, bool icebp)
{
	struct dr_hits hits;

	vcpu->exit_qual = vmcs_read(EXIT_QUALIFICATION);
	hits = dr_split_hits(&vcpu->plan, vcpu->exit_qual, vcpu->dr7);
	if (hits.debugger && (vcpu->guest_debug.control & KVM_GUESTDBG_ENABLE))
		return guest_debug_exit(vcpu, DB_VECTOR, vcpu->exit_qual);
	if (hits.debugger)
		session_hit(vcpu, hits.debugger);
	if (icebp || hits.guest || !hits.debugger)
		vcpu_raise_db(vcpu, hits.guest, icebp,
			      vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_RESUME;
}

/*
 * What follows is for both halves: RUN_SLOW says that guest memory was not to be
 * had, which is for good if sleeping was allowed.
 */

/* The int3 was removed while it was being hit: the guest's byte is another. */
static int guest_int3(struct vcpu *vcpu, u64 rip, u8 insn_len)
{
	u8 byte = INT3;

	if (insn_len == 1 && gva_read(vcpu, rip, &byte, 1) != 1)
		return RUN_SLOW;
	if (byte == INT3)
		vcpu_raise_soft(vcpu, BP_VECTOR, insn_len);
	return RUN_RESUME;
}

static int breakpoint_hooked(struct vcpu *vcpu, u64 rip, u8 insn_len)
{
	u32 ids[VMXDBG_EVENT_BPS];
	unsigned int nr = 0;
	bool ours;
	u64 gpa;

	if (vcpu_translate(vcpu, rip, &gpa, NULL))
		return RUN_SLOW;
	ours = hook_hits(vcpu, gpa, rip, ids, ARRAY_SIZE(ids), &nr);
	if (nr && vcpu_post_event(vcpu, VMXDBG_WHY_BREAKPOINT, 0, ids, nr, 0)) {
		vcpu->stepping &= ~STEP_SESSION;
		return RUN_RESUME;
	}
	if (!ours)
		return guest_int3(vcpu, rip, insn_len);
	vcpu->stepping |= STEP_PASS;	/* not for this place or vCPU */
	set_bit(REQ_ENTRY, &vcpu->requests);
	return RUN_RESUME;
}

static int breakpoint(struct vcpu *vcpu)
{
	u64 rip = vcpu_linear_rip(vcpu);
	u8 insn_len;

	if (vcpu->guest_debug.control & KVM_GUESTDBG_USE_SW_BP)
		return guest_debug_exit(vcpu, BP_VECTOR, 0);
	vmcs_get(&vcpu->vmcs);
	insn_len = vmcs_read32(VM_EXIT_INSTRUCTION_LEN);
	vmcs_put();
	if (vcpu->view == VIEW_HOOKED)
		return breakpoint_hooked(vcpu, rip, insn_len);
	/* On the plain view every int3 is the guest's own. */
	return guest_int3(vcpu, rip, insn_len);
}

/* SDM vol. 3, 28.2.2: NMI and #MC were the host's (run.c). */
int exit_exception(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(VM_EXIT_INTR_INFO);
	int r = RUN_RESUME;

	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR)
		return RUN_RESUME;
	switch (info & INTR_INFO_VECTOR_MASK) {
	case DB_VECTOR:
		return debug_exception(vcpu, (info & INTR_INFO_INTR_TYPE_MASK) ==
				       INTR_TYPE_PRIV_SW_EXCEPTION);
	case BP_VECTOR:
		pagefault_disable();
		r = breakpoint(vcpu);
		pagefault_enable();
		break;
	case AC_VECTOR:
		/* Seen only so that an endless one cannot hang the CPU. */
		vcpu_raise_error(vcpu, AC_VECTOR,
				 vmcs_read32(VM_EXIT_INTR_ERROR_CODE));
		break;
	}
	return r;
}

/* An int3, and memory that has to be brought in. */
int exit_exception_slow(struct vcpu *vcpu)
{
	int r = breakpoint(vcpu);

	/* Remapped this moment: it is fetched again. */
	return r == RUN_SLOW ? RUN_RESUME : r;
}
