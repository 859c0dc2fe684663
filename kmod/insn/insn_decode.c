// SPDX-License-Identifier: GPL-2.0-only
/* The decoder: from bytes to struct insn (SDM vol. 2, chapter 2 and appendix A). */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "insn/insn.h"
#include "insn/insn_decode.h"

#define MODRM_MOD(m)	((m) >> 6)
#define MODRM_REG(m)	(((m) >> 3) & 7)
#define MODRM_RM(m)	((m) & 7)

/* Location and width of the operands */
#define MODRM	BIT(0)
#define MOFFS	BIT(1)		/* accumulator and absolute address */
#define STRING	BIT(2)
#define TO_MEM	BIT(3)		/* memory is the destination */
#define D	BIT(4)		/* TO_MEM unless bit 1 of the opcode is set */
#define W	BIT(5)		/* 8 bits unless bit 0 of the opcode is set */
#define MEM8	BIT(6)		/* width of memory, if not that of the register */
#define MEM16	BIT(7)
#define MEM32	BIT(8)
#define SIGN	BIT(9)		/* sign-extend */
#define STACK	BIT(10)		/* 64 bits in 64-bit mode, even without REX.W */
#define IMM	BIT(11)		/* immediate as wide as the operand, at most 32 bits */
#define IMM8	BIT(12)
#define BITNR	BIT(13)		/* the immediate is not sign-extended */
/* Choice of the operation, if one row stands for eight */
#define OP_BITS	BIT(14)		/* bits 5:3 of the opcode */
#define OP_REG	BIT(15)		/* reg field of ModRM */
/* Legality */
#define LOCK	BIT(16)		/* LOCK is allowed if memory is the destination */
#define ONLY64	BIT(17)
#define NOT64	BIT(18)
#define NO66	BIT(19)		/* another instruction with 66 */
#define NOREP	BIT(20)		/* another instruction with F2 or F3 */
#define WITH66	BIT(21)		/* another instruction without 66 */
#define NOF3	BIT(29)		/* another instruction with F3 */
/* Special cases */
#define BRANCH	BIT(22)		/* 64 bits in 64-bit mode, even with 66 */
#define COND	BIT(23)		/* the low bits of the opcode are a condition */
#define ONE	BIT(24)		/* an immediate of 1 */
#define PAIR	BIT(25)		/* memory is twice as wide as the operand */
#define SWAP	BIT(26)
#define NOREX	BIT(27)		/* reg has three bits, and no AH to BH */
#define DWORD	BIT(28)		/* 32 bits even in 16-bit mode */
#define FAR	BIT(30)		/* memory is an offset as wide as the operand, and a selector */
#define TABLE	BIT(31)		/* memory is a limit of 16 bits, and a base */

#define MAP_0F38	0x3800
#define EXT(n)	BIT(n)		/* the reg field extends the opcode */
#define EXT_SEGS	0x3f	/* the reg field is a segment register... */
#define EXT_DATA_SEGS	0x3d	/* ...but not CS */

/*
 * All instructions that the decoder knows, except for vectors. The first row matches
 * whose @opcode equals the opcode under @mask, so the MOVs of device drivers come first.
 * @ext is the set of reg fields that match, 0 for any.
 */
static const struct opcode {
	u16 opcode;
	u16 mask;
	u8 ext;
	u8 op;
	u32 flags;
} opcodes[] = {
	{ 0x88, 0xfffe, 0, INSN_STORE, MODRM | W | TO_MEM },
	{ 0x8a, 0xfffe, 0, INSN_LOAD, MODRM | W },
	{ 0xc6, 0xfffe, EXT(0), INSN_STORE, MODRM | W | TO_MEM | IMM },
	{ INSN_MAP_0F | 0xb6, 0xffff, 0, INSN_LOAD, MODRM | MEM8 },
	{ INSN_MAP_0F | 0xb7, 0xffff, 0, INSN_LOAD, MODRM | MEM16 },
	{ INSN_MAP_0F | 0xbe, 0xffff, 0, INSN_LOAD, MODRM | MEM8 | SIGN },
	{ INSN_MAP_0F | 0xbf, 0xffff, 0, INSN_LOAD, MODRM | MEM16 | SIGN },
	{ 0x63, 0xffff, 0, INSN_LOAD, MODRM | MEM32 | SIGN | ONLY64 },
	{ INSN_MAP_0F | 0xc3, 0xffff, 0, INSN_STORE, MODRM | TO_MEM | NO66 | NOREP | DWORD },

	{ 0xa0, 0xfffe, 0, INSN_LOAD, MOFFS | W },
	{ 0xa2, 0xfffe, 0, INSN_STORE, MOFFS | W | TO_MEM },
	{ 0xa4, 0xfffe, 0, INSN_MOVS, STRING | W | TO_MEM },
	{ 0xa6, 0xfffe, 0, INSN_CMPS, STRING | W },
	{ 0xaa, 0xfffe, 0, INSN_STOS, STRING | W | TO_MEM },
	{ 0xac, 0xfffe, 0, INSN_LODS, STRING | W },
	{ 0xae, 0xfffe, 0, INSN_SCAS, STRING | W },

	/* INSN_ADD to INSN_CMP have the order of the opcodes. */
	{ 0x00, 0xffc4, 0, INSN_ADD, MODRM | W | D | LOCK | OP_BITS },
	{ 0x80, 0xffff, 0, INSN_ADD, MODRM | W | TO_MEM | LOCK | OP_REG | IMM8 },
	{ 0x81, 0xffff, 0, INSN_ADD, MODRM | W | TO_MEM | LOCK | OP_REG | IMM },
	{ 0x82, 0xffff, 0, INSN_ADD, MODRM | W | TO_MEM | LOCK | OP_REG | IMM8 | NOT64 },
	{ 0x83, 0xffff, 0, INSN_ADD, MODRM | W | TO_MEM | LOCK | OP_REG | IMM8 },
	{ 0x84, 0xfffe, 0, INSN_TEST, MODRM | W },
	{ 0x86, 0xfffe, 0, INSN_XCHG, MODRM | W | TO_MEM | LOCK },
	{ 0xf6, 0xfffe, EXT(0) | EXT(1), INSN_TEST, MODRM | W | IMM },
	{ 0xf6, 0xfffe, EXT(2), INSN_NOT, MODRM | W | TO_MEM | LOCK },
	{ 0xf6, 0xfffe, EXT(3), INSN_NEG, MODRM | W | TO_MEM | LOCK },
	{ 0xf6, 0xfffe, EXT(4), INSN_MUL, MODRM | W },
	{ 0xf6, 0xfffe, EXT(5), INSN_IMUL_WIDE, MODRM | W },
	{ 0xf6, 0xfffe, EXT(6), INSN_DIV, MODRM | W },
	{ 0xf6, 0xfffe, EXT(7), INSN_IDIV, MODRM | W },
	{ 0xfe, 0xfffe, EXT(0), INSN_INC, MODRM | W | TO_MEM | LOCK },
	{ 0xfe, 0xfffe, EXT(1), INSN_DEC, MODRM | W | TO_MEM | LOCK },
	{ 0xff, 0xffff, EXT(2), INSN_CALL, MODRM | BRANCH },
	{ 0xff, 0xffff, EXT(4), INSN_JMP, MODRM | BRANCH },
	{ 0xff, 0xffff, EXT(6), INSN_PUSH, MODRM | STACK },
	{ 0x8f, 0xffff, EXT(0), INSN_POP, MODRM | STACK | TO_MEM },

	/* INSN_ROL to INSN_SAR have the order of the opcodes. */
	{ 0xc0, 0xfffe, 0, INSN_ROL, MODRM | W | TO_MEM | OP_REG | IMM8 | BITNR },
	{ 0xd0, 0xfffe, 0, INSN_ROL, MODRM | W | TO_MEM | OP_REG | ONE },
	{ 0xd2, 0xfffe, 0, INSN_ROL, MODRM | W | TO_MEM | OP_REG },
	{ INSN_MAP_0F | 0xa4, 0xffff, 0, INSN_SHLD, MODRM | TO_MEM | IMM8 | BITNR },
	{ INSN_MAP_0F | 0xa5, 0xffff, 0, INSN_SHLD, MODRM | TO_MEM },
	{ INSN_MAP_0F | 0xac, 0xffff, 0, INSN_SHRD, MODRM | TO_MEM | IMM8 | BITNR },
	{ INSN_MAP_0F | 0xad, 0xffff, 0, INSN_SHRD, MODRM | TO_MEM },

	{ INSN_MAP_0F | 0xb0, 0xfffe, 0, INSN_CMPXCHG, MODRM | W | TO_MEM | LOCK },
	{ INSN_MAP_0F | 0xc0, 0xfffe, 0, INSN_XADD, MODRM | W | TO_MEM | LOCK },
	{ INSN_MAP_0F | 0xa3, 0xffff, 0, INSN_BT, MODRM },
	{ INSN_MAP_0F | 0xab, 0xffff, 0, INSN_BTS, MODRM | TO_MEM | LOCK },
	{ INSN_MAP_0F | 0xb3, 0xffff, 0, INSN_BTR, MODRM | TO_MEM | LOCK },
	{ INSN_MAP_0F | 0xbb, 0xffff, 0, INSN_BTC, MODRM | TO_MEM | LOCK },
	{ INSN_MAP_0F | 0xba, 0xffff, EXT(4), INSN_BT, MODRM | IMM8 | BITNR },
	{ INSN_MAP_0F | 0xba, 0xffff, EXT(5), INSN_BTS, MODRM | TO_MEM | LOCK | IMM8 | BITNR },
	{ INSN_MAP_0F | 0xba, 0xffff, EXT(6), INSN_BTR, MODRM | TO_MEM | LOCK | IMM8 | BITNR },
	{ INSN_MAP_0F | 0xba, 0xffff, EXT(7), INSN_BTC, MODRM | TO_MEM | LOCK | IMM8 | BITNR },
	{ INSN_MAP_0F | 0xc7, 0xffff, EXT(1), INSN_CMPXCHG_PAIR, MODRM | TO_MEM | LOCK | PAIR },

	{ 0x69, 0xffff, 0, INSN_IMUL, MODRM | IMM },
	{ 0x6b, 0xffff, 0, INSN_IMUL, MODRM | IMM8 },
	{ INSN_MAP_0F | 0xaf, 0xffff, 0, INSN_IMUL, MODRM },
	{ INSN_MAP_0F | 0xbc, 0xffff, 0, INSN_BSF, MODRM | NOF3 },	/* not TZCNT... */
	{ INSN_MAP_0F | 0xbd, 0xffff, 0, INSN_BSR, MODRM | NOF3 },	/* ...and LZCNT */
	{ INSN_MAP_0F | 0x40, 0xfff0, 0, INSN_CMOV, MODRM | COND },
	{ INSN_MAP_0F | 0x90, 0xfff0, 0, INSN_SETCC, MODRM | COND | MEM8 | TO_MEM },
	{ MAP_0F38 | 0xf0, 0xffff, 0, INSN_LOAD, MODRM | SWAP | NOREP },
	{ MAP_0F38 | 0xf1, 0xffff, 0, INSN_STORE, MODRM | SWAP | NOREP | TO_MEM },
	{ 0x8c, 0xffff, EXT_SEGS, INSN_STORE_SEG, MODRM | MEM16 | TO_MEM | NOREX },
	{ 0x8e, 0xffff, EXT_DATA_SEGS, INSN_LOAD_SEG, MODRM | MEM16 | NOREX },
	{ INSN_MAP_0F | 0xae, 0xffff, EXT(7), INSN_FLUSH, MODRM | MEM8 | NOREP },
	{ INSN_MAP_0F | 0xae, 0xffff, EXT(6), INSN_FLUSH, MODRM | MEM8 | NOREP | WITH66 },

	{ 0xd7, 0xffff, 0, INSN_XLAT, MEM8 },
	{ 0xd9, 0xffff, EXT(7), INSN_STORE_X87_CONTROL, MODRM | MEM16 | TO_MEM },
	{ 0xdd, 0xffff, EXT(7), INSN_STORE_X87_STATUS, MODRM | MEM16 | TO_MEM },
	{ INSN_MAP_0F | 0x01, 0xffff, EXT(0), INSN_SGDT, MODRM | TABLE | TO_MEM },
	{ INSN_MAP_0F | 0x01, 0xffff, EXT(1), INSN_SIDT, MODRM | TABLE | TO_MEM },
	{ INSN_MAP_0F | 0x01, 0xffff, EXT(2), INSN_LGDT, MODRM | TABLE },
	{ INSN_MAP_0F | 0x01, 0xffff, EXT(3), INSN_LIDT, MODRM | TABLE },
	{ INSN_MAP_0F | 0x01, 0xffff, EXT(4), INSN_SMSW, MODRM | MEM16 | TO_MEM },
	{ INSN_MAP_0F | 0x01, 0xffff, EXT(6), INSN_LMSW, MODRM | MEM16 },
	{ INSN_MAP_0F | 0x00, 0xffff, EXT(0), INSN_SLDT, MODRM | MEM16 | TO_MEM },
	{ INSN_MAP_0F | 0x00, 0xffff, EXT(1), INSN_STR, MODRM | MEM16 | TO_MEM },
	{ INSN_MAP_0F | 0x00, 0xffff, EXT(2), INSN_LLDT, MODRM | MEM16 },
	{ INSN_MAP_0F | 0x00, 0xffff, EXT(3), INSN_LTR, MODRM | MEM16 },
	{ 0xc4, 0xffff, 0, INSN_LES, MODRM | FAR | NOT64 },
	{ 0xc5, 0xffff, 0, INSN_LDS, MODRM | FAR | NOT64 },
	{ INSN_MAP_0F | 0xb2, 0xffff, 0, INSN_LSS, MODRM | FAR },
	{ INSN_MAP_0F | 0xb4, 0xffff, 0, INSN_LFS, MODRM | FAR },
	{ INSN_MAP_0F | 0xb5, 0xffff, 0, INSN_LGS, MODRM | FAR },
	{ 0xff, 0xffff, EXT(3), INSN_CALL_FAR, MODRM | FAR },
	{ 0xff, 0xffff, EXT(5), INSN_JMP_FAR, MODRM | FAR },

	{ 0x50, 0xfff8, 0, INSN_PUSH_REG, STACK | TO_MEM },
	{ 0x68, 0xffff, 0, INSN_PUSH_REG, STACK | TO_MEM | IMM },
	{ 0x6a, 0xffff, 0, INSN_PUSH_REG, STACK | TO_MEM | IMM8 },
	{ 0x06, 0xffe7, 0, INSN_PUSH_SEG, STACK | TO_MEM | NOT64 },
	{ INSN_MAP_0F | 0xa0, 0xfff7, 0, INSN_PUSH_SEG, STACK | TO_MEM },
	{ 0x9c, 0xffff, 0, INSN_PUSH_FLAGS, STACK | TO_MEM },
	{ 0x60, 0xffff, 0, INSN_PUSH_ALL, NOT64 | TO_MEM },
	{ 0x9a, 0xffff, 0, INSN_CALL_PTR, NOT64 | TO_MEM },
	{ 0xe8, 0xffff, 0, INSN_CALL_NEAR, BRANCH | TO_MEM | IMM },
	{ 0xc8, 0xffff, 0, INSN_ENTER, STACK | TO_MEM },
	{ 0x58, 0xfff8, 0, INSN_POP_REG, STACK },
	{ 0x07, 0xffff, 0, INSN_POP_SEG, STACK | NOT64 },
	{ 0x17, 0xfff7, 0, INSN_POP_SEG, STACK | NOT64 },
	{ INSN_MAP_0F | 0xa1, 0xfff7, 0, INSN_POP_SEG, STACK },
	{ 0x9d, 0xffff, 0, INSN_POP_FLAGS, STACK },
	{ 0x61, 0xffff, 0, INSN_POP_ALL, NOT64 },
	{ 0xc2, 0xfffe, 0, INSN_RET, BRANCH },
	{ 0xca, 0xfffe, 0, INSN_RET_FAR, 0 },
	{ 0xcf, 0xffff, 0, INSN_IRET, NOT64 },
	{ 0xc9, 0xffff, 0, INSN_LEAVE, STACK },
};

/* The moves of MMX, SSE and AVX. The prefixes 66, F3 and F2 select the instruction. */
#define P_NONE	BIT(0)		/* without such a prefix */
#define P_66	BIT(1)
#define P_F3	BIT(2)
#define P_F2	BIT(3)
#define V_STORE	BIT(4)
#define V_LOW	BIT(5)
#define V_HIGH	BIT(6)
#define V_REXW	BIT(7)		/* 64 bits with REX.W */

/* Bits 127:0, or 255:0 with VEX.L */
#define V_FULL	16

static const struct vector_opcode {
	u16 opcode;
	u8 size;
	u8 flags;
} vector_opcodes[] = {
	{ INSN_MAP_0F | 0x10, V_FULL, P_NONE | P_66 },		/* movups, movupd */
	{ INSN_MAP_0F | 0x10, 4, P_F3 },			/* movss */
	{ INSN_MAP_0F | 0x10, 8, P_F2 },			/* movsd */
	{ INSN_MAP_0F | 0x11, V_FULL, P_NONE | P_66 | V_STORE },
	{ INSN_MAP_0F | 0x11, 4, P_F3 | V_STORE },
	{ INSN_MAP_0F | 0x11, 8, P_F2 | V_STORE },
	{ INSN_MAP_0F | 0x12, 8, P_NONE | P_66 | V_LOW },	/* movlps, movlpd */
	{ INSN_MAP_0F | 0x13, 8, P_NONE | P_66 | V_LOW | V_STORE },
	{ INSN_MAP_0F | 0x16, 8, P_NONE | P_66 | V_HIGH },	/* movhps, movhpd */
	{ INSN_MAP_0F | 0x17, 8, P_NONE | P_66 | V_HIGH | V_STORE },
	{ INSN_MAP_0F | 0x28, V_FULL, P_NONE | P_66 },		/* movaps, movapd */
	{ INSN_MAP_0F | 0x29, V_FULL, P_NONE | P_66 | V_STORE },
	{ INSN_MAP_0F | 0x2b, V_FULL, P_NONE | P_66 | V_STORE },	/* movntps, movntpd */
	{ INSN_MAP_0F | 0x6e, 4, P_66 | V_REXW },		/* movd, movq */
	{ INSN_MAP_0F | 0x7e, 4, P_66 | V_REXW | V_STORE },
	{ INSN_MAP_0F | 0x7e, 8, P_F3 },			/* movq */
	{ INSN_MAP_0F | 0xd6, 8, P_66 | V_STORE },
	{ INSN_MAP_0F | 0x6f, V_FULL, P_66 | P_F3 },		/* movdqa, movdqu */
	{ INSN_MAP_0F | 0x7f, V_FULL, P_66 | P_F3 | V_STORE },
	{ INSN_MAP_0F | 0xe7, V_FULL, P_66 | V_STORE },		/* movntdq */
	{ INSN_MAP_0F | 0xf0, V_FULL, P_F2 },			/* lddqu */
	{ MAP_0F38 | 0x2a, V_FULL, P_66 },			/* movntdqa */
}, mmx_opcodes[] = {
	{ INSN_MAP_0F | 0x6e, 4, P_NONE | V_REXW },		/* movd, movq */
	{ INSN_MAP_0F | 0x7e, 4, P_NONE | V_REXW | V_STORE },
	{ INSN_MAP_0F | 0x6f, 8, P_NONE },			/* movq */
	{ INSN_MAP_0F | 0x7f, 8, P_NONE | V_STORE },
	{ INSN_MAP_0F | 0xe7, 8, P_NONE | V_STORE },		/* movntq */
};

/* The state of the decoder. */
struct decoder {
	u8 bits;
	const u8 *bytes;
	unsigned int len, pos;
	int error;		/* the first error; after it fetches return 0 */
	struct insn *insn;
	u16 opcode;
	u8 modrm;
	u8 rex;			/* the whole byte, 0 for none */
	u8 rep;			/* F2, F3 or 0 */
	bool opsize, addrsize;	/* 66, 67 */
	s8 seg;			/* segment override, or INSN_NO_REG */
	bool vex, wide;		/* VEX and its L */
};

static u8 decode_fetch(struct decoder *d)
{
	if (d->error)
		return 0;
	if (d->pos < d->len)
		return d->bytes[d->pos++];
	d->error = d->pos >= INSN_MAX ? -EINVAL : -ENODATA;
	return 0;
}

static u64 fetch_unsigned(struct decoder *d, unsigned int size)
{
	unsigned int i;
	u64 val = 0;

	for (i = 0; i < size; i++)
		val |= (u64)decode_fetch(d) << (8 * i);
	return val;
}

static s64 decode_fetch_signed(struct decoder *d, unsigned int size)
{
	unsigned int unused = 64 - 8 * size;

	return (s64)(fetch_unsigned(d, size) << unused) >> unused;
}

/* Note a legacy prefix; the last of a group counts. Return: whether @byte is one. */
static bool take_prefix(struct decoder *d, u8 byte)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e:
		/* 64-bit mode ignores ES, CS, SS, DS (SDM vol. 1, 3.4.4). */
		if (d->bits != 64)
			d->seg = INSN_ES + ((byte >> 3) & 3);
		return true;
	case 0x64: case 0x65:
		d->seg = INSN_FS + (byte & 1);
		return true;
	case 0x66:
		d->opsize = true;
		return true;
	case 0x67:
		d->addrsize = true;
		return true;
	case 0xf0:
		d->insn->lock = true;
		return true;
	case 0xf2: case 0xf3:
		d->rep = byte;
		return true;
	}
	return false;
}

/*
 * C4 and C5 are VEX in 64-bit mode, and in other modes if LES and LDS would have a
 * register in ModRM (2.3.5).
 */
static bool is_vex(struct decoder *d, u8 byte)
{
	if (byte != 0xc4 && byte != 0xc5)
		return false;
	if (d->bits == 64)
		return true;
	decode_fetch(d);		/* the ModRM byte must exist */
	d->pos -= !d->error;
	return !d->error && d->bytes[d->pos] >= 0xc0;
}

/*
 * VEX (2.3.5) holds the bits of REX and a register number, inverted, the opcode map and
 * the prefixes 66, F3, F2.
 */
static void decode_vex(struct decoder *d, bool long_form)
{
	static const u16 maps[32] = { [1] = INSN_MAP_0F, [2] = MAP_0F38 };
	u8 first = decode_fetch(d), last = first, map = 1;

	if (d->rex || d->opsize || d->rep || d->insn->lock)
		d->error = d->error ?: -EINVAL;
	if (long_form) {
		map = first & 31;
		last = decode_fetch(d);
		d->rex = (~first >> 5 & 7) | (last & 0x80 ? REX_W : 0);
	} else if (!(first & 0x80)) {
		d->rex = REX_R;
	}
	d->insn->vex_reg = ~last >> 3 & 15;
	if (d->bits != 64)
		d->rex = 0;
	d->vex = true;
	d->wide = last & 4;
	d->opsize = (last & 3) == 1;
	d->rep = (last & 3) == 2 ? 0xf3 : (last & 3) == 3 ? 0xf2 : 0;
	d->opcode = maps[map] | decode_fetch(d);
	if (!maps[map] && !d->error)
		d->error = -EINVAL;
}

/* Decode prefixes and opcode. REX counts only right before the opcode (2.2.1). */
static void decode_full_opcode(struct decoder *d)
{
	u8 byte;

	for (;;) {
		byte = decode_fetch(d);
		if (d->bits == 64 && (byte & 0xf0) == 0x40)
			d->rex = byte;
		else if (take_prefix(d, byte))
			d->rex = 0;
		else
			break;
	}
	if (is_vex(d, byte)) {
		decode_vex(d, byte == 0xc4);
		return;
	}
	d->opcode = byte;
	if (byte == 0x0f)
		d->opcode = INSN_MAP_0F | decode_fetch(d);
	if (d->opcode == (INSN_MAP_0F | 0x38))
		d->opcode = MAP_0F38 | decode_fetch(d);
}

/* Return: the row that matches the opcode and the ModRM byte after it, or NULL. */
static const struct opcode *find_opcode(const struct decoder *d)
{
	u8 ext = 0xff;
	unsigned int i;

	if (d->pos < d->len)
		ext = EXT(MODRM_REG(d->bytes[d->pos]));
	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		const struct opcode *row = &opcodes[i];

		if ((d->opcode & row->mask) == row->opcode &&
		    (!row->ext || (row->ext & ext)))
			return row;
	}
	return NULL;
}

static bool allowed(const struct decoder *d, const struct opcode *row)
{
	if (d->bits == 64 ? row->flags & NOT64 : row->flags & ONLY64)
		return false;
	if ((row->flags & NO66 && d->opsize) || (row->flags & NOREP && d->rep) ||
	    (row->flags & WITH66 && !d->opsize) || (row->flags & NOF3 && d->rep == 0xf3))
		return false;
	if (!d->insn->lock)
		return true;
	return (row->flags & LOCK) && d->insn->dest_mem &&
	       d->insn->op != INSN_CMP;
}

static u8 decode_operand_size(const struct decoder *d, const struct opcode *row)
{
	bool word_by_default = d->bits == 16;

	if ((row->flags & W) && !(d->opcode & 1))
		return 1;
	if ((d->rex & REX_W) || (row->flags & BRANCH && d->bits == 64))
		return 8;
	if (d->opsize != word_by_default && !(row->flags & DWORD))
		return 2;
	return d->bits == 64 && (row->flags & STACK) ? 8 : 4;
}

static u8 memory_size(const struct decoder *d, const struct opcode *row, u8 operand)
{
	if (row->flags & FAR)
		return operand + 2;
	if (row->flags & TABLE)
		return d->bits == 64 ? 10 : 6;
	if (row->flags & MEM8)
		return 1;
	if (row->flags & MEM16)
		return 2;
	if ((row->flags & MEM32) && operand > 4)
		return 4;
	if (row->flags & PAIR)
		return operand == 8 ? 16 : 8;
	return operand;
}

static u8 address_size(const struct decoder *d)
{
	switch (d->bits) {
	case 16:
		return d->addrsize ? 4 : 2;
	case 32:
		return d->addrsize ? 2 : 4;
	default:
		return d->addrsize ? 4 : 8;
	}
}

static void decode_operation(struct decoder *d, const struct opcode *row)
{
	struct insn *insn = d->insn;

	insn->op = row->op;
	if (row->flags & OP_BITS)
		insn->op += (d->opcode >> 3) & 7;
	if (row->flags & OP_REG)
		insn->op += MODRM_REG(d->modrm);
	insn->dest_mem = row->flags & TO_MEM ||
			 (row->flags & D && !(d->opcode & 2));
	insn->sign_extend = row->flags & SIGN;
	insn->swap = row->flags & SWAP;
	if (row->flags & COND)
		insn->cond = d->opcode & 15;
	insn->reg_size = decode_operand_size(d, row);
	insn->size = memory_size(d, row, insn->reg_size);
	insn->addr_size = address_size(d);
}

/* Without REX, byte registers 4 to 7 are AH to BH. */
static void decode_register(struct decoder *d)
{
	struct insn *insn = d->insn;

	insn->reg = MODRM_REG(d->modrm);
	if (d->rex & REX_R)
		insn->reg |= 8;
	if (insn->reg_size == 1 && !d->rex && insn->reg >= 4) {
		insn->reg -= 4;
		insn->reg_high = true;
	}
}

/* 16-bit addressing (table 2-1) */
static void decode_address16(struct decoder *d)
{
	static const struct {
		s8 base, index;
	} forms[] = {
		{ GPR_RBX, GPR_RSI }, { GPR_RBX, GPR_RDI },
		{ GPR_RBP, GPR_RSI }, { GPR_RBP, GPR_RDI },
		{ GPR_RSI, INSN_NO_REG }, { GPR_RDI, INSN_NO_REG },
		{ GPR_RBP, INSN_NO_REG }, { GPR_RBX, INSN_NO_REG },
	};
	u8 mod = MODRM_MOD(d->modrm), rm = MODRM_RM(d->modrm);
	struct insn *insn = d->insn;

	if (mod == 0 && rm == 6) {
		insn->disp = decode_fetch_signed(d, 2);
		return;
	}
	insn->base = forms[rm].base;
	insn->index = forms[rm].index;
	if (mod)
		insn->disp = decode_fetch_signed(d, mod);
}

/* Decode the SIB byte (table 2-3). Return: whether a disp32 is the base. */
static bool decode_sib(struct decoder *d)
{
	struct insn *insn = d->insn;
	u8 sib = decode_fetch(d);
	u8 index = MODRM_REG(sib) | (d->rex & REX_X ? 8 : 0);

	insn->scale = 1 << MODRM_MOD(sib);
	if (index != GPR_RSP)
		insn->index = index;
	if (MODRM_RM(sib) == GPR_RBP && MODRM_MOD(d->modrm) == 0)
		return true;
	insn->base = MODRM_RM(sib) | (d->rex & REX_B ? 8 : 0);
	return false;
}

/* 32- and 64-bit addressing (tables 2-2 and 2-7) */
static void decode_address32(struct decoder *d)
{
	u8 mod = MODRM_MOD(d->modrm), rm = MODRM_RM(d->modrm);
	struct insn *insn = d->insn;
	bool disp32 = mod == 2;

	if (rm == GPR_RSP) {
		disp32 |= decode_sib(d);
	} else if (mod == 0 && rm == GPR_RBP) {
		disp32 = true;
		insn->rip_relative = d->bits == 64;
	} else {
		insn->base = rm | (d->rex & REX_B ? 8 : 0);
	}
	if (disp32)
		insn->disp = decode_fetch_signed(d, 4);
	else if (mod == 1)
		insn->disp = decode_fetch_signed(d, 1);
}

static void decode_modrm(struct decoder *d)
{
	struct insn *insn = d->insn;

	decode_register(d);
	if (insn->addr_size == 2)
		decode_address16(d);
	else
		decode_address32(d);
	insn->seg = insn->base == GPR_RSP || insn->base == GPR_RBP ? INSN_SS : INSN_DS;
}

static void decode_string(struct decoder *d)
{
	struct insn *insn = d->insn;

	insn->rep = d->rep == 0xf3;
	insn->repne = d->rep == 0xf2;
	insn->base = insn->op == INSN_STOS || insn->op == INSN_SCAS ? GPR_RDI : GPR_RSI;
	insn->seg = INSN_DS;
}

static void decode_immediate(struct decoder *d, const struct opcode *row)
{
	struct insn *insn = d->insn;
	u8 size = row->flags & IMM8 ? 1 : min_t(u8, insn->size, 4);

	insn->has_imm = true;
	if (row->flags & ONE)
		insn->imm = 1;
	else if (row->flags & BITNR)
		insn->imm = fetch_unsigned(d, size);
	else
		insn->imm = decode_fetch_signed(d, size);
}

/* Return: the words of a stack instruction, or 0 if it has one. */
static u8 words_of(const struct decoder *d)
{
	switch (d->insn->op) {
	case INSN_PUSH_ALL:
	case INSN_POP_ALL:
		return 8;
	case INSN_CALL_PTR:
	case INSN_RET_FAR:
		return 2;
	case INSN_IRET:
		return 3;
	default:
		return 0;
	}
}

static void decode_words(struct insn *insn, u8 words)
{
	insn->words = words;
	insn->size *= words;
	insn->reg_size = insn->size;
}

/* Offset and selector of the target */
static void decode_pointer(struct decoder *d)
{
	struct insn *insn = d->insn;

	insn->has_imm = true;
	insn->imm = fetch_unsigned(d, insn->size);
	insn->imm |= fetch_unsigned(d, sizeof(u16)) << 32;
}

/* The stack is the memory operand. An ENTER of a nested procedure has more. */
static void decode_stack(struct decoder *d)
{
	struct insn *insn = d->insn;
	u8 words = words_of(d);

	insn->seg = INSN_SS;
	insn->base = insn->op == INSN_LEAVE ? GPR_RBP : GPR_RSP;
	if (insn->op == INSN_PUSH_SEG || insn->op == INSN_POP_SEG) {
		insn->reg = d->opcode >> 3 & 7;
		if (insn->size == 4 || insn->op == INSN_POP_SEG)
			insn->size = 2;
	} else if (insn->op == INSN_PUSH_REG || insn->op == INSN_POP_REG) {
		insn->reg = (d->opcode & 7) | (d->rex & REX_B ? 8 : 0);
	} else if (insn->op == INSN_CALL_PTR) {
		decode_pointer(d);
	} else if (insn->op == INSN_ENTER || d->opcode == 0xc2 || d->opcode == 0xca) {
		insn->has_imm = true;
		insn->imm = fetch_unsigned(d, 2);
		if (insn->op == INSN_ENTER && (decode_fetch(d) & 31) && !d->error)
			d->error = -EINVAL;
	}
	if (words)
		decode_words(insn, words);
}

static void decode_operands(struct decoder *d, const struct opcode *row)
{
	struct insn *insn = d->insn;

	if (insn->op >= INSN_PUSH_REG) {
		decode_stack(d);
		if (row->flags & (IMM | IMM8))
			decode_immediate(d, row);
		return;
	}
	if (row->flags & MODRM) {
		decode_modrm(d);
		if (row->flags & NOREX)
			insn->reg = MODRM_REG(d->modrm);
	} else if (row->flags & MOFFS) {
		insn->disp = fetch_unsigned(d, insn->addr_size);
		insn->seg = INSN_DS;
	} else if (row->flags & STRING) {
		decode_string(d);
	} else {
		insn->base = GPR_RBX;	/* XLAT; insn_address() adds AL */
		insn->seg = INSN_DS;
	}
	if (insn->op == INSN_STOS || insn->op == INSN_SCAS)
		insn->seg = INSN_ES;	/* overrides have no effect */
	else if (d->seg != INSN_NO_REG)
		insn->seg = d->seg;

	if (row->flags & (IMM | IMM8 | ONE))
		decode_immediate(d, row);
}

/* ---- MMX, SSE and AVX ---- */

/* Return: P_* of the prefix that selects the instruction. */
static u8 selecting_prefix(const struct decoder *d)
{
	if (d->rep)
		return d->rep == 0xf3 ? P_F3 : P_F2;
	return d->opsize ? P_66 : P_NONE;
}

static const struct vector_opcode *find_vector(const struct decoder *d,
					       const struct vector_opcode *row,
					       unsigned int nr)
{
	u8 prefix = selecting_prefix(d);

	for (; nr; nr--, row++)
		if (row->opcode == d->opcode && (row->flags & prefix))
			return row;
	return NULL;
}

/* Return: whether vvvv and L of VEX have values that the instruction allows. */
static bool vex_allowed(const struct decoder *d, const struct vector_opcode *row)
{
	bool three = (row->flags & (V_LOW | V_HIGH)) && !(row->flags & V_STORE);
	bool scalar = row->opcode <= (INSN_MAP_0F | 0x11);

	return (three || !d->insn->vex_reg) &&
	       (!d->wide || row->size == V_FULL || scalar);
}

static void decode_vector_operation(struct decoder *d, const struct vector_opcode *row)
{
	struct insn *insn = d->insn;

	insn->dest_mem = row->flags & V_STORE;
	insn->size = row->size;
	if (row->size == V_FULL && d->wide)
		insn->size = 32;
	else if (row->flags & V_REXW && d->rex & REX_W)
		insn->size = 8;
	if (row->flags & V_HIGH)
		insn->part = INSN_HIGH;
	else if (row->flags & V_LOW)
		insn->part = INSN_PARTIAL;
	insn->vex = d->vex;
	insn->reg_size = insn->size;
	insn->addr_size = address_size(d);
}

static int decode_vector(struct decoder *d)
{
	const struct vector_opcode *row;
	struct insn *insn = d->insn;

	row = find_vector(d, vector_opcodes, ARRAY_SIZE(vector_opcodes));
	insn->op = INSN_LOAD_VECTOR;
	if (!row && !d->vex) {
		row = find_vector(d, mmx_opcodes, ARRAY_SIZE(mmx_opcodes));
		insn->op = INSN_LOAD_MMX;
	}
	if (!row || insn->lock || (d->vex && !vex_allowed(d, row)))
		return -EINVAL;
	if (row->flags & V_STORE)
		insn->op++;
	d->modrm = decode_fetch(d);
	if (d->error)
		return d->error;
	if (MODRM_MOD(d->modrm) == 3)
		return -EINVAL;
	decode_vector_operation(d, row);
	decode_modrm(d);
	if (insn->op == INSN_LOAD_MMX || insn->op == INSN_STORE_MMX)
		insn->reg &= 7;
	else if (!d->vex)
		insn->vex_reg = insn->reg;
	else if (d->bits != 64)
		insn->vex_reg &= 7;
	if (d->seg != INSN_NO_REG)
		insn->seg = d->seg;
	insn->len = d->pos;
	return d->error;
}

int insn_decode(const struct insn_mode *mode, const u8 *bytes, unsigned int len,
		struct insn *insn)
{
	struct decoder d = {
		.bits = mode->bits, .bytes = bytes, .insn = insn, .seg = INSN_NO_REG,
		.len = len < INSN_MAX ? len : INSN_MAX,
	};
	const struct opcode *row;

	*insn = (struct insn){ .base = INSN_NO_REG, .index = INSN_NO_REG, .scale = 1 };
	decode_full_opcode(&d);
	if (d.error)
		return d.error;
	row = d.vex ? NULL : find_opcode(&d);
	if (!row)
		return decode_vector(&d);
	if (row->flags & MODRM)
		d.modrm = decode_fetch(&d);
	if (d.error)
		return d.error;
	decode_operation(&d, row);
	if (!allowed(&d, row) ||
	    (row->flags & MODRM && MODRM_MOD(d.modrm) == 3))
		return -EINVAL;
	decode_operands(&d, row);
	insn->len = d.pos;
	return d.error;
}
