// SPDX-License-Identifier: GPL-2.0-only
/*
 * The instructions that access only the stack, when the stack is MMIO (SDM vol. 2): PUSH, POP,
 * PUSHA, POPA, PUSHF, POPF, CALL, RET, far CALL and far RET within a privilege level, IRET in
 * real mode, ENTER, LEAVE.
 */
#include <linux/math.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "insn/pop_flags.h"
#include "lib/tss.h"
#include "run/load_segment.h"
#include "run/mmio_stack.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* ---- the operand ---- */

static bool is_push(const struct insn *insn)
{
	return insn->op < INSN_POP_REG;
}

static unsigned int word_size(const struct insn *insn)
{
	return insn->words ? insn->size / insn->words : insn->size;
}

static u64 stack_mask(struct vcpu *vcpu)
{
	return gpr_mask(vcpu_stack_size(vcpu));
}

u64 mmio_stack_offset(struct vcpu *vcpu, u64 rsp)
{
	const struct insn *insn = vcpu->mmio.insn;

	if (insn->op == INSN_LEAVE)
		rsp = vcpu->regs[GPR_RBP];
	else if (is_push(insn))
		rsp -= insn->reg_size;
	return rsp & stack_mask(vcpu);
}

bool mmio_stack_wraps(struct vcpu *vcpu, u64 offset)
{
	const struct insn *insn = vcpu->mmio.insn;

	return insn->words && offset > stack_mask(vcpu) - (insn->size - 1);
}

unsigned int mmio_stack_next(const struct insn *insn, u8 *done, unsigned int *end)
{
	unsigned int size = word_size(insn), at;

	/* POPA does not access the stack pointer. */
	if (insn->op == INSN_POP_ALL && *done == (GPR_RDI - GPR_RSP) * size)
		*done += size;
	at = rounddown(*done, size);
	if (is_push(insn))
		at = insn->size - size - at;
	*end = at + size;
	return at + *done % size;
}

/* @nr: counted upwards in memory */
static u64 popped_word(const struct vcpu *vcpu, unsigned int nr)
{
	unsigned int size = word_size(vcpu->mmio.insn);
	u64 word = 0;

	memcpy(&word, (const u8 *)vcpu->mmio.access[MMIO_READ].data + nr * size, size);
	return word;
}

static void set_pushed(struct vcpu *vcpu, unsigned int nr, u64 word)
{
	unsigned int size = word_size(vcpu->mmio.insn);

	memcpy((u8 *)vcpu->mmio.access[MMIO_WRITE].data + nr * size, &word, size);
}

/* ---- check ---- */

static u64 stack_rflags(struct vcpu *vcpu)
{
	u64 rflags;

	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();
	return rflags;
}

/* In virtual-8086 mode with IOPL below 3. CR4.VME has VIF take the place of IF. */
static int check_flags(struct vcpu *vcpu)
{
	u64 rflags = stack_rflags(vcpu);

	if (!(rflags & X86_EFLAGS_VM) || (rflags & X86_EFLAGS_IOPL) == X86_EFLAGS_IOPL)
		return 0;
	if ((vcpu_cr4(vcpu) & X86_CR4_VME) && vcpu->mmio.insn->size == 2)
		return -EOPNOTSUPP;
	vcpu_raise_gp0(vcpu);
	return -EFAULT;
}

int mmio_stack_check(struct vcpu *vcpu)
{
	switch (vcpu->mmio.insn->op) {
	case INSN_PUSH_FLAGS:
	case INSN_POP_FLAGS:
		return check_flags(vcpu);
	case INSN_IRET:
		return vcpu_cr0(vcpu) & X86_CR0_PE ? -EOPNOTSUPP : 0;
	default:
		return 0;
	}
}

/* ---- compute ---- */

static u64 next_rip(struct vcpu *vcpu)
{
	u64 rip;

	vmcs_get(&vcpu->vmcs);
	rip = vmcs_read(GUEST_RIP);
	vmcs_put();
	return rip + vcpu->mmio.insn->len;
}

static bool stack_jumps(const struct insn *insn)
{
	switch (insn->op) {
	case INSN_CALL_NEAR:
	case INSN_CALL_PTR:
	case INSN_RET:
	case INSN_RET_FAR:
	case INSN_IRET:
		return true;
	default:
		return false;
	}
}

static u64 stack_jump_target(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 target;

	if (insn->op == INSN_CALL_NEAR)
		target = next_rip(vcpu) + insn->imm;
	else if (insn->op == INSN_CALL_PTR)
		target = (u32)insn->imm;
	else
		target = popped_word(vcpu, 0);
	return target & gpr_mask(word_size(insn));
}

static void push_all(struct vcpu *vcpu)
{
	enum gpr nr;

	for (nr = GPR_RAX; nr <= GPR_RDI; nr++)
		set_pushed(vcpu, GPR_RDI - nr, vcpu_gpr(vcpu, nr));
}

static int compute_far_call(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;

	set_pushed(vcpu, 0, next_rip(vcpu));
	set_pushed(vcpu, 1, vcpu_selector(vcpu, INSN_CS));
	return segment_fetch_code(vcpu, insn->imm >> 32, stack_jump_target(vcpu),
				  &vcpu->mmio.segment);
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
		*out = stack_rflags(vcpu) & ~(u64)(X86_EFLAGS_VM | X86_EFLAGS_RF);
		return 0;
	case INSN_PUSH_ALL:
		push_all(vcpu);
		return 0;
	case INSN_ENTER:
		*out = vcpu_gpr(vcpu, GPR_RBP);
		return 0;
	case INSN_CALL_NEAR:
		*out = next_rip(vcpu);
		fallthrough;
	case INSN_RET:
		return vcpu_check_jump(vcpu, stack_jump_target(vcpu));
	case INSN_CALL_PTR:
		return compute_far_call(vcpu);
	case INSN_RET_FAR:
	case INSN_IRET:
		return segment_fetch_return(vcpu, popped_word(vcpu, 1), stack_jump_target(vcpu),
					    segment);
	case INSN_POP_SEG:
		return segment_fetch(vcpu, TASK_ES + insn->reg, popped_word(vcpu, 0), segment) ?:
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
		       popped_word(vcpu, 0));
}

static void pop_all(struct vcpu *vcpu)
{
	enum gpr nr;

	for (nr = GPR_RAX; nr <= GPR_RDI; nr++)
		if (nr != GPR_RSP)
			vcpu_gpr_write(vcpu, nr, word_size(vcpu->mmio.insn),
				       popped_word(vcpu, GPR_RDI - nr));
}

static void enter_frame(struct vcpu *vcpu, u64 frame)
{
	vcpu_gpr_write(vcpu, GPR_RBP, vcpu_stack_size(vcpu), frame);
	set_stack(vcpu, frame - vcpu->mmio.insn->imm);
}

static bool releases(const struct insn *insn)
{
	return insn->op == INSN_RET || insn->op == INSN_RET_FAR;
}

/* The stack's size depends on the old code segment. */
static void stack_move(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 offset = mmio_stack_offset(vcpu, vcpu_gpr(vcpu, GPR_RSP));

	if (is_push(insn))
		set_stack(vcpu, offset);
	else
		set_stack(vcpu, offset + insn->reg_size + (releases(insn) ? insn->imm : 0));
	switch (insn->op) {
	case INSN_ENTER:
		enter_frame(vcpu, offset);
		break;
	case INSN_POP_REG:
	case INSN_LEAVE:
		pop_register(vcpu);
		break;
	case INSN_POP_ALL:
		pop_all(vcpu);
		break;
	case INSN_POP_SEG:
		segment_put(vcpu, TASK_ES + insn->reg, &vcpu->mmio.segment);
		break;
	case INSN_CALL_PTR:
	case INSN_RET_FAR:
	case INSN_IRET:
		segment_put(vcpu, TASK_CS, &vcpu->mmio.segment);
		break;
	}
}

/* After vcpu_skip(): a trap that the old TF causes stays, the new one causes none yet. */
static void pop_flags(struct vcpu *vcpu, u64 rflags)
{
	const struct insn *insn = vcpu->mmio.insn;
	u32 blocking;

	if (insn->op == INSN_POP_FLAGS) {
		vmcs_write(GUEST_RFLAGS, popf_flags(rflags, popped_word(vcpu, 0), insn->size,
						    vcpu_cpl(vcpu)));
	} else if (insn->op == INSN_IRET) {
		vmcs_write(GUEST_RFLAGS, iret_flags(rflags, popped_word(vcpu, 2),
						    word_size(insn)));
		blocking = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
		vmcs_write(GUEST_INTERRUPTIBILITY_INFO, blocking & ~GUEST_INTR_STATE_NMI);
	}
}

int mmio_stack_finish(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	bool jumps = stack_jumps(insn);
	u64 target = stack_jump_target(vcpu);

	stack_move(vcpu);
	vmcs_get(&vcpu->vmcs);
	if (jumps)
		vmcs_write(GUEST_RIP, target);
	vcpu_skip(vcpu, jumps ? 0 : insn->len);
	pop_flags(vcpu, vmcs_read(GUEST_RFLAGS));
	vmcs_put();
	if (insn->op == INSN_POP_SEG && insn->reg == INSN_SS)
		segment_shadow(vcpu);
	return RUN_RESUME;
}
