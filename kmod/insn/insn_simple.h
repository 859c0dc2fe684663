/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that can be executed for the guest with no more of its memory than one
 * store to its stack: on registers, flags, jumps, PUSH and CALL, of 64-bit code. Those
 * that leave a flag undefined are none of them, but for AF after AND, OR, XOR and TEST,
 * which processors clear.
 */
#ifndef VMXDBG_INSN_INSN_SIMPLE_H
#define VMXDBG_INSN_INSN_SIMPLE_H

#include "insn/insn.h"

enum insn_form {
	INSN_FORM_NONE,		/* not one that is known */
	INSN_FORM_NOP,
	INSN_FORM_REGISTER,	/* insn's memory operand is register @rm */
	INSN_FORM_ADDRESS,	/* LEA: a load of the address itself */
	INSN_FORM_SIGN,		/* CWD, CDQ, CQO: a load of RAX's sign */
	INSN_FORM_JUMP,		/* by disp */
	INSN_FORM_JUMP_IF,	/* the same on cond */
	INSN_FORM_PUSH,		/* register @rm */
	INSN_FORM_CALL,		/* by disp */
};

struct insn_simple {
	u8 form;		/* enum insn_form */
	u8 len;
	u8 rm;
	bool rm_high;		/* AH, CH, DH, BH */
	bool uses_rsp;		/* reads or writes it */
	struct insn insn;	/* for insn_execute() */
};

/**
 * insn_simple_decode() - decode an instruction at @bytes, of which there are @len
 * Return: whether it is one; if not, form is INSN_FORM_NONE.
 */
bool insn_simple_decode(const u8 *bytes, unsigned int len, struct insn_simple *s);

/*
 * PUSH and CALL store 8 bytes below RSP, which are to be there before they are
 * executed; the others store nothing.
 */
static inline bool insn_simple_stores(const struct insn_simple *s)
{
	return s->form >= INSN_FORM_PUSH;
}

static inline u64 insn_simple_stored(const struct insn_simple *s, const u64 regs[16], u64 rip)
{
	return s->form == INSN_FORM_PUSH ? regs[s->rm] : rip + s->len;
}

/**
 * insn_simple_execute() - what it does
 * @regs: as insn_execute(); RSP has to be there only if uses_rsp
 * @rflags: arithmetic flags updated in place
 * @rip: where it is
 * Return: where the next one is, which after a jump need not be canonical.
 */
u64 insn_simple_execute(const struct insn_simple *s, u64 regs[16], u64 *rflags, u64 rip);

#endif
