// SPDX-License-Identifier: GPL-2.0-only
/* KVM_RUN: enter the guest, dispatch exits, and serve requests in between. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <asm/debugreg.h>
#include <asm/processor.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>
#include <asm/vmx.h>

#include "debug/bp.h"
#include "debug/catch.h"
#include "debug/catch_exit.h"
#include "debug/catch_plan.h"
#include "debug/catch_reset.h"
#include "debug/dbg_object.h"
#include "debug/dr_plan.h"
#include "debug/guest_debug.h"
#include "debug/inject.h"
#include "debug/reset.h"
#include "debug/step.h"
#include "debug/stop.h"
#include "debug/track_sync.h"
#include "debug/types.h"
#include "irq/vapic.h"
#include "lib/compat.h"
#include "lib/cpu_insn.h"
#include "lib/dr.h"
#include "lib/trace.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "run/entry_check.h"
#include "run/exit.h"
#include "run/exit_msr.h"
#include "run/guest_time.h"
#include "run/host_work.h"
#include "run/mmio.h"
#include "run/pio.h"
#include "run/run.h"
#include "run/wait.h"
#include "vcpu.h"
#include "vcpu/context.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/pv.h"
#include "vcpu/steal.h"
#include "vcpu/sync_regs.h"
#include "vcpu/tsc.h"
#include "vcpu/types.h"
#include "vcpu/vmm_exit.h"
#include "vmx/host_event.h"
#include "vmx/host_perf.h"
#include "vmx/mitigation.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* run_atomic() did not enter the guest: check what is to be done, then continue. */
#define RUN_CHECK	3

static void flush(struct vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < VIEW_COUNT; i++)
		if (vcpu->vm->view[i].eptp)
			vmx_invept(vmx_ctl.invept_single ? 1 : 2,
				   vcpu->vm->view[i].eptp);
	/* The step view has copied tables that may be gone. */
	step_view_reset(vcpu);
	if (vcpu->vpid)
		vmx_invvpid(vmx_ctl.invvpid_single ? 1 : 2, vcpu->vpid);
}

static u8 wanted_view(const struct vcpu *vcpu)
{
	bool watches = READ_ONCE(vcpu->vm->nr_watches);

	if (likely(!READ_ONCE(vcpu->vm->nr_hooks) && !watches))
		return VIEW_PLAIN;
	if (!(vcpu->stepping & STEP_PLAIN))
		return VIEW_HOOKED;
	return watches ? VIEW_STEP : VIEW_PLAIN;
}

/* Each of these is one comparison while nobody debugs. */
static void choose_view(struct vcpu *vcpu)
{
	u8 view = wanted_view(vcpu);
	u32 exceptions = BIT(DB_VECTOR) | BIT(AC_VECTOR) | BIT(MC_VECTOR) |
			 vcpu->catch_exceptions;

	if (unlikely(vcpu->view != view)) {
		vcpu->view = view;
		vmcs_write(EPT_POINTER, view == VIEW_STEP ? vcpu->step_view.eptp :
					vcpu->vm->view[view].eptp);
	}
	if (unlikely(view == VIEW_STEP))
		step_view_enter(vcpu);
	if (READ_ONCE(vcpu->vm->nr_breaks) || (vcpu->guest_debug.control & KVM_GUESTDBG_USE_SW_BP))
		exceptions |= BIT(BP_VECTOR);
	if (unlikely(vcpu->exceptions != exceptions)) {
		vcpu->exceptions = exceptions;
		vmcs_write(EXCEPTION_BITMAP, exceptions);
	}
}

/* Catches need every load of CR3, track.c only values that are not CR3 targets. */
static void choose_cr3_exits(struct vcpu *vcpu)
{
	u32 ctl = vcpu->proc_ctl & ~CPU_BASED_CR3_LOAD_EXITING;
	bool caught = vcpu->catch_crs & BIT(3);
	u8 targets = caught ? 0 : vcpu->track.nr;

	if (caught || READ_ONCE(vcpu->vm->track.follow_cr3))
		ctl |= CPU_BASED_CR3_LOAD_EXITING;
	if (unlikely(vcpu->track.nr_set != targets)) {
		vcpu->track.nr_set = targets;
		vmcs_write(CR3_TARGET_COUNT, targets);
	}
	if (unlikely(vcpu->proc_ctl != ctl)) {
		vcpu->proc_ctl = ctl;
		vmcs_write(CPU_BASED_VM_EXEC_CONTROL, ctl);
	}
}

/*
 * Write events, window exits, MTF and view to the VMCS. Code that changes what they
 * depend on sets REQ_ENTRY or another request; without one, entries skip this.
 */
static void plan_entry(struct vcpu *vcpu)
{
	clear_bit(REQ_ENTRY, &vcpu->requests);
	vcpu->planned = vcpu->stepping;
	choose_view(vcpu);
	choose_cr3_exits(vcpu);
	if (event_inject(vcpu))
		set_bit(REQ_ENTRY, &vcpu->requests);
}

static __always_inline void plan_debug_regs(struct vcpu *vcpu)
{
	if (likely(!test_bit(REQ_DEBUG_REGS, &vcpu->requests)))
		return;
	clear_bit(REQ_DEBUG_REGS, &vcpu->requests);
	dr_plan_vcpu(vcpu);
}

#define RARE_REQUESTS	(BIT(REQ_INJECT) | BIT(REQ_CATCH) | BIT(REQ_TIME) | BIT(REQ_NMI))

/* Requests for run_check() */
#define CHECK_REQUESTS	(BIT(REQ_STOP) | BIT(REQ_TRACK) | BIT(REQ_DR_ROOM) |	\
			 BIT(REQ_LIFE) | BIT(REQ_EOI) | BIT(REQ_PV) |		\
			 BIT(REQ_TPR) | BIT(REQ_VAPIC))

/* Once for each change of a catch, and for each resume. */
static noinline void rare_requests(struct vcpu *vcpu)
{
	if (test_bit(REQ_INJECT, &vcpu->requests)) {
		event_deliver_payload(vcpu);
		inject_take(vcpu);
	}
	if (test_and_clear_bit(REQ_CATCH, &vcpu->requests))
		vcpu->catching = ~0U;	/* makes catch_choose() plan */
	if (test_and_clear_bit(REQ_TIME, &vcpu->requests))
		vcpu_tsc_follow(vcpu);
	if (test_and_clear_bit(REQ_NMI, &vcpu->requests))
		event_take_nmis(vcpu);
}

/*
 * Interrupts off. Return: false if the vCPU must sleep or stop first. After true
 * the guest must be entered, or an injected event is lost.
 */
static bool requests_done(struct vcpu *vcpu)
{
	if (READ_ONCE(vcpu->requests) & CHECK_REQUESTS)
		return false;
	if (unlikely(READ_ONCE(vcpu->requests) & RARE_REQUESTS))
		rare_requests(vcpu);
	if (test_and_clear_bit(REQ_FLUSH, &vcpu->requests))
		flush(vcpu);
	plan_debug_regs(vcpu);
	if (unlikely(test_bit(REQ_DR_ROOM, &vcpu->requests)))
		return false;
	catch_choose(vcpu);
	if (unlikely(vcpu->catching & CATCH_EVENTS) && catch_event(vcpu))
		return false;
	plan_entry(vcpu);
	return true;
}

/* Load the guest's breakpoints, and save the host's if there are any. */
static void load_debug_regs(struct vcpu *vcpu)
{
	if (likely(!vcpu->plan_active))
		return;
	if (unlikely(this_cpu_read(cpu_dr7))) {
		get_debugreg(vcpu->host.dr[0], 0);
		get_debugreg(vcpu->host.dr[1], 1);
		get_debugreg(vcpu->host.dr[2], 2);
		get_debugreg(vcpu->host.dr[3], 3);
		set_debugreg(DR7_ALWAYS_1, 7);
	}
	cpu_set_breakpoints(vcpu->plan.dr);
}

/* The exit cleared DR7. Restore the breakpoints of perf and ptrace. */
static void restore_debug_regs(struct vcpu *vcpu)
{
	unsigned long dr7 = this_cpu_read(cpu_dr7);

	if (likely(!dr7))
		return;
	if (vcpu->plan_active)
		cpu_set_breakpoints(vcpu->host.dr);
	set_debugreg(dr7, 7);
}

/*
 * The exit clears DEBUGCTL. An interrupt on this CPU may change it (perf), so read it
 * at each entry. All its bits are in the low half.
 */
static __always_inline u32 read_debugctl(void)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (MSR_IA32_DEBUGCTLMSR));
	return low;
}

/* Bit of what is owed after the exit, the others of which are DEBUGCTL's: it has 16. */
#define OWES_PERF	BIT(31)

static noinline void pay_owed(const struct vcpu *vcpu, u32 owed)
{
	if (owed & ~OWES_PERF)
		wrmsrl(MSR_IA32_DEBUGCTLMSR, owed & ~OWES_PERF);
	if (owed & OWES_PERF)
		host_perf_restart(&vcpu->host.perf);
}

/* An interrupt on this CPU may change CR4, so compare at each entry. */
static void refresh_host_cr4(struct vcpu *vcpu)
{
	unsigned long cr4 = __read_cr4();

	if (unlikely(vcpu->host.cr4 != cr4)) {
		vcpu->host.cr4 = cr4;
		vmcs_write(HOST_CR4, cr4);
	}
}

/* NMIs and machine checks that exited are the host's. */
static void host_exceptions(struct vcpu *vcpu)
{
	u32 info = vmcs_read32(VM_EXIT_INTR_INFO);

	vcpu->exit_intr_info = info;
	if ((info & INTR_INFO_INTR_TYPE_MASK) == INTR_TYPE_NMI_INTR)
		host_nmi();
	else if ((info & INTR_INFO_VECTOR_MASK) == MC_VECTOR)
		host_machine_check();
}

/*
 * RCU waits for this CPU only until the next tick. The tick itself runs later, when
 * interrupts are on, but cannot tell that a guest was interrupted.
 */
static void host_events(struct vcpu *vcpu)
{
	if (vcpu->exit_reason == EXIT_REASON_EXTERNAL_INTERRUPT)
		rcu_note_context_switch(false);
	else
		host_exceptions(vcpu);
}

static int enter_failed(struct vcpu *vcpu, u32 reason)
{
	if (!vmx_on_here())
		return -ESHUTDOWN;
	/* Raise it in the host, which gets it in no other way (SDM vol. 3, 27.9). */
	if ((u16)reason == EXIT_REASON_MCE_DURING_VMENTRY)
		host_machine_check();
	vcpu->failed_entries++;
	pr_debug_ratelimited("entry of vCPU %u failed, reason %#x\n", vcpu->id, reason);
	vcpu->run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	vcpu->run->fail_entry.hardware_entry_failure_reason = reason;
	vcpu->run->fail_entry.cpu = smp_processor_id();
	event_take_back(vcpu);
	vcpu->exit_reason = VMX_EXIT_REASONS_FAILED_VMENTRY;
	return RUN_SLOW;
}

static __always_inline void trace_the_entry(const struct vcpu *vcpu)
{
	if (trace_vmxdbg_entry_enabled())
		trace_vmxdbg_entry(vcpu->vm->id, vcpu->id, vmcs_read(GUEST_RIP),
				   vmcs_read32(VM_ENTRY_INTR_INFO_FIELD));
}

static __always_inline void trace_the_exit(const struct vcpu *vcpu)
{
	if (trace_vmxdbg_exit_enabled())
		trace_vmxdbg_exit(vcpu->vm->id, vcpu->id, vmcs_read(GUEST_RIP),
				  vcpu->exit_reason, vmcs_read(EXIT_QUALIFICATION));
}

/* One VM entry, with interrupts off until the host's state is restored. */
static int enter(struct vcpu *vcpu)
{
	bool failed;
	u32 owed;

	refresh_host_cr4(vcpu);
	owed = read_debugctl();
	load_debug_regs(vcpu);
	if (vcpu->cr2 != native_read_cr2())
		native_write_cr2(vcpu->cr2);
	vcpu->insn_done = false;
	entry_check(vcpu);
	trace_the_entry(vcpu);
	if (host_perf_stop(&vcpu->host.perf))
		owed |= OWES_PERF;
	current->flags |= PF_VCPU;
	failed = static_call(enter_guest)(vcpu->regs, vcpu->vmcs.launched, &vcpu->host_rsp);
	vcpu->cr2 = native_read_cr2();
	restore_debug_regs(vcpu);
	if (unlikely(owed))
		pay_owed(vcpu, owed);
	if (unlikely(failed))
		return enter_failed(vcpu, vmcs_read32(VM_INSTRUCTION_ERROR));
	vcpu->exit_reason = vmcs_read32(VM_EXIT_REASON);
	trace_the_exit(vcpu);
	if (unlikely(vcpu->exit_reason & VMX_EXIT_REASONS_FAILED_VMENTRY))
		return enter_failed(vcpu, vcpu->exit_reason);
	vcpu->vmcs.launched = true;
	vcpu->exits[vcpu->exit_reason % EXIT_REASONS]++;
	event_vectoring(vcpu);
	/* Exceptions and NMIs have reason 0, external interrupts 1. */
	if (vcpu->exit_reason <= EXIT_REASON_EXTERNAL_INTERRUPT)
		host_events(vcpu);
	return RUN_RESUME;
}

/*
 * A guest can get exception after exception, also through task gates, without end. None
 * of the host's interrupts comes between, as each exception has priority over them, if
 * it is a #DB (SDM vol. 3, 6.9), and is delivered before the guest is interrupted.
 */
static bool irqs_may_starve(const struct vcpu *vcpu)
{
	return (vcpu->exit_reason == EXIT_REASON_EXCEPTION_NMI ||
		vcpu->exit_reason == EXIT_REASON_TASK_SWITCH) &&
	       vcpu->exits[vcpu->exit_reason] % 8 == 0;
}

/* Interrupts are off for KVM's sake. One that made the guest exit must not wait. */
static noinline void serve_irqs(struct vcpu *vcpu)
{
	if (vcpu->exit_reason == EXIT_REASON_EXTERNAL_INTERRUPT || irqs_may_starve(vcpu))
		vmcs_irq_window(&vcpu->vmcs);
}

/*
 * A tick that made the guest exit comes in here, and accounts for the guest's time while the
 * flag is set. STI holds it off for one more instruction, which must not clear the flag.
 */
static __always_inline void leave_guest(struct vcpu *vcpu)
{
	u64 before = guest_time_before();

	if (unlikely(vmcs_keeps_irqs_off()))
		serve_irqs(vcpu);
	else
		local_irq_enable();
	WRITE_ONCE(vcpu->guest_cpu, -1);
	barrier();
	current->flags &= ~PF_VCPU;
	guest_time_after(before);
}

/*
 * There was no entry, or it failed. Interrupts that are off for KVM's sake stay off until
 * context_leave() has restored the MSRs: KVM's own, before a reboot, writes them.
 */
static noinline int not_entered(struct vcpu *vcpu, int r)
{
	WRITE_ONCE(vcpu->guest_cpu, -1);
	if (!vmcs_keeps_irqs_off())
		local_irq_enable();
	current->flags &= ~PF_VCPU;
	return r;
}

/* Enter the guest unless there is work for the host, and handle the exit. */
static int run_once(struct vcpu *vcpu)
{
	int r;

	local_irq_disable();
	WRITE_ONCE(vcpu->guest_cpu, smp_processor_id());
	smp_mb();	/* pairs with request_tell() */
	if (host_wants_cpu() ||
	    (unlikely(READ_ONCE(vcpu->requests)) && !requests_done(vcpu)))
		return not_entered(vcpu, RUN_CHECK);
	if (unlikely(!vmx_on_here()))
		return not_entered(vcpu, -ESHUTDOWN);
	r = enter(vcpu);
	if (unlikely(r != RUN_RESUME))
		return not_entered(vcpu, r);
	leave_guest(vcpu);
	return exit_dispatch(vcpu);
}

/* An instruction is complete: handle the step. @r: result of the exit. */
static noinline int step_done(struct vcpu *vcpu, int r)
{
	int step = vcpu_step_done(vcpu, r == RUN_USER);

	vcpu->flags_told = false;
	if (r == RUN_RESUME || step == RUN_RETRY)
		r = step;
	if (r == RUN_RESUME && vcpu->stepping != vcpu->planned)
		set_bit(REQ_ENTRY, &vcpu->requests);
	return r;
}

/* In the section or after it */
static __always_inline int after_insn(struct vcpu *vcpu, int r)
{
	if (likely(!vcpu->insn_done || !vcpu->stepping) || r < 0)
		return r;
	return step_done(vcpu, r);
}

static noinline int retry_insn(struct vcpu *vcpu, int r)
{
	int after;

	do {
		bool more = vcpu->written_more;

		if (unlikely(more))
			hook_refresh_more(vcpu);
		if (likely(!more) || vcpu->hit_point.end == HIT_POINT_MISSES)
			hit_point_fault_in(vcpu);
		after = after_insn(vcpu, r);
	} while (after == RUN_RETRY);
	return after;
}

/* After the section: do what takes long or sleeps, and retry. */
static __always_inline int after_insn_slow(struct vcpu *vcpu, int r)
{
	int after = after_insn(vcpu, r);

	return unlikely(after == RUN_RETRY) ? retry_insn(vcpu, r) : after;
}

/* Preemption is off until something needs to sleep or the VMM. */
static int run_atomic(struct vcpu *vcpu)
{
	int r;

	if (vcpu->stepping != vcpu->planned)
		set_bit(REQ_ENTRY, &vcpu->requests);
	do {
		r = run_once(vcpu);
		if (r == RUN_RESUME)
			r = after_insn(vcpu, r);
	} while (r == RUN_RESUME);
	return r;
}

static int interrupted(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = KVM_EXIT_INTR;
	return -EINTR;
}

static int run_make_room(struct vcpu *vcpu)
{
	int r = bp_make_room(vcpu);

	return r == -EINTR ? interrupted(vcpu) : r;
}

static int follow_tables(struct vcpu *vcpu)
{
	int r = track_sync(vcpu);

	return r == -EINTR ? interrupted(vcpu) : r;
}

static int park(struct vcpu *vcpu)
{
	u64 delay = steal_delay();
	int r = vcpu_park(vcpu);

	/* A debugger took this time, for which the guest's clocks may have stood still. */
	vcpu->pv.delay += steal_delay() - delay;
	switch (r) {
	case 0:
		return RUN_RESUME;
	case PARK_RESET:
		vmm_exit_reset(vcpu);
		return RUN_USER;
	default:
		return interrupted(vcpu);
	}
}

/* Report the end of the guest to the session, then the VMM. REQ_STOP is set until then. */
static int shut_down(struct vcpu *vcpu)
{
	int r;

	if (!vcpu->shutdown_told) {
		vcpu->shutdown_told = true;
		catch_shutdown(vcpu);
	}
	r = park(vcpu);
	if (r != RUN_RESUME)
		return r;
	clear_bit(REQ_STOP, &vcpu->requests);
	/* The session may have taken a triple fault back (VMXDBG_REGS_EVENTS). */
	if (!vcpu->shutdown)
		return RUN_RESUME;
	vmm_exit_shutdown(vcpu);
	return RUN_USER;
}

/* Yield, and serve the requests that may sleep. */
static int serve_requests(struct vcpu *vcpu)
{
	int r;

	vcpu->flags_told = false;
	if (unlikely(vcpu->pv.steal))
		steal_yield(vcpu);
	else
		cond_resched();
	if (unlikely(vcpu->hit_point.end == HIT_POINT_MISSES))
		hit_point_fault_in(vcpu);
	if (signal_pending(current))
		return interrupted(vcpu);
	if (unlikely(vcpu->shutdown))
		return shut_down(vcpu);
	if (test_and_clear_bit(REQ_STOP, &vcpu->requests)) {
		r = park(vcpu);
		if (r != RUN_RESUME)
			return r;
	}
	if (unlikely(test_and_clear_bit(REQ_EOI, &vcpu->requests))) {
		vmm_exit_eoi(vcpu);
		return RUN_USER;
	}
	if (unlikely(test_and_clear_bit(REQ_TPR, &vcpu->requests))) {
		vmm_exit_tpr_access(vcpu);
		return RUN_USER;
	}
	if (unlikely(test_bit(REQ_VAPIC, &vcpu->requests)))
		vapic_sync(vcpu);
	if (unlikely(test_bit(REQ_LIFE, &vcpu->requests))) {
		r = vcpu_live(vcpu);
		if (r != RUN_RESUME)
			return r;
	}
	if (unlikely(test_bit(REQ_PV, &vcpu->requests)))
		pv_update(vcpu);
	if (unlikely(test_bit(REQ_DR_ROOM, &vcpu->requests)))
		return run_make_room(vcpu);
	if (unlikely(test_bit(REQ_TRACK, &vcpu->requests)))
		return follow_tables(vcpu);
	/* Last, since a thread that slept has work, too. */
	return host_work() ? interrupted(vcpu) : RUN_RESUME;
}

/* Between two sections in the guest */
static int run_check(struct vcpu *vcpu)
{
	int r = serve_requests(vcpu);

	if (unlikely(vcpu->pv.steal) && r == RUN_RESUME)
		steal_tell_waits(vcpu);
	return r;
}

/* VMCS current. */
static __always_inline void tell_flags(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	u64 rflags = vmcs_read(GUEST_RFLAGS);

	run->if_flag = !!(rflags & X86_EFLAGS_IF);
	run->ready_for_interrupt_injection = vcpu->vm->irq.mode == IRQ_FULL ||
					     event_can_take_irq(vcpu, rflags);
	vcpu->flags_told = true;
}

static int run_loop(struct vcpu *vcpu)
{
	int r;

	do {
		context_enter(vcpu);
		r = run_atomic(vcpu);
		if (r == RUN_USER)
			tell_flags(vcpu);
		context_leave(vcpu);
		if (r == RUN_USER) {
			r = after_insn_slow(vcpu, RUN_USER);
		} else if (r == RUN_SLOW) {
			set_bit(REQ_ENTRY, &vcpu->requests);
			r = after_insn_slow(vcpu, exit_slow(vcpu));
		} else if (r == RUN_RETRY) {
			r = retry_insn(vcpu, RUN_RESUME);
		}
		if (r == RUN_RESUME || r == RUN_CHECK)
			r = run_check(vcpu);
	} while (r == RUN_RESUME);
	return r;
}

/* Complete the I/O instruction that the VMM has handled. */
static int complete_io(struct vcpu *vcpu)
{
	int r;

	if (likely(vcpu->pending == PENDING_NONE))
		return RUN_RESUME;
	vcpu->insn_done = false;
	plan_debug_regs(vcpu);	/* the VMM may have written DR7 */
	if (vcpu->pending == PENDING_MMIO)
		r = mmio_complete(vcpu);
	else if (vcpu->pending == PENDING_MSR)
		r = msr_complete(vcpu);
	else
		r = pio_complete(vcpu);
	return after_insn_slow(vcpu, r);
}

static void note_thread(struct vcpu *vcpu)
{
	struct pid *pid = task_pid(current), *old = vcpu->pid;

	if (old == pid)
		return;
	spin_lock(&vcpu->vm->dbg_lock);
	vcpu->pid = get_pid(pid);
	spin_unlock(&vcpu->vm->dbg_lock);
	/* This thread's waits until now were not the guest's. */
	if (old)
		vcpu->pv.delay = steal_delay();
	put_pid(old);
}

static __always_inline void tell_rest(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	run->cr8 = vcpu_cr8(vcpu);
	run->apic_base = vcpu->apic_base;
	run->flags = 0;
	if (unlikely(READ_ONCE(run->kvm_valid_regs)))
		vcpu_sync_leave(vcpu);
}

static noinline void tell_all(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	tell_flags(vcpu);
	vmcs_put();
	tell_rest(vcpu);
}

static void tell_vmm(struct vcpu *vcpu)
{
	if (likely(vcpu->flags_told))
		tell_rest(vcpu);
	else
		tell_all(vcpu);
}

/* With in_run clear, a session may hold the vCPU's state. */
static void run_finish(struct vcpu *vcpu)
{
	if (likely(vcpu->in_run)) {
		tell_vmm(vcpu);
		vcpu_leave_run(vcpu);
		return;
	}
	vcpu->flags_told = false;
	if (mutex_lock_killable(&vcpu->state_mutex))
		return;
	tell_vmm(vcpu);
	mutex_unlock(&vcpu->state_mutex);
}

/*
 * Complete the VMM's part of an instruction. A VMM that wants no more finds the exit that
 * it answered still in struct kvm_run.
 */
static int start_ready(struct vcpu *vcpu)
{
	int r = complete_io(vcpu);

	if (r == RUN_RESUME && READ_ONCE(vcpu->run->compat_immediate_exit))
		return -EINTR;
	return r;
}

/*
 * A session stops the vCPU. Complete an I/O instruction first, so that it stops
 * between two instructions.
 */
static int start_stopped(struct vcpu *vcpu)
{
	int r;

	if (mutex_lock_killable(&vcpu->state_mutex))
		return -EINTR;
	r = start_ready(vcpu);
	if (r == RUN_RESUME)
		reset_note_return(vcpu);
	mutex_unlock(&vcpu->state_mutex);
	return r == RUN_RESUME ? park(vcpu) : r;
}

static int start(struct vcpu *vcpu)
{
	u64 cr8;
	bool window;
	int r;

	if (unlikely(READ_ONCE(vcpu->run->kvm_dirty_regs) |
		     READ_ONCE(vcpu->run->kvm_valid_regs))) {
		r = vcpu_sync_take(vcpu);
		if (r)
			return r;
	}
	cr8 = READ_ONCE(vcpu->run->cr8);	/* the VMM may write it at any time */
	if (!vcpu->lapic) {
		if (cr8 > 15)
			return -EINVAL;
		vcpu->cr8 = cr8;
	}
	window = READ_ONCE(vcpu->run->request_interrupt_window);
	if (vcpu->irq_window != window) {
		vcpu->irq_window = window;
		set_bit(REQ_ENTRY, &vcpu->requests);
	}
	guest_debug_begin(vcpu);
	if (unlikely(!vcpu_enter_run(vcpu)))
		return start_stopped(vcpu);
	return start_ready(vcpu);
}

static noinline int run(struct vcpu *vcpu)
{
	int r;

	note_thread(vcpu);
	vcpu->halted = false;
	vcpu->flags_told = false;
	r = start(vcpu);
	if (r == RUN_RESUME) {
		vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
		if (unlikely(READ_ONCE(vcpu->vm->nr_breaks)))
			hook_check(vcpu);
		if (unlikely(vcpu->pv.clock_due))
			set_bit(REQ_PV, &vcpu->requests);
		if (unlikely(vcpu->pv.steal) && !test_bit(REQ_PV, &vcpu->requests))
			steal_record(vcpu);
		r = run_loop(vcpu);
	}
	run_finish(vcpu);
	vcpu->vmm_exits++;
	return r < 0 ? r : 0;
}

static noinline int run_with_signals(struct vcpu *vcpu)
{
	int r;

	sigprocmask(SIG_SETMASK, &vcpu->sigset, &current->real_blocked);
	r = run(vcpu);
	sigprocmask(SIG_SETMASK, &current->real_blocked, NULL);
	sigemptyset(&current->real_blocked);
	return r;
}

int vcpu_run(struct vcpu *vcpu)
{
	return unlikely(vcpu->sigset_active) ? run_with_signals(vcpu) : run(vcpu);
}
