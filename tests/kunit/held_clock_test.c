// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "lib/held_clock.h"

static void clock_of_a_vm_is_the_hosts_at_first(struct kunit *test)
{
	struct held_clock c = { };

	KUNIT_EXPECT_EQ(test, held_clock_now(&c, 0), 0ULL);
	KUNIT_EXPECT_EQ(test, held_clock_now(&c, 12345), 12345ULL);
	KUNIT_EXPECT_EQ(test, held_clock_total(&c, 12345), 0ULL);
}

static void held_clock_stands_still(struct kunit *test)
{
	struct held_clock c = { };

	held_clock_hold(&c, 1000);
	KUNIT_EXPECT_EQ(test, held_clock_now(&c, 1000), 1000ULL);
	KUNIT_EXPECT_EQ(test, held_clock_now(&c, 5000), 1000ULL);
	KUNIT_EXPECT_EQ(test, held_clock_total(&c, 5000), 4000ULL);
}

static void clock_goes_on_where_it_was_held(struct kunit *test)
{
	struct held_clock c = { };

	held_clock_hold(&c, 1000);
	held_clock_go_on(&c, 5000);
	KUNIT_EXPECT_EQ(test, held_clock_now(&c, 5000), 1000ULL);
	KUNIT_EXPECT_EQ(test, held_clock_now(&c, 5007), 1007ULL);
	KUNIT_EXPECT_EQ(test, held_clock_total(&c, 9999), 4000ULL);
}

static void stops_add_up(struct kunit *test)
{
	struct held_clock c = { };
	u64 host = 0, now = 0;
	unsigned int i;

	for (i = 1; i <= 100; i++) {
		host += i;
		now += i;
		held_clock_hold(&c, host);
		KUNIT_EXPECT_EQ(test, held_clock_now(&c, host), now);
		host += 1000 * i;
		KUNIT_EXPECT_EQ(test, held_clock_now(&c, host), now);
		held_clock_go_on(&c, host);
		KUNIT_EXPECT_EQ(test, held_clock_now(&c, host), now);
	}
	KUNIT_EXPECT_EQ(test, held_clock_total(&c, host), host - now);
}

/* A host's counter of 64 bits that the firmware began just below its end. */
static void counter_may_wrap_around(struct kunit *test)
{
	struct held_clock c = { };

	held_clock_hold(&c, -10ULL);
	KUNIT_EXPECT_EQ(test, held_clock_now(&c, 20), -10ULL);
	held_clock_go_on(&c, 20);
	KUNIT_EXPECT_EQ(test, held_clock_total(&c, 25), 30ULL);
	KUNIT_EXPECT_EQ(test, held_clock_now(&c, 35), 5ULL);
}

static struct kunit_case held_clock_cases[] = {
	KUNIT_CASE(clock_of_a_vm_is_the_hosts_at_first),
	KUNIT_CASE(held_clock_stands_still),
	KUNIT_CASE(clock_goes_on_where_it_was_held),
	KUNIT_CASE(stops_add_up),
	KUNIT_CASE(counter_may_wrap_around),
	{ }
};

static struct kunit_suite held_clock_suite = {
	.name = "vmxdbg-held-clock",
	.test_cases = held_clock_cases,
};

kunit_test_suite(held_clock_suite);
