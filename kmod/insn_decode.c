// SPDX-License-Identifier: GPL-2.0-only
/* From bytes to struct insn (SDM vol. 2, chapter 2 and appendix A). */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "insn.h"

#define RAX	0
#define RBX	3
#define RSP	4
#define RBP	5
#define RSI	6
#define RDI	7
#define NONE	(-1)

#define REX_B	BIT(0)
#define REX_X	BIT(1)
#define REX_R	BIT(2)
#define REX_W	BIT(3)

#define MODRM_MOD(m)	((m) >> 6)
#define MODRM_REG(m)	(((m) >> 3) & 7)
#define MODRM_RM(m)	((m) & 7)

/* Where the operands are and how wide */
#define MODRM	BIT(0)
#define MOFFS	BIT(1)		/* accumulator and an absolute address */
#define STRING	BIT(2)
#define TO_MEM	BIT(3)		/* memory is the destination */
#define D	BIT(4)		/* memory is, unless bit 1 of the opcode is set */
#define W	BIT(5)		/* bytes, unless bit 0 of the opcode is set */
#define MEM8	BIT(6)		/* memory has another width than the register */
#define MEM16	BIT(7)
#define MEM32	BIT(8)
#define SIGN	BIT(9)		/* widen with the sign */
#define STACK	BIT(10)		/* 64 bits in 64-bit mode, without REX.W too */
#define IMM	BIT(11)		/* as wide as the operand, but at most 32 bits */
#define IMM8	BIT(12)
#define BITNR	BIT(13)		/* the immediate is a bit number: no sign */
/* Which operation, where one row stands for eight */
#define OP_BITS	BIT(14)		/* from the opcode's bits 5:3 */
#define OP_REG	BIT(15)		/* from ModRM's reg field */
/* When it is legal */
#define LOCK	BIT(16)		/* LOCK is, if memory is the destination */
#define ONLY64	BIT(17)
#define NOT64	BIT(18)
#define BARE	BIT(19)		/* 66, F2 and F3 would make another instruction */

#define MAP_0F	0x0f00
#define EXT(n)	BIT(n)		/* the reg field is the opcode's extension */

/*
 * Every instruction that we know. @opcode is matched under @mask, in the order
 * of the table, so the MOVs of device drivers come first. @ext says which reg
 * fields belong to it, 0 any.
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
	{ MAP_0F | 0xb6, 0xffff, 0, INSN_LOAD, MODRM | MEM8 },
	{ MAP_0F | 0xb7, 0xffff, 0, INSN_LOAD, MODRM | MEM16 },
	{ MAP_0F | 0xbe, 0xffff, 0, INSN_LOAD, MODRM | MEM8 | SIGN },
	{ MAP_0F | 0xbf, 0xffff, 0, INSN_LOAD, MODRM | MEM16 | SIGN },
	{ 0x63, 0xffff, 0, INSN_LOAD, MODRM | MEM32 | SIGN | ONLY64 },
	{ MAP_0F | 0xc3, 0xffff, 0, INSN_STORE, MODRM | TO_MEM | BARE },

	{ 0xa0, 0xfffe, 0, INSN_LOAD, MOFFS | W },
	{ 0xa2, 0xfffe, 0, INSN_STORE, MOFFS | W | TO_MEM },
	{ 0xa4, 0xfffe, 0, INSN_MOVS, STRING | W | TO_MEM },
	{ 0xaa, 0xfffe, 0, INSN_STOS, STRING | W | TO_MEM },
	{ 0xac, 0xfffe, 0, INSN_LODS, STRING | W },

	/* The eight of INSN_ADD to INSN_CMP are in the order of the opcodes. */
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
	{ 0xfe, 0xfffe, EXT(0), INSN_INC, MODRM | W | TO_MEM | LOCK },
	{ 0xfe, 0xfffe, EXT(1), INSN_DEC, MODRM | W | TO_MEM | LOCK },
	{ 0xff, 0xffff, EXT(6), INSN_PUSH, MODRM | STACK },
	{ 0x8f, 0xffff, EXT(0), INSN_POP, MODRM | STACK | TO_MEM },

	{ MAP_0F | 0xb0, 0xfffe, 0, INSN_CMPXCHG, MODRM | W | TO_MEM | LOCK },
	{ MAP_0F | 0xc0, 0xfffe, 0, INSN_XADD, MODRM | W | TO_MEM | LOCK },
	{ MAP_0F | 0xa3, 0xffff, 0, INSN_BT, MODRM },
	{ MAP_0F | 0xab, 0xffff, 0, INSN_BTS, MODRM | TO_MEM | LOCK },
	{ MAP_0F | 0xb3, 0xffff, 0, INSN_BTR, MODRM | TO_MEM | LOCK },
	{ MAP_0F | 0xbb, 0xffff, 0, INSN_BTC, MODRM | TO_MEM | LOCK },
	{ MAP_0F | 0xba, 0xffff, EXT(4), INSN_BT, MODRM | IMM8 | BITNR },
	{ MAP_0F | 0xba, 0xffff, EXT(5), INSN_BTS, MODRM | TO_MEM | LOCK | IMM8 | BITNR },
	{ MAP_0F | 0xba, 0xffff, EXT(6), INSN_BTR, MODRM | TO_MEM | LOCK | IMM8 | BITNR },
	{ MAP_0F | 0xba, 0xffff, EXT(7), INSN_BTC, MODRM | TO_MEM | LOCK | IMM8 | BITNR },
};

/* One instruction being decoded. */
struct decoder {
	u8 bits;
	const u8 *bytes;
	unsigned int len, pos;
	int error;		/* the first one; nothing is fetched after it */
	struct insn *insn;
	u16 opcode;
	u8 modrm;
	u8 rex;			/* the whole byte, 0 for none */
	u8 rep;			/* F2, F3 or 0 */
	bool opsize, addrsize;	/* 66, 67 */
	s8 seg;			/* overriding segment or NONE */
};

static u8 fetch(struct decoder *d)
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
		val |= (u64)fetch(d) << (8 * i);
	return val;
}

static s64 fetch_signed(struct decoder *d, unsigned int size)
{
	unsigned int unused = 64 - 8 * size;

	return (s64)(fetch_unsigned(d, size) << unused) >> unused;
}

/* Is @byte a legacy prefix? It is noted. The last of a group counts. */
static bool take_prefix(struct decoder *d, u8 byte)
{
	switch (byte) {
	case 0x26: case 0x2e: case 0x36: case 0x3e:
		/* ES, CS, SS, DS mean nothing in 64-bit mode (vol. 1, 3.4.4). */
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

/* Prefixes and opcode. REX counts only right before the opcode (2.2.1). */
static void decode_opcode(struct decoder *d)
{
	u8 byte;

	for (;;) {
		byte = fetch(d);
		if (d->bits == 64 && (byte & 0xf0) == 0x40)
			d->rex = byte;
		else if (take_prefix(d, byte))
			d->rex = 0;
		else
			break;
	}
	d->opcode = byte == 0x0f ? MAP_0F | fetch(d) : byte;
}

/* The row for the opcode, with the help of the ModRM byte that may follow. */
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
	if ((row->flags & BARE) && (d->opsize || d->rep))
		return false;
	if (!d->insn->lock)
		return true;
	return (row->flags & LOCK) && d->insn->dest_mem &&
	       d->insn->op != INSN_CMP;
}

static u8 operand_size(const struct decoder *d, const struct opcode *row)
{
	bool word_by_default = d->bits == 16;

	if ((row->flags & W) && !(d->opcode & 1))
		return 1;
	if (d->rex & REX_W)
		return 8;
	if (d->opsize != word_by_default)
		return 2;
	return d->bits == 64 && (row->flags & STACK) ? 8 : 4;
}

static u8 memory_size(const struct opcode *row, u8 operand)
{
	if (row->flags & MEM8)
		return 1;
	if (row->flags & MEM16)
		return 2;
	if ((row->flags & MEM32) && operand > 4)
		return 4;
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
	insn->reg_size = operand_size(d, row);
	insn->size = memory_size(row, insn->reg_size);
	insn->addr_size = address_size(d);
}

/* A byte register is one of AH to BH where no REX says otherwise. */
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
		{ RBX, RSI }, { RBX, RDI }, { RBP, RSI }, { RBP, RDI },
		{ RSI, NONE }, { RDI, NONE }, { RBP, NONE }, { RBX, NONE },
	};
	u8 mod = MODRM_MOD(d->modrm), rm = MODRM_RM(d->modrm);
	struct insn *insn = d->insn;

	if (mod == 0 && rm == 6) {
		insn->disp = fetch_signed(d, 2);
		return;
	}
	insn->base = forms[rm].base;
	insn->index = forms[rm].index;
	if (mod)
		insn->disp = fetch_signed(d, mod);
}

/* The SIB byte (table 2-3). Returns whether a disp32 is the base. */
static bool decode_sib(struct decoder *d)
{
	struct insn *insn = d->insn;
	u8 sib = fetch(d);
	u8 index = MODRM_REG(sib) | (d->rex & REX_X ? 8 : 0);

	insn->scale = 1 << MODRM_MOD(sib);
	if (index != RSP)
		insn->index = index;
	if (MODRM_RM(sib) == RBP && MODRM_MOD(d->modrm) == 0)
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

	if (rm == RSP) {
		disp32 |= decode_sib(d);
	} else if (mod == 0 && rm == RBP) {
		disp32 = true;
		insn->rip_relative = d->bits == 64;
	} else {
		insn->base = rm | (d->rex & REX_B ? 8 : 0);
	}
	if (disp32)
		insn->disp = fetch_signed(d, 4);
	else if (mod == 1)
		insn->disp = fetch_signed(d, 1);
}

static void decode_modrm(struct decoder *d)
{
	struct insn *insn = d->insn;

	decode_register(d);
	if (insn->addr_size == 2)
		decode_address16(d);
	else
		decode_address32(d);
	insn->seg = insn->base == RSP || insn->base == RBP ? INSN_SS : INSN_DS;
}

static void decode_string(struct decoder *d)
{
	struct insn *insn = d->insn;

	insn->rep = d->rep == 0xf3;
	insn->repne = d->rep == 0xf2;
	insn->base = insn->op == INSN_STOS ? RDI : RSI;
	insn->seg = INSN_DS;
}

static void decode_operands(struct decoder *d, const struct opcode *row)
{
	struct insn *insn = d->insn;

	insn->base = NONE;
	insn->index = NONE;
	insn->scale = 1;
	if (row->flags & MODRM) {
		decode_modrm(d);
	} else if (row->flags & MOFFS) {
		insn->disp = fetch_unsigned(d, insn->addr_size);
		insn->seg = INSN_DS;
	} else {
		decode_string(d);
	}
	if (insn->op == INSN_STOS)
		insn->seg = INSN_ES;	/* has no override */
	else if (d->seg != NONE)
		insn->seg = d->seg;

	if (row->flags & (IMM | IMM8)) {
		u8 size = row->flags & IMM8 ? 1 : min_t(u8, insn->size, 4);

		insn->has_imm = true;
		if (row->flags & BITNR)
			insn->imm = fetch_unsigned(d, size);
		else
			insn->imm = fetch_signed(d, size);
	}
}

int insn_decode(const struct insn_mode *mode, const u8 *bytes, unsigned int len,
		struct insn *insn)
{
	struct decoder d = {
		.bits = mode->bits, .bytes = bytes, .insn = insn, .seg = NONE,
		.len = len < INSN_MAX ? len : INSN_MAX,
	};
	const struct opcode *row;

	*insn = (struct insn){};
	decode_opcode(&d);
	if (d.error)
		return d.error;
	row = find_opcode(&d);
	if (!row)
		return -EINVAL;
	if (row->flags & MODRM)
		d.modrm = fetch(&d);
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
