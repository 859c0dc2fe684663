// SPDX-License-Identifier: GPL-2.0-only
/* Tests of pop_flags.h */
#include <kunit/test.h>
#include <linux/kernel.h>

#include "insn/pop_flags.h"

#define ALL_FLAGS	0x3f7fd7ULL	/* and bit 1, which is set always */
#define NONE		2ULL
#define VM_VIF_VIP	0x1a0000ULL
#define IOPL(n)		((n) * 0x1000ULL)

struct popf_row {
	const char *what;
	u64 old, popped;
	unsigned int size, cpl;
	u64 after;
};

static const struct popf_row popf_rows[] = {
	{ "CPL 0 sets", NONE, ALL_FLAGS, 8, 0, ALL_FLAGS & ~VM_VIF_VIP & ~0x10000ULL },
	{ "CPL 0 clears", ALL_FLAGS, NONE, 4, 0, NONE | VM_VIF_VIP },
	{ "CPL 0, a word", NONE, ALL_FLAGS, 2, 0, ALL_FLAGS & 0xffff },
	{ "CPL 0 keeps above a word", ALL_FLAGS, NONE, 2, 0, NONE | (ALL_FLAGS & 0x3e0000) },
	{ "CPL 3, IOPL 3 sets", NONE | IOPL(3), ALL_FLAGS, 4, 3,
	  ALL_FLAGS & ~VM_VIF_VIP & ~0x10000ULL },
	{ "CPL 3, IOPL 3 keeps IOPL", NONE | IOPL(3), NONE, 4, 3, NONE | IOPL(3) },
	{ "CPL 3, IOPL 0 keeps IF and IOPL", NONE, ALL_FLAGS, 4, 3,
	  ALL_FLAGS & ~VM_VIF_VIP & ~0x13200ULL },
	{ "CPL 3, IOPL 2 keeps a set IF", 0x202 | IOPL(2), NONE, 8, 3, 0x202 | IOPL(2) },
	{ "CPL 2, IOPL 2 clears IF", 0x202 | IOPL(2), NONE, 8, 2, NONE | IOPL(2) },
	{ "RF ends", 0x10002, 0x10002, 4, 0, NONE },
};

static void popf_by_level(struct kunit *test)
{
	const struct popf_row *row;
	u64 after;

	for (row = popf_rows; row < popf_rows + ARRAY_SIZE(popf_rows); row++) {
		after = popf_flags(row->old, row->popped, row->size, row->cpl);
		KUNIT_EXPECT_EQ_MSG(test, after, row->after, "%s", row->what);
	}
}

static void iret_takes_all_but_vm(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, iret_flags(NONE, ALL_FLAGS, 4), ALL_FLAGS & ~VM_VIF_VIP);
	KUNIT_EXPECT_EQ(test, iret_flags(ALL_FLAGS, NONE, 4), NONE | VM_VIF_VIP);
	KUNIT_EXPECT_EQ(test, iret_flags(NONE, ALL_FLAGS, 2), ALL_FLAGS & 0xffff);
	KUNIT_EXPECT_EQ(test, iret_flags(ALL_FLAGS, NONE, 2), NONE | (ALL_FLAGS & 0x3e0000));
}

static struct kunit_case pop_flags_cases[] = {
	KUNIT_CASE(popf_by_level),
	KUNIT_CASE(iret_takes_all_but_vm),
	{}
};

static struct kunit_suite pop_flags_suite = {
	.name = "vmxdbg-pop-flags",
	.test_cases = pop_flags_cases,
};

kunit_test_suite(pop_flags_suite);
