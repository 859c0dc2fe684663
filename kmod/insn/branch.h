/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions that transfer control, recognized by their bytes. */
#ifndef VMXDBG_INSN_BRANCH_H
#define VMXDBG_INSN_BRANCH_H

#include <linux/types.h>

enum branch_kind {
	BRANCH_NONE,		/* no branch, or not known */
	BRANCH_CONDITIONAL,	/* Jcc, LOOP, JCXZ, INTO */
	BRANCH_JUMP,
	BRANCH_CALL,
	BRANCH_RETURN,		/* RET, near and far */
	BRANCH_IRET,		/* IRET, SYSRET, SYSEXIT, RSM */
	BRANCH_INT,		/* INT n, INT3, INT1 */
	BRANCH_SYSCALL,		/* SYSCALL, SYSENTER */
};

struct branch {
	u8 kind;		/* enum branch_kind */
	u8 len;			/* bytes; valid for BRANCH_CONDITIONAL only */
};

/**
 * branch_decode() - classify an instruction (SDM vol. 2, appendix A)
 * @bytes: the instruction, at least up to its opcode and ModRM
 * @nr: number of bytes
 * @bits: of the code segment: 16, 32 or 64
 * Return: BRANCH_NONE also if @nr is too small.
 */
struct branch branch_decode(const u8 *bytes, unsigned int nr, unsigned int bits);

/**
 * branch_taken() - test whether control went elsewhere than to the next instruction
 * @from: address of the instruction
 * @to: address of the guest after it
 *
 * An exception or interrupt counts as a branch. Without a known length, an instruction
 * did not branch if it ended at its own address (REP) or at most INSN_MAX bytes after it.
 */
bool branch_taken(struct branch branch, u64 from, u64 to);

#endif
