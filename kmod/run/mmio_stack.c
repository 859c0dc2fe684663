// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instructions that access only the stack, when the stack is MMIO: PUSH, POP, PUSHF,
 * near CALL and RET, ENTER, LEAVE (SDM vol. 2).
 */
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "lib/tss.h"
#include "run/load_segment.h"
#include "run/mmio_stack.h"
#include "vcpu.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

static u64 stack_mask(struct vcpu *vcpu)
{
	return gpr_mask(vcpu_stack_size(vcpu));
}

u64 mmio_stack_offset(struct vcpu *vcpu, u64 rsp)
{
	const struct insn *insn = vcpu->mmio.insn;

	if (insn->op == INSN_LEAVE)
		rsp = vcpu->regs[GPR_RBP];
	else if (insn->op < INSN_POP_REG)
		rsp -= insn->reg_size;
	return rsp & stack_mask(vcpu);
}

/* ---- compute ---- */

static u64 pushed_flags(struct vcpu *vcpu)
{
	u64 rflags;

	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();
	return rflags & ~(u64)(X86_EFLAGS_VM | X86_EFLAGS_RF);
}

static u64 next_rip(struct vcpu *vcpu)
{
	u64 rip;

	vmcs_get(&vcpu->vmcs);
	rip = vmcs_read(GUEST_RIP);
	vmcs_put();
	return rip + vcpu->mmio.insn->len;
}

static u64 stack_jump_target(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 target = vcpu->mmio.access[MMIO_READ].data[0];

	if (insn->op == INSN_CALL_NEAR)
		target = next_rip(vcpu) + insn->imm;
	return target & gpr_mask(insn->size);
}

int mmio_stack_compute(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 *out = vcpu->mmio.access[MMIO_WRITE].data;
	struct segment_value *segment = &vcpu->mmio.segment;

	switch (insn->op) {
	case INSN_PUSH_REG:
		*out = insn->has_imm ? insn->imm : vcpu_gpr(vcpu, insn->reg);
		return 0;
	case INSN_PUSH_SEG:
		*out = vcpu_selector(vcpu, insn->reg);
		return 0;
	case INSN_PUSH_FLAGS:
		*out = pushed_flags(vcpu);
		return 0;
	case INSN_ENTER:
		*out = vcpu_gpr(vcpu, GPR_RBP);
		return 0;
	case INSN_CALL_NEAR:
		*out = next_rip(vcpu);
		fallthrough;
	case INSN_RET:
		return vcpu_check_jump(vcpu, stack_jump_target(vcpu));
	case INSN_POP_SEG:
		return segment_fetch(vcpu, TASK_ES + insn->reg,
				     vcpu->mmio.access[MMIO_READ].data[0], segment) ?:
		       segment_mark(vcpu, segment);
	default:
		return 0;
	}
}

/* ---- finish ---- */

static void set_stack(struct vcpu *vcpu, u64 rsp)
{
	vcpu_gpr_write(vcpu, GPR_RSP, vcpu_stack_size(vcpu), rsp);
}

/* The stack pointer changes before the register, which may be the same one. */
static void pop_register(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;

	vcpu_gpr_write(vcpu, insn->op == INSN_LEAVE ? GPR_RBP : insn->reg, insn->size,
		       vcpu->mmio.access[MMIO_READ].data[0]);
}

static void enter_frame(struct vcpu *vcpu, u64 frame)
{
	vcpu_gpr_write(vcpu, GPR_RBP, vcpu_stack_size(vcpu), frame);
	set_stack(vcpu, frame - vcpu->mmio.insn->imm);
}

static void stack_move(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 offset = mmio_stack_offset(vcpu, vcpu_gpr(vcpu, GPR_RSP));

	if (insn->op < INSN_POP_REG)
		set_stack(vcpu, offset);
	else
		set_stack(vcpu, offset + insn->reg_size +
			  (insn->op == INSN_RET ? insn->imm : 0));
	switch (insn->op) {
	case INSN_ENTER:
		enter_frame(vcpu, offset);
		break;
	case INSN_POP_REG:
	case INSN_LEAVE:
		pop_register(vcpu);
		break;
	case INSN_POP_SEG:
		segment_put(vcpu, TASK_ES + insn->reg, &vcpu->mmio.segment);
		break;
	}
}

int mmio_stack_finish(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	bool jumps = insn->op == INSN_CALL_NEAR || insn->op == INSN_RET;
	u64 target = stack_jump_target(vcpu);

	stack_move(vcpu);
	vmcs_get(&vcpu->vmcs);
	if (jumps)
		vmcs_write(GUEST_RIP, target);
	vcpu_skip(vcpu, jumps ? 0 : insn->len);
	vmcs_put();
	if (insn->op == INSN_POP_SEG && insn->reg == INSN_SS)
		segment_shadow(vcpu);
	return RUN_RESUME;
}
