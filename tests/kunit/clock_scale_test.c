// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "lib/clock_scale.h"

static void a_scale_uses_all_bits(struct kunit *test)
{
	static const struct {
		u32 khz, mul;
		s8 shift;
	} rows[] = {
		{ 1000001, 0xffffef39, 0 },
		{ 1000000, 1U << 31, 1 },
		{ 2000000, 1U << 31, 0 },
		{ 2000001, 0xfffff79c, -1 },
		{ 3000000, 0xaaaaaaaa, -1 },
		{ 4000000, 1U << 31, -1 },
		{ 100000, 0xa0000000, 4 },
		{ 1, 0xf4240000, 20 },
	};
	struct clock_scale scale;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		scale = clock_scale_of(rows[i].khz);
		KUNIT_EXPECT_EQ_MSG(test, scale.mul, rows[i].mul, "%u kHz", rows[i].khz);
		KUNIT_EXPECT_EQ_MSG(test, scale.shift, rows[i].shift, "%u kHz", rows[i].khz);
	}
}

/* An hour of each frequency, of which the scale may lose less than 2^-30. */
static void an_hour_is_an_hour(struct kunit *test)
{
	u64 hour = 3600ULL * NSEC_PER_SEC, ns;
	u32 khz;

	for (khz = 1000; khz < 15000000; khz += khz / 7) {
		ns = clock_scale_ns(clock_scale_of(khz), 3600000ULL * khz);
		KUNIT_EXPECT_LE(test, ns, hour);
		KUNIT_EXPECT_LT(test, hour - ns, hour >> 30);
	}
}

static void more_ticks_are_no_less_time(struct kunit *test)
{
	struct clock_scale scale = clock_scale_of(2593906);
	u64 ticks, ns, last = 0;

	for (ticks = 0; ticks < 10000; ticks++) {
		ns = clock_scale_ns(scale, (1ULL << 57) + ticks);
		KUNIT_EXPECT_GE(test, ns, last);
		last = ns;
	}
	KUNIT_EXPECT_EQ(test, clock_scale_ns(scale, 0), 0ULL);
}

static struct kunit_case clock_scale_cases[] = {
	KUNIT_CASE(a_scale_uses_all_bits),
	KUNIT_CASE(an_hour_is_an_hour),
	KUNIT_CASE(more_ticks_are_no_less_time),
	{ }
};

static struct kunit_suite clock_scale_suite = {
	.name = "vmxdbg-clock-scale",
	.test_cases = clock_scale_cases,
};

kunit_test_suite(clock_scale_suite);
