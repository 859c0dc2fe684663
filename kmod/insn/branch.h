/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions that transfer control, told by their bytes: no VMX here. */
#ifndef VMXDBG_INSN_BRANCH_H
#define VMXDBG_INSN_BRANCH_H

#include <linux/types.h>

enum branch_kind {
	BRANCH_NONE,		/* or one that is not known */
	BRANCH_CONDITIONAL,	/* Jcc, LOOP, JCXZ: only here @len is known */
	BRANCH_JUMP,
	BRANCH_CALL,
	BRANCH_RETURN,		/* RET, near and far */
	BRANCH_IRET,		/* IRET, SYSRET, SYSEXIT, RSM */
	BRANCH_INT,		/* INT n, INT3, INT1, INTO */
	BRANCH_SYSCALL,		/* SYSCALL, SYSENTER */
};

struct branch {
	u8 kind;		/* enum branch_kind */
	u8 len;
};

/**
 * branch_decode() - what does the instruction do?
 * @bytes: @nr of them, at least as many as there are up to its opcode
 * @bits: of its code segment: 16, 32 or 64
 */
struct branch branch_decode(const u8 *bytes, unsigned int nr, unsigned int bits);

/**
 * branch_taken() - did control go elsewhere than to the next instruction?
 * @from: where the instruction was, @to: where the guest is after it
 *
 * Also by an exception or interrupt. An instruction whose length is not known
 * has gone on if it ended on itself (REP) or within the longest one's length.
 */
bool branch_taken(struct branch branch, u64 from, u64 to);

#endif
