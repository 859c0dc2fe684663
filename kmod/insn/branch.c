// SPDX-License-Identifier: GPL-2.0-only
/* Classification of instructions that transfer control (SDM vol. 2, appendix A). */
#include <linux/bits.h>

#include "insn/branch.h"
#include "insn/insn.h"

#define REL8	1

static u8 kind_of_one(u8 op)
{
	switch (op) {
	case 0x70 ... 0x7f: case 0xe0 ... 0xe3:
		return BRANCH_CONDITIONAL;
	case 0xe9: case 0xea: case 0xeb:
		return BRANCH_JUMP;
	case 0x9a: case 0xe8:
		return BRANCH_CALL;
	case 0xc2: case 0xc3: case 0xca: case 0xcb:
		return BRANCH_RETURN;
	case 0xcf:
		return BRANCH_IRET;
	case 0xcc: case 0xcd: case 0xf1:
		return BRANCH_INT;
	default:
		return BRANCH_NONE;
	}
}

static u8 kind_of_two(u8 op)
{
	switch (op) {
	case 0x80 ... 0x8f:
		return BRANCH_CONDITIONAL;
	case 0x05: case 0x34:
		return BRANCH_SYSCALL;
	case 0x07: case 0x35: case 0xaa:
		return BRANCH_IRET;
	default:
		return BRANCH_NONE;
	}
}

static u8 kind_of_group5(u8 modrm)
{
	switch (modrm >> 3 & 7) {
	case 2: case 3:
		return BRANCH_CALL;
	case 4: case 5:
		return BRANCH_JUMP;
	default:
		return BRANCH_NONE;
	}
}

/* Return: bytes of a near branch's displacement. 64-bit mode ignores 0x66. */
static u8 rel_size(unsigned int bits, bool operand_prefix)
{
	if (bits == 64)
		return 4;
	return (bits == 32) != operand_prefix ? 4 : 2;
}

struct branch branch_decode(const u8 *bytes, unsigned int nr, unsigned int bits)
{
	struct branch none = { .kind = BRANCH_NONE };
	bool operand_prefix = false;
	unsigned int i = 0;
	u8 op;

	while (i < nr && insn_is_prefix(bytes[i], bits))
		operand_prefix |= bytes[i++] == 0x66;
	if (i == nr)
		return none;
	op = bytes[i++];
	if (op == 0xce)		/* INTO branches only if OF is set */
		return (struct branch){ BRANCH_CONDITIONAL, i };
	if (op != 0x0f && op != 0xff)
		return (struct branch){ kind_of_one(op), i + REL8 };
	if (i == nr)
		return none;
	if (op == 0xff)
		return (struct branch){ kind_of_group5(bytes[i]), 0 };
	op = bytes[i++];
	return (struct branch){ kind_of_two(op), i + rel_size(bits, operand_prefix) };
}

bool branch_taken(struct branch branch, u64 from, u64 to)
{
	switch (branch.kind) {
	case BRANCH_NONE:
		return to - from > INSN_MAX;
	case BRANCH_CONDITIONAL:
		return to - from != branch.len;
	default:
		return true;
	}
}
