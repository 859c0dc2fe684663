// SPDX-License-Identifier: GPL-2.0-only
/* Comparison of lines: each byte counts, and a page fault stands for a machine check. */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/string.h>
#include <asm/fpu/api.h>

#include "../../kmod/lib/mc_equal.h"

#define LINES	(PAGE_SIZE / MC_EQUAL_LINE)

static bool lines_equal(const void *copy, const void *mem, unsigned int lines)
{
	bool same;

	kernel_fpu_begin();
	same = mc_equal(copy, mem, lines);
	kernel_fpu_end();
	return same;
}

static int mc_equal_init(struct kunit *test)
{
	u8 *pages;

	if (!mc_equal_works())
		kunit_skip(test, "the processor has no AVX2");
	pages = (u8 *)__get_free_pages(GFP_KERNEL, 1);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	memset(pages, 0x5a, 2 * PAGE_SIZE);
	test->priv = pages;
	return 0;
}

static void mc_equal_exit(struct kunit *test)
{
	free_pages((unsigned long)test->priv, 1);
}

static void each_byte_counts(struct kunit *test)
{
	u8 *copy = test->priv, *mem = copy + PAGE_SIZE;
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, lines_equal(copy, mem, LINES));
	for (i = 0; i < PAGE_SIZE; i++) {
		mem[i] ^= 1 << i % 8;
		if (lines_equal(copy, mem, LINES))
			KUNIT_FAIL(test, "byte %u", i);
		mem[i] ^= 1 << i % 8;
	}
	KUNIT_EXPECT_TRUE(test, lines_equal(copy, mem, LINES));
}

static void other_lines_do_not_count(struct kunit *test)
{
	u8 *copy = test->priv, *mem = copy + PAGE_SIZE;
	unsigned int line;

	for (line = 1; line < LINES - 1; line++) {
		u8 *before = &mem[line * MC_EQUAL_LINE - 1];
		u8 *after = &mem[(line + 1) * MC_EQUAL_LINE];

		*before ^= 1;
		*after ^= 1;
		KUNIT_EXPECT_TRUE(test, lines_equal(copy + line * MC_EQUAL_LINE,
						    mem + line * MC_EQUAL_LINE, 1));
		KUNIT_EXPECT_FALSE(test, lines_equal(copy + line * MC_EQUAL_LINE,
						     mem + line * MC_EQUAL_LINE, 2));
		*before ^= 1;
		*after ^= 1;
	}
}

static void a_fault_is_a_difference(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, lines_equal(test->priv, (void *)-PAGE_SIZE, 1));
}

static struct kunit_case mc_equal_cases[] = {
	KUNIT_CASE(each_byte_counts),
	KUNIT_CASE(other_lines_do_not_count),
	KUNIT_CASE(a_fault_is_a_difference),
	{}
};

static struct kunit_suite mc_equal_suite = {
	.name = "vmxdbg-mc_equal",
	.init = mc_equal_init,
	.exit = mc_equal_exit,
	.test_cases = mc_equal_cases,
};

kunit_test_suite(mc_equal_suite);
