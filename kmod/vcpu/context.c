// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's state in this CPU, loaded by context_enter() and saved by
 * context_leave(), see context.h.
 */
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/fsgsbase.h>
#include <asm/msr.h>
#include <asm/segment.h>
#include <asm/tlbflush.h>
#include <asm/vmx.h>

#include "lib/compat.h"
#include "lib/cpu_insn.h"
#include "vcpu.h"
#include "vcpu/context.h"
#include "vcpu/fpu.h"
#include "vcpu/msr_switch.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* Return: base of a system descriptor, which is two entries long in long mode. */
static u64 tss_base(const struct desc_ptr *gdt, u16 tr)
{
	const struct ldttss_desc *d = (void *)(gdt->address + (tr & ~7));

	return d->base0 | (u64)d->base1 << 16 | (u64)d->base2 << 24 |
	       (u64)d->base3 << 32;
}

/* Host state that differs between CPUs (SDM vol. 3, 25.5). */
static void write_cpu_state(struct vcpu *vcpu)
{
	u64 val;
	u16 tr;

	asm volatile("str %0" : "=rm" (tr));
	vmcs_write(HOST_TR_BASE, tss_base(&vcpu->host.gdt, tr));
	vmcs_write(HOST_GDTR_BASE, vcpu->host.gdt.address);
	vmcs_write(HOST_IDTR_BASE, vcpu->host.idt.address);
	rdmsrl(MSR_GS_BASE, val);
	vmcs_write(HOST_GS_BASE, val);
	rdmsrl(MSR_IA32_SYSENTER_ESP, val);
	vmcs_write(HOST_IA32_SYSENTER_ESP, val);
}

static unsigned long read_fs_base(void)
{
	unsigned long base;

	if (cpu_feature_enabled(X86_FEATURE_FSGSBASE))
		return rdfsbase();
	rdmsrl(MSR_FS_BASE, base);
	return base;
}

/* Host state that differs between tasks. */
static void write_task_state(struct vcpu *vcpu)
{
	unsigned long cr3 = __read_cr3(), fs = read_fs_base();

	if (vcpu->host.fs_base != fs) {
		vcpu->host.fs_base = fs;
		vmcs_write(HOST_FS_BASE, fs);
	}
	if (vcpu->host.cr3 != cr3) {
		vcpu->host.cr3 = cr3;
		vmcs_write(HOST_CR3, cr3);
	}
}

/* A VM exit sets DS, ES, FS, GS and LDTR to null and the table limits to 64 KiB. */
static void save_host_segments(struct vcpu *vcpu)
{
	savesegment(ds, vcpu->host.ds);
	savesegment(es, vcpu->host.es);
	savesegment(fs, vcpu->host.fs);
	savesegment(gs, vcpu->host.gs);
	store_ldt(vcpu->host.ldt);
	native_store_gdt(&vcpu->host.gdt);
	store_idt(&vcpu->host.idt);
}

static void restore_gs(struct vcpu *vcpu)
{
	unsigned long base;

	rdmsrl(MSR_KERNEL_GS_BASE, base);
	load_gs_index(vcpu->host.gs);
	wrmsrl(MSR_KERNEL_GS_BASE, base);
}

static void restore_selectors(struct vcpu *vcpu)
{
	if (vcpu->host.ldt)
		asm volatile("lldt %w0" : : "q" (vcpu->host.ldt));
	loadsegment(ds, vcpu->host.ds);
	loadsegment(es, vcpu->host.es);
	if (vcpu->host.fs) {
		loadsegment(fs, vcpu->host.fs);
		wrmsrl(MSR_FS_BASE, vcpu->host.fs_base);
	}
	if (vcpu->host.gs)
		restore_gs(vcpu);
}

static void restore_host_segments(struct vcpu *vcpu)
{
	cpu_lgdt(&vcpu->host.gdt);
	cpu_lidt(&vcpu->host.idt);
	if (unlikely(vcpu->host.data_selectors || vcpu->host.ldt))
		restore_selectors(vcpu);
	compat_invalidate_tss_limit();
}

/* XRSTOR and XSAVE move all components of guests, so XCR0 is the host's here. */
static void load_fpu(struct vcpu *vcpu)
{
	const u32 *mask = (const u32 *)&fpu_xcr0_mask;

	kernel_fpu_begin_mask(0);	/* x87 and MXCSR need no reset */
	asm volatile("xrstor64 (%0)"
		     : : "r" (vcpu->xsave), "a" (mask[0]), "d" (mask[1]) : "memory");
	if (vcpu->xcr0 != fpu_host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, vcpu->xcr0);
}

static void save_fpu(struct vcpu *vcpu)
{
	const u32 *mask = (const u32 *)&fpu_xcr0_mask;

	if (vcpu->xcr0 != fpu_host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, fpu_host_xcr0);
	asm volatile("xsave64 (%0)"
		     : : "r" (vcpu->xsave), "a" (mask[0]), "d" (mask[1]) : "memory");
	kernel_fpu_end();
}

static void load_msrs(struct vcpu *vcpu)
{
	u64 gs = vcpu->msrs[VMSR_KERNEL_GS], aux = vcpu->msrs[VMSR_TSC_AUX];

	vcpu->host.kernel_gs = cpu_rdmsr(MSR_KERNEL_GS_BASE);
	if (gs != vcpu->host.kernel_gs)
		wrmsrl(MSR_KERNEL_GS_BASE, gs);
	if (static_branch_unlikely(&vmx_shared))
		msr_read_host_aux(&vcpu->host.tsc_aux);
	if (aux != vcpu->host.tsc_aux)
		wrmsrl(MSR_TSC_AUX, aux);
	if (unlikely(vcpu->msr_switches) ||
	    (static_branch_unlikely(&vmx_shared) && vcpu->has_syscall))
		msr_switch_syscall(vcpu, true);
}

static void save_msrs(struct vcpu *vcpu)
{
	u64 gs = cpu_rdmsr(MSR_KERNEL_GS_BASE);

	vcpu->msrs[VMSR_KERNEL_GS] = gs;
	if (gs != vcpu->host.kernel_gs)
		wrmsrl(MSR_KERNEL_GS_BASE, vcpu->host.kernel_gs);
	if (vcpu->msrs[VMSR_TSC_AUX] != vcpu->host.tsc_aux)
		wrmsrl(MSR_TSC_AUX, vcpu->host.tsc_aux);
	if (unlikely(vcpu->msr_switches))
		msr_switch_syscall(vcpu, false);
}

void context_enter(struct vcpu *vcpu)
{
	int cpu;

	/* First and last: it wants interrupts on, or off, at both ends (vmcs_get()). */
	load_fpu(vcpu);
	vmcs_get(&vcpu->vmcs);
	cpu = smp_processor_id();
	save_host_segments(vcpu);
	if (unlikely(vcpu->host_cpu != cpu)) {
		vcpu->host_cpu = cpu;
		write_cpu_state(vcpu);
		msr_read_host_aux(&vcpu->host.tsc_aux);
		/* TLB entries from an earlier visit to this CPU may predate a flush. */
		set_bit(REQ_FLUSH, &vcpu->requests);
	}
	write_task_state(vcpu);
	load_msrs(vcpu);
}

void context_leave(struct vcpu *vcpu)
{
	save_msrs(vcpu);
	restore_host_segments(vcpu);
	vmcs_put();
	save_fpu(vcpu);
}
