// SPDX-License-Identifier: GPL-2.0-only
/* Initial VMCS, and the state after RESET and INIT. */
#include <linux/string.h>
#include <asm/apicdef.h>
#include <asm/desc_defs.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/special_insns.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "irq/lapic.h"
#include "lib/compat.h"
#include "lib/dr.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/cpuid.h"
#include "vcpu/cpuid_fault.h"
#include "vcpu/msr.h"
#include "vcpu/pv.h"
#include "vcpu/regs.h"
#include "vcpu/spec_ctrl.h"
#include "vcpu/sregs.h"
#include "vcpu/tsc.h"
#include "vcpu/types.h"
#include "vcpu/vmcs_init.h"
#include "vm.h"
#include "vmx/mitigation.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* Power-up value of IA32_PAT (SDM vol. 3, 12.12.4) */
#define PAT_RESET	0x0007040600070406ULL

/* MAXPHYADDR if CPUID leaf 0x80000008 is absent */
#define DEFAULT_MAXPHYADDR	36

/*
 * PAUSE-loop exiting (SDM vol. 3, 25.1.3), in ticks: PAUSEs that follow one another within
 * the gap are a loop, which exits when it lasts for longer than the window. As in KVM.
 */
#define PAUSE_GAP	128

/* Attributes after RESET. VM entry requires the accessed bit (SDM vol. 3, 27.3.1.2). */
#define DATA_SEGMENT(sel, addr) {					\
	.base = (addr), .limit = 0xffff, .selector = (sel),		\
	.type = 3, .present = 1, .s = 1 }

/* With the control set, VM entry refuses VPID 0 (SDM vol. 3, 27.2.1.1). */
static u32 secondary_controls(const struct vcpu *vcpu)
{
	u32 ctl = vmx_ctl.proc2;

	if (!vcpu->vpid)
		ctl &= ~SECONDARY_EXEC_ENABLE_VPID;
	/* Where the VMM has the local APICs, vCPUs hardly ever wait for each other. */
	if (!vcpu->lapic || READ_ONCE(vcpu->vm->pauses_pass))
		ctl &= ~SECONDARY_EXEC_PAUSE_LOOP_EXITING;
	return ctl;
}

/*
 * The guest reads and writes the TPR of its local APIC in the page of registers, which has
 * the layout of a virtual-APIC page (SDM vol. 3, 30.1). Where the VMM has the local APIC, it
 * must hear of CR8.
 */
static void use_tpr_shadow(struct vcpu *vcpu)
{
	vcpu->tpr_shadow = vmx_ctl.tpr_shadow && vcpu->lapic;
	if (!vcpu->tpr_shadow) {
		vcpu->proc_ctl &= ~CPU_BASED_TPR_SHADOW;
		return;
	}
	vcpu->proc_ctl &= ~CPU_BASED_CR8_STORE_EXITING;
	vmcs_write(VIRTUAL_APIC_PAGE_ADDR, __pa(vcpu->lapic->regs));
	vmcs_write(TPR_THRESHOLD, 0);
}

static void write_controls(struct vcpu *vcpu)
{
	vmcs_write(PIN_BASED_VM_EXEC_CONTROL, vmx_ctl.pin);
	vcpu->proc_ctl = vmx_ctl.proc;
	use_tpr_shadow(vcpu);
	vcpu_cr8_exits(vcpu, false);
	vmcs_write(CPU_BASED_VM_EXEC_CONTROL, vcpu->proc_ctl);
	vmcs_write(SECONDARY_VM_EXEC_CONTROL, secondary_controls(vcpu));
	vmcs_write(VM_EXIT_CONTROLS, vmx_ctl.exit);
	vmcs_write(VM_ENTRY_CONTROLS, vmx_ctl.entry);

	/* Otherwise an endless #DB or #AC in the guest would hang this CPU. */
	vmcs_write(EXCEPTION_BITMAP, BIT(X86_TRAP_DB) | BIT(X86_TRAP_AC) |
		   BIT(X86_TRAP_MC));
	vmcs_write(PAGE_FAULT_ERROR_CODE_MASK, 0);
	vmcs_write(PAGE_FAULT_ERROR_CODE_MATCH, 0);

	vmcs_write(CR3_TARGET_COUNT, 0);
	vcpu->cr4_allowed = cr4_allowed;
	vcpu->efer_allowed = ~0ULL;
	vcpu_own_crs(vcpu);

	vmcs_write(MSR_BITMAP, __pa(vcpu->msr_bitmap));
	vmcs_write(VM_EXIT_MSR_STORE_COUNT, 0);
	vmcs_write(VM_EXIT_MSR_LOAD_COUNT, 0);
	vmcs_write(VM_ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_write(VM_ENTRY_INTR_INFO_FIELD, 0);
	if (vmx_ctl.entry & VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL) {
		vmcs_write(GUEST_IA32_PERF_GLOBAL_CTRL, 0);
		vmcs_write(HOST_IA32_PERF_GLOBAL_CTRL, 0);
	}

	vmcs_write(VMCS_LINK_POINTER, ~0ULL);
	vcpu_tsc_init(vcpu);
	if (vcpu->vpid)
		vmcs_write(VIRTUAL_PROCESSOR_ID, vcpu->vpid);
	if (vmx_ctl.proc2 & SECONDARY_EXEC_PAUSE_LOOP_EXITING) {
		vmcs_write(PLE_GAP, PAUSE_GAP);
		vmcs_write(PLE_WINDOW, PAUSE_WINDOW);
		vcpu->pause.window = PAUSE_WINDOW;
	}
}

static u64 host_msr(u32 index)
{
	u64 val;

	rdmsrl(index, val);
	return val;
}

/* Host state that is constant. context.c writes the rest. */
static void write_host_constants(void)
{
	vmcs_write(HOST_CR0, read_cr0());
	vmcs_write(HOST_CS_SELECTOR, __KERNEL_CS);
	vmcs_write(HOST_SS_SELECTOR, __KERNEL_DS);
	vmcs_write(HOST_DS_SELECTOR, 0);
	vmcs_write(HOST_ES_SELECTOR, 0);
	vmcs_write(HOST_FS_SELECTOR, 0);
	vmcs_write(HOST_GS_SELECTOR, 0);
	vmcs_write(HOST_FS_BASE, 0);	/* as vcpu->host.fs_base, see context.c */
	vmcs_write(HOST_TR_SELECTOR, GDT_ENTRY_TSS * 8);
	vmcs_write(HOST_IA32_SYSENTER_CS, (u32)host_msr(MSR_IA32_SYSENTER_CS));
	vmcs_write(HOST_IA32_SYSENTER_EIP, host_msr(MSR_IA32_SYSENTER_EIP));
	vmcs_write(HOST_IA32_EFER, host_msr(MSR_EFER));
	if (vmx_ctl.pat)
		vmcs_write(HOST_IA32_PAT, host_msr(MSR_IA32_CR_PAT));
	vmcs_write(HOST_RIP, mitigation_host_rip());
}

void vcpu_vmcs_init(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	write_controls(vcpu);
	write_host_constants();
	vmcs_put();
	mitigation_new_guest();
}

/* EDX is CPUID.1:EAX after RESET. Without a CPUID: family 6, same as KVM. */
static u64 reset_rdx(struct vcpu *vcpu)
{
	u32 eax = 1, ebx = 0, ecx = 0, edx = 0;

	if (!vcpu->cpuid_nr)
		return 0x600;
	vcpu_cpuid(vcpu, &eax, &ebx, &ecx, &edx);
	return eax;
}

static void reset_vmcs(void)
{
	vmcs_write(GUEST_ACTIVITY_STATE, GUEST_ACTIVITY_ACTIVE);
	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, 0);
	vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, 0);
	vmcs_write(GUEST_IA32_DEBUGCTL, 0);
}

static void reset_msrs(struct vcpu *vcpu)
{
	vmcs_write(GUEST_SYSENTER_CS, 0);
	vmcs_write(GUEST_SYSENTER_ESP, 0);
	vmcs_write(GUEST_SYSENTER_EIP, 0);
	if (vmx_ctl.pat)
		vmcs_write(GUEST_IA32_PAT, PAT_RESET);
	memset(vcpu->msrs, 0, sizeof(vcpu->msrs));
	memset(vcpu->mtrr, 0, sizeof(vcpu->mtrr));
	vcpu->mtrr_def = 0;
	vcpu->pat = PAT_RESET;
	vcpu->tsc_adjust = 0;
	vcpu->misc_enable = MSR_IA32_MISC_ENABLE_BTS_UNAVAIL |
			    MSR_IA32_MISC_ENABLE_PEBS_UNAVAIL;
	vcpu->ucode_rev = UCODE_REV;
	cpuid_fault_reset(vcpu);
	vcpu->xcr0 = XFEATURE_MASK_FP;
	spec_reset(vcpu);
}

static void reset_events(struct vcpu *vcpu)
{
	memset(&vcpu->event, 0, sizeof(vcpu->event));
	vcpu->irq = -1;
	vcpu->reinject = EVENT_NONE;
	vcpu->nmi_pending = 0;
	if (vcpu->lapic)
		atomic_set(&vcpu->lapic->nmis, 0);
	vcpu->pending = PENDING_NONE;
}

/* SDM vol. 3, table 10-1. @kept: bits of CR0 that do not change */
static void reset_registers(struct vcpu *vcpu, u64 kept)
{
	static const struct kvm_sregs reset_sregs = {
		.cs = {
			.base = 0xffff0000, .limit = 0xffff, .selector = 0xf000,
			.type = 0xb, .present = 1, .s = 1,
		},
		.ds = DATA_SEGMENT(0, 0), .es = DATA_SEGMENT(0, 0),
		.fs = DATA_SEGMENT(0, 0), .gs = DATA_SEGMENT(0, 0),
		.ss = DATA_SEGMENT(0, 0),
		.tr = { .limit = 0xffff, .type = 0xb, .present = 1 },
		.ldt = { .limit = 0xffff, .type = 2, .present = 1 },
		.gdt = { .limit = 0xffff }, .idt = { .limit = 0xffff },
		.cr0 = X86_CR0_ET,
	};
	struct kvm_sregs sregs = reset_sregs;
	struct kvm_regs regs = {
		.rip = 0xfff0, .rflags = X86_EFLAGS_FIXED,
		.rdx = reset_rdx(vcpu),
	};

	sregs.cr0 |= kept;
	sregs.apic_base = vcpu->apic_base;
	reset_events(vcpu);
	pv_reset(vcpu);
	reset_vmcs();
	vcpu_set_sregs(vcpu, &sregs);
	vcpu_set_regs(vcpu, &regs);
	memset(vcpu->dr, 0, sizeof(vcpu->dr));
	vcpu->dr6 = dr6_normalize(0);
	vcpu->dr7 = dr7_normalize(0);
	set_bit(REQ_DEBUG_REGS, &vcpu->requests);
}

static void reset_apic(struct vcpu *vcpu)
{
	u64 base = APIC_DEFAULT_PHYS_BASE | MSR_IA32_APICBASE_ENABLE;

	if (vcpu->id == vcpu->vm->irq.bsp)
		base |= MSR_IA32_APICBASE_BSP;
	vcpu_set_apic_base(vcpu, base, true);
	vcpu->mp_state = KVM_MP_STATE_RUNNABLE;
	if (!vcpu->lapic)
		return;
	lapic_reset(vcpu, false);
	if (vcpu->id == vcpu->vm->irq.bsp)
		return;
	vcpu->mp_state = KVM_MP_STATE_UNINITIALIZED;
	set_bit(REQ_LIFE, &vcpu->requests);
}

void vcpu_reset(struct vcpu *vcpu)
{
	if (!vcpu->maxphyaddr)
		vcpu->maxphyaddr = DEFAULT_MAXPHYADDR;
	vmcs_get(&vcpu->vmcs);
	reset_apic(vcpu);
	reset_msrs(vcpu);
	reset_registers(vcpu, X86_CR0_CD | X86_CR0_NW);
	vmcs_put();
}

void vcpu_init(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	lapic_reset(vcpu, true);
	reset_registers(vcpu, vcpu_cr0(vcpu) & (X86_CR0_CD | X86_CR0_NW));
	vmcs_put();
}
