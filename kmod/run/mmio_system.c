// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instructions on MMIO that access system registers, segments or the x87 control
 * words (SDM vol. 2). A far JMP or CALL to a gate or a task is not among them.
 */
#include <linux/mm.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "lib/tss.h"
#include "lib/walk.h"
#include "run/load_segment.h"
#include "run/mmio_stack.h"
#include "run/mmio_system.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/fpu.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

#define BASE_OF_16_BITS	0xffffffULL	/* of a table, with an operand size of 16 bits */

/* ---- check ---- */

static int system_refuse(struct vcpu *vcpu, u8 vector)
{
	if (vector == X86_TRAP_GP)
		vcpu_raise_gp0(vcpu);
	else
		vcpu_raise(vcpu, vector);
	return -EFAULT;
}

static bool has_selectors(struct vcpu *vcpu)
{
	bool vm86;

	vmcs_get(&vcpu->vmcs);
	vm86 = vmcs_read(GUEST_RFLAGS) & X86_EFLAGS_VM;
	vmcs_put();
	return (vcpu_cr0(vcpu) & X86_CR0_PE) && !vm86;
}

static bool umip_forbids(struct vcpu *vcpu)
{
	return (vcpu_cr4(vcpu) & X86_CR4_UMIP) && vcpu_cpl(vcpu);
}

/* Return: the vector of the exception, or -1. */
static int system_exception(struct vcpu *vcpu)
{
	switch (vcpu->mmio.insn->op) {
	case INSN_LOAD_MMX:
	case INSN_STORE_MMX:
	case INSN_LOAD_VECTOR:
	case INSN_STORE_VECTOR:
		if (vcpu_cr0(vcpu) & X86_CR0_EM)
			return X86_TRAP_UD;
		fallthrough;
	case INSN_STORE_X87_CONTROL:
	case INSN_STORE_X87_STATUS:
		return vcpu_cr0(vcpu) & (X86_CR0_TS | X86_CR0_EM) ? X86_TRAP_NM : -1;
	case INSN_SLDT:
	case INSN_STR:
		if (!has_selectors(vcpu))
			return X86_TRAP_UD;
		fallthrough;
	case INSN_SMSW:
	case INSN_SGDT:
	case INSN_SIDT:
		return umip_forbids(vcpu) ? X86_TRAP_GP : -1;
	case INSN_LLDT:
	case INSN_LTR:
		if (!has_selectors(vcpu))
			return X86_TRAP_UD;
		fallthrough;
	case INSN_LMSW:
	case INSN_LGDT:
	case INSN_LIDT:
		return vcpu_cpl(vcpu) ? X86_TRAP_GP : -1;
	default:
		return -1;
	}
}

int mmio_system_check(struct vcpu *vcpu)
{
	int vector;

	if (mmio_is_stack(vcpu->mmio.insn))
		return mmio_stack_check(vcpu);
	vector = system_exception(vcpu);
	return vector < 0 ? 0 : system_refuse(vcpu, vector);
}

/* ---- compute ---- */

static bool has_short_base(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;

	return insn->reg_size == 2 && vcpu_code_bits(vcpu) != 64;
}

static int store_selector(struct vcpu *vcpu, unsigned long field)
{
	vmcs_get(&vcpu->vmcs);
	vcpu->mmio.access[MMIO_WRITE].data[0] = vmcs_read(field);
	vmcs_put();
	return 0;
}

static int store_table(struct vcpu *vcpu, unsigned long base, unsigned long limit)
{
	struct mmio_access *access = vcpu->mmio.access;

	vmcs_get(&vcpu->vmcs);
	access[MMIO_WRITE].data[0] = vmcs_read32(limit);
	access[MMIO_WRITE2].data[0] = vmcs_read(base);
	vmcs_put();
	if (has_short_base(vcpu))
		access[MMIO_WRITE2].data[0] &= BASE_OF_16_BITS;
	return 0;
}

static int check_table(struct vcpu *vcpu)
{
	u64 base = vcpu->mmio.access[MMIO_READ2].data[0];

	if (vcpu_code_bits(vcpu) != 64 || __is_canonical_address(base, VADDR_BITS))
		return 0;
	return system_refuse(vcpu, X86_TRAP_GP);
}

static enum task_seg far_register(const struct insn *insn)
{
	return TASK_ES + (insn->op == INSN_LES ? 0 : insn->op - INSN_LES + 1);
}

static u64 far_offset(const struct vcpu *vcpu)
{
	u64 offset = vcpu->mmio.access[MMIO_READ].data[0];

	return offset & gpr_mask(vcpu->mmio.insn->reg_size);
}

static u16 far_selector(const struct vcpu *vcpu)
{
	const u8 *data = (const u8 *)vcpu->mmio.access[MMIO_READ].data;
	u16 selector;

	memcpy(&selector, data + vcpu->mmio.insn->reg_size, sizeof(selector));
	return selector;
}

static int fetch_and_mark(struct vcpu *vcpu, enum task_seg seg, u16 selector)
{
	struct segment_value *segment = &vcpu->mmio.segment;

	return segment_fetch(vcpu, seg, selector, segment) ?: segment_mark(vcpu, segment);
}

static int compute_far_branch(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	struct mmio_access *access = vcpu->mmio.access;
	int r = segment_fetch_code(vcpu, far_selector(vcpu), far_offset(vcpu),
				   &vcpu->mmio.segment);

	if (r || insn->op == INSN_JMP_FAR)
		return r;
	vmcs_get(&vcpu->vmcs);
	access[MMIO_WRITE].data[0] = vmcs_read(GUEST_CS_SELECTOR);
	access[MMIO_WRITE2].data[0] = vmcs_read(GUEST_RIP) + insn->len;
	vmcs_put();
	return 0;
}

int mmio_system_compute(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 in = vcpu->mmio.access[MMIO_READ].data[0];
	u64 *out = vcpu->mmio.access[MMIO_WRITE].data;

	if (mmio_is_stack(insn))
		return mmio_stack_compute(vcpu);
	switch (insn->op) {
	case INSN_STORE_X87_CONTROL:
		*out = vcpu_x87_control(vcpu);
		return 0;
	case INSN_STORE_X87_STATUS:
		*out = vcpu_x87_status(vcpu);
		return 0;
	case INSN_SMSW:
		*out = vcpu_cr0(vcpu);
		return 0;
	case INSN_SLDT:
		return store_selector(vcpu, GUEST_LDTR_SELECTOR);
	case INSN_STR:
		return store_selector(vcpu, GUEST_TR_SELECTOR);
	case INSN_SGDT:
		return store_table(vcpu, GUEST_GDTR_BASE, GUEST_GDTR_LIMIT);
	case INSN_SIDT:
		return store_table(vcpu, GUEST_IDTR_BASE, GUEST_IDTR_LIMIT);
	case INSN_LGDT:
	case INSN_LIDT:
		return check_table(vcpu);
	case INSN_LOAD_SEG:
		return fetch_and_mark(vcpu, TASK_ES + insn->reg, in);
	case INSN_LLDT:
		return fetch_and_mark(vcpu, TASK_LDTR, in);
	case INSN_LTR:
		return fetch_and_mark(vcpu, TASK_TR, in);
	case INSN_LES ... INSN_LGS:
		return fetch_and_mark(vcpu, far_register(insn), far_selector(vcpu));
	case INSN_CALL_FAR:
	case INSN_JMP_FAR:
		return compute_far_branch(vcpu);
	default:
		return 0;
	}
}

/* ---- finish ---- */

static int system_skip(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	vcpu_skip(vcpu, vcpu->mmio.insn->len);
	vmcs_put();
	return RUN_RESUME;
}

static int load_table(struct vcpu *vcpu, unsigned long base_field, unsigned long limit_field)
{
	u64 base = vcpu->mmio.access[MMIO_READ2].data[0];

	if (has_short_base(vcpu))
		base &= BASE_OF_16_BITS;
	else if (vcpu_code_bits(vcpu) != 64)
		base = (u32)base;
	vmcs_get(&vcpu->vmcs);
	vmcs_write(base_field, base);
	vmcs_write(limit_field, (u16)vcpu->mmio.access[MMIO_READ].data[0]);
	vmcs_put();
	return system_skip(vcpu);
}

static int load_msw(struct vcpu *vcpu)
{
	u64 source = vcpu->mmio.access[MMIO_READ].data[0];

	if (!vcpu_set_cr0(vcpu, control_lmsw(vcpu_cr0(vcpu), source)))
		return system_skip(vcpu);
	vcpu_raise_gp0(vcpu);
	return RUN_RESUME;
}

static int load_register(struct vcpu *vcpu, enum task_seg seg)
{
	segment_put(vcpu, seg, &vcpu->mmio.segment);
	system_skip(vcpu);
	if (seg == TASK_SS && vcpu->mmio.insn->op == INSN_LOAD_SEG)
		segment_shadow(vcpu);
	return RUN_RESUME;
}

static int load_far_pointer(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;

	vcpu_gpr_write(vcpu, insn->reg, insn->reg_size, far_offset(vcpu));
	return load_register(vcpu, far_register(insn));
}

static int branch_far(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;

	/* The stack's size depends on the old code segment. */
	if (insn->op == INSN_CALL_FAR)
		vcpu_gpr_write(vcpu, GPR_RSP, vcpu_stack_size(vcpu),
			       vcpu_gpr(vcpu, GPR_RSP) - 2 * insn->reg_size);
	segment_put(vcpu, TASK_CS, &vcpu->mmio.segment);
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_RIP, far_offset(vcpu));
	vcpu_skip(vcpu, 0);
	vmcs_put();
	return RUN_RESUME;
}

int mmio_system_finish(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;

	if (mmio_is_stack(insn))
		return mmio_stack_finish(vcpu);
	switch (insn->op) {
	case INSN_XLAT:
		vcpu_gpr_write(vcpu, GPR_RAX, 1, vcpu->mmio.access[MMIO_READ].data[0]);
		return system_skip(vcpu);
	case INSN_LMSW:
		return load_msw(vcpu);
	case INSN_LGDT:
		return load_table(vcpu, GUEST_GDTR_BASE, GUEST_GDTR_LIMIT);
	case INSN_LIDT:
		return load_table(vcpu, GUEST_IDTR_BASE, GUEST_IDTR_LIMIT);
	case INSN_LOAD_SEG:
		return load_register(vcpu, TASK_ES + insn->reg);
	case INSN_LLDT:
		return load_register(vcpu, TASK_LDTR);
	case INSN_LTR:
		return load_register(vcpu, TASK_TR);
	case INSN_LES ... INSN_LGS:
		return load_far_pointer(vcpu);
	case INSN_CALL_FAR:
	case INSN_JMP_FAR:
		return branch_far(vcpu);
	default:
		return system_skip(vcpu);
	}
}
