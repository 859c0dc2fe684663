// SPDX-License-Identifier: GPL-2.0-only
/* The alarm, by the host's clock. Suite 36 tests it with a debugger that holds the time. */
#include <poll.h>
#include <time.h>

#include <alarm.h>
#include <tap.h>

#define MINUTE	60000000000ULL

static struct alarm alarm_clock;

static bool rings(void)
{
	struct pollfd fd = { .fd = alarm_clock.fd, .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static void wait_for_it(void)
{
	struct pollfd fd = { .fd = alarm_clock.fd, .events = POLLIN };

	REQUIRE_EQ(poll(&fd, 1, -1), 1);
}

static void start(void)
{
	REQUIRE(alarm_init(&alarm_clock, -1));
	CHECK(!rings());
}

static void the_clock_counts(void)
{
	uint64_t before;

	start();
	before = alarm_now(&alarm_clock);
	nanosleep(&(struct timespec){ .tv_nsec = 1 }, NULL);
	CHECK(alarm_now(&alarm_clock) > before);
}

static void the_first_deadline_rings(void)
{
	uint64_t now;

	start();
	now = alarm_now(&alarm_clock);
	alarm_set(&alarm_clock, 0, now + MINUTE);
	alarm_set(&alarm_clock, 1, now + 1000000);
	wait_for_it();
	CHECK(alarm_now(&alarm_clock) >= now + 1000000);
	alarm_set(&alarm_clock, 1, 0);
	alarm_rang(&alarm_clock);
	CHECK(!rings());
	CHECK_EQ(alarm_clock.armed, now + MINUTE);
	CHECK(!alarm_clock.waits);
}

static void a_deadline_that_has_passed_rings_at_once(void)
{
	start();
	alarm_set(&alarm_clock, 16, 1);
	wait_for_it();
	alarm_rang(&alarm_clock);
	wait_for_it();
	alarm_set(&alarm_clock, 16, 0);
	alarm_rang(&alarm_clock);
	CHECK(!rings());
	CHECK_EQ(alarm_clock.armed, 0);
}

/* As after a debugger's stop: the timerfd is early, and is set again. */
static void an_early_ring_arms_it_again(void)
{
	uint64_t now;

	start();
	now = alarm_now(&alarm_clock);
	alarm_set(&alarm_clock, 0, now + 1000);
	wait_for_it();
	alarm_set(&alarm_clock, 0, now + MINUTE);
	alarm_rang(&alarm_clock);
	CHECK(!rings());
	CHECK_EQ(alarm_clock.armed, now + MINUTE);
}

static const struct test tests[] = {
	TEST(the_clock_counts),
	TEST(the_first_deadline_rings),
	TEST(a_deadline_that_has_passed_rings_at_once),
	TEST(an_early_ring_arms_it_again),
};

TAP_MAIN(tests)
