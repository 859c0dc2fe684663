// SPDX-License-Identifier: GPL-2.0-only
/* Execution controls and bitmaps that make events exit for catches. */
#include <linux/minmax.h>
#include <linux/rculist.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/catch.h"
#include "debug/catch_plan.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/msr.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmxdbg.h"

/* NMIs and machine checks always exit, and those that do are the host's. */
#define NOT_THE_GUESTS	(BIT(X86_TRAP_NMI) | BIT(X86_TRAP_MC))

/* Return: bit n is set if a catch of @type includes n. */
static u32 wanted(struct vm *vm, u32 type)
{
	struct catch *c;
	u32 bits = 0;

	hlist_for_each_entry_rcu(c, &vm->catches[type], link)
		bits |= GENMASK(min_t(u64, c->last, 31), min_t(u64, c->first, 31));
	return bits;
}

static void plan_controls(struct vcpu *vcpu, u32 types)
{
	u32 ctl = vcpu->proc_ctl & ~CPU_BASED_RDTSC_EXITING;
	u32 ctl2 = vmcs_read32(SECONDARY_VM_EXEC_CONTROL) & ~SECONDARY_EXEC_DESC;

	if (types & BIT(VMXDBG_CATCH_RDTSC))
		ctl |= CPU_BASED_RDTSC_EXITING;
	if (types & BIT(VMXDBG_CATCH_TABLE))
		ctl2 |= SECONDARY_EXEC_DESC;
	vcpu->proc_ctl = ctl;
	vmcs_write(CPU_BASED_VM_EXEC_CONTROL, ctl);
	vmcs_write(SECONDARY_VM_EXEC_CONTROL, ctl2);
}

/* run.c plans CR3. Bits that the guest owned until now are stale in the shadows. */
static void plan_crs(struct vcpu *vcpu, u32 crs)
{
	u64 cr0 = vcpu_cr0(vcpu), cr4 = vcpu_cr4(vcpu);

	if (vcpu->catch_crs == crs)
		return;
	vcpu->catch_crs = crs;
	vcpu_own_crs(vcpu);
	vmcs_write(CR0_READ_SHADOW, cr0);
	vmcs_write(CR4_READ_SHADOW, cr4);
}

static void plan_msrs(struct vcpu *vcpu, bool any)
{
	struct catch *c;

	msr_bitmap_reset(vcpu);
	if (!any)
		return;
	hlist_for_each_entry_rcu(c, &vcpu->vm->catches[VMXDBG_CATCH_MSR], link)
		msr_bitmap_exit(vcpu->msr_bitmap, c->first, c->last,
				c->filter & VMXDBG_CATCH_READ,
				c->filter & VMXDBG_CATCH_WRITE);
}

void catch_plan(struct vcpu *vcpu, u32 types)
{
	u32 either = vcpu->catching | types, crs = 0;
	struct vm *vm = vcpu->vm;

	rcu_read_lock();
	if (types & BIT(VMXDBG_CATCH_CR))
		crs = wanted(vm, VMXDBG_CATCH_CR);
	vcpu->catch_exceptions = 0;
	if (types & BIT(VMXDBG_CATCH_EXCEPTION))
		vcpu->catch_exceptions = wanted(vm, VMXDBG_CATCH_EXCEPTION) & ~NOT_THE_GUESTS;
	vcpu_cr8_exits(vcpu, crs & BIT(8));
	plan_controls(vcpu, types);
	plan_crs(vcpu, crs);
	if (either & BIT(VMXDBG_CATCH_MSR))
		plan_msrs(vcpu, types & BIT(VMXDBG_CATCH_MSR));
	vcpu->catching = types;
	rcu_read_unlock();
}
