// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "lib/host_tsc.h"

/* An offset of a guest that started when the host had run for long */
#define STARTED		1000000ULL

static void suspend(struct host_tsc *tsc, u64 before, u64 after)
{
	host_tsc_suspend(tsc, before);
	host_tsc_resume(tsc, after);
}

static void guests_count_on_after_the_counter_was_reset(struct kunit *test)
{
	u64 offset = -STARTED, made_up = 0;
	struct host_tsc tsc = { };

	suspend(&tsc, 5000000, 100);
	KUNIT_EXPECT_TRUE(test, host_tsc_make_up(&tsc, TSC_RATIO_ONE, &offset, &made_up));
	KUNIT_EXPECT_EQ(test, 100 + offset, 4000000ULL);	/* as at the suspend */
	KUNIT_EXPECT_EQ(test, 150 + offset, 4000050ULL);
}

static void nothing_is_made_up_for_twice(struct kunit *test)
{
	u64 offset = 0, made_up = 0;
	struct host_tsc tsc = { };

	suspend(&tsc, 5000, 10);
	KUNIT_EXPECT_TRUE(test, host_tsc_make_up(&tsc, TSC_RATIO_ONE, &offset, &made_up));
	KUNIT_EXPECT_FALSE(test, host_tsc_make_up(&tsc, TSC_RATIO_ONE, &offset, &made_up));
	KUNIT_EXPECT_EQ(test, offset, 4990ULL);
}

static void counter_that_went_on_shifts_nothing(struct kunit *test)
{
	u64 offset = 7, made_up = 0;
	struct host_tsc tsc = { };

	suspend(&tsc, 5000, 5000);
	suspend(&tsc, 6000, 90000);
	KUNIT_EXPECT_FALSE(test, host_tsc_make_up(&tsc, TSC_RATIO_ONE, &offset, &made_up));
	KUNIT_EXPECT_EQ(test, offset, 7ULL);
}

static void suspends_add_up_for_a_guest_that_does_not_run(struct kunit *test)
{
	u64 runs = -STARTED, runs_made_up = 0, waits = -STARTED, waits_made_up = 0;
	struct host_tsc tsc = { };

	suspend(&tsc, 5000000, 100);
	host_tsc_make_up(&tsc, TSC_RATIO_ONE, &runs, &runs_made_up);
	suspend(&tsc, 300, 700);	/* one that keeps the counter */
	suspend(&tsc, 2000, 50);
	host_tsc_make_up(&tsc, TSC_RATIO_ONE, &runs, &runs_made_up);
	host_tsc_make_up(&tsc, TSC_RATIO_ONE, &waits, &waits_made_up);
	KUNIT_EXPECT_EQ(test, runs, waits);
	KUNIT_EXPECT_EQ(test, 50 + runs, 4000000ULL + 1900);
}

/* A VMCS that is made after a suspend has not lost anything. */
static void later_offsets_owe_nothing(struct kunit *test)
{
	struct host_tsc tsc = { };
	u64 offset = 33, made_up;

	suspend(&tsc, 5000, 10);
	made_up = tsc.lost;
	KUNIT_EXPECT_FALSE(test, host_tsc_make_up(&tsc, TSC_RATIO_ONE, &offset, &made_up));
	KUNIT_EXPECT_EQ(test, offset, 33ULL);
}

static struct kunit_case host_tsc_cases[] = {
	KUNIT_CASE(guests_count_on_after_the_counter_was_reset),
	KUNIT_CASE(nothing_is_made_up_for_twice),
	KUNIT_CASE(counter_that_went_on_shifts_nothing),
	KUNIT_CASE(suspends_add_up_for_a_guest_that_does_not_run),
	KUNIT_CASE(later_offsets_owe_nothing),
	{ }
};

static struct kunit_suite host_tsc_suite = {
	.name = "vmxdbg-host-tsc",
	.test_cases = host_tsc_cases,
};

kunit_test_suite(host_tsc_suite);
