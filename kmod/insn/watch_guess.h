/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounds of the access of an instruction that insn_decode() does not know. */
#ifndef VMXDBG_INSN_WATCH_GUESS_H
#define VMXDBG_INSN_WATCH_GUESS_H

#include <linux/types.h>

struct watch_guess {
	u16 size;	/* bytes, at most */
	bool down;	/* the access goes down from the address, in words of the stack */
};

/**
 * watch_guess() - bound the memory that an instruction can access
 * @bytes: the instruction
 * @len: number of bytes; may be cut off
 * @bits: of the code segment: 16, 32 or 64
 */
struct watch_guess watch_guess(const u8 *bytes, unsigned int len, unsigned int bits);

#endif
