// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event catches at writes to the registers of a local APIC in the module: ends of
 * interrupts, and IPIs.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/vmx.h>

#include "debug/catch.h"
#include "debug/catch_apic.h"
#include "insn/insn.h"
#include "insn/insn_execute.h"
#include "irq/lapic.h"
#include "irq/lapic_regs.h"
#include "vcpu.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"
#include "vmxdbg.h"

#define IPI_KEY(icr)	((icr) & (APIC_DM_FIXED_MASK | APIC_VECTOR_MASK))

static bool what_eoi(struct vcpu *vcpu, struct catch_what *w)
{
	int vector = vcpu->lapic->in_service;

	if (vector < 0)
		return false;
	*w = (struct catch_what){
		.type = VMXDBG_CATCH_EOI, .key = vector,
		.data = { vector, lapic_test(vcpu->lapic, APIC_TMR, vector) },
	};
	return true;
}

static bool what_ipi(struct catch_what *w, u32 icr, u32 dest)
{
	*w = (struct catch_what){
		.type = VMXDBG_CATCH_IPI, .key = IPI_KEY(icr),
		.data = { IPI_KEY(icr), dest, icr & ~APIC_ICR_BUSY },
	};
	return true;
}

/* A write that causes #GP is no event. */
static bool what_x2apic(struct vcpu *vcpu, u32 reg, u64 val, struct catch_what *w)
{
	switch (reg) {
	case APIC_EOI:
		return !(val >> 32) && what_eoi(vcpu, w);
	case APIC_ICR:
		return !(val & LAPIC_ICR_RESERVED) && what_ipi(w, val, val >> 32);
	case LAPIC_SELF_IPI:
		return !(val & ~(u64)APIC_VECTOR_MASK) && what_ipi(w, APIC_DEST_SELF | val, 0);
	default:
		return false;
	}
}

bool catch_apic_exit(struct vcpu *vcpu, struct catch_what *w)
{
	u32 index = vcpu->regs[GPR_RCX] - APIC_BASE_MSR;
	u64 val = (u32)vcpu->regs[GPR_RAX] | vcpu->regs[GPR_RDX] << 32;

	if (vcpu->exit_reason != EXIT_REASON_MSR_WRITE || index > 0xff || !vcpu->lapic ||
	    !lapic_is_x2apic(vcpu))
		return false;
	return what_x2apic(vcpu, index << 4, val, w) && (vcpu->catching & BIT(w->type));
}

/*
 * The value that the instruction writes to the register at @reg. Return: false if that is
 * not known before its accesses.
 */
static bool written_value(struct vcpu *vcpu, u32 reg, u32 *val)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 mem[4] = { lapic_reg(vcpu->lapic, reg) };
	u64 regs[16], rflags;

	if (insn->op == INSN_STOS) {
		*val = vcpu->regs[GPR_RAX];
		return true;
	}
	if (insn->op > INSN_SETCC)
		return false;
	memcpy(regs, vcpu->regs, sizeof(regs));
	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();
	if (!insn_execute(insn, regs, &rflags, mem))
		return false;
	*val = mem[0];
	return true;
}

bool catch_apic_mmio(struct vcpu *vcpu, struct catch_what *w)
{
	const struct mmio_access *a = &vcpu->mmio.access[MMIO_WRITE];
	u32 reg = offset_in_page(a->gpa[0]), icr;

	if (!vcpu->lapic || a->size != sizeof(u32) || !lapic_has(vcpu, a->gpa[0]))
		return false;
	if (reg == APIC_EOI)
		return what_eoi(vcpu, w) && (vcpu->catching & BIT(w->type));
	return reg == APIC_ICR && (vcpu->catching & BIT(VMXDBG_CATCH_IPI)) &&
	       written_value(vcpu, reg, &icr) &&
	       what_ipi(w, icr, lapic_reg(vcpu->lapic, APIC_ICR2) >> 24);
}
