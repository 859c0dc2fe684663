// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds for instructions with an implicit memory operand and for those that
 * insn_decode() does not know. The size is exact for stack instructions, for x87, and for
 * MMX and SSE but for their later maps; for the others it is the largest of their kind
 * (SDM vol. 2, A.2 to A.5).
 */
#include <linux/kernel.h>

#include "insn/insn.h"
#include "insn/watch_guess.h"

#define WORD		8	/* a general register */
#define FAR_BYTES	10	/* a pointer of 64 bits with its selector */
#define XMM_BYTES	16
#define EVEX_BYTES	64
#define FXSAVE_BYTES	512
#define XSAVE_BYTES	4096	/* more is on the next page, which faults as well */

#define REG(modrm)	((modrm) >> 3 & 7)
#define IS_MEMORY(modrm)	((modrm) < 0xc0)

/* An instruction up to its ModRM byte. */
struct guess_insn {
	unsigned int bits;	/* of the code segment */
	bool half, rexw;	/* prefix 66, REX.W */
	u8 prefix;		/* index of the row's size: PREFIX_* */
	bool vex, l;		/* VEX, and VEX.L */
	u8 map;			/* 0 one byte, 1 0F, 2 0F 38, 3 0F 3A */
	u8 opcode, modrm;
};

/* The last of the prefixes 66, F3 and F2 that counts selects an instruction of SSE. */
enum { PREFIX_NONE, PREFIX_66, PREFIX_F3, PREFIX_F2 };

/* Return: bytes of a general register as an operand. */
static unsigned int operand_bytes(const struct guess_insn *in)
{
	if (in->rexw)
		return 8;
	return (in->bits == 16) != in->half ? 2 : 4;
}

/* ---- the stack ---- */

/* @half: there is an operand size prefix. Return: bytes of a word on the stack. */
static unsigned int stack_word(unsigned int bits, bool half)
{
	if (bits == 64)
		return half ? 2 : 8;
	return (bits == 32) != half ? 4 : 2;
}

/* Return: the words that a stack instruction accesses; 0 for other instructions. */
static unsigned int stack_words(u8 op)
{
	switch (op) {
	case 0x50 ... 0x5f: case 0x68: case 0x6a: case 0x9c: case 0x9d:
	case 0xc2: case 0xc3: case 0xc9: case 0xe8:
	case 0x06: case 0x07: case 0x0e: case 0x16: case 0x17: case 0x1e: case 0x1f:
		return 1;
	case 0x9a: case 0xca: case 0xcb:
		return 2;
	case 0xcf:
		return 5;
	case 0x60: case 0x61:
		return 8;
	default:
		return 0;
	}
}

/* ---- x87 ---- */

/* Operand of D8 to DF, by opcode and the reg field of ModRM. ENV and ALL: see below. */
#define ENV	1
#define ALL	3

static const u8 x87_bytes[8][8] = {
	{ 4, 4, 4, 4, 4, 4, 4, 4 },
	{ 4, 0, 4, 4, ENV, 2, ENV, 2 },
	{ 4, 4, 4, 4, 4, 4, 4, 4 },
	{ 4, 4, 4, 4, 0, 10, 0, 10 },
	{ 8, 8, 8, 8, 8, 8, 8, 8 },
	{ 8, 8, 8, 8, ALL, 0, ALL, 2 },
	{ 2, 2, 2, 2, 2, 2, 2, 2 },
	{ 2, 2, 2, 2, 10, 8, 10, 8 },
};

/* The environment has 14 bytes with operands of 16 bits, else 28; ALL adds 8 registers. */
static unsigned int x87_guess(const struct guess_insn *in)
{
	unsigned int size = x87_bytes[in->opcode & 7][REG(in->modrm)];
	unsigned int environment = operand_bytes(in) == 2 ? 14 : 28;

	if (size == ENV)
		return environment;
	return size == ALL ? environment + 8 * 10 : size;
}

/* ---- MMX, SSE, AVX ---- */

#define GPR	255	/* 8 bytes with REX.W, else 4 */
#define HALF_V	254	/* half a vector */
#define DUP	253	/* MOVDDUP: 8, and all 32 with VEX.L */
#define OPERAND	252	/* as general instructions */

/* Operands of the map 0F. VEX.L doubles those of 16 bytes and of HALF_V. */
static const struct vector_bytes {
	u8 first, last;
	u8 bytes[4];	/* by PREFIX_*; 0: no such instruction, or insn_decode() knows it */
} vector_bytes[] = {
	{ 0x12, 0x12, { 0, 0, 16, DUP } },
	{ 0x14, 0x15, { 16, 16 } },
	{ 0x16, 0x16, { 0, 0, 16 } },
	{ 0x2a, 0x2a, { 8, 8, GPR, GPR } },
	{ 0x2c, 0x2d, { 8, 16, 4, 8 } },
	{ 0x2e, 0x2f, { 4, 8 } },
	{ 0x51, 0x51, { 16, 16, 4, 8 } },
	{ 0x52, 0x53, { 16, 0, 4 } },
	{ 0x54, 0x57, { 16, 16 } },
	{ 0x58, 0x59, { 16, 16, 4, 8 } },
	{ 0x5a, 0x5a, { HALF_V, 16, 4, 8 } },
	{ 0x5b, 0x5b, { 16, 16, 16 } },
	{ 0x5c, 0x5f, { 16, 16, 4, 8 } },
	{ 0x60, 0x62, { 4, 16 } },
	{ 0x63, 0x6b, { 8, 16 } },
	{ 0x6c, 0x6d, { 0, 16 } },
	{ 0x70, 0x70, { 8, 16, 16, 16 } },
	{ 0x74, 0x76, { 8, 16 } },
	{ 0x7c, 0x7d, { 0, 16, 0, 16 } },
	{ 0xb8, 0xb8, { 0, 0, OPERAND } },
	{ 0xbc, 0xbd, { 0, 0, OPERAND } },
	{ 0xc2, 0xc2, { 16, 16, 4, 8 } },
	{ 0xc4, 0xc4, { 2, 2 } },
	{ 0xc6, 0xc6, { 16, 16 } },
	{ 0xd0, 0xd0, { 0, 16, 0, 16 } },
	{ 0xd1, 0xe5, { 8, 16 } },
	{ 0xe6, 0xe6, { 0, 16, HALF_V, 16 } },
	{ 0xe7, 0xff, { 8, 16 } },
};

static unsigned int vector_guess(const struct guess_insn *in, unsigned int bytes)
{
	unsigned int shift = in->vex && in->l;

	switch (bytes) {
	case GPR:
		return in->rexw ? 8 : 4;
	case HALF_V:
		return 8 << shift;
	case DUP:
		return 8 << (2 * shift);
	case OPERAND:
		return operand_bytes(in);
	case XMM_BYTES:
		return XMM_BYTES << shift;
	default:
		return bytes;
	}
}

static unsigned int save_area(const struct guess_insn *in)
{
	if (in->opcode == 0xc7)
		return REG(in->modrm) >= 6 ? WORD : XSAVE_BYTES;
	switch (REG(in->modrm)) {
	case 0: case 1:
		return FXSAVE_BYTES;
	case 2: case 3:
		return 4;	/* MXCSR */
	default:
		return XSAVE_BYTES;
	}
}

/* Return: the size of an instruction of the map 0F, or 0 if it is not of SSE. */
static unsigned int two_byte_vector(const struct guess_insn *in)
{
	const struct vector_bytes *row;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_bytes); i++) {
		row = &vector_bytes[i];
		if (in->opcode >= row->first && in->opcode <= row->last)
			return vector_guess(in, row->bytes[in->prefix]);
	}
	return 0;
}

static unsigned int two_byte(const struct guess_insn *in)
{
	unsigned int size;

	switch (in->opcode) {
	case 0x00: case 0x02: case 0x03: case 0x0d: case 0x18: case 0x19:
	case 0x1c ... 0x1f: case 0x78: case 0x79: case 0xb9:
		return WORD;
	case 0x01:			/* SGDT and its kind */
	case 0xb2: case 0xb4: case 0xb5:	/* LSS, LFS, LGS */
		return FAR_BYTES;
	case 0xa0: case 0xa1: case 0xa8: case 0xa9:	/* PUSH and POP of FS and GS */
		return WORD;
	case 0xae: case 0xc7:
		return save_area(in);
	}
	size = two_byte_vector(in);
	return size ? size : vector_guess(in, XMM_BYTES);
}

/* MOVDIR64B, key locker and tiles have up to 64 bytes. */
static unsigned int later_map(const struct guess_insn *in)
{
	bool tile = in->vex && (in->opcode == 0x49 || in->opcode == 0x4b);
	bool key = in->prefix == PREFIX_F3 && (in->opcode & 0xf8) == 0xd8;

	if (in->map == 2 && (tile || key || in->opcode == 0xf8))
		return EVEX_BYTES;
	return vector_guess(in, XMM_BYTES);
}

/* ---- */

static unsigned int guess_size(const struct guess_insn *in)
{
	if (in->map == 1)
		return two_byte(in);
	if (in->map > 1)
		return later_map(in);
	if (stack_words(in->opcode))
		return stack_words(in->opcode) * stack_word(in->bits, in->half);
	if (in->opcode >= 0xd8 && in->opcode <= 0xdf && IS_MEMORY(in->modrm))
		return x87_guess(in);
	switch (in->opcode) {
	case 0x8f:			/* XOP */
		return EVEX_BYTES;
	case 0xff: case 0xc4: case 0xc5:	/* far CALL and JMP; LES and LDS */
		return FAR_BYTES;
	default:
		return WORD;
	}
}

static u8 guess_byte(const u8 *bytes, unsigned int len, unsigned int at)
{
	return at < len ? bytes[at] : 0;
}

/* @at: after the prefix C5, or C4 if @three. Return: the position of the opcode. */
static unsigned int take_vex(struct guess_insn *in, const u8 *bytes, unsigned int len,
			     unsigned int at, bool three)
{
	u8 last;

	in->map = three ? guess_byte(bytes, len, at++) & 0x1f : 1;
	last = guess_byte(bytes, len, at++);
	in->vex = true;
	in->rexw = three && last & 0x80;
	in->l = last & 4;
	in->prefix = last & 3;
	return at;
}

/* Return: the position of the opcode. */
static unsigned int take_escape(struct guess_insn *in, const u8 *bytes, unsigned int len,
				unsigned int at)
{
	if (guess_byte(bytes, len, at) != 0x0f)
		return at;
	in->map = 1;
	at++;
	if (guess_byte(bytes, len, at) == 0x38)
		in->map = 2;
	else if (guess_byte(bytes, len, at) == 0x3a)
		in->map = 3;
	return in->map > 1 ? at + 1 : at;
}

static void take_guess_prefix(struct guess_insn *in, u8 byte)
{
	in->rexw = in->bits == 64 && (byte & 0xf8) == 0x48;
	if (byte == 0x66)
		in->half = true;
	if (byte == 0xf3)
		in->prefix = PREFIX_F3;
	else if (byte == 0xf2)
		in->prefix = PREFIX_F2;
	else if (byte == 0x66 && in->prefix == PREFIX_NONE)
		in->prefix = PREFIX_66;
}

struct watch_guess watch_guess(const u8 *bytes, unsigned int len, unsigned int bits)
{
	struct guess_insn in = { .bits = bits };
	struct watch_guess guess = { };
	unsigned int at = 0;
	bool vex;
	u8 byte;

	while (at < len && insn_is_prefix(bytes[at], bits))
		take_guess_prefix(&in, bytes[at++]);
	byte = guess_byte(bytes, len, at);
	/* Outside of 64-bit mode these are LES, LDS and BOUND if they have memory operands. */
	vex = bits == 64 || !IS_MEMORY(guess_byte(bytes, len, at + 1));
	if (byte == 0x62 && vex) {
		guess.size = EVEX_BYTES;
		return guess;
	}
	if ((byte == 0xc4 || byte == 0xc5) && vex)
		at = take_vex(&in, bytes, len, at + 1, byte == 0xc4);
	else
		at = take_escape(&in, bytes, len, at);
	in.opcode = guess_byte(bytes, len, at);
	in.modrm = guess_byte(bytes, len, at + 1);
	guess.size = guess_size(&in);
	guess.down = !in.map && !in.vex && in.opcode == 0x60;
	return guess;
}
