/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simple instructions: instructions of 64-bit code that the module can execute for the
 * guest without a memory access, or with one store to the stack. They work on registers
 * and flags, jump, push or call. Instructions that leave a flag undefined are excluded,
 * except for AF after AND, OR, XOR and TEST, which processors clear.
 */
#ifndef VMXDBG_INSN_INSN_SIMPLE_H
#define VMXDBG_INSN_INSN_SIMPLE_H

#include "insn/insn.h"

enum insn_form {
	INSN_FORM_NONE,		/* not a simple instruction */
	INSN_FORM_NOP,
	INSN_FORM_REGISTER,	/* register @rm replaces the memory operand of @insn */
	INSN_FORM_ADDRESS,	/* LEA: @insn loads the address itself */
	INSN_FORM_SIGN,		/* CWD, CDQ, CQO: @insn loads the sign of RAX */
	INSN_FORM_JUMP,		/* by disp */
	INSN_FORM_JUMP_IF,	/* by disp if cond */
	INSN_FORM_PUSH,		/* register @rm */
	INSN_FORM_CALL,		/* by disp */
};

struct insn_simple {
	u8 form;		/* enum insn_form */
	u8 len;
	u8 rm;
	bool rm_high;		/* AH, CH, DH, BH */
	bool uses_rsp;		/* reads or writes RSP */
	struct insn insn;	/* for insn_execute() */
};

/**
 * insn_simple_decode() - decode an instruction of 64-bit code
 * @bytes: the instruction
 * @len: number of bytes
 * @s: filled in; form is INSN_FORM_NONE if the result is false
 * Return: whether it is a simple instruction.
 */
bool insn_simple_decode(const u8 *bytes, unsigned int len, struct insn_simple *s);

/*
 * Return: whether the instruction stores 8 bytes below RSP (PUSH, CALL). The caller
 * makes the store before insn_simple_execute().
 */
static inline bool insn_simple_stores(const struct insn_simple *s)
{
	return s->form >= INSN_FORM_PUSH;
}

/* Return: the value that PUSH or CALL stores. */
static inline u64 insn_simple_stored(const struct insn_simple *s, const u64 regs[16], u64 rip)
{
	return s->form == INSN_FORM_PUSH ? regs[s->rm] : rip + s->len;
}

/**
 * insn_simple_execute() - execute a simple instruction, except for its store
 * @regs: as for insn_execute(); RSP must be valid only if uses_rsp
 * @rflags: arithmetic flags updated in place
 * @rip: address of the instruction
 * Return: address of the next instruction, which may be non-canonical after a jump.
 */
u64 insn_simple_execute(const struct insn_simple *s, u64 regs[16], u64 *rflags, u64 rip);

#endif
