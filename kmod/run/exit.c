// SPDX-License-Identifier: GPL-2.0-only
/* The table of VM exit reasons (SDM vol. 3, appendix C) and their handlers. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/catch_exit.h"
#include "debug/step.h"
#include "irq/vapic.h"
#include "run/exit.h"
#include "run/exit_cr.h"
#include "run/exit_debug.h"
#include "run/exit_dr.h"
#include "run/exit_ept.h"
#include "run/exit_msr.h"
#include "run/hypercall.h"
#include "run/pause.h"
#include "run/pio.h"
#include "run/task_switch.h"
#include "run/vmcs_dump.h"
#include "vcpu.h"
#include "vcpu/cpuid.h"
#include "vcpu/event.h"
#include "vcpu/fpu.h"
#include "vcpu/regs.h"
#include "vcpu/vmm_exit.h"
#include "vmx/vmcs.h"
#include "vmxdbg.h"

/* SDM vol. 3, appendix C; not in every kernel's header */
#define REASON_GETSEC	11
#define LAST_KNOWN	EXIT_REASON_NOTIFY

/*
 * @fast runs with preemption off and the VMCS current. @slow may sleep; it runs
 * when @fast, or enter_failed() in run.c, has returned RUN_SLOW.
 */
struct exit_handler {
	int (*fast)(struct vcpu *vcpu);
	int (*slow)(struct vcpu *vcpu);
};

/* Nothing to do: the host handles the event, or the next entry injects one. */
static int exit_nothing(struct vcpu *vcpu)
{
	return RUN_RESUME;
}

static int exit_irq_window(struct vcpu *vcpu)
{
	/* A controller may have withdrawn its interrupt since the entry was planned. */
	if (vcpu->lapic)
		set_bit(REQ_ENTRY, &vcpu->requests);
	if (event_irq(vcpu) >= 0 || !event_wants_window(vcpu))
		return RUN_RESUME;
	vcpu->run->exit_reason = KVM_EXIT_IRQ_WINDOW_OPEN;
	return RUN_USER;
}

/* MOV to CR8 is done, and an interrupt may enter that TPR has held back until now. */
static int exit_tpr(struct vcpu *vcpu)
{
	set_bit(REQ_ENTRY, &vcpu->requests);
	return RUN_RESUME;
}

/* The module has the local APIC, and KVM_RUN waits for the end of HLT. */
static int hlt_waits(struct vcpu *vcpu)
{
	/* The trap of a guest that steps itself ends the wait. */
	if (event_trap_pending())
		return RUN_RESUME;
	vcpu->mp_state = KVM_MP_STATE_HALTED;
	set_bit(REQ_LIFE, &vcpu->requests);
	/* STI's shadow has kept the window shut until now. */
	if (!event_wants_window(vcpu) ||
	    !event_can_take_irq(vcpu, vmcs_read(GUEST_RFLAGS)))
		return RUN_RESUME;
	vcpu->run->exit_reason = KVM_EXIT_IRQ_WINDOW_OPEN;
	return RUN_USER;
}

static int exit_hlt(struct vcpu *vcpu)
{
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	if (vcpu->nmi_pending ||
	    (event_irq_waits(vcpu) && (vmcs_read(GUEST_RFLAGS) & X86_EFLAGS_IF)))
		return RUN_RESUME;
	if (vcpu->lapic)
		return hlt_waits(vcpu);
	vcpu->halted = true;
	vcpu->run->exit_reason = KVM_EXIT_HLT;
	return RUN_USER;
}

/* No effect: the host controls the cache (INVD, WBINVD). */
static int exit_skip(struct vcpu *vcpu)
{
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_RESUME;
}

static int exit_ud(struct vcpu *vcpu)
{
	vcpu_raise(vcpu, UD_VECTOR);
	return RUN_RESUME;
}

/* MONITOR, MWAIT, which may return at once. By default CPUID does not matter. */
static int exit_mwait(struct vcpu *vcpu)
{
	if (vm_has_quirk(vcpu->vm, KVM_X86_QUIRK_MWAIT_NEVER_UD_FAULTS) ||
	    cpuid_has_mwait(vcpu))
		return exit_skip(vcpu);
	return exit_ud(vcpu);
}

static int exit_gp(struct vcpu *vcpu)
{
	vcpu_raise_gp0(vcpu);
	return RUN_RESUME;
}

static int exit_triple_fault(struct vcpu *vcpu)
{
	vcpu_shut_down(vcpu);
	return RUN_RESUME;
}

/*
 * Exits that a control enables do not come: no unknown control is set. Newer processors
 * have instructions that always exit, as SEAMCALL (76) and TDCALL (77), also in ring 3.
 * The guest's CPUID has none of them.
 */
static int exit_unexpected(struct vcpu *vcpu)
{
	if ((u16)vcpu->exit_reason > LAST_KNOWN)
		return exit_ud(vcpu);
	vcpu->exit_qual = vmcs_read(EXIT_QUALIFICATION);
	pr_debug_ratelimited("exit reason %u of vCPU %u is not handled\n",
			     vcpu->exit_reason, vcpu->id);
	return vmm_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON);
}

/* enter_failed() in run.c has filled in struct kvm_run. */
static int exit_failed_entry(struct vcpu *vcpu)
{
	if (catch_failed_entry(vcpu))
		return RUN_RESUME;
	vmcs_dump(vcpu);
	if (vcpu->entry_caught)
		return RUN_USER;
	return vmm_exit_dead_end(vcpu, KVM_EXIT_FAIL_ENTRY, VMXDBG_ERROR_ENTRY);
}

/* Reasons without a handler are unexpected. */
static struct exit_handler handlers[] __ro_after_init = {
	[EXIT_REASON_EXCEPTION_NMI] = { exit_exception, exit_exception_slow },
	[EXIT_REASON_EXTERNAL_INTERRUPT] = { exit_nothing },
	[EXIT_REASON_TRIPLE_FAULT] = { exit_triple_fault },
	[EXIT_REASON_INTERRUPT_WINDOW] = { exit_irq_window },
	[EXIT_REASON_NMI_WINDOW] = { exit_nothing },
	[EXIT_REASON_TASK_SWITCH] = { exit_task_switch, exit_task_switch_slow },
	[EXIT_REASON_CPUID] = { exit_cpuid },
	[REASON_GETSEC] = { exit_ud },
	[EXIT_REASON_HLT] = { exit_hlt },
	[EXIT_REASON_INVD] = { exit_skip },
	[EXIT_REASON_RDPMC] = { exit_gp },
	[EXIT_REASON_VMCALL] = { exit_vmcall },
	[EXIT_REASON_VMCLEAR] = { exit_ud },
	[EXIT_REASON_VMLAUNCH] = { exit_ud },
	[EXIT_REASON_VMPTRLD] = { exit_ud },
	[EXIT_REASON_VMPTRST] = { exit_ud },
	[EXIT_REASON_VMREAD] = { exit_ud },
	[EXIT_REASON_VMRESUME] = { exit_ud },
	[EXIT_REASON_VMWRITE] = { exit_ud },
	[EXIT_REASON_VMOFF] = { exit_ud },
	[EXIT_REASON_VMON] = { exit_ud },
	[EXIT_REASON_CR_ACCESS] = { exit_cr, exit_cr_slow },
	[EXIT_REASON_DR_ACCESS] = { exit_dr },
	[EXIT_REASON_IO_INSTRUCTION] = { exit_io, exit_io_slow },
	[EXIT_REASON_MSR_READ] = { exit_rdmsr },
	[EXIT_REASON_MSR_WRITE] = { exit_wrmsr },
	[EXIT_REASON_MWAIT_INSTRUCTION] = { exit_mwait },
	[EXIT_REASON_MONITOR_TRAP_FLAG] = { exit_mtf },
	[EXIT_REASON_MONITOR_INSTRUCTION] = { exit_mwait },
	[EXIT_REASON_PAUSE_INSTRUCTION] = { exit_pause, exit_pause_slow },
	[EXIT_REASON_TPR_BELOW_THRESHOLD] = { exit_tpr },
	[EXIT_REASON_EPT_VIOLATION] = { exit_ept_violation, exit_ept_violation_slow },
	[EXIT_REASON_INVEPT] = { exit_ud },
	[EXIT_REASON_INVVPID] = { exit_ud },
	[EXIT_REASON_WBINVD] = { exit_skip },
	[EXIT_REASON_XSETBV] = { exit_xsetbv },
};

void __init exit_handlers_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(handlers); i++)
		if (!handlers[i].fast)
			handlers[i].fast = exit_unexpected;
}

/* Jumps through pointers are slow where they are guarded (retpolines). */
static __always_inline int call_fast(struct vcpu *vcpu)
{
	if (vcpu->exit_reason == EXIT_REASON_EXCEPTION_NMI)
		return exit_exception(vcpu);
	if (unlikely(vcpu->exit_reason >= ARRAY_SIZE(handlers)))
		return exit_unexpected(vcpu);
	return handlers[vcpu->exit_reason].fast(vcpu);
}

static noinline int dispatch_catching(struct vcpu *vcpu)
{
	int r;

	return catch_exit(vcpu, &r) ? r : call_fast(vcpu);
}

int exit_dispatch(struct vcpu *vcpu)
{
	if (vapic_is_used(vcpu))
		vapic_take(vcpu);
	return unlikely(vcpu->catching) ? dispatch_catching(vcpu) : call_fast(vcpu);
}

int exit_slow(struct vcpu *vcpu)
{
	u32 reason = vcpu->exit_reason;

	if (reason < ARRAY_SIZE(handlers) && handlers[reason].slow)
		return handlers[reason].slow(vcpu);
	return exit_failed_entry(vcpu);
}
