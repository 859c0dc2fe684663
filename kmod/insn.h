/* SPDX-License-Identifier: GPL-2.0-only */
/* Decoding of the instructions that touch MMIO: bytes in, meaning out. */
#ifndef VMXDBG_INSN_H
#define VMXDBG_INSN_H

#include <linux/types.h>

#define INSN_MAX	15

/* segment registers in encoding order */
enum insn_seg { INSN_ES, INSN_CS, INSN_SS, INSN_DS, INSN_FS, INSN_GS };

/* What decoding depends on. */
struct insn_mode {
	u8 bits;		/* 16, 32 or 64: CS.D / CS.L / real mode */
};

enum insn_op {
	INSN_LOAD,		/* reg = mem (mov, movzx, movsx, movsxd) */
	INSN_STORE,		/* mem = reg or imm */
	INSN_ADD, INSN_OR, INSN_ADC, INSN_SBB, INSN_AND, INSN_SUB, INSN_XOR,
	INSN_CMP, INSN_TEST,	/* with memory; dest_mem says which way */
	INSN_NOT, INSN_NEG, INSN_INC, INSN_DEC,	/* memory read-modify-write */
	INSN_XCHG, INSN_CMPXCHG, INSN_XADD,
	INSN_BT, INSN_BTS, INSN_BTR, INSN_BTC,
	INSN_MOVS, INSN_STOS, INSN_LODS,	/* one iteration; see rep */
	INSN_PUSH, INSN_POP,	/* with a memory operand */
};

struct insn {
	u8 len;			/* bytes of the whole instruction */
	u8 op;			/* enum insn_op */
	u8 size;		/* bytes of the memory operand: 1, 2, 4, 8 */
	u8 reg_size;		/* bytes of the register operand (movzx: larger) */
	u8 reg;			/* register operand 0-15, valid if !has_imm */
	bool reg_high;		/* AH, CH, DH, BH */
	bool sign_extend;
	bool has_imm;
	bool dest_mem;		/* result goes to memory */
	bool rep, repne, lock;
	u8 addr_size;		/* bytes: 2, 4, 8 */
	u8 seg;			/* enum insn_seg of the memory operand */
	u64 imm;		/* sign-extended as the instruction says */
	/* memory operand: base + index * scale + disp, or rip-relative */
	s8 base, index;		/* register or -1 */
	u8 scale;		/* 1, 2, 4, 8 */
	bool rip_relative;	/* disp from the end of the instruction */
	s64 disp;
};

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

/**
 * insn_address() - effective address of the memory operand
 * @insn: decoded
 * @regs: RAX RCX RDX RBX RSP RBP RSI RDI R8-R15
 * @rip: address of the instruction (offset in CS)
 *
 * For MOVS this is the source (DS:rSI), for STOS and insn_string_dest() it is
 * ES:rDI. The caller adds the segment base.
 */
u64 insn_address(const struct insn *insn, const u64 regs[16], u64 rip);
u64 insn_string_dest(const struct insn *insn, const u64 regs[16]);

/**
 * insn_execute() - the arithmetic of a load, store or read-modify-write
 * @insn: decoded, not a string instruction, PUSH or POP
 * @regs: updated in place (upper halves as the CPU does: 32-bit writes
 *	zero-extend, 8- and 16-bit writes keep the rest)
 * @rflags: arithmetic flags updated in place
 * @mem: in: value read from memory; out: value to write
 *
 * Return: true when @mem must be written back.
 */
bool insn_execute(const struct insn *insn, u64 regs[16], u64 *rflags, u64 *mem);

/* Does insn_execute() need the old value of memory? (false for plain stores) */
bool insn_reads_memory(const struct insn *insn);

#endif
