// SPDX-License-Identifier: GPL-2.0-only
/* TPR thresholds: an exit when, and only when, TPR lets through what it has held back. */
#include <kunit/test.h>

#include "lib/tpr.h"

/* SDM vol. 3, 11.8.3.1 */
static bool lets_through(unsigned int tpr, unsigned int vector)
{
	return vector / 16 > tpr / 16;
}

/* SDM vol. 3, 30.1.2 */
static bool exits(unsigned int threshold, unsigned int tpr)
{
	return tpr / 16 < threshold;
}

static void check_later(struct kunit *test, u8 tpr, u8 vector)
{
	u8 threshold = tpr_threshold(tpr, vector);
	unsigned int later;

	/* VM entry refuses another one. */
	KUNIT_EXPECT_LE_MSG(test, threshold, tpr / 16, "TPR %#x, vector %#x", tpr, vector);
	for (later = 0; later < 256; later += 15)
		KUNIT_EXPECT_EQ_MSG(test, exits(threshold, later),
				    !lets_through(tpr, vector) && lets_through(later, vector),
				    "TPR %#x, then %#x, vector %#x", tpr, later, vector);
}

static void exits_come_when_an_interrupt_may_enter(struct kunit *test)
{
	unsigned int tpr, vector;

	for (tpr = 0; tpr < 256; tpr += 5)
		for (vector = 0; vector < 256; vector++)
			check_later(test, tpr, vector);
}

static void single_thresholds(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tpr_threshold(0x00, 0x45), 0);
	KUNIT_EXPECT_EQ(test, tpr_threshold(0x3f, 0x40), 0);
	KUNIT_EXPECT_EQ(test, tpr_threshold(0x40, 0x4f), 4);
	KUNIT_EXPECT_EQ(test, tpr_threshold(0xff, 0xff), 15);
	KUNIT_EXPECT_EQ(test, tpr_threshold(0xff, 0x10), 1);
	KUNIT_EXPECT_EQ(test, tpr_threshold(0xff, 0x0f), 0);
}

static struct kunit_case tpr_cases[] = {
	KUNIT_CASE(exits_come_when_an_interrupt_may_enter),
	KUNIT_CASE(single_thresholds),
	{ }
};

static struct kunit_suite tpr_suite = {
	.name = "vmxdbg-tpr",
	.test_cases = tpr_cases,
};

kunit_test_suite(tpr_suite);
