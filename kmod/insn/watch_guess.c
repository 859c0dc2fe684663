// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounds for instructions with an implicit memory operand and for those that
 * insn_decode() does not know. The size is exact for stack instructions; for the others
 * it is the largest of their kind (SDM vol. 2, A.3).
 */
#include "insn/insn.h"
#include "insn/watch_guess.h"

#define WORD		8	/* a general register */
#define X87_BYTES	10
#define VECTOR_BYTES	64
#define FXSAVE_BYTES	512

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

static unsigned int two_byte(u8 op)
{
	switch (op) {
	case 0xa0: case 0xa1: case 0xa8: case 0xa9:	/* PUSH and POP of FS and GS */
		return WORD;
	case 0xae: case 0xc7:
		return FXSAVE_BYTES;
	default:
		return VECTOR_BYTES;
	}
}

struct watch_guess watch_guess(const u8 *bytes, unsigned int len, unsigned int bits)
{
	struct watch_guess guess = { .size = WORD };
	bool half = false;
	unsigned int i;

	for (i = 0; i < len && insn_is_prefix(bytes[i], bits); i++)
		half |= bytes[i] == 0x66;
	if (i >= len)
		return guess;
	if (stack_words(bytes[i])) {
		guess.size = stack_words(bytes[i]) * stack_word(bits, half);
		guess.down = bytes[i] == 0x60;
	} else if (bytes[i] >= 0xd8 && bytes[i] <= 0xdf) {
		guess.size = X87_BYTES;
	} else if (bytes[i] == 0x0f && i + 1 < len) {
		guess.size = two_byte(bytes[i + 1]);
	} else if (bytes[i] == 0xc4 || bytes[i] == 0xc5 || bytes[i] == 0x62) {
		guess.size = VECTOR_BYTES;
	}
	return guess;
}
