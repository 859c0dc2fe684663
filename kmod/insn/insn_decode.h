/* SPDX-License-Identifier: GPL-2.0-only */
/* From bytes to struct insn (SDM vol. 2, chapter 2 and appendix A). */
#ifndef VMXDBG_INSN_INSN_DECODE_H
#define VMXDBG_INSN_INSN_DECODE_H

#include <linux/types.h>

struct insn;
struct insn_mode;

/**
 * insn_decode() - decode one instruction with a memory operand
 * @mode: code segment's mode
 * @bytes: instruction bytes
 * @len: how many are valid, at most INSN_MAX
 * @insn: filled in
 *
 * Return: 0; -ENODATA when @len ends before the instruction does; -EINVAL for
 * an instruction that is not one of enum insn_op, has no memory operand, or is
 * no legal encoding (LOCK where it is not allowed, longer than 15 bytes).
 */
int insn_decode(const struct insn_mode *mode, const u8 *bytes, unsigned int len,
		struct insn *insn);

#endif
