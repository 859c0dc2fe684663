// SPDX-License-Identifier: GPL-2.0-only
/* The port space, clock, reset ports, CPUID and console. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmos.h>
#include <console.h>
#include <cpuid.h>
#include <kbc.h>
#include <tap.h>

#include "ports.h"

/* ---- ports ---- */

static uint8_t offset_read(void *dev, uint16_t offset)
{
	(void)dev;
	return 0x10 + offset;
}

static uint8_t written[4];

static void offset_write(void *dev, uint16_t offset, uint8_t val)
{
	(void)dev;
	written[offset] = val;
}

static const struct io_ops offset_ops = { offset_read, offset_write };

static void a_port_without_a_device_reads_all_ones(void)
{
	uint32_t val = 0;

	io_bus_read(&bus, 0xcfc, &val, 4);
	CHECK_EQ(val, 0xffffffff);
	outb(0x80, 1);
}

static void a_wide_access_is_split_into_bytes(void)
{
	uint32_t val;

	REQUIRE(io_bus_add(&bus, 0x100, 3, &offset_ops, NULL));
	io_bus_read(&bus, 0x100, &val, 4);
	CHECK_EQ(val, 0xff121110);
	val = 0x44332211;
	io_bus_write(&bus, 0x100, &val, 4);
	CHECK_EQ(written[2], 0x33);
	CHECK_EQ(written[3], 0);
}

static void the_last_port_does_not_wrap(void)
{
	uint16_t val;

	REQUIRE(io_bus_add(&bus, 0xffff, 1, &offset_ops, NULL));
	io_bus_read(&bus, 0xffff, &val, 2);
	CHECK_EQ(val, 0xff10);
}

static void two_devices_cannot_share_a_port(void)
{
	CHECK(io_bus_add(&bus, 0x100, 4, &offset_ops, NULL));
	CHECK(!io_bus_add(&bus, 0x103, 1, &offset_ops, NULL));
	CHECK(!io_bus_add(&bus, 0xff, 2, &offset_ops, NULL));
	CHECK(io_bus_add(&bus, 0x104, 1, &offset_ops, NULL));
}

/* ---- clock ---- */

static struct cmos cmos;

/* 2004-02-29 13:45:09, a Sunday */
static time_t leap_day(void)
{
	return 1078062309;
}

static uint8_t rtc(uint8_t index)
{
	outb(0x70, index);
	return inb(0x71);
}

static void the_clock_tells_utc(void)
{
	cmos_init(&cmos, 128ULL << 20, 0);
	cmos.now = leap_day;
	REQUIRE(cmos_add_ports(&cmos, &bus));
	CHECK_EQ(rtc(0x00), 0x09);
	CHECK_EQ(rtc(0x02), 0x45);
	CHECK_EQ(rtc(0x84), 0x13);	/* bit 7 is not the index */
	CHECK_EQ(rtc(0x06), 1);
	CHECK_EQ(rtc(0x07), 0x29);
	CHECK_EQ(rtc(0x08), 0x02);
	CHECK_EQ(rtc(0x09), 0x04);
	CHECK_EQ(rtc(0x32), 0x20);
	CHECK_EQ(rtc(0x0d), 0x80);
	CHECK_EQ(rtc(0x0a) & 0x80, 0);
	/* Binary, 12 hours. */
	outb(0x70, 0x0b);
	outb(0x71, 0x04);
	CHECK_EQ(rtc(0x04), 0x81);
	CHECK_EQ(rtc(0x02), 45);
}

static void the_cmos_has_the_memory_sizes(void)
{
	cmos_init(&cmos, 128ULL << 20, 1ULL << 30);
	REQUIRE(cmos_add_ports(&cmos, &bus));
	CHECK_EQ(rtc(0x34) | rtc(0x35) << 8, (128 - 16) * 16);
	CHECK_EQ(rtc(0x5b) | rtc(0x5c) << 8, 1024 * 16);
	CHECK_EQ(rtc(0x17) | rtc(0x18) << 8, 0xffff);
}

/* ---- reset ---- */

static struct kbc kbc;
static unsigned int resets;

static void reset(void *opaque)
{
	(void)opaque;
	resets++;
}

static void start_kbc(void)
{
	kbc_init(&kbc);
	kbc.reset = reset;
	REQUIRE(kbc_add_ports(&kbc, &bus));
}

static void each_reset_port_resets(void)
{
	start_kbc();
	CHECK_EQ(inb(0x64) & 0x02, 0);
	outb(0x64, 0xfe);
	CHECK_EQ(resets, 1);
	outb(0xcf9, 0x02);
	CHECK_EQ(resets, 1);
	outb(0xcf9, 0x06);
	CHECK_EQ(resets, 2);
	outb(0x92, inb(0x92) | 1);
	CHECK_EQ(resets, 3);
	outb(0x64, 0xd1);
	outb(0x60, 0xfe);
	CHECK_EQ(resets, 4);
}

static void enabling_a20_does_not_reset(void)
{
	start_kbc();
	outb(0x64, 0xd1);
	outb(0x60, 0xdf);
	outb(0x92, 0x02);
	outb(0x64, 0xff);
	CHECK_EQ(resets, 0);
}

static void the_controller_passes_its_self_tests(void)
{
	start_kbc();
	outb(0x64, 0xaa);
	CHECK_EQ(inb(0x64) & 1, 1);
	CHECK_EQ(inb(0x60), 0x55);
	CHECK_EQ(inb(0x64) & 1, 0);
	outb(0x64, 0x60);
	outb(0x60, 0x65);
	outb(0x64, 0x20);
	CHECK_EQ(inb(0x60), 0x65);
}

/* ---- CPUID ---- */

static struct cpuid_table table;

static void add(uint32_t function, uint32_t eax, uint32_t ebx, uint32_t ecx,
		uint32_t edx)
{
	struct kvm_cpuid_entry2 *e = &table.entries[table.head.nent++];

	*e = (struct kvm_cpuid_entry2){ .function = function, .eax = eax,
		.ebx = ebx, .ecx = ecx, .edx = edx };
}

static const struct kvm_cpuid_entry2 *leaf(uint32_t function)
{
	for (uint32_t i = 0; i < table.head.nent; i++)
		if (table.entries[i].function == function)
			return &table.entries[i];
	return NULL;
}

static void fill(const struct cpuid_options *opt)
{
	add(0, 0xd, 0x756e6547, 0x6c65746e, 0x49656e69);
	add(1, 0x306c3, 0x07100800, 0x7ffafbff, 0xffffffff);
	add(0xb, 1, 2, 3, 4);
	add(0x40000000, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d);
	add(0x40000001, 0x01000afb, 0, 0, 0);
	cpuid_adjust(&table, opt);
}

static void each_cpu_is_a_package_with_an_apic(void)
{
	struct cpuid_options opt = { .vcpu = 3 };

	fill(&opt);
	CHECK_EQ(leaf(1)->edx & (1U << 9 | 1U << 28), 1U << 9);
	CHECK_EQ(leaf(1)->ecx & (1U << 21 | 1U << 24 | 1U << 3), 0);
	CHECK_EQ(leaf(1)->edx & 1, 1);
	CHECK_EQ(leaf(1)->ebx >> 24, 3);
	CHECK_EQ(leaf(1)->ebx >> 16 & 0xff, 1);
	CHECK_EQ(leaf(0xb)->ebx, 0);
}

static void kvm_is_not_announced(void)
{
	struct cpuid_options opt = { .vcpu = 0 };

	fill(&opt);
	CHECK(leaf(1)->ecx >> 31);
	CHECK(!leaf(0x40000001));
	CHECK_EQ(leaf(0x40000000)->eax, 0x40000000);
	CHECK(!memcmp(&leaf(0x40000000)->ebx, "vmxrun", 4));
}

static void the_hypervisor_can_be_hidden(void)
{
	struct cpuid_options opt = { .hide_hypervisor = true };

	fill(&opt);
	CHECK(!(leaf(1)->ecx >> 31));
	CHECK(!leaf(0x40000000));
}

static void leaf_15h_tells_the_tsc_frequency(void)
{
	struct cpuid_options opt = { .tsc_khz = 3400123 };

	fill(&opt);
	CHECK_EQ(leaf(0)->eax, 0x15);
	CHECK_EQ((uint64_t)leaf(0x15)->ecx * leaf(0x15)->ebx / leaf(0x15)->eax,
		 3400123000);
	/* Linux multiplies in 32 bits, in kHz, and counts the APIC timer by it. */
	CHECK(leaf(0x15)->ecx / 1000ULL * leaf(0x15)->ebx <= UINT32_MAX);
	CHECK_EQ(leaf(0x15)->ecx, cpuid_crystal_hz(3400123));
	CHECK_EQ(cpuid_crystal_hz(6000000), 3000000000);
	CHECK_EQ(cpuid_crystal_hz(0), 1000000000);
}

/* ---- console ---- */

static struct console con = { .in = -1, .out = -1, .keys = true };

/* Return: result of console_read() for these keys */
static bool type(const char *keys, size_t n)
{
	int fds[2];

	REQUIRE(!pipe(fds));
	REQUIRE(write(fds[1], keys, n) == (ssize_t)n);
	con.in = fds[0];
	return console_read(&con);
}

static void check_backlog(const char *want)
{
	uint8_t byte;

	for (; *want; want++) {
		REQUIRE(console_take(&con, &byte));
		CHECK_EQ(byte, *want);
	}
	CHECK(!console_take(&con, &byte));
}

static void keys_go_to_the_guest(void)
{
	CHECK(type("ls\r\003", 4));
	check_backlog("ls\r\003");
}

static void ctrl_a_x_quits(void)
{
	CHECK(!type("a\001x", 3));
}

static void ctrl_a_is_sent_by_typing_it_twice(void)
{
	CHECK(type("\001", 1));
	CHECK(type("\001x\001y", 4));
	check_backlog("\001x");
}

static void the_guest_runs_on_at_the_end_of_input(void)
{
	con.in = open("/dev/null", O_RDONLY);
	CHECK(console_read(&con));
	CHECK(!console_wants_input(&con));
}

static void a_full_backlog_stops_a_pipe_but_not_a_terminal(void)
{
	for (int i = 0; i < CONSOLE_BACKLOG / 64; i++)
		CHECK(type("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 64));
	CHECK(!console_wants_input(&con));
	con.raw = true;
	CHECK(console_wants_input(&con));
	CHECK(!type("more\001x", 6));
	con.raw = false;
}

static const struct test tests[] = {
	TEST(a_port_without_a_device_reads_all_ones),
	TEST(a_wide_access_is_split_into_bytes),
	TEST(the_last_port_does_not_wrap),
	TEST(two_devices_cannot_share_a_port),
	TEST(the_clock_tells_utc),
	TEST(the_cmos_has_the_memory_sizes),
	TEST(each_reset_port_resets),
	TEST(enabling_a20_does_not_reset),
	TEST(the_controller_passes_its_self_tests),
	TEST(each_cpu_is_a_package_with_an_apic),
	TEST(kvm_is_not_announced),
	TEST(the_hypervisor_can_be_hidden),
	TEST(leaf_15h_tells_the_tsc_frequency),
	TEST(keys_go_to_the_guest),
	TEST(ctrl_a_x_quits),
	TEST(ctrl_a_is_sent_by_typing_it_twice),
	TEST(the_guest_runs_on_at_the_end_of_input),
	TEST(a_full_backlog_stops_a_pipe_but_not_a_terminal),
};

TAP_MAIN(tests)
