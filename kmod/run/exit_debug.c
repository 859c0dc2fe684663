// SPDX-License-Identifier: GPL-2.0-only
/* Exceptions that exit: #DB and #AC always, #BP while there are breakpoints. */
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/bp_fastpath.h"
#include "debug/catch_exit.h"
#include "debug/dbg_object.h"
#include "debug/dr_hit_memo.h"
#include "debug/dr_wants.h"
#include "debug/guest_debug.h"
#include "debug/post.h"
#include "debug/rep.h"
#include "debug/soft_break.h"
#include "debug/types.h"
#include "insn/insn.h"
#include "lib/compat.h"
#include "lib/dr.h"
#include "lib/ept_entry.h"
#include "mmu/ept.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/memslot.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "run/exit_debug.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

static void write_rf(struct vcpu *vcpu, u64 rf)
{
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_RFLAGS, (vmcs_read(GUEST_RFLAGS) & ~X86_EFLAGS_RF) | rf);
	vmcs_put();
}

/*
 * Pass over the breakpoint at @rip. Instruction breakpoints in debug registers come
 * before an int3 (SDM vol. 3, 18.3.1.1); RF keeps them from being hit again.
 */
static void db_pass_over(struct vcpu *vcpu, u64 rip)
{
	vcpu->stepping |= STEP_PASS;
	vcpu->reported_rip = rip;	/* for stop_resume(), if the vCPU stops before */
	write_rf(vcpu, X86_EFLAGS_RF);
	set_bit(REQ_ENTRY, &vcpu->requests);
}

/* A hooked breakpoint at the same address belongs to the same hit point. */
static enum hit_result soft_hit_too(struct vcpu *vcpu, u64 rip, struct hits *hits,
				    bool *soft)
{
	u64 gpa;

	if (vcpu->view != VIEW_HOOKED || !READ_ONCE(vcpu->vm->nr_breaks) ||
	    vcpu_translate_again(vcpu, rip, &gpa))
		return HIT_GO;
	return soft_break_hit(vcpu, gpa, rip, hits, soft);
}

/* Return: RUN_SLOW if a condition reads memory that is not present. */
static int session_hit(struct vcpu *vcpu, u8 wants)
{
	bool exec = dr_exec_hits(&vcpu->plan, vcpu->exit_qual), soft = false;
	u64 rip = vcpu_linear_rip(vcpu);
	struct hits hits = { };
	enum hit_result r;

	hit_point_begin(vcpu);
	r = dr_wants_hit(vcpu, wants, &hits);
	if (exec)
		r = hit_both(r, soft_hit_too(vcpu, rip, &hits, &soft));
	if (r == HIT_RETRY)
		return RUN_SLOW;
	if (exec)
		dr_hit_memo_note(vcpu, wants, rip);
	if (r == HIT_STOP && post_hits(vcpu, &hits, 0, vcpu->exit_qual)) {
		vcpu->stepping &= ~STEP_SESSION;
		/* stop_resume() sets it again to pass over the breakpoint. */
		if (exec)
			write_rf(vcpu, 0);
	} else if (soft) {
		db_pass_over(vcpu, rip);
	}
	return RUN_RESUME;
}

/* Return: whether all hits are the in-band debugger's, the common case in-band. */
static bool inband_alone(struct vcpu *vcpu, u64 qual)
{
	return (vcpu->guest_debug.control & KVM_GUESTDBG_ENABLE) &&
	       qual && !(qual & ~(u64)vcpu->plan.debugger);
}

/*
 * Report to the in-band debugger. VMCS current. RF is set, as a processor sets it
 * for a fault (SDM vol. 3, 28.3.3): in the guest's frame if the VMM injects the
 * #DB, and for the VMM's next KVM_RUN.
 */
static int inband_hit(struct vcpu *vcpu, u64 qual)
{
	if (dr_exec_hits(&vcpu->plan, qual))
		vmcs_write(GUEST_RFLAGS, vmcs_read(GUEST_RFLAGS) | X86_EFLAGS_RF);
	return guest_debug_db(vcpu, guest_debug_hits(vcpu, qual));
}

/* Return: whether @hits, in the guest's DR6, has an execution breakpoint of the guest. */
static bool has_guest_exec(const struct vcpu *vcpu, u64 hits)
{
	unsigned int i;

	for (i = 0; i < DR_COUNT; i++)
		if ((hits & BIT(i)) && !(vcpu->dr7 >> (16 + 4 * i) & 3))
			return true;
	return false;
}

/*
 * The exit qualification has the bits of DR6. The guest gets those of its
 * breakpoints, the debugger those of its own; a bit that is both goes to both.
 * Single-steps by the module use MTF and do not come here.
 */
static int debug_exception(struct vcpu *vcpu, bool icebp, u8 insn_len)
{
	bool inband = vcpu->guest_debug.control & KVM_GUESTDBG_ENABLE;
	struct dr_hits hits = dr_split_hits(&vcpu->plan, vcpu->exit_qual, vcpu->dr7);
	int r = RUN_RESUME;

	/*
	 * Without RF a debugger's breakpoint hits again. The frame of a #DB for the guest's
	 * own breakpoint has RF as it was: its handler sets it (SDM vol. 3, 18.3.1.1).
	 */
	if (dr_exec_hits(&vcpu->plan, vcpu->exit_qual) && !has_guest_exec(vcpu, hits.guest))
		write_rf(vcpu, X86_EFLAGS_RF);
	if (hits.debugger && inband) {
		vmcs_get(&vcpu->vmcs);
		r = inband_hit(vcpu, vcpu->exit_qual);
		vmcs_put();
	} else if (hits.debugger && session_hit(vcpu, hits.debugger) == RUN_SLOW) {
		return RUN_SLOW;
	}
	if (icebp || hits.guest || !hits.debugger)
		vcpu_raise_db(vcpu, hits.guest, icebp, insn_len);
	return r;
}

/*
 * The functions from here on run in both halves. RUN_SLOW: guest memory is not
 * present; if sleeping was allowed, there is none.
 */

/*
 * Let the guest fetch the instruction at rip again. The int3 has cleared RF; it was
 * set if an instruction breakpoint is here, since that comes before the int3.
 */
static int fetch_again(struct vcpu *vcpu)
{
	if ((vcpu->stepping & STEP_PASS) ||
	    dr_plan_exec_at(&vcpu->plan, vcpu_linear_rip(vcpu)))
		write_rf(vcpu, X86_EFLAGS_RF);
	return RUN_RESUME;
}

/* If the guest's own byte is not int3, the breakpoint was removed during its hit. */
static int guest_int3(struct vcpu *vcpu, u64 rip, u8 insn_len)
{
	u8 byte = INT3;

	if (insn_len == 1 && gva_read(vcpu, rip, &byte, 1) != 1)
		return RUN_SLOW;
	if (byte != INT3)
		return fetch_again(vcpu);
	vcpu_raise_soft(vcpu, BP_VECTOR, insn_len);
	return RUN_RESUME;
}

/* Remember the translation for stop_resume(). */
static void note_int3(struct vcpu *vcpu, u64 rip, u64 gpa)
{
	vcpu->int3.known = true;
	vcpu->int3.rip = rip;
	vcpu->int3.gpa = gpa;
	vmcs_get(&vcpu->vmcs);
	vcpu->int3.cr3 = vmcs_read(GUEST_CR3);
	vmcs_put();
}

static int breakpoint_hooked(struct vcpu *vcpu, u64 rip, u8 insn_len)
{
	struct hits hits = { };
	enum hit_result r;
	bool ours;
	u64 gpa;

	if (vcpu_translate_again(vcpu, rip, &gpa))
		return RUN_SLOW;
	hit_point_begin(vcpu);
	dr_hit_memo_skip(vcpu, rip);
	r = soft_break_hit(vcpu, gpa, rip, &hits, &ours);
	if (r == HIT_RETRY)
		return RUN_SLOW;
	if (r == HIT_STOP && post_hits(vcpu, &hits, 0, 0)) {
		note_int3(vcpu, rip, gpa);
		vcpu->stepping &= ~STEP_SESSION;
		return RUN_RESUME;
	}
	if (!ours)
		return guest_int3(vcpu, rip, insn_len);
	vmcs_get(&vcpu->vmcs);
	bp_fastpath_remember(vcpu, rip, gpa);
	vmcs_put();
	db_pass_over(vcpu, rip);
	return RUN_RESUME;
}

/*
 * The common int3: nothing has changed since the last hit, and it does not stop the
 * vCPU.
 */
static bool breakpoint_passed(struct vcpu *vcpu)
{
	enum bp_fastpath_result r = FASTPATH_UNKNOWN;

	if (unlikely(vcpu->rep.known) && vcpu->view == VIEW_HOOKED &&
	    rep_goes_on(vcpu, linear_rip()))
		r = FASTPATH_STEP;
	else if (vmcs_read32(VM_EXIT_INSTRUCTION_LEN) == 1)
		r = bp_fastpath_go_on(vcpu);
	if (r == FASTPATH_STEP)
		db_pass_over(vcpu, vcpu_linear_rip(vcpu));
	return r != FASTPATH_UNKNOWN;
}

/*
 * An interrupted event delivery precedes the instruction. Otherwise the int3 at rip
 * is still to be fetched: after it, or a pass over it, the vCPU would not be on
 * this view.
 */
bool exit_break_unfetched(struct vcpu *vcpu, int *r)
{
	u64 rip, gpa;
	bool is;

	if (vmcs_read32(IDT_VECTORING_INFO_FIELD) & VECTORING_INFO_VALID_MASK)
		return false;
	pagefault_disable();
	rip = vcpu_linear_rip(vcpu);
	is = !vcpu_translate(vcpu, rip, &gpa, NULL) && soft_break_at(vcpu->vm, gpa);
	if (is)
		*r = breakpoint_hooked(vcpu, rip, 1);
	pagefault_enable();
	if (is && *r == RUN_SLOW)
		*r = RUN_RETRY;
	return is;
}

/*
 * The step view maps copies of hooked pages until they are opened: open the one or
 * two pages that the instruction may be on.
 */
static int pass_int3(struct vcpu *vcpu, u64 rip, u8 insn_len)
{
	struct vm *vm = vcpu->vm;
	bool open, guests;
	u64 first, last;

	if (vcpu_translate(vcpu, rip, &first, NULL))
		return RUN_SLOW;
	if (vcpu_translate(vcpu, rip + INSN_MAX - 1, &last, NULL))
		last = first;
	spin_lock(&vm->mmu_lock);
	guests = step_view_shows_guest(vcpu, first);
	open = guests || step_view_open(vcpu, first, EPT_X, true);
	if (open && ((first ^ last) & PAGE_MASK) && hook_find(vm, last >> PAGE_SHIFT))
		open = step_view_open(vcpu, last, EPT_X, true);
	spin_unlock(&vm->mmu_lock);
	if (guests)
		return guest_int3(vcpu, rip, insn_len);
	if (!open) {
		step_view_reset(vcpu);
		return RUN_SLOW;
	}
	write_rf(vcpu, X86_EFLAGS_RF);	/* as in db_pass_over() */
	set_bit(REQ_ENTRY, &vcpu->requests);
	return RUN_RESUME;
}

static bool passes_int3(const struct vcpu *vcpu)
{
	return vcpu->view == VIEW_STEP && (vcpu->stepping & STEP_PASS);
}

/*
 * Map the pages that pass_int3() opens. EPT violations do not: while the second
 * page is missing, the guest fetches only the int3 on the first.
 */
static int map_insn(struct vcpu *vcpu)
{
	u64 rip = vcpu_linear_rip(vcpu), first, last;
	int r;

	if (vcpu_translate(vcpu, rip, &first, NULL))
		return 0;
	r = ept_fault(vcpu, first, false, true);
	if (!r && !vcpu_translate(vcpu, rip + INSN_MAX - 1, &last, NULL) &&
	    ((first ^ last) & PAGE_MASK) && memslot_is_at(vcpu->vm, last))
		r = ept_fault(vcpu, last, false, true);
	return r;
}

static int breakpoint(struct vcpu *vcpu, u8 insn_len)
{
	u64 rip = vcpu_linear_rip(vcpu);

	if (passes_int3(vcpu))
		return pass_int3(vcpu, rip, insn_len);
	if (vcpu->view != VIEW_PLAIN)
		return breakpoint_hooked(vcpu, rip, insn_len);
	/* On the plain view every int3 is the guest's own. */
	return guest_int3(vcpu, rip, insn_len);
}

static int debug_or_breakpoint(struct vcpu *vcpu)
{
	u32 info, len;

	vmcs_get(&vcpu->vmcs);
	info = vmcs_read32(VM_EXIT_INTR_INFO);
	len = vmcs_read32(VM_EXIT_INSTRUCTION_LEN);
	vmcs_put();
	if ((info & INTR_INFO_VECTOR_MASK) == BP_VECTOR)
		return breakpoint(vcpu, len);
	return debug_exception(vcpu, (info & INTR_INFO_INTR_TYPE_MASK) ==
			       INTR_TYPE_PRIV_SW_EXCEPTION, len);
}

static noinline int in_section(struct vcpu *vcpu)
{
	int r;

	pagefault_disable();
	r = debug_or_breakpoint(vcpu);
	pagefault_enable();
	return r;
}

/*
 * The host's split lock detection raises #AC in the guest, too, where the guest has not
 * enabled alignment checks (SDM vol. 3, 6.15, interrupt 17, and 9.1.2.3).
 */
static bool ac_is_guests(struct vcpu *vcpu)
{
	if (!boot_cpu_has(X86_FEATURE_SPLIT_LOCK_DETECT))
		return true;
	return vcpu_cpl(vcpu) == 3 && (vcpu_cr0(vcpu) & X86_CR0_AM) &&
	       (vmcs_read(GUEST_RFLAGS) & X86_EFLAGS_AC);
}

/* The host's policy decides: it lets the guest repeat the instruction, or the VMM ends. */
static int split_lock(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	u64 rip;

	vmcs_get(&vcpu->vmcs);
	rip = vmcs_read(GUEST_RIP);
	run->ex.error_code = vmcs_read32(VM_EXIT_INTR_ERROR_CODE);
	vmcs_put();
	if (compat_guest_split_lock(rip))
		return RUN_RESUME;
	run->exit_reason = KVM_EXIT_EXCEPTION;
	run->ex.exception = AC_VECTOR;
	return RUN_USER;
}

static bool exit_was_ac(struct vcpu *vcpu)
{
	u32 info;

	vmcs_get(&vcpu->vmcs);
	info = vmcs_read32(VM_EXIT_INTR_INFO);
	vmcs_put();
	return (info & INTR_INFO_VECTOR_MASK) == AC_VECTOR;
}

/* SDM vol. 3, 28.2.2. NMI (vector 2) and #MC have been raised in the host by run.c. */
int exit_exception(struct vcpu *vcpu)
{
	u32 info = vcpu->exit_intr_info;
	u8 vector = info & INTR_INFO_VECTOR_MASK;
	u64 qual;

	if (vector == DB_VECTOR) {
		qual = vmcs_read(EXIT_QUALIFICATION);
		if (inband_alone(vcpu, qual))
			return inband_hit(vcpu, qual);
		vcpu->exit_qual = qual;
		return in_section(vcpu);
	}
	if (vector == BP_VECTOR) {
		if (vcpu->guest_debug.control & KVM_GUESTDBG_USE_SW_BP)
			return guest_debug_bp(vcpu);
		return breakpoint_passed(vcpu) ? RUN_RESUME : in_section(vcpu);
	}
	if (vector == NMI_VECTOR || vector == MC_VECTOR)
		return RUN_RESUME;
	if (vector != AC_VECTOR) {
		catch_exception(vcpu, info);
		return RUN_RESUME;
	}
	/* #AC exits so that an endless one cannot hang the CPU. */
	if (!ac_is_guests(vcpu))
		return RUN_SLOW;
	vcpu_raise_error(vcpu, AC_VECTOR, vmcs_read32(VM_EXIT_INTR_ERROR_CODE));
	return RUN_RESUME;
}

/* Fault in the memory of the guest's tables or of a condition, and try again. */
int exit_exception_slow(struct vcpu *vcpu)
{
	int r;

	if (exit_was_ac(vcpu))
		return split_lock(vcpu);
	r = passes_int3(vcpu) ? map_insn(vcpu) : 0;
	if (r) {
		fetch_again(vcpu);
		return r == -ENXIO ? RUN_RESUME : r;
	}
	r = debug_or_breakpoint(vcpu);
	while (r == RUN_SLOW && vcpu->hit_point.end == HIT_POINT_MISSES) {
		hit_point_fault_in(vcpu);
		r = debug_or_breakpoint(vcpu);
	}
	if (r != RUN_SLOW)
		return r;
	/* The memory was remapped meanwhile. */
	hit_point_end(&vcpu->hit_point);
	return fetch_again(vcpu);
}
