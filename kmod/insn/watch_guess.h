/* SPDX-License-Identifier: GPL-2.0-only */
/* How much memory an instruction may touch that insn_decode() does not know. */
#ifndef VMXDBG_INSN_WATCH_GUESS_H
#define VMXDBG_INSN_WATCH_GUESS_H

#include <linux/types.h>

struct watch_guess {
	u16 size;	/* bytes, at most */
	bool down;	/* from the address down, in words of the stack */
};

/* @bits: of its code segment */
struct watch_guess watch_guess(const u8 *bytes, unsigned int len, unsigned int bits);

#endif
