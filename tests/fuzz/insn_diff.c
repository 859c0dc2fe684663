// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random bytes to our decoder and to Capstone: what we accept it must read the
 * same way, and what it reads as one of ours we must accept. Prints TAP.
 *
 *	insn_diff COUNT SEED
 */
#include <capstone.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../kmod/insn_decode.c"

#define SHOWN_AT_MOST	20

static u64 seed;

static u64 draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dULL >> 16;
}

/* What Capstone calls our operations. */
static const struct {
	x86_insn id;
	u8 op;
} names[] = {
	{ X86_INS_MOV, INSN_LOAD }, { X86_INS_MOV, INSN_STORE },
	{ X86_INS_MOVABS, INSN_LOAD }, { X86_INS_MOVABS, INSN_STORE },
	{ X86_INS_MOVZX, INSN_LOAD }, { X86_INS_MOVSX, INSN_LOAD },
	{ X86_INS_MOVSXD, INSN_LOAD }, { X86_INS_MOVNTI, INSN_STORE },
	{ X86_INS_ADD, INSN_ADD }, { X86_INS_OR, INSN_OR },
	{ X86_INS_ADC, INSN_ADC }, { X86_INS_SBB, INSN_SBB },
	{ X86_INS_AND, INSN_AND }, { X86_INS_SUB, INSN_SUB },
	{ X86_INS_XOR, INSN_XOR }, { X86_INS_CMP, INSN_CMP },
	{ X86_INS_TEST, INSN_TEST }, { X86_INS_NOT, INSN_NOT },
	{ X86_INS_NEG, INSN_NEG }, { X86_INS_INC, INSN_INC },
	{ X86_INS_DEC, INSN_DEC }, { X86_INS_XCHG, INSN_XCHG },
	{ X86_INS_CMPXCHG, INSN_CMPXCHG }, { X86_INS_XADD, INSN_XADD },
	{ X86_INS_BT, INSN_BT }, { X86_INS_BTS, INSN_BTS },
	{ X86_INS_BTR, INSN_BTR }, { X86_INS_BTC, INSN_BTC },
	{ X86_INS_MOVSB, INSN_MOVS }, { X86_INS_MOVSW, INSN_MOVS },
	{ X86_INS_MOVSD, INSN_MOVS }, { X86_INS_MOVSQ, INSN_MOVS },
	{ X86_INS_STOSB, INSN_STOS }, { X86_INS_STOSW, INSN_STOS },
	{ X86_INS_STOSD, INSN_STOS }, { X86_INS_STOSQ, INSN_STOS },
	{ X86_INS_LODSB, INSN_LODS }, { X86_INS_LODSW, INSN_LODS },
	{ X86_INS_LODSD, INSN_LODS }, { X86_INS_LODSQ, INSN_LODS },
	{ X86_INS_PUSH, INSN_PUSH }, { X86_INS_POP, INSN_POP },
};

static bool is_ours(unsigned int id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].id == id)
			return true;
	return false;
}

static bool same_operation(unsigned int id, u8 op)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].id == id && names[i].op == op)
			return true;
	return false;
}

static const x86_reg registers[3][16] = {
	{ X86_REG_AX, X86_REG_CX, X86_REG_DX, X86_REG_BX, X86_REG_SP, X86_REG_BP,
	  X86_REG_SI, X86_REG_DI, X86_REG_R8W, X86_REG_R9W, X86_REG_R10W,
	  X86_REG_R11W, X86_REG_R12W, X86_REG_R13W, X86_REG_R14W, X86_REG_R15W },
	{ X86_REG_EAX, X86_REG_ECX, X86_REG_EDX, X86_REG_EBX, X86_REG_ESP, X86_REG_EBP,
	  X86_REG_ESI, X86_REG_EDI, X86_REG_R8D, X86_REG_R9D, X86_REG_R10D,
	  X86_REG_R11D, X86_REG_R12D, X86_REG_R13D, X86_REG_R14D, X86_REG_R15D },
	{ X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX, X86_REG_RSP, X86_REG_RBP,
	  X86_REG_RSI, X86_REG_RDI, X86_REG_R8, X86_REG_R9, X86_REG_R10,
	  X86_REG_R11, X86_REG_R12, X86_REG_R13, X86_REG_R14, X86_REG_R15 },
};

static bool same_register(unsigned int reg, const struct insn *insn, s8 nr)
{
	if (nr < 0)
		return reg == X86_REG_INVALID || reg == X86_REG_EIZ ||
		       reg == X86_REG_RIZ ||
		       (insn->rip_relative && (reg == X86_REG_RIP || reg == X86_REG_EIP));
	return reg == registers[insn->addr_size / 4][nr];
}

static u64 addr_mask(const struct insn *insn)
{
	return insn->addr_size == 8 ? ~0ULL : (1ULL << (8 * insn->addr_size)) - 1;
}

static const cs_x86_op *memory_operand(const cs_insn *cs)
{
	const cs_x86 *x86 = &cs->detail->x86;
	unsigned int i;

	for (i = 0; i < x86->op_count; i++)
		if (x86->operands[i].type == X86_OP_MEM)
			return &x86->operands[i];
	return NULL;
}

static bool is_string(const struct insn *insn)
{
	return insn->op == INSN_MOVS || insn->op == INSN_STOS || insn->op == INSN_LODS;
}

/* What the two disagree in, or NULL. */
static const char *difference(const struct insn *ours, const cs_insn *cs)
{
	const cs_x86_op *mem = memory_operand(cs);

	if (ours->len != cs->size)
		return "length";
	if (!same_operation(cs->id, ours->op))
		return "operation";
	if (!mem)
		return "no memory operand";
	if (mem->size != ours->size)
		return "operand size";
	if (is_string(ours))
		return NULL;	/* two operands, not in our order */
	if (!same_register(mem->mem.base, ours, ours->base))
		return "base";
	if (!same_register(mem->mem.index, ours, ours->index))
		return "index";
	if (ours->index >= 0 && mem->mem.scale != ours->scale)
		return "scale";
	if (((u64)mem->mem.disp ^ (u64)ours->disp) & addr_mask(ours))
		return "displacement";
	return NULL;
}

static unsigned int put_prefixes(u8 *bytes, u8 bits)
{
	static const u8 segments[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };
	unsigned int n = 0;

	if (draw() % 8 == 0)
		bytes[n++] = segments[draw() % ARRAY_SIZE(segments)];
	if (draw() % 4 == 0)
		bytes[n++] = 0x67;
	if (draw() % 16 == 0)
		bytes[n++] = 0xf0;
	if (draw() % 4 == 0)
		bytes[n++] = 0x66;
	if (bits == 64 && draw() % 2)
		bytes[n++] = 0x40 | (draw() & 15);
	return n;
}

static bool is_prefix(u16 opcode, u8 bits)
{
	struct insn insn = {};
	struct decoder d = { .bits = bits, .insn = &insn };

	if (opcode >= MAP_0F)
		return false;
	return take_prefix(&d, opcode) || (bits == 64 && (opcode & 0xf0) == 0x40);
}

/* Any opcode of the two maps, half of the time one of the table. */
static void make_bytes(u8 bytes[INSN_MAX], u8 bits)
{
	const struct opcode *row = &opcodes[draw() % ARRAY_SIZE(opcodes)];
	u16 opcode = row->opcode | (draw() & ~row->mask);
	unsigned int n = put_prefixes(bytes, bits);

	if (draw() % 2) {
		/* prefixes come in put_prefixes(), in an order that both know */
		do
			opcode = draw() % 512;
		while (is_prefix(opcode & 0xff, bits));
		if (opcode > 0xff)
			opcode = MAP_0F | (opcode & 0xff);
	}
	if (opcode >= MAP_0F)
		bytes[n++] = 0x0f;
	bytes[n++] = opcode;
	while (n < INSN_MAX)
		bytes[n++] = draw();
}

/*
 * Where Capstone 4 is the one to differ from the manual, or where its MOV is not
 * one of ours:
 * - 63 without REX.W is MOVSXD with a 32- or 16-bit operand
 * - MOVNTI has no form with 66
 * - 8C and 8E move segment registers
 * - LOCK is illegal with a register as the destination
 * - REX.W goes before 66, for PUSH and POP too (vol. 2, 2.2.1.2); it takes
 *   67 before these for 66
 */
static bool capstone_is_excused(const cs_insn *cs)
{
	const cs_x86 *x86 = &cs->detail->x86;
	u8 opcode = x86->opcode[0];

	if (opcode == 0x0f)
		return x86->opcode[1] == 0xc3;
	if (opcode == 0x63 || opcode == 0x8c || opcode == 0x8e)
		return true;
	if (x86->prefix[0] == 0xf0 && opcode < 0x40)
		return opcode & 2;
	return (cs->id == X86_INS_PUSH || cs->id == X86_INS_POP) &&
	       (x86->prefix[2] || x86->prefix[3]) && (x86->rex & REX_W);
}

static const char *check(csh handle, const u8 *bytes, u8 bits, cs_insn *cs)
{
	const struct insn_mode mode = { .bits = bits };
	const u8 *code = bytes;
	size_t left = INSN_MAX;
	uint64_t address = 0;
	struct insn ours;
	int ret = insn_decode(&mode, bytes, INSN_MAX, &ours);
	bool known = cs_disasm_iter(handle, &code, &left, &address, cs);

	if (!known)
		return ret ? NULL : "we accept, Capstone does not";
	if (capstone_is_excused(cs))
		return NULL;
	if (!ret)
		return difference(&ours, cs);
	if (is_ours(cs->id) && memory_operand(cs))
		return "Capstone accepts, we do not";
	return NULL;
}

static void show(const u8 *bytes, const char *why, const cs_insn *cs)
{
	unsigned int i;

	printf("# %s:", why);
	for (i = 0; i < INSN_MAX; i++)
		printf(" %02x", bytes[i]);
	printf(" | Capstone: %s %s (%u)\n", cs->mnemonic, cs->op_str, cs->size);
}

static unsigned long run_mode(u8 bits, cs_mode mode, unsigned long count)
{
	unsigned long i, bad = 0;
	u8 bytes[INSN_MAX];
	csh handle;
	cs_insn *cs;

	if (cs_open(CS_ARCH_X86, mode, &handle) != CS_ERR_OK)
		return 1;
	cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
	cs = cs_malloc(handle);
	for (i = 0; i < count; i++) {
		const char *why;

		make_bytes(bytes, bits);
		why = check(handle, bytes, bits, cs);
		if (why && bad++ < SHOWN_AT_MOST)
			show(bytes, why, cs);
	}
	cs_free(cs, 1);
	cs_close(&handle);
	return bad;
}

int main(int argc, char **argv)
{
	static const struct {
		u8 bits;
		cs_mode mode;
	} runs[] = { { 16, CS_MODE_16 }, { 32, CS_MODE_32 }, { 64, CS_MODE_64 } };
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
	unsigned int i, failed = 0;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	if (!seed)
		seed = 1;
	printf("TAP version 13\n1..%zu\n", ARRAY_SIZE(runs));
	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		unsigned long bad = run_mode(runs[i].bits, runs[i].mode, count);

		printf("%sok %u - %u-bit mode: of %lu byte strings Capstone reads %lu otherwise\n",
		       bad ? "not " : "", i + 1, runs[i].bits, count, bad);
		failed |= bad != 0;
	}
	return failed;
}
