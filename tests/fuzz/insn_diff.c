// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decode random bytes with our decoder and with Zydis. Zydis must agree with
 * each instruction that our decoder accepts, and our decoder must accept each
 * supported instruction that Zydis reads. Prints TAP.
 *
 *	insn_diff COUNT SEED
 */
#include <Zydis/Zydis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/insn/insn_decode.c"
#include "../../kmod/insn/watch_guess.c"

#define SHOWN_AT_MOST	20

static u64 seed;

static u64 draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dULL >> 16;
}

/* Result of Zydis. */
struct theirs {
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	const char *name;
};

/* Zydis' names of our operations; * matches any end. */
static const struct {
	const char *name;
	u8 op;
} names[] = {
	{ "mov", INSN_LOAD }, { "mov", INSN_STORE },
	{ "mov", INSN_LOAD_SEG }, { "mov", INSN_STORE_SEG },
	{ "movzx", INSN_LOAD }, { "movsx", INSN_LOAD }, { "movsxd", INSN_LOAD },
	{ "movnti", INSN_STORE }, { "movbe", INSN_LOAD }, { "movbe", INSN_STORE },
	{ "add", INSN_ADD }, { "or", INSN_OR }, { "adc", INSN_ADC }, { "sbb", INSN_SBB },
	{ "and", INSN_AND }, { "sub", INSN_SUB }, { "xor", INSN_XOR }, { "cmp", INSN_CMP },
	{ "test", INSN_TEST }, { "not", INSN_NOT }, { "neg", INSN_NEG },
	{ "inc", INSN_INC }, { "dec", INSN_DEC }, { "imul", INSN_IMUL },
	{ "mul", INSN_MUL }, { "imul", INSN_IMUL_WIDE }, { "div", INSN_DIV },
	{ "idiv", INSN_IDIV }, { "bsf", INSN_BSF }, { "bsr", INSN_BSR },
	{ "rol", INSN_ROL }, { "ror", INSN_ROR }, { "rcl", INSN_RCL }, { "rcr", INSN_RCR },
	{ "shl", INSN_SHL }, { "shr", INSN_SHR }, { "shl", INSN_SAL }, { "sar", INSN_SAR },
	{ "shld", INSN_SHLD }, { "shrd", INSN_SHRD },
	{ "xchg", INSN_XCHG }, { "cmpxchg", INSN_CMPXCHG }, { "xadd", INSN_XADD },
	{ "cmpxchg8b", INSN_CMPXCHG_PAIR }, { "cmpxchg16b", INSN_CMPXCHG_PAIR },
	{ "bt", INSN_BT }, { "bts", INSN_BTS }, { "btr", INSN_BTR }, { "btc", INSN_BTC },
	{ "cmov*", INSN_CMOV }, { "set*", INSN_SETCC },
	{ "movsb", INSN_MOVS }, { "movsw", INSN_MOVS }, { "movsd", INSN_MOVS },
	{ "movsq", INSN_MOVS }, { "stosb", INSN_STOS }, { "stosw", INSN_STOS },
	{ "stosd", INSN_STOS }, { "stosq", INSN_STOS }, { "lodsb", INSN_LODS },
	{ "lodsw", INSN_LODS }, { "lodsd", INSN_LODS }, { "lodsq", INSN_LODS },
	{ "cmpsb", INSN_CMPS }, { "cmpsw", INSN_CMPS }, { "cmpsd", INSN_CMPS },
	{ "cmpsq", INSN_CMPS }, { "scasb", INSN_SCAS }, { "scasw", INSN_SCAS },
	{ "scasd", INSN_SCAS }, { "scasq", INSN_SCAS },
	{ "push", INSN_PUSH }, { "pop", INSN_POP }, { "call", INSN_CALL }, { "jmp", INSN_JMP },
	{ "clflush*", INSN_FLUSH }, { "clwb", INSN_FLUSH },
	{ "xlat", INSN_XLAT }, { "fnstcw", INSN_STORE_X87_CONTROL },
	{ "fnstsw", INSN_STORE_X87_STATUS }, { "smsw", INSN_SMSW }, { "lmsw", INSN_LMSW },
	{ "sgdt", INSN_SGDT }, { "sidt", INSN_SIDT }, { "lgdt", INSN_LGDT },
	{ "lidt", INSN_LIDT }, { "sldt", INSN_SLDT }, { "str", INSN_STR },
	{ "lldt", INSN_LLDT }, { "ltr", INSN_LTR }, { "les", INSN_LES }, { "lss", INSN_LSS },
	{ "lds", INSN_LDS }, { "lfs", INSN_LFS }, { "lgs", INSN_LGS },
	{ "call", INSN_CALL_FAR }, { "jmp", INSN_JMP_FAR },
	{ "push", INSN_PUSH_REG }, { "push", INSN_PUSH_SEG }, { "pushf*", INSN_PUSH_FLAGS },
	{ "call", INSN_CALL_NEAR }, { "enter", INSN_ENTER }, { "pop", INSN_POP_REG },
	{ "pop", INSN_POP_SEG }, { "ret", INSN_RET }, { "leave", INSN_LEAVE },
	{ "pusha*", INSN_PUSH_ALL }, { "popa*", INSN_POP_ALL }, { "popf*", INSN_POP_FLAGS },
	{ "call", INSN_CALL_PTR }, { "ret", INSN_RET_FAR }, { "iret*", INSN_IRET },
	{ "movd", INSN_LOAD_MMX }, { "movd", INSN_STORE_MMX },
	{ "movq", INSN_LOAD_MMX }, { "movq", INSN_STORE_MMX }, { "movntq", INSN_STORE_MMX },
};

/* Names of loads and stores; VEX adds a v in front. */
static const char * const vector_names[] = {
	"movups", "movupd", "movaps", "movapd", "movdqa", "movdqu", "movss", "movsd",
	"movlps", "movlpd", "movhps", "movhpd", "movd", "movq", "movntps", "movntpd",
	"movntdq", "movntdqa", "lddqu",
};

static bool is_named(const char *name, const char *pattern)
{
	const char *end = strchr(pattern, '*');

	return end ? !strncmp(name, pattern, end - pattern) : !strcmp(name, pattern);
}

static bool is_vector_move(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vector_names); i++)
		if (!strcmp(name + (name[0] == 'v'), vector_names[i]))
			return true;
	return false;
}

static bool same_operation(const struct theirs *theirs, const struct insn *ours)
{
	const char *name = theirs->name;
	unsigned int i;

	if (ours->op == INSN_LOAD_VECTOR || ours->op == INSN_STORE_VECTOR)
		return is_vector_move(name) && ours->vex == (name[0] == 'v');
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].op == ours->op && is_named(name, names[i].name))
			return true;
	return false;
}

/* ---- operands ---- */

static const ZydisDecodedOperand *find_operand(const struct theirs *theirs,
					       ZydisOperandType type, bool hidden)
{
	unsigned int i, nr = theirs->insn.operand_count;

	for (i = 0; i < nr; i++) {
		const ZydisDecodedOperand *op = &theirs->operands[i];

		if (op->type == type &&
		    (hidden || op->visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN))
			return op;
	}
	return NULL;
}

static bool is_string(const struct insn *insn)
{
	return insn->op >= INSN_MOVS && insn->op <= INSN_SCAS;
}

/* Return: the memory operand of our decoder; for MOVS the second of two. */
static const ZydisDecodedOperand *memory_operand(const struct theirs *theirs,
						 const struct insn *insn)
{
	const ZydisDecodedOperand *op;

	op = find_operand(theirs, ZYDIS_OPERAND_TYPE_MEMORY,
			  insn && (is_string(insn) || insn->op == INSN_XLAT));
	if (op && insn && insn->op == INSN_MOVS)
		op = &theirs->operands[1];
	return op;
}

static s8 gpr_number(ZydisRegister reg)
{
	switch (ZydisRegisterGetClass(reg)) {
	case ZYDIS_REGCLASS_GPR16:
	case ZYDIS_REGCLASS_GPR32:
	case ZYDIS_REGCLASS_GPR64:
		return ZydisRegisterGetId(reg);
	default:
		return INSN_NO_REG;
	}
}

static bool same_registers(const struct insn *insn, const ZydisDecodedOperandMem *mem)
{
	bool rip = mem->base == ZYDIS_REGISTER_RIP || mem->base == ZYDIS_REGISTER_EIP;
	ZydisRegister any = mem->base ?: mem->index;

	if (any && ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, any) != 8 * insn->addr_size)
		return false;
	return insn->rip_relative == rip && gpr_number(mem->base) == insn->base &&
	       gpr_number(mem->index) == insn->index &&
	       (insn->index < 0 || mem->scale == insn->scale);
}

static bool same_displacement(const struct insn *insn, const ZydisDecodedOperandMem *mem)
{
	unsigned int unused = 64 - 8 * insn->addr_size;

	return !(((u64)mem->disp.value ^ insn->disp) << unused);
}

static bool same_segment(const struct insn *insn, const ZydisDecodedOperandMem *mem, u8 bits)
{
	static const ZydisRegister segments[] = {
		ZYDIS_REGISTER_ES, ZYDIS_REGISTER_CS, ZYDIS_REGISTER_SS,
		ZYDIS_REGISTER_DS, ZYDIS_REGISTER_FS, ZYDIS_REGISTER_GS,
	};

	/* Zydis takes the prefix 3E for NOTRACK here. */
	if (insn->op == INSN_CALL || insn->op == INSN_JMP)
		return true;
	/* ES, CS, SS and DS are equal in 64-bit mode. */
	if (bits == 64 && insn->seg < INSN_FS)
		return mem->segment != ZYDIS_REGISTER_FS && mem->segment != ZYDIS_REGISTER_GS;
	return mem->segment == segments[insn->seg];
}

static ZydisRegister register_of(const struct insn *insn)
{
	unsigned int nr = insn->reg;

	switch (insn->op) {
	case INSN_LOAD_SEG:
	case INSN_STORE_SEG:
	case INSN_PUSH_SEG:
	case INSN_POP_SEG:
		return ZydisRegisterEncode(ZYDIS_REGCLASS_SEGMENT, nr);
	case INSN_LOAD_MMX:
	case INSN_STORE_MMX:
		return ZydisRegisterEncode(ZYDIS_REGCLASS_MMX, nr);
	case INSN_LOAD_VECTOR:
	case INSN_STORE_VECTOR:
		return ZydisRegisterEncode(insn->size == 32 ? ZYDIS_REGCLASS_YMM :
					   ZYDIS_REGCLASS_XMM, nr);
	}
	switch (insn->reg_size) {
	case 1:
		if (insn->reg_high)
			return ZYDIS_REGISTER_AH + nr;
		return nr < 4 ? ZYDIS_REGISTER_AL + nr : ZYDIS_REGISTER_SPL + nr - 4;
	case 2:
		return ZydisRegisterEncode(ZYDIS_REGCLASS_GPR16, nr);
	case 4:
		return ZydisRegisterEncode(ZYDIS_REGCLASS_GPR32, nr);
	default:
		return ZydisRegisterEncode(ZYDIS_REGCLASS_GPR64, nr);
	}
}

/* The visible register, if there is one, must be the one of our decoder. */
static bool same_register(const struct theirs *theirs, const struct insn *insn)
{
	const ZydisDecodedOperand *op = find_operand(theirs, ZYDIS_OPERAND_TYPE_REGISTER, false);
	bool shift = insn->op >= INSN_ROL && insn->op <= INSN_SAR;

	if (!op || shift || is_string(insn))
		return true;
	if (op->reg.value != register_of(insn))
		return false;
	/* With three operands the second must match as well. */
	return op->id != 0 || op[1].type != ZYDIS_OPERAND_TYPE_REGISTER ||
	       op[1].visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN ||
	       op[1].reg.value == ZydisRegisterEncode(ZYDIS_REGCLASS_XMM, insn->vex_reg);
}

static bool same_immediate(const struct theirs *theirs, const struct insn *insn)
{
	const ZydisDecodedOperand *op = find_operand(theirs, ZYDIS_OPERAND_TYPE_IMMEDIATE, false);
	unsigned int unused = op ? 64 - op->size : 0;

	if (!op || !insn->has_imm)
		return !op && !insn->has_imm;
	return !((op->imm.value.u ^ insn->imm) << unused);
}

static bool same_pointer(const struct theirs *theirs, const struct insn *insn)
{
	const ZydisDecodedOperand *op = find_operand(theirs, ZYDIS_OPERAND_TYPE_POINTER, false);

	return op && insn->imm == (op->ptr.offset | (u64)op->ptr.segment << 32);
}

/*
 * The stack is a hidden operand. Zydis and processors push segments differently, and an IRET
 * can pop five words.
 */
static const char *stack_difference(const struct insn *ours, const struct theirs *theirs)
{
	const ZydisDecodedOperand *mem, *reg;
	bool any_size = ours->op == INSN_PUSH_SEG || ours->op == INSN_POP_SEG ||
			ours->op == INSN_IRET;

	mem = find_operand(theirs, ZYDIS_OPERAND_TYPE_MEMORY, true);
	reg = find_operand(theirs, ZYDIS_OPERAND_TYPE_REGISTER, false);
	if (!mem || (mem->size != 8 * ours->size && !any_size))
		return "operand size";
	if (ours->op == INSN_CALL_PTR)
		return same_pointer(theirs, ours) ? NULL : "pointer";
	if (reg && !ours->has_imm && reg->reg.value != register_of(ours))
		return "register";
	return same_immediate(theirs, ours) ? NULL : "immediate";
}

/* Return: the first difference, or NULL. */
static const char *difference(const struct insn *ours, const struct theirs *theirs, u8 bits)
{
	const ZydisDecodedOperand *mem = memory_operand(theirs, ours);

	if (ours->len != theirs->insn.length)
		return "length";
	if (!same_operation(theirs, ours))
		return "operation";
	if (ours->op >= INSN_PUSH_REG)
		return stack_difference(ours, theirs);
	if (!mem)
		return "no memory operand";
	if (mem->size != 8 * ours->size && ours->op != INSN_FLUSH)
		return "operand size";
	if (!same_registers(ours, &mem->mem))
		return "address";
	if (!same_displacement(ours, &mem->mem))
		return "displacement";
	if (!same_segment(ours, &mem->mem, bits))
		return "segment";
	if (!same_register(theirs, ours))
		return "register";
	if (!same_immediate(theirs, ours))
		return "immediate";
	return NULL;
}

/* ---- bytes ---- */

/* Draw prefixes in any order, mostly few of them. */
static unsigned int put_prefixes(u8 *bytes, u8 bits)
{
	static const u8 prefixes[] = {
		0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0x66, 0x67, 0xf0, 0xf2, 0xf3,
	};
	unsigned int n = 0;

	while (n < 5 && draw() % 8 < 3)
		bytes[n++] = prefixes[draw() % ARRAY_SIZE(prefixes)];
	while (bits == 64 && n < 6 && draw() % 2)
		bytes[n++] = 0x40 | (draw() & 15);
	return n;
}

/* Draw a VEX prefix for one of the maps 1 to 3. */
static unsigned int put_vex(u8 *bytes, u8 map)
{
	u8 last = draw() & (draw() % 2 ? 0x07 : 0x7f);
	unsigned int n = 0;

	if (draw() % 2)
		last |= 0x78;		/* no third register */
	if (map == 1 && draw() % 2) {
		bytes[n++] = 0xc5;
		bytes[n++] = 0x80 * (draw() & 1) | last;
	} else {
		bytes[n++] = 0xc4;
		bytes[n++] = (draw() & 0xe0) | map;
		bytes[n++] = 0x80 * (draw() & 1) | last;
	}
	return n;
}

static unsigned int put_opcode(u8 *bytes, u16 opcode)
{
	unsigned int n = 0;

	if (opcode >= INSN_MAP_0F)
		bytes[n++] = 0x0f;
	if (opcode >= MAP_0F38)
		bytes[n++] = 0x38;
	bytes[n++] = opcode;
	return n;
}

/*
 * Draw any opcode of the three maps, or in half of the cases one of the table.
 */
static u16 draw_scalar(void)
{
	const struct opcode *row = &opcodes[draw() % ARRAY_SIZE(opcodes)];
	u16 opcode = row->opcode | (draw() & ~row->mask);
	static const u16 maps[] = { 0, INSN_MAP_0F, MAP_0F38 };

	if (draw() % 2)
		opcode = maps[draw() % ARRAY_SIZE(maps)] | (draw() & 0xff);
	return opcode;
}

static u16 draw_vector(void)
{
	unsigned int i = draw() % (ARRAY_SIZE(vector_opcodes) + ARRAY_SIZE(mmx_opcodes));

	if (i < ARRAY_SIZE(vector_opcodes))
		return vector_opcodes[i].opcode;
	return mmx_opcodes[i - ARRAY_SIZE(vector_opcodes)].opcode;
}

static void make_bytes(u8 bytes[INSN_MAX], u8 bits)
{
	bool vector = draw() % 4 == 0, vex = vector && draw() % 2;
	u16 opcode = vector ? draw_vector() : draw_scalar();
	unsigned int n = 0;

	if (!vex || draw() % 8 == 0)
		n += put_prefixes(bytes, bits);
	if (vex && draw() % 2) {
		n += put_vex(bytes + n, 1 + draw() % 3);
		bytes[n++] = draw();
	} else if (vex) {
		n += put_vex(bytes + n, opcode >= MAP_0F38 ? 2 : 1);
		bytes[n++] = opcode;
	} else {
		n += put_opcode(bytes + n, opcode);
	}
	while (n < INSN_MAX)
		bytes[n++] = draw();
}

/* Return: whether our decoder has the operation, with any operands. */
static bool is_ours(const struct theirs *theirs)
{
	bool vector = theirs->insn.encoding == ZYDIS_INSTRUCTION_ENCODING_VEX;
	unsigned int i;

	for (i = 0; !vector && i < ARRAY_SIZE(names); i++)
		if (is_named(theirs->name, names[i].name))
			return true;
	return is_vector_move(theirs->name);
}

/*
 * Return: whether our decoder leaves the instruction out on purpose: without a
 * memory operand; neither legacy nor VEX encoding; CMPSD of SSE2.
 */
static bool is_left_out(const struct theirs *theirs)
{
	const ZydisDecodedOperand *mem = memory_operand(theirs, NULL);

	if (theirs->insn.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
	    theirs->insn.encoding != ZYDIS_INSTRUCTION_ENCODING_VEX)
		return true;
	return !mem || theirs->insn.mnemonic == ZYDIS_MNEMONIC_CMPSD;
}

/*
 * Return: whether Zydis 4.0.0 differs from the manual here. By the manual,
 * MOVSXD with 66 and without REX.W reads 16 bits of memory, and REX.B does not
 * add a base to a SIB byte without one, with or without 67.
 */
static bool zydis_is_excused(const struct theirs *theirs, const struct insn *ours)
{
	if (theirs->insn.mnemonic == ZYDIS_MNEMONIC_MOVSXD && ours->size == 2)
		return true;
	return ours->addr_size == 4 && ours->base < 0 &&
	       theirs->insn.raw.sib.base == 5 && theirs->insn.raw.rex.B;
}

/* ---- bounds of what our decoder does not know ---- */

/*
 * Instructions whose bound is exact: x87, and MMX and SSE in the map 0F. Zydis gives no
 * size to FXSAVE, XSAVE and the like, nor to prefetches.
 */
static bool bound_is_exact(const struct theirs *theirs)
{
	const ZydisDecodedInstruction *insn = &theirs->insn;

	if (insn->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY)
		return false;
	if (insn->meta.isa_set == ZYDIS_ISA_SET_X87)
		return true;
	return insn->opcode_map == ZYDIS_OPCODE_MAP_0F &&
	       (insn->meta.category == ZYDIS_CATEGORY_MMX ||
		insn->meta.category == ZYDIS_CATEGORY_SSE);
}

/* An instruction with a ModRM operand in memory that our decoder has not accepted */
static const char *bound_difference(const u8 *bytes, u8 bits, const struct theirs *theirs)
{
	const ZydisDecodedOperand *mem = memory_operand(theirs, NULL);
	unsigned int size = watch_guess(bytes, INSN_MAX, bits).size;

	if (!mem || mem->mem.type != ZYDIS_MEMOP_TYPE_MEM)
		return NULL;
	if (mem->size > 8 * size)
		return "larger than our bound";
	if (mem->size && mem->size != 8 * size && bound_is_exact(theirs))
		return "smaller than our bound";
	return NULL;
}

static const char *check(const ZydisDecoder *decoder, const u8 *bytes, u8 bits,
			 struct theirs *theirs)
{
	const struct insn_mode mode = { .bits = bits };
	struct insn ours;
	int ret = insn_decode(&mode, bytes, INSN_MAX, &ours);
	bool known = ZYAN_SUCCESS(ZydisDecoderDecodeFull(decoder, bytes, INSN_MAX,
							 &theirs->insn, theirs->operands));

	if (!known) {
		theirs->name = "nothing";
		return ret ? NULL : "we accept, Zydis does not";
	}
	theirs->name = ZydisMnemonicGetString(theirs->insn.mnemonic);
	if (!ret && zydis_is_excused(theirs, &ours))
		return NULL;
	if (!ret)
		return difference(&ours, theirs, bits);
	if (is_ours(theirs) && !is_left_out(theirs))
		return "Zydis accepts, we do not";
	return bound_difference(bytes, bits, theirs);
}

static void show(const u8 *bytes, const char *why, const struct theirs *theirs)
{
	unsigned int i;

	printf("# %s:", why);
	for (i = 0; i < INSN_MAX; i++)
		printf(" %02x", bytes[i]);
	printf(" | Zydis: %s\n", theirs->name);
}

static unsigned long run_mode(u8 bits, ZydisMachineMode mode, ZydisStackWidth width,
			      unsigned long count)
{
	unsigned long i, bad = 0;
	struct theirs theirs;
	u8 bytes[INSN_MAX];
	ZydisDecoder decoder;

	if (!ZYAN_SUCCESS(ZydisDecoderInit(&decoder, mode, width)))
		return 1;
	for (i = 0; i < count; i++) {
		const char *why;

		make_bytes(bytes, bits);
		why = check(&decoder, bytes, bits, &theirs);
		if (why && bad++ < SHOWN_AT_MOST)
			show(bytes, why, &theirs);
	}
	return bad;
}

int main(int argc, char **argv)
{
	static const struct {
		u8 bits;
		ZydisMachineMode mode;
		ZydisStackWidth width;
	} runs[] = {
		{ 16, ZYDIS_MACHINE_MODE_LONG_COMPAT_16, ZYDIS_STACK_WIDTH_16 },
		{ 32, ZYDIS_MACHINE_MODE_LONG_COMPAT_32, ZYDIS_STACK_WIDTH_32 },
		{ 64, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64 },
	};
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000;
	unsigned int i, failed = 0;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	if (!seed)
		seed = 1;
	printf("TAP version 13\n1..%zu\n", ARRAY_SIZE(runs));
	for (i = 0; i < ARRAY_SIZE(runs); i++) {
		unsigned long bad = run_mode(runs[i].bits, runs[i].mode, runs[i].width, count);

		printf("%sok %u - %u-bit mode: of %lu byte strings Zydis reads %lu differently\n",
		       bad ? "not " : "", i + 1, runs[i].bits, count, bad);
		failed |= bad != 0;
	}
	return failed;
}
