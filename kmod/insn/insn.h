/* SPDX-License-Identifier: GPL-2.0-only */
/* The decoded form of an instruction that accesses memory. */
#ifndef VMXDBG_INSN_INSN_H
#define VMXDBG_INSN_INSN_H

#include <linux/bits.h>
#include <linux/types.h>

#define INSN_MAX	15	/* bytes */
#define INSN_MAP_0F	0x0f00	/* added to an opcode byte that follows 0F */
#define INSN_NO_REG	(-1)	/* no base, index or segment override */

/* Bits of a REX prefix. */
#define REX_B		BIT(0)
#define REX_X		BIT(1)
#define REX_R		BIT(2)
#define REX_W		BIT(3)

/* General registers, numbered as instructions encode them. */
enum gpr {
	GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI,
	GPR_R8, GPR_R9, GPR_R10, GPR_R11, GPR_R12, GPR_R13, GPR_R14, GPR_R15,
};

/* Segment registers in encoding order */
enum insn_seg { INSN_ES, INSN_CS, INSN_SS, INSN_DS, INSN_FS, INSN_GS };

/* The state of the guest that decoding depends on. */
struct insn_mode {
	u8 bits;		/* 16, 32 or 64: CS.D / CS.L / real mode */
};

enum insn_op {
	INSN_LOAD,		/* reg = mem (mov, movzx, movsx, movsxd, movbe) */
	INSN_STORE,		/* mem = reg or imm */
	INSN_ADD, INSN_OR, INSN_ADC, INSN_SBB, INSN_AND, INSN_SUB, INSN_XOR,
	INSN_CMP, INSN_TEST,	/* memory is the first operand if dest_mem */
	INSN_NOT, INSN_NEG, INSN_INC, INSN_DEC,	/* memory read-modify-write */
	/* rotate and shift memory by imm, or by CL if !has_imm; SAL is SHL */
	INSN_ROL, INSN_ROR, INSN_RCL, INSN_RCR, INSN_SHL, INSN_SHR, INSN_SAL, INSN_SAR,
	INSN_SHLD, INSN_SHRD,	/* shift memory and fill with bits of reg */
	INSN_XCHG, INSN_CMPXCHG, INSN_XADD,
	INSN_CMPXCHG_PAIR,	/* cmpxchg8b, cmpxchg16b */
	INSN_BT, INSN_BTS, INSN_BTR, INSN_BTC,
	INSN_IMUL,		/* reg = mem * imm, or reg * mem */
	INSN_MUL, INSN_IMUL_WIDE,	/* rDX:rAX = rAX * mem; AX = AL * mem */
	INSN_DIV, INSN_IDIV,	/* rAX, rDX = rDX:rAX / mem; AL, AH = AX / mem */
	INSN_BSF, INSN_BSR,
	INSN_CMOV, INSN_SETCC,	/* see cond */
	INSN_MOVS, INSN_STOS, INSN_LODS, INSN_CMPS, INSN_SCAS,	/* see rep, repne */
	INSN_PUSH, INSN_POP, INSN_CALL, INSN_JMP,	/* with a memory operand */
	INSN_LOAD_SEG, INSN_STORE_SEG,	/* reg is an enum insn_seg */
	INSN_LOAD_MMX, INSN_STORE_MMX,
	INSN_LOAD_VECTOR, INSN_STORE_VECTOR,	/* XMM or YMM; see part */
	INSN_FLUSH,		/* clflush, clflushopt, clwb: memory does not change */
	INSN_XLAT,		/* AL = mem */
	INSN_STORE_X87_CONTROL, INSN_STORE_X87_STATUS,
	INSN_SMSW, INSN_LMSW,
	INSN_SGDT, INSN_SIDT, INSN_LGDT, INSN_LIDT,
	INSN_SLDT, INSN_STR,
	/* insn_touches_more(): all below access descriptors or the stack as well */
	INSN_LLDT, INSN_LTR,
	INSN_LES, INSN_LSS, INSN_LDS, INSN_LFS, INSN_LGS,	/* a far pointer */
	INSN_CALL_FAR, INSN_JMP_FAR,	/* by a far pointer in memory */
	/*
	 * Memory is the stack. reg_size is what the stack pointer moves by, imm the distance
	 * of CALL, the target of a far CALL with its selector above bit 31, and the bytes
	 * that ENTER reserves and RET releases.
	 */
	INSN_PUSH_REG,			/* or imm */
	INSN_PUSH_SEG, INSN_PUSH_FLAGS, INSN_PUSH_ALL, INSN_CALL_NEAR, INSN_CALL_PTR, INSN_ENTER,
	INSN_POP_REG, INSN_POP_SEG, INSN_POP_FLAGS, INSN_POP_ALL, INSN_RET, INSN_RET_FAR,
	INSN_IRET, INSN_LEAVE,
};

/* The part of a vector register that is loaded or stored. */
enum insn_part {
	INSN_WHOLE,		/* the low bytes; a load clears the rest of 128 bits */
	INSN_PARTIAL,		/* the low bytes; a load keeps the rest of 128 bits */
	INSN_HIGH,		/* bits 127:64; a load keeps bits 63:0 */
};

struct insn {
	u8 len;			/* bytes of the whole instruction */
	u8 op;			/* enum insn_op */
	u8 size;		/* bytes of the memory operand: 1, 2, 4, 6, 8, 10, 12, 16, 32 */
	u8 words;		/* operands on the stack that @size consists of, if not one */
	u8 reg_size;		/* bytes of the register operand (movzx: larger) or offset */
	u8 reg;			/* register operand 0-15, valid if !has_imm */
	bool reg_high;		/* AH, CH, DH, BH */
	bool sign_extend;
	bool swap;		/* movbe: reverse the bytes */
	bool has_imm;
	bool dest_mem;		/* result goes to memory */
	bool rep, repne, lock;
	u8 cond;		/* as in the opcodes of Jcc */
	u8 part;		/* enum insn_part */
	bool vex;		/* a load clears the register above bit 127 or 255 */
	u8 vex_reg;		/* source of the bits that INSN_PARTIAL, _HIGH keep */
	u8 addr_size;		/* bytes: 2, 4, 8 */
	u8 seg;			/* enum insn_seg of the memory operand */
	u64 imm;		/* extended as the instruction does */
	/* memory operand: base + index * scale + disp, or rip-relative */
	s8 base, index;		/* register or -1 */
	u8 scale;		/* 1, 2, 4, 8 */
	bool rip_relative;	/* disp counts from the end of the instruction */
	s64 disp;
};

/*
 * Return: whether the instruction only copies bytes: a load or store of a register or
 * immediate of at least 32 bits.
 */
static inline bool insn_is_move(const struct insn *insn)
{
	return insn->op <= INSN_STORE && insn->reg_size >= 4 && !insn->sign_extend &&
	       !insn->swap;
}

/*
 * Return: whether the instruction accesses memory besides an operand that
 * insn_address() locates.
 */
static inline bool insn_touches_more(const struct insn *insn)
{
	return insn->op >= INSN_LLDT;
}

/* Return: whether @byte is a legacy prefix, or REX if @bits is 64. VEX and EVEX are not. */
static inline bool insn_is_prefix(u8 byte, unsigned int bits)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:
	case 0x66: case 0x67: case 0xf0: case 0xf2: case 0xf3:
		return true;
	default:
		return bits == 64 && (byte & 0xf0) == 0x40;
	}
}

#endif
