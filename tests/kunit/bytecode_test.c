// SPDX-License-Identifier: GPL-2.0-only
/* gdb's agent expressions: invalid ones, and the values of valid ones. */
#include <kunit/test.h>
#include <linux/string.h>

#include "../../kmod/lib/bytecode.c"
#include "bytecode_code.h"

#define BYTES(...)	.code = { __VA_ARGS__ }, .len = sizeof((u8[]){ __VA_ARGS__ })

#define MIN64		0x8000000000000000ULL

/* ---- a guest of the test ---- */

#define BAD_ADDR	0x666
#define ABSENT_ADDR	0x777

struct traced {
	u64 addr, len;
	unsigned int flags;
};

struct guest {
	struct traced traced[8];
	unsigned int nr;
};

static int guest_reg(void *ctx, unsigned int nr, u64 *val)
{
	*val = 0x1000 + nr;
	return 0;
}

/* Each byte contains its address. */
static int guest_mem(void *ctx, u64 addr, void *buf, unsigned int len, unsigned int flags)
{
	u8 *to = buf;
	unsigned int i;

	if (addr == BAD_ADDR)
		return -EFAULT;
	if (addr == ABSENT_ADDR)
		return -EAGAIN;
	for (i = 0; i < len; i++)
		to[i] = (addr + i) ^ (flags & BYTECODE_PHYSICAL ? 0x80 : 0);
	return 0;
}

static int guest_var(void *ctx, unsigned int nr, u64 *val)
{
	*val = 100 * nr;
	return 0;
}

static int guest_trace(void *ctx, u64 addr, u64 len, unsigned int flags)
{
	struct guest *guest = ctx;

	if (guest->nr == ARRAY_SIZE(guest->traced))
		return -ENOSPC;
	guest->traced[guest->nr++] = (struct traced){ addr, len, flags };
	return 0;
}

static const struct bytecode_ops guest_ops = {
	.reg = guest_reg, .mem = guest_mem, .var = guest_var, .trace = guest_trace,
};

static const u64 guest_gpr[16] = {
	0x100, 0x101, 0x102, 0x103, ~0ULL, 0x105, 0x106, 0x107,
	0x108, 0x109, 0x10a, 0x10b, 0x10c, 0x10d, 0x10e, 0x10f,
};

static int run_code(struct kunit *test, const u8 *code, size_t len, unsigned int flags,
		    struct guest *guest, u64 *result)
{
	struct bytecode *prog;
	const char *why;
	int r = bytecode_compile(code, len, flags, &prog, &why);

	KUNIT_ASSERT_EQ_MSG(test, r, 0, "%s", why);
	r = bytecode_run(prog, guest_gpr, &guest_ops, guest, result);
	bytecode_free(prog);
	return r;
}

/* ---- values ---- */

static const struct value_row {
	const char *name;
	u8 code[40];
	size_t len;
	u64 wanted;
} value_rows[] = {
	{ "const8", BYTES(CONST8(0xfe), END), 0xfe },
	{ "const16", BYTES(CONST16(0xfedc), END), 0xfedc },
	{ "const32", BYTES(CONST32(0xfedcba98), END), 0xfedcba98 },
	{ "const64", BYTES(CONST64(0xfedcba9876543210ULL), END), 0xfedcba9876543210ULL },
	{ "add", BYTES(CONST8(3), CONST8(4), ADD, END), 7 },
	{ "sub", BYTES(CONST8(3), CONST8(4), SUB, END), -1ULL },
	{ "mul", BYTES(CONST8(3), CONST8(4), MUL, END), 12 },
	{ "div_signed", BYTES(CONST8(0xf9), EXT(8), CONST8(2), DIV_S, END), -3ULL },
	{ "div_unsigned", BYTES(CONST8(0xf9), EXT(8), CONST8(2), DIV_U, END), ~6ULL >> 1 },
	{ "rem_signed", BYTES(CONST8(0xf9), EXT(8), CONST8(2), REM_S, END), -1ULL },
	{ "rem_unsigned", BYTES(CONST8(7), CONST8(4), REM_U, END), 3 },
	{ "the most negative by -1", BYTES(CONST64(MIN64), CONST8(0xff), EXT(8), DIV_S, END),
	  MIN64 },
	{ "its remainder", BYTES(CONST64(MIN64), CONST8(0xff), EXT(8), REM_S, END), 0 },
	{ "lsh", BYTES(CONST8(1), CONST8(63), LSH, END), MIN64 },
	{ "lsh by 64", BYTES(CONST8(1), CONST8(64), LSH, END), 0 },
	{ "rsh_signed", BYTES(CONST64(MIN64), CONST8(63), RSH_S, END), -1ULL },
	{ "rsh_signed by 200", BYTES(CONST64(MIN64), CONST8(200), RSH_S, END), -1ULL },
	{ "rsh_unsigned", BYTES(CONST64(MIN64), CONST8(63), RSH_U, END), 1 },
	{ "rsh_unsigned by 64", BYTES(CONST64(MIN64), CONST8(64), RSH_U, END), 0 },
	{ "log_not", BYTES(CONST8(7), LOG_NOT, END), 0 },
	{ "log_not of 0", BYTES(CONST8(0), LOG_NOT, END), 1 },
	{ "bit_and", BYTES(CONST8(0x3c), CONST8(0x0f), BIT_AND, END), 0x0c },
	{ "bit_or", BYTES(CONST8(0x3c), CONST8(0x0f), BIT_OR, END), 0x3f },
	{ "bit_xor", BYTES(CONST8(0x3c), CONST8(0x0f), BIT_XOR, END), 0x33 },
	{ "bit_not", BYTES(CONST8(0x3c), BIT_NOT, END), ~0x3cULL },
	{ "equal", BYTES(CONST8(7), CONST8(7), EQUAL, END), 1 },
	{ "not equal", BYTES(CONST8(7), CONST8(8), EQUAL, END), 0 },
	{ "less_signed", BYTES(CONST8(0xff), EXT(8), CONST8(1), LESS_S, END), 1 },
	{ "less_unsigned", BYTES(CONST8(0xff), EXT(8), CONST8(1), LESS_U, END), 0 },
	{ "less is not equal", BYTES(CONST8(1), CONST8(1), LESS_U, END), 0 },
	{ "ext", BYTES(CONST16(0x1280), EXT(8), END), ~0x7fULL },
	{ "ext of a register", BYTES(REG(3), CONST8(0x7f), ADD, EXT(8), END), ~0x7eULL },
	{ "ext from 64", BYTES(REG(3), EXT(64), END), 0x102 },
	{ "zero_ext", BYTES(CONST16(0x1280), ZERO_EXT(9), END), 0x80 },
	{ "zero_ext of a register", BYTES(REG(3), ZERO_EXT(8), END), 0x02 },
	{ "zero_ext from 64", BYTES(REG(3), ZERO_EXT(64), END), 0x102 },
	{ "ref8", BYTES(CONST8(0x10), REF8, END), 0x10 },
	{ "ref16", BYTES(CONST8(0x10), REF16, END), 0x1110 },
	{ "ref32", BYTES(CONST8(0x10), REF32, END), 0x13121110 },
	{ "ref64", BYTES(CONST8(0x10), REF64, END), 0x1716151413121110ULL },
	{ "ref through a register", BYTES(REG(0), CONST8(8), ADD, REF16, END), 0x0908 },
	{ "physical", BYTES(CONST8(1), SETV(BYTECODE_VAR_PHYSICAL), REF8, END), 0x81 },
	{ "physical and back", BYTES(CONST8(1), SETV(BYTECODE_VAR_PHYSICAL), POP, CONST8(0),
				     SETV(BYTECODE_VAR_PHYSICAL), POP, CONST8(5), REF8, END), 5 },
	{ "physical, read", BYTES(CONST8(9), SETV(BYTECODE_VAR_PHYSICAL), POP,
				  GETV(BYTECODE_VAR_PHYSICAL), END), 1 },
	{ "getv", BYTES(GETV(BYTECODE_VAR_VCPU), END), 200 },
	{ "dup", BYTES(CONST8(7), DUP, MUL, END), 49 },
	{ "pop", BYTES(CONST8(7), CONST8(8), POP, END), 7 },
	{ "swap", BYTES(CONST8(7), CONST8(9), SWAP, SUB, END), 2 },
	{ "pick 0", BYTES(CONST8(7), CONST8(9), PICK(0), END), 9 },
	{ "pick 1", BYTES(CONST8(7), CONST8(9), PICK(1), END), 7 },
	/* a b c => c a b */
	{ "rot", BYTES(CONST8(1), CONST8(2), CONST8(4), ROT, END), 2 },
	{ "rot, below", BYTES(CONST8(1), CONST8(2), CONST8(4), ROT, POP, END), 1 },
	{ "rot, the lowest", BYTES(CONST8(1), CONST8(2), CONST8(4), ROT, POP, POP, END), 4 },
	{ "goto", BYTES(CONST8(7), GOTO(7), CONST8(8), END), 7 },
	{ "if_goto", BYTES(CONST8(7), REG(0), IF_GOTO(10), DUP, ADD, END), 7 },
	{ "if_goto of 0", BYTES(CONST8(7), CONST8(0), IF_GOTO(9), DUP, ADD, END), 14 },
	{ "nothing is joined across a target",
	  /* 0 const 1; 2 const 2; 4 reg 0; 7 if_goto 13; 10 pop; 11 const 9; 13 add */
	  BYTES(CONST8(1), CONST8(2), REG(0), IF_GOTO(13), POP, CONST8(9), ADD, END), 3 },
	{ "a constant that is jumped behind",
	  /* 0 reg 0; 3 goto 8; 6 const 9; 8 const 2; 10 add; 11 end */
	  BYTES(REG(0), GOTO(8), CONST8(9), CONST8(2), ADD, END), 0x102 },
	{ "a loop",
	  /* 0 const 0; 2 const 5; 4 dup; 5 rot; 6 add; 7 swap; 8 const 1; 10 sub;
	   * 11 dup; 12 if_goto 4; 15 pop; 16 end: 5 + 4 + 3 + 2 + 1
	   */
	  BYTES(CONST8(0), CONST8(5), DUP, ROT, ADD, SWAP, CONST8(1), SUB, DUP,
		IF_GOTO(4), POP, END), 15 },
};

static void values_are_gdbs(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(value_rows); i++) {
		const struct value_row *row = &value_rows[i];
		u64 result = 0xdead;
		int r = run_code(test, row->code, row->len, 0, NULL, &result);

		KUNIT_EXPECT_EQ_MSG(test, r, 0, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, result, row->wanted, "%s", row->name);
	}
}

static void registers_have_gdbs_numbers(struct kunit *test)
{
	/* rax rbx rcx rdx rsi rdi rbp rsp r8-r15, in the processor's numbers */
	static const u8 of[] = { 0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15 };
	unsigned int nr;
	u64 result;

	for (nr = 0; nr < 128; nr++) {
		const u8 code[] = { REG(nr), END };
		bool exists = nr <= 23 || (nr >= 57 && nr <= 76);
		struct bytecode *prog;
		const char *why;

		if (!exists) {
			KUNIT_EXPECT_EQ(test, bytecode_compile(code, sizeof(code), 0, &prog, &why),
					-EINVAL);
			KUNIT_EXPECT_STREQ(test, why, "no such register");
			continue;
		}
		KUNIT_EXPECT_EQ(test, run_code(test, code, sizeof(code), 0, NULL, &result), 0);
		KUNIT_EXPECT_EQ_MSG(test, result,
				    nr < 16 && nr != 7 ? 0x100ULL + of[nr] : 0x1000ULL + nr,
				    "register %u", nr);
	}
}

/* ---- refused ---- */

static const struct refused_row {
	const char *why;
	u8 code[16];
	size_t len;
	unsigned int flags;
} refused_rows[] = {
	{ "unknown operation", BYTES(0x00) },
	{ "unknown operation", BYTES(CONST8(1), 0x01, ADD, END) },	/* float */
	{ "unknown operation", BYTES(CONST8(1), 0x1b, END) },		/* ref_float */
	{ "unknown operation", BYTES(CONST8(1), 0x1e, END) },		/* l_to_d */
	{ "unknown operation", BYTES(CONST8(1), 0x31, END) },
	{ "unknown operation", BYTES(CONST8(1), 0x34, 0, 0, 0, END) },	/* printf */
	{ "unknown operation", BYTES(CONST8(1), 0xff, END) },
	{ "unknown operation", BYTES(CONST8(1), END, 0x00) },
	{ "the last operation is cut off", BYTES(0x22) },
	{ "the last operation is cut off", BYTES(0x25, 1, 2, 3, 4, 5, 6, 7) },
	{ "the last operation is cut off", BYTES(CONST8(1), END, 0x26, 0) },
	{ "no such register", BYTES(REG(24), END) },
	{ "no such register", BYTES(REG(56), END) },
	{ "no such register", BYTES(REG(77), END) },
	{ "no such register", BYTES(REG(0xffff), END) },
	{ "extension from 0 or more than 64 bits", BYTES(CONST8(1), EXT(0), END) },
	{ "extension from 0 or more than 64 bits", BYTES(CONST8(1), ZERO_EXT(65), END) },
	{ "no such variable", BYTES(GETV(0), END) },
	{ "no such variable", BYTES(GETV(BYTECODE_VARS), END) },
	{ "no such variable", BYTES(TRACEV(BYTECODE_VARS), END), BYTECODE_TRACE },
	{ "this variable cannot be set", BYTES(CONST8(1), SETV(BYTECODE_VAR_HITS), END) },
	{ "a condition does not trace", BYTES(CONST8(1), TRACE_QUICK(4), END) },
	{ "a condition does not trace", BYTES(CONST8(1), TRACE16(4), END) },
	{ "a condition does not trace", BYTES(CONST8(1), DUP, DUP, TRACE, END) },
	{ "a condition does not trace", BYTES(CONST8(1), DUP, DUP, TRACENZ, END) },
	{ "a condition does not trace", BYTES(CONST8(1), TRACEV(BYTECODE_VAR_TSC), END) },
	{ "a jump to where no operation begins", BYTES(CONST8(1), GOTO(1), END) },
	{ "a jump to where no operation begins", BYTES(CONST8(1), GOTO(6), END) },
	{ "a jump to where no operation begins", BYTES(CONST8(1), IF_GOTO(0xffff), END) },
	{ "a path without end", BYTES(CONST8(1)) },
	{ "a path without end", BYTES(REG(0), IF_GOTO(10), REG(0), END, REG(0)) },
	{ "an end without a value", BYTES(END) },
	{ "an end without a value", BYTES(CONST8(1), POP, END) },
	{ "the stack has less than is taken", BYTES(ADD, END), BYTECODE_TRACE },
	{ "the stack has less than is taken", BYTES(CONST8(1), ADD, END) },
	{ "the stack has less than is taken", BYTES(CONST8(1), DUP, ROT, END) },
	{ "the stack has less than is taken", BYTES(CONST8(1), SWAP, END) },
	{ "the stack has less than is taken", BYTES(CONST8(1), PICK(1), END) },
	{ "the stack has less than is taken", BYTES(PICK(0), END) },
	{ "the stack has less than is taken", BYTES(IF_GOTO(0)), BYTECODE_TRACE },
	{ "the stack's depth depends on the path", BYTES(CONST8(1), GOTO(0)) },
	{ "the stack's depth depends on the path",
	  BYTES(CONST8(1), REG(0), IF_GOTO(9), DUP, END) },
};

static void nonsense_is_refused(struct kunit *test)
{
	struct bytecode *prog;
	const char *why;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused_rows); i++) {
		const struct refused_row *row = &refused_rows[i];
		int r = bytecode_compile(row->code, row->len, row->flags, &prog, &why);

		KUNIT_EXPECT_EQ_MSG(test, r, -EINVAL, "row %u", i);
		KUNIT_ASSERT_PTR_EQ_MSG(test, prog, (struct bytecode *)NULL, "row %u", i);
		KUNIT_EXPECT_STREQ(test, why, row->why);
	}
}

static void code_and_stack_have_limits(struct kunit *test)
{
	u8 *code = kunit_kzalloc(test, BYTECODE_MAX_CODE + 1, GFP_KERNEL);
	struct bytecode *prog;
	const char *why;
	u64 result;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, code);
	KUNIT_EXPECT_EQ(test, bytecode_compile(code, 0, 0, &prog, &why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, why, "empty");

	/* const8 7; end; many more ends */
	memset(code, END, BYTECODE_MAX_CODE + 1);
	code[0] = 0x22;
	code[1] = 7;
	KUNIT_EXPECT_EQ(test, bytecode_compile(code, BYTECODE_MAX_CODE + 1, 0, &prog, &why),
			-EINVAL);
	KUNIT_EXPECT_STREQ(test, why, "too long");
	KUNIT_EXPECT_EQ(test, run_code(test, code, BYTECODE_MAX_CODE, 0, NULL, &result), 0);
	KUNIT_EXPECT_EQ(test, result, 7ULL);

	memset(code + 2, DUP, BYTECODE_MAX_STACK - 1);
	KUNIT_EXPECT_EQ(test, run_code(test, code, BYTECODE_MAX_CODE, 0, NULL, &result), 0);
	KUNIT_EXPECT_EQ(test, result, 7ULL);
	code[2 + BYTECODE_MAX_STACK - 1] = DUP;
	KUNIT_EXPECT_EQ(test, bytecode_compile(code, BYTECODE_MAX_CODE, 0, &prog, &why), -EINVAL);
	KUNIT_EXPECT_STREQ(test, why, "the stack is too deep");
}

/* ---- failures at run time ---- */

static void faults_have_their_own_errors(struct kunit *test)
{
	static const struct {
		u8 code[16];
		size_t len;
		int error;
	} rows[] = {
		{ BYTES(REG(0), CONST8(0), DIV_S, END), -EDOM },
		{ BYTES(REG(0), CONST8(0), DIV_U, END), -EDOM },
		{ BYTES(REG(0), CONST8(0), REM_S, END), -EDOM },
		{ BYTES(REG(0), DUP, DUP, SUB, REM_U, END), -EDOM },
		{ BYTES(CONST16(BAD_ADDR), REF32, END), -EFAULT },
		{ BYTES(CONST16(ABSENT_ADDR), REF8, END), -EAGAIN },
		{ BYTES(GOTO(0)), -ELOOP },
		{ BYTES(CONST8(1), IF_GOTO(0), CONST8(1), END), -ELOOP },
		/* memory costs more */
		{ BYTES(CONST8(1), REF8, GOTO(2)), -ELOOP },
	};
	unsigned int i;
	u64 result;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, run_code(test, rows[i].code, rows[i].len, 0, NULL,
						   &result), rows[i].error, "row %u", i);
}

static void the_budget_is_what_it_says(struct kunit *test)
{
	/* 0 const16 n; 3 const8 1; 5 sub; 6 dup; 7 if_goto 3; 10 end: 7 bytes back */
	const unsigned int most = BYTECODE_BUDGET / 7 + 1;
	const u8 good[] = { CONST16(most), CONST8(1), SUB, DUP, IF_GOTO(3), END };
	const u8 bad[] = { CONST16(most + 1), CONST8(1), SUB, DUP, IF_GOTO(3), END };
	u64 result;

	KUNIT_EXPECT_EQ(test, run_code(test, good, sizeof(good), 0, NULL, &result), 0);
	KUNIT_EXPECT_EQ(test, result, 0ULL);
	KUNIT_EXPECT_EQ(test, run_code(test, bad, sizeof(bad), 0, NULL, &result), -ELOOP);
}

static unsigned int cost_of(struct kunit *test, const u8 *code, size_t len)
{
	struct bytecode *prog;
	unsigned int cost;
	const char *why;

	KUNIT_ASSERT_EQ(test, bytecode_compile(code, len, BYTECODE_TRACE, &prog, &why), 0);
	cost = bytecode_cost(prog);
	bytecode_free(prog);
	return cost;
}

static void the_cost_is_the_most_of_a_run(struct kunit *test)
{
	const u8 straight[] = { REG(0), END };
	const u8 forward[] = { REG(0), IF_GOTO(6), END, END };
	const u8 loop[] = { REG(0), IF_GOTO(0), CONST8(1), END };
	const u8 memory[] = { REG(0), REF8, REF8, REF8, END };
	const u8 trace[] = { REG(0), TRACE_QUICK(1), END };
	u8 much[1000];

	KUNIT_EXPECT_EQ(test, cost_of(test, straight, sizeof(straight)), 2U);
	KUNIT_EXPECT_LE(test, cost_of(test, forward, sizeof(forward)), 4U);
	KUNIT_EXPECT_EQ(test, cost_of(test, loop, sizeof(loop)), BYTECODE_BUDGET + 4U);
	KUNIT_EXPECT_EQ(test, cost_of(test, memory, sizeof(memory)), 3 * BYTECODE_MEM_COST + 5U);
	KUNIT_EXPECT_EQ(test, cost_of(test, trace, sizeof(trace)), BYTECODE_MEM_COST + 3U);
	memset(much, 0x17, sizeof(much));	/* REF8 */
	memcpy(much, straight, 3);
	much[sizeof(much) - 1] = END;
	KUNIT_EXPECT_EQ(test, cost_of(test, much, sizeof(much)), BYTECODE_BUDGET + 998U);
	KUNIT_EXPECT_EQ(test, bytecode_cost(NULL), 0U);
}

/* ---- tracing ---- */

static void traces_are_handed_on(struct kunit *test)
{
	static const u8 code[] = {
		CONST16(0x1000), TRACE_QUICK(0xff), TRACE16(0x1234), POP,
		CONST16(0x2000), CONST8(9), TRACE,
		CONST8(1), SETV(BYTECODE_VAR_PHYSICAL), POP,
		CONST16(0x3000), CONST8(40), TRACENZ,
		TRACEV(BYTECODE_VAR_TSC), END,
	};
	static const struct traced wanted[] = {
		{ 0x1000, 0xff, 0 },
		{ 0x1000, 0x1234, 0 },
		{ 0x2000, 9, 0 },
		{ 0x3000, 40, BYTECODE_PHYSICAL | BYTECODE_STRING },
		{ BYTECODE_VAR_TSC, 8, BYTECODE_VARIABLE },
	};
	struct guest guest = { };
	unsigned int i;
	u64 result = 1;

	KUNIT_EXPECT_EQ(test,
			run_code(test, code, sizeof(code), BYTECODE_TRACE, &guest, &result),
			0);
	KUNIT_EXPECT_EQ(test, result, 0ULL);
	KUNIT_ASSERT_EQ(test, guest.nr, (unsigned int)ARRAY_SIZE(wanted));
	for (i = 0; i < guest.nr; i++) {
		KUNIT_EXPECT_EQ_MSG(test, guest.traced[i].addr, wanted[i].addr, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, guest.traced[i].len, wanted[i].len, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, guest.traced[i].flags, wanted[i].flags, "%u", i);
	}
}

static void a_refused_trace_ends_the_run(struct kunit *test)
{
	static const u8 code[] = { CONST8(1), TRACE_QUICK(1), GOTO(2) };
	struct guest guest = { };
	u64 result;

	KUNIT_EXPECT_EQ(test, run_code(test, code, sizeof(code), BYTECODE_TRACE, &guest, &result),
			-ENOSPC);
}

static struct kunit_case bytecode_cases[] = {
	KUNIT_CASE(values_are_gdbs),
	KUNIT_CASE(registers_have_gdbs_numbers),
	KUNIT_CASE(nonsense_is_refused),
	KUNIT_CASE(code_and_stack_have_limits),
	KUNIT_CASE(faults_have_their_own_errors),
	KUNIT_CASE(the_budget_is_what_it_says),
	KUNIT_CASE(the_cost_is_the_most_of_a_run),
	KUNIT_CASE(traces_are_handed_on),
	KUNIT_CASE(a_refused_trace_ends_the_run),
	{}
};

static struct kunit_suite bytecode_suite = {
	.name = "vmxdbg-bytecode",
	.test_cases = bytecode_cases,
};

kunit_test_suite(bytecode_suite);
