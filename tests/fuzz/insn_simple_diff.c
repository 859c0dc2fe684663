// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decode random bytes with our decoder of simple instructions and with Zydis.
 * For each instruction that ours accepts, Zydis must find the same length, a
 * supported operation, and a memory access only if ours does. The ABI tests
 * check the execution against the processor. Prints TAP.
 *
 *	insn_simple_diff COUNT SEED
 */
#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/insn/insn_simple.c"

#define SHOWN_AT_MOST	20

/* This test executes nothing. */
u64 insn_address(const struct insn *insn, const u64 regs[16], u64 rip)
{
	abort();
}

bool insn_execute(const struct insn *insn, u64 regs[16], u64 *rflags, u64 *mem)
{
	abort();
}

static u64 seed;

static u64 draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dULL >> 16;
}

/*
 * Draw few prefixes, one or two bytes of opcode, and random bytes after them.
 */
static void make_bytes(u8 bytes[16])
{
	static const u8 prefixes[] = { 0x2e, 0x3e, 0x64, 0x66, 0x67, 0xf0, 0xf2, 0xf3 };
	unsigned int n = 0;

	while (n < 3 && draw() % 8 < 2)
		bytes[n++] = prefixes[draw() % ARRAY_SIZE(prefixes)];
	while (n < 4 && draw() % 2)
		bytes[n++] = 0x40 | (draw() & 15);
	if (draw() % 2)
		bytes[n++] = 0x0f;
	while (n < 16)
		bytes[n++] = draw();
	if (draw() % 2)
		bytes[n - 8] |= 0xc0;
}

static bool touches_memory(const ZydisDecodedInstruction *insn,
			   const ZydisDecodedOperand *operands)
{
	unsigned int i;

	/* Long NOPs have a memory operand that they do not access. */
	for (i = 0; i < insn->operand_count; i++)
		if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    operands[i].mem.type != ZYDIS_MEMOP_TYPE_AGEN &&
		    insn->mnemonic != ZYDIS_MNEMONIC_NOP)
			return true;
	return false;
}

/* Zydis' names of the supported operations; * matches any end. */
static bool is_simple(const char *name)
{
	static const char * const names[] = {
		"nop", "endbr32", "endbr64", "mov", "movsx", "movsxd", "movzx", "lea", "add",
		"or", "adc", "sbb", "and", "sub", "xor", "cmp", "test", "not", "neg", "inc",
		"dec", "xchg", "cbw", "cwde", "cdqe", "cwd", "cdq", "cqo", "bswap", "cmov*",
		"set*", "j*", "push", "call",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *end = strchr(names[i], '*');

		if (end ? !strncmp(name, names[i], end - names[i]) : !strcmp(name, names[i]))
			return true;
	}
	return false;
}

static const char *difference(const ZydisDecodedInstruction *insn,
			      const ZydisDecodedOperand *operands,
			      const struct insn_simple *ours)
{
	ZyanU64 target;
	bool jumps = ours->form == INSN_FORM_JUMP || ours->form == INSN_FORM_JUMP_IF ||
		     ours->form == INSN_FORM_CALL;

	if (ours->len != insn->length)
		return "length";
	if (!is_simple(ZydisMnemonicGetString(insn->mnemonic)))
		return "operation";
	if (touches_memory(insn, operands) != insn_simple_stores(ours))
		return "memory";
	if (jumps != (insn->meta.branch_type != ZYDIS_BRANCH_TYPE_NONE))
		return "branch";
	if (!jumps)
		return NULL;
	if (!ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(insn, &operands[0], 0x100000, &target)) ||
	    target != (u64)(0x100000 + ours->len + ours->insn.disp))
		return "target";
	return NULL;
}

static void show(const u8 *bytes, const char *why)
{
	unsigned int i;

	printf("# %s:", why);
	for (i = 0; i < 16; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000, i, bad = 0;
	unsigned long accepted = 0;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	ZydisDecoder decoder;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	seed = seed ?: 1;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (i = 0; i < count; i++) {
		const char *why = "we accept, Zydis does not";
		struct insn_simple ours;
		u8 bytes[16];

		make_bytes(bytes);
		if (!insn_simple_decode(bytes, sizeof(bytes), &ours))
			continue;
		accepted++;
		if (ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, INSN_MAX, &insn,
							operands)))
			why = difference(&insn, operands, &ours);
		if (why && bad++ < SHOWN_AT_MOST)
			show(bytes, why);
		/* An instruction that is cut off must not be accepted. */
		if (insn_simple_decode(bytes, draw() % ours.len, &ours) && bad++ < SHOWN_AT_MOST)
			show(bytes, "we accept a part of it");
	}
	bad += !accepted;
	printf("TAP version 13\n1..1\n%sok 1 - of %lu simple instructions Zydis reads %lu differently\n",
	       bad ? "not " : "", accepted, bad);
	return bad != 0;
}
