// SPDX-License-Identifier: GPL-2.0-only
/* Instructions that branch, and whether they did. */
#include <kunit/test.h>

#include "../../kmod/insn/branch.c"

static void kinds(struct kunit *test)
{
	static const struct {
		u8 bytes[6];
		u8 nr, bits, kind;
	} rows[] = {
		{ { 0x90 }, 1, 64, BRANCH_NONE },
		{ { 0x74, 5 }, 2, 64, BRANCH_CONDITIONAL },
		{ { 0xe2, 5 }, 2, 16, BRANCH_CONDITIONAL },
		{ { 0x0f, 0x85, 0, 0, 0, 0 }, 6, 32, BRANCH_CONDITIONAL },
		{ { 0xeb, 5 }, 2, 64, BRANCH_JUMP },
		{ { 0xff, 0xe0 }, 2, 64, BRANCH_JUMP },
		{ { 0x41, 0xff, 0xe4 }, 3, 64, BRANCH_JUMP },
		{ { 0x41, 0xff, 0xe4 }, 3, 32, BRANCH_NONE },	/* inc %ecx */
		{ { 0xff, 0x15, 0, 0, 0, 0 }, 6, 64, BRANCH_CALL },
		{ { 0xff, 0x1d, 0, 0, 0, 0 }, 6, 32, BRANCH_CALL },
		{ { 0xff, 0x30 }, 2, 64, BRANCH_NONE },		/* push */
		{ { 0xe8, 0, 0, 0, 0 }, 5, 64, BRANCH_CALL },
		{ { 0xc3 }, 1, 64, BRANCH_RETURN },
		{ { 0xf3, 0xc3 }, 2, 64, BRANCH_RETURN },
		{ { 0xca, 4, 0 }, 3, 16, BRANCH_RETURN },
		{ { 0x48, 0xcb }, 2, 64, BRANCH_RETURN },
		{ { 0x48, 0xcf }, 2, 64, BRANCH_IRET },
		{ { 0x48, 0x0f, 0x07 }, 3, 64, BRANCH_IRET },
		{ { 0xcc }, 1, 64, BRANCH_INT },
		{ { 0xcd, 0x80 }, 2, 32, BRANCH_INT },
		{ { 0x0f, 0x05 }, 2, 64, BRANCH_SYSCALL },
		{ { 0x0f, 0x34 }, 2, 32, BRANCH_SYSCALL },
		{ { 0x0f, 0xa2 }, 2, 64, BRANCH_NONE },		/* cpuid */
		{ { 0x66, 0x67 }, 2, 64, BRANCH_NONE },		/* cut off */
		{ { 0x0f }, 1, 64, BRANCH_NONE },
		{ { 0xff }, 1, 64, BRANCH_NONE },
		{ { 0 }, 0, 64, BRANCH_NONE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].kind,
				    branch_decode(rows[i].bytes, rows[i].nr,
						  rows[i].bits).kind,
				    "row %u", i);
}

static void lengths_of_conditional_ones(struct kunit *test)
{
	static const struct {
		u8 bytes[4];
		u8 nr, bits, len;
	} rows[] = {
		{ { 0x74, 5 }, 2, 64, 2 },
		{ { 0x2e, 0x74, 5 }, 3, 64, 3 },
		{ { 0x67, 0xe3, 5 }, 3, 32, 3 },
		{ { 0x0f, 0x84 }, 2, 64, 6 },
		{ { 0x66, 0x0f, 0x84 }, 3, 64, 7 },
		{ { 0x0f, 0x84 }, 2, 32, 6 },
		{ { 0x66, 0x0f, 0x84 }, 3, 32, 5 },
		{ { 0x0f, 0x84 }, 2, 16, 4 },
		{ { 0x66, 0x0f, 0x84 }, 3, 16, 7 },
		{ { 0xce }, 1, 32, 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, rows[i].len,
				    branch_decode(rows[i].bytes, rows[i].nr,
						  rows[i].bits).len,
				    "row %u", i);
}

static void taken_or_not(struct kunit *test)
{
	static const struct branch none = { BRANCH_NONE, 0 };
	static const struct branch jcc = { BRANCH_CONDITIONAL, 2 };
	static const struct branch jump = { BRANCH_JUMP, 0 };

	/* no branch: REP, and the longest instruction */
	KUNIT_EXPECT_FALSE(test, branch_taken(none, 0x1000, 0x1000));
	KUNIT_EXPECT_FALSE(test, branch_taken(none, 0x1000, 0x100f));
	KUNIT_EXPECT_TRUE(test, branch_taken(none, 0x1000, 0x1010));
	KUNIT_EXPECT_TRUE(test, branch_taken(none, 0x1000, 0xfff));
	KUNIT_EXPECT_FALSE(test, branch_taken(jcc, 0x1000, 0x1002));
	KUNIT_EXPECT_TRUE(test, branch_taken(jcc, 0x1000, 0x1000));
	KUNIT_EXPECT_TRUE(test, branch_taken(jcc, 0x1000, 0x1004));
	KUNIT_EXPECT_TRUE(test, branch_taken(jump, 0x1000, 0x1002));
	KUNIT_EXPECT_FALSE(test, branch_taken(none, ~0ULL, 2));
}

static struct kunit_case branch_cases[] = {
	KUNIT_CASE(kinds),
	KUNIT_CASE(lengths_of_conditional_ones),
	KUNIT_CASE(taken_or_not),
	{}
};

static struct kunit_suite branch_suite = {
	.name = "vmxdbg-branch",
	.test_cases = branch_cases,
};

kunit_test_suite(branch_suite);
