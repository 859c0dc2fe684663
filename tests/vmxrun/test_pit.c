// SPDX-License-Identifier: GPL-2.0-only
/* The 8254, with a clock that the test sets. */
#include <pit.h>
#include <tap.h>

#include "ports.h"

#define SECOND		1000000000ULL
#define TICKS(n)	(((n) * SECOND + PIT_HZ - 1) / PIT_HZ)

static struct pit pit;
static uint64_t now, armed;
static unsigned int edges;
static bool level;

static uint64_t clock_now(void *opaque)
{
	(void)opaque;
	return now;
}

static void deadline_changed(void *opaque, uint64_t deadline)
{
	(void)opaque;
	armed = deadline;
}

static void irq0(void *opaque, unsigned int input, bool to)
{
	(void)opaque;
	(void)input;
	edges += to && !level;
	level = to;
}

static void power_on(void)
{
	now = 1000 * SECOND;
	pit_init(&pit);
	pit.now = clock_now;
	pit.deadline_changed = deadline_changed;
	pit.irq.set = irq0;
	REQUIRE(pit_add_ports(&pit, &bus));
}

static void program(unsigned int channel, unsigned int mode, uint16_t count)
{
	outb(0x43, channel << 6 | 0x30 | mode << 1);
	outb(0x40 + channel, count);
	outb(0x40 + channel, count >> 8);
}

static uint16_t counter(unsigned int channel)
{
	uint8_t low;

	outb(0x43, channel << 6);
	low = inb(0x40 + channel);
	return low | inb(0x40 + channel) << 8;
}

static void at(uint64_t ns)
{
	now = 1000 * SECOND + ns;
	pit_expire(&pit);
}

static void silent_at_power_on(void)
{
	power_on();
	at(SECOND);
	CHECK_EQ(armed, 0);
	CHECK_EQ(edges, 0);
}

static void rate_generator_ticks_each_period(void)
{
	power_on();
	program(0, 2, 11932);
	CHECK_EQ(armed, now + TICKS(11932ULL));
	at(TICKS(11932ULL) - 1);
	CHECK_EQ(edges, 0);
	at(TICKS(11932ULL));
	CHECK_EQ(edges, 1);
	at(TICKS(2 * 11932ULL));
	CHECK_EQ(edges, 2);
	CHECK_EQ(armed, 1000 * SECOND + TICKS(3 * 11932ULL));
}

static void no_drift_in_a_day(void)
{
	uint64_t day = 86400 * SECOND;

	power_on();
	program(0, 2, 11932);
	at(day);
	CHECK(armed > now && armed <= now + TICKS(11932ULL));
	/* Still a whole number of periods, to the nanosecond. */
	CHECK_EQ(armed - 1000 * SECOND,
		 (uint64_t)((unsigned __int128)(pit.fired + 1) * 11932 * SECOND /
			    PIT_HZ) + 1);
}

static void missed_ticks_are_merged(void)
{
	power_on();
	program(0, 2, 1000);
	at(TICKS(10500ULL));
	CHECK_EQ(edges, 1);
	CHECK_EQ(armed, 1000 * SECOND + TICKS(11000ULL));
}

static void one_shot_fires_once(void)
{
	power_on();
	program(0, 4, 5000);
	at(TICKS(5000ULL));
	CHECK_EQ(edges, 1);
	CHECK_EQ(armed, 0);
	at(SECOND);
	CHECK_EQ(edges, 1);
	program(0, 4, 5000);
	CHECK_EQ(armed, now + TICKS(5000ULL));
}

static void terminal_count_holds_the_line(void)
{
	power_on();
	program(0, 0, 100);
	at(TICKS(100ULL));
	CHECK(level);
	program(0, 0, 100);
	CHECK(!level);
}

static void a_new_mode_stops_the_old_one(void)
{
	power_on();
	program(0, 2, 1000);
	outb(0x43, 0x38);
	CHECK_EQ(armed, 0);
}

static void count_zero_is_65536(void)
{
	power_on();
	program(0, 2, 0);
	CHECK_EQ(armed, now + TICKS(65536ULL));
}

static void a_latched_count_waits_to_be_read(void)
{
	uint8_t low;

	power_on();
	program(0, 2, 0x1000);
	at(TICKS(0x10ULL));
	outb(0x43, 0x00);
	at(TICKS(0x800ULL));
	low = inb(0x40);
	CHECK_EQ(low | inb(0x40) << 8, 0x0ff0);
	CHECK_EQ(counter(0), 0x0800);
}

static void square_wave_counts_by_two(void)
{
	power_on();
	program(0, 3, 1000);
	at(TICKS(100ULL));
	CHECK_EQ(counter(0), 800);
	at(TICKS(600ULL));
	CHECK_EQ(counter(0), 800);
}

static void read_back_gives_status_then_count(void)
{
	power_on();
	program(0, 2, 0x1234);
	outb(0x43, 0xc2);
	CHECK_EQ(inb(0x40), 0x80 | 0x30 | 2 << 1);
	CHECK_EQ(inb(0x40), 0x34);
	CHECK_EQ(inb(0x40), 0x12);
}

static void a_single_byte_access(void)
{
	power_on();
	outb(0x43, 0x14);
	outb(0x40, 100);
	CHECK_EQ(armed, now + TICKS(100ULL));
	at(TICKS(1ULL));
	CHECK_EQ(inb(0x40), 99);
	CHECK_EQ(inb(0x40), 99);
}

/* pit_calibrate_tsc() of Linux: ten milliseconds on channel 2. */
static void linux_calibrates_with_channel_2(void)
{
	power_on();
	outb(0x61, (inb(0x61) & ~2) | 1);
	program(2, 0, PIT_HZ / 100);
	CHECK(!(inb(0x61) & 0x20));
	at(SECOND / 100 - 2000);
	CHECK(!(inb(0x61) & 0x20));
	at(SECOND / 100 + 2000);
	CHECK(inb(0x61) & 0x20);
}

/* quick_pit_calibrate(): the high byte falls from 0xff, read without latch. */
static void linux_calibrates_quickly(void)
{
	power_on();
	outb(0x61, (inb(0x61) & ~2) | 1);
	program(2, 0, 0xffff);
	inb(0x42);
	CHECK_EQ(inb(0x42), 0xff);
	at(TICKS(0x101ULL));
	inb(0x42);
	CHECK_EQ(inb(0x42), 0xfe);
}

static void the_gate_holds_channel_2(void)
{
	power_on();
	outb(0x61, 1);
	program(2, 0, 1000);
	at(TICKS(300ULL));
	outb(0x61, 0);
	at(TICKS(5000ULL));
	CHECK_EQ(counter(2), 700);
	CHECK(!(inb(0x61) & 0x20));
	outb(0x61, 1);
	at(TICKS(5100ULL));
	CHECK(counter(2) >= 599 && counter(2) <= 601);
}

static void port_61_reads_back_and_toggles_refresh(void)
{
	power_on();
	outb(0x61, 3);
	CHECK_EQ(inb(0x61) & 3, 3);
	CHECK_EQ((inb(0x61) ^ inb(0x61)) & 0x10, 0x10);
}

static const struct test tests[] = {
	TEST(silent_at_power_on),
	TEST(rate_generator_ticks_each_period),
	TEST(no_drift_in_a_day),
	TEST(missed_ticks_are_merged),
	TEST(one_shot_fires_once),
	TEST(terminal_count_holds_the_line),
	TEST(a_new_mode_stops_the_old_one),
	TEST(count_zero_is_65536),
	TEST(a_latched_count_waits_to_be_read),
	TEST(square_wave_counts_by_two),
	TEST(read_back_gives_status_then_count),
	TEST(a_single_byte_access),
	TEST(linux_calibrates_with_channel_2),
	TEST(linux_calibrates_quickly),
	TEST(the_gate_holds_channel_2),
	TEST(port_61_reads_back_and_toggles_refresh),
};

TAP_MAIN(tests)
