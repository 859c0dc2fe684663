// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "lib/host_tsc.h"
#include "lib/tsc_ratio.h"

#define HOST_KHZ	3000000U

static void the_hosts_frequency_changes_nothing(struct kunit *test)
{
	u64 ratio = tsc_ratio_of(HOST_KHZ, HOST_KHZ);

	KUNIT_EXPECT_EQ(test, ratio, TSC_RATIO_ONE);
	KUNIT_EXPECT_EQ(test, tsc_ratio_scale(ratio, ~0ULL), ~0ULL);
	KUNIT_EXPECT_EQ(test, tsc_ratio_scale_signed(ratio, -5), (u64)-5);
}

static void ticks_are_scaled(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tsc_ratio_scale(tsc_ratio_of(3 * HOST_KHZ, HOST_KHZ), 1000), 3000ULL);
	KUNIT_EXPECT_EQ(test, tsc_ratio_scale(tsc_ratio_of(HOST_KHZ / 2, HOST_KHZ), 1001), 500ULL);
	KUNIT_EXPECT_EQ(test, tsc_ratio_scale_signed(tsc_ratio_of(2 * HOST_KHZ, HOST_KHZ), -7),
			(u64)-14);
}

/* Years of ticks do not overflow, and are off by less than a microsecond. */
static void a_long_time_is_exact(struct kunit *test)
{
	u64 years = 10ULL * 365 * 24 * 3600, hz = HOST_KHZ * 1000ULL;
	u64 guest = tsc_ratio_scale(tsc_ratio_of(2 * HOST_KHZ, HOST_KHZ), years * hz);

	KUNIT_EXPECT_EQ(test, guest, 2 * years * hz);
	guest = tsc_ratio_scale(tsc_ratio_of(HOST_KHZ / 3, HOST_KHZ), years * hz);
	KUNIT_EXPECT_LE(test, guest, years * hz / 3);
	KUNIT_EXPECT_GT(test, guest, years * hz / 3 - years * hz / TSC_RATIO_ONE - 5000);
}

static void frequencies_that_no_ratio_has(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tsc_ratio_end(HOST_KHZ), 0x7fffffffULL);
	KUNIT_EXPECT_EQ(test, tsc_ratio_end(100), 100ULL * 65536 - 1);
	KUNIT_EXPECT_NE(test, tsc_ratio_of(1, ~0U), 0ULL);
	KUNIT_EXPECT_GT(test, tsc_ratio_of(100 * 65536 - 2, 100), TSC_RATIO_ONE);
}

static void what_a_suspend_lost_is_scaled(struct kunit *test)
{
	struct host_tsc tsc = { };
	u64 offset = 0, made_up = 0;

	host_tsc_suspend(&tsc, 5000);
	host_tsc_resume(&tsc, 0);
	KUNIT_EXPECT_TRUE(test, host_tsc_make_up(&tsc, 3 * TSC_RATIO_ONE, &offset, &made_up));
	KUNIT_EXPECT_EQ(test, offset, 15000ULL);
}

static struct kunit_case tsc_ratio_cases[] = {
	KUNIT_CASE(the_hosts_frequency_changes_nothing),
	KUNIT_CASE(ticks_are_scaled),
	KUNIT_CASE(a_long_time_is_exact),
	KUNIT_CASE(frequencies_that_no_ratio_has),
	KUNIT_CASE(what_a_suspend_lost_is_scaled),
	{}
};

static struct kunit_suite tsc_ratio_suite = {
	.name = "vmxdbg-tsc_ratio",
	.test_cases = tsc_ratio_cases,
};

kunit_test_suite(tsc_ratio_suite);
