/* SPDX-License-Identifier: GPL-2.0-only */
/* The decoder: from bytes to struct insn (SDM vol. 2, chapter 2 and appendix A). */
#ifndef VMXDBG_INSN_INSN_DECODE_H
#define VMXDBG_INSN_INSN_DECODE_H

#include <linux/types.h>

struct insn;
struct insn_mode;

/**
 * insn_decode() - decode one instruction with a memory operand
 * @mode: mode of the code segment
 * @bytes: the instruction
 * @len: number of bytes; more than INSN_MAX are ignored
 * @insn: filled in
 *
 * Return: 0, -ENODATA if the instruction is longer than @len, -EINVAL if the instruction
 * is not in enum insn_op, has no memory operand, or is encoded wrongly (LOCK is not
 * allowed, more than 15 bytes).
 */
int insn_decode(const struct insn_mode *mode, const u8 *bytes, unsigned int len,
		struct insn *insn);

#endif
