// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads that go on after a machine check. A page fault stands for it: both go on where
 * the same entry of the exception table says.
 */
#include <kunit/test.h>

#include "../../kmod/lib/mc_read.h"

/* Kernel addresses that are never mapped: those of error pointers. */
#define UNMAPPED	((const u64 *)-PAGE_SIZE)

static void memory_is_read(struct kunit *test)
{
	static const u64 words[] = { 0x1122334455667788ULL, 0x99aabbccddeeff00ULL };
	u64 to[2] = { };

	KUNIT_EXPECT_EQ(test, mc_read_word(&words[1]), words[1]);
	KUNIT_EXPECT_EQ(test, mc_read_xor(words[0], &words[0]), 0);
	KUNIT_EXPECT_EQ(test, mc_read_xor(0, &words[1]), words[1]);
	KUNIT_EXPECT_EQ(test, mc_read_byte((const u8 *)words), 0x88);
	KUNIT_EXPECT_EQ(test, mc_read_byte((const u8 *)words + 11), 0xdd);
	KUNIT_EXPECT_TRUE(test, mc_readable((const u8 *)words + 15));
	KUNIT_EXPECT_TRUE(test, mc_read(to, words, sizeof(to)));
	KUNIT_EXPECT_EQ(test, to[1], words[1]);
}

static void fault_is_survived(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mc_read_word(UNMAPPED), 0);
	KUNIT_EXPECT_EQ(test, mc_read_xor(5, UNMAPPED), 5);
	KUNIT_EXPECT_EQ(test, mc_read_byte((const u8 *)UNMAPPED + 3), 0);
	KUNIT_EXPECT_FALSE(test, mc_readable(UNMAPPED));
}

static struct kunit_case mc_read_cases[] = {
	KUNIT_CASE(memory_is_read),
	KUNIT_CASE(fault_is_survived),
	{}
};

static struct kunit_suite mc_read_suite = {
	.name = "vmxdbg-mc_read",
	.test_cases = mc_read_cases,
};

kunit_test_suite(mc_read_suite);
