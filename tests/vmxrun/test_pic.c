// SPDX-License-Identifier: GPL-2.0-only
/* The 8259 pair, as operating systems use it. */
#include <pic.h>
#include <tap.h>

#include "ports.h"

#define MASTER	0x20
#define SLAVE	0xa0
#define EOI	0x20

static struct pic pic;
static unsigned int intr_edges;

static void intr_changed(void *opaque, bool level)
{
	(void)opaque;
	intr_edges += level;
}

static void power_on(void)
{
	pic.intr_changed = intr_changed;
	pic_init(&pic);
	REQUIRE(pic_add_ports(&pic, &bus));
}

/* Program the chips like Linux: vectors 0x30 and 0x38, all unmasked. */
static void program(uint8_t icw4)
{
	outb(MASTER, 0x11);
	outb(MASTER + 1, 0x30);
	outb(MASTER + 1, 0x04);
	outb(MASTER + 1, icw4);
	outb(SLAVE, 0x11);
	outb(SLAVE + 1, 0x38);
	outb(SLAVE + 1, 0x02);
	outb(SLAVE + 1, icw4);
	outb(MASTER + 1, 0);
	outb(SLAVE + 1, 0);
}

static void start(void)
{
	power_on();
	program(0x01);
}

static void pulse(unsigned int input)
{
	pic_set_input(&pic, input, true);
	pic_set_input(&pic, input, false);
}

static void masked_at_power_on(void)
{
	power_on();
	pulse(0);
	pulse(8);
	CHECK(!pic.intr);
}

static void mask_reads_back_as_linux_probes_it(void)
{
	start();
	outb(MASTER + 1, 0xfb);
	CHECK_EQ(inb(MASTER + 1), 0xfb);
}

static void a_pulse_is_latched_until_acknowledged(void)
{
	start();
	pulse(4);
	CHECK(pic.intr);
	CHECK_EQ(pic_acknowledge(&pic), 0x34);
	CHECK(!pic.intr);
}

static void a_line_that_stays_up_interrupts_once(void)
{
	start();
	pic_set_input(&pic, 4, true);
	CHECK_EQ(pic_acknowledge(&pic), 0x34);
	outb(MASTER, EOI);
	CHECK(!pic.intr);
	pic_set_input(&pic, 4, true);
	CHECK(!pic.intr);
	pic_set_input(&pic, 4, false);
	pic_set_input(&pic, 4, true);
	CHECK(pic.intr);
}

static void the_lowest_input_goes_first(void)
{
	start();
	pulse(4);
	pulse(0);
	CHECK_EQ(pic_acknowledge(&pic), 0x30);
	CHECK(!pic.intr);
	outb(MASTER, EOI);
	CHECK_EQ(pic_acknowledge(&pic), 0x34);
}

static void a_higher_input_interrupts_a_handler(void)
{
	start();
	pulse(4);
	CHECK_EQ(pic_acknowledge(&pic), 0x34);
	pulse(5);
	CHECK(!pic.intr);
	pulse(1);
	CHECK(pic.intr);
	CHECK_EQ(pic_acknowledge(&pic), 0x31);
	outb(MASTER, EOI);	/* ends 1 */
	CHECK(!pic.intr);
	outb(MASTER, EOI);	/* ends 4 */
	CHECK_EQ(pic_acknowledge(&pic), 0x35);
}

static void a_specific_eoi_ends_that_input(void)
{
	start();
	pulse(4);
	pic_acknowledge(&pic);
	pulse(1);
	pic_acknowledge(&pic);
	outb(MASTER, 0x60 | 4);
	outb(MASTER, 0x0b);
	CHECK_EQ(inb(MASTER), 1 << 1);
}

static void the_slave_answers_through_the_cascade(void)
{
	start();
	pulse(12);
	CHECK_EQ(pic_acknowledge(&pic), 0x3c);
	outb(MASTER, 0x0b);
	outb(SLAVE, 0x0b);
	CHECK_EQ(inb(MASTER), 1 << 2);
	CHECK_EQ(inb(SLAVE), 1 << 4);
	/* Another one waits for both ends of interrupt. */
	pulse(13);
	CHECK(!pic.intr);
	outb(SLAVE, EOI);
	CHECK(!pic.intr);
	outb(MASTER, EOI);
	CHECK(pic.intr);
	CHECK_EQ(pic_acknowledge(&pic), 0x3d);
}

static void a_request_that_was_masked_meanwhile_is_spurious(void)
{
	start();
	pulse(4);
	CHECK(pic.intr);
	outb(MASTER + 1, 0x10);
	CHECK(!pic.intr);
	CHECK_EQ(pic_acknowledge(&pic), 0x37);
	outb(MASTER, 0x0b);
	CHECK_EQ(inb(MASTER), 0);
}

static void unmasking_lets_a_latched_request_through(void)
{
	start();
	outb(MASTER + 1, 0xff);
	pulse(0);
	CHECK(!pic.intr);
	outb(MASTER + 1, 0xfe);
	CHECK(pic.intr);
	CHECK_EQ(intr_edges, 1);
}

static void a_level_input_interrupts_again_until_it_falls(void)
{
	start();
	outb(0x4d0, 0xff);
	CHECK_EQ(inb(0x4d0), 0xf8);
	pic_set_input(&pic, 5, true);
	CHECK_EQ(pic_acknowledge(&pic), 0x35);
	outb(MASTER, EOI);
	CHECK(pic.intr);
	pic_set_input(&pic, 5, false);
	CHECK(!pic.intr);
}

static void automatic_eoi(void)
{
	power_on();
	program(0x03);
	pulse(4);
	pulse(12);
	pulse(13);
	CHECK_EQ(pic_acknowledge(&pic), 0x3c);
	CHECK_EQ(pic_acknowledge(&pic), 0x3d);
	CHECK_EQ(pic_acknowledge(&pic), 0x34);
	CHECK(!pic.intr);
}

static void rotation_makes_the_served_input_last(void)
{
	start();
	pulse(1);
	pic_acknowledge(&pic);
	outb(MASTER, 0xa0);
	pulse(0);
	pulse(3);
	CHECK_EQ(pic_acknowledge(&pic), 0x33);
}

static void special_mask_mode_lets_lower_inputs_in(void)
{
	start();
	pulse(1);
	pic_acknowledge(&pic);
	pulse(4);
	CHECK(!pic.intr);
	outb(MASTER, 0x68);
	outb(MASTER + 1, 0x02);
	CHECK(pic.intr);
	CHECK_EQ(pic_acknowledge(&pic), 0x34);
}

static void polling_acknowledges(void)
{
	start();
	pulse(6);
	outb(MASTER, 0x0c);
	CHECK_EQ(inb(MASTER), 0x86);
	CHECK(!pic.intr);
	outb(MASTER, 0x0c);
	CHECK_EQ(inb(MASTER), 0);
	outb(MASTER, 0x0b);
	CHECK_EQ(inb(MASTER), 1 << 6);
}

static void programming_again_forgets_requests(void)
{
	start();
	pulse(4);
	program(0x01);
	CHECK(!pic.intr);
}

static const struct test tests[] = {
	TEST(masked_at_power_on),
	TEST(mask_reads_back_as_linux_probes_it),
	TEST(a_pulse_is_latched_until_acknowledged),
	TEST(a_line_that_stays_up_interrupts_once),
	TEST(the_lowest_input_goes_first),
	TEST(a_higher_input_interrupts_a_handler),
	TEST(a_specific_eoi_ends_that_input),
	TEST(the_slave_answers_through_the_cascade),
	TEST(a_request_that_was_masked_meanwhile_is_spurious),
	TEST(unmasking_lets_a_latched_request_through),
	TEST(a_level_input_interrupts_again_until_it_falls),
	TEST(automatic_eoi),
	TEST(rotation_makes_the_served_input_last),
	TEST(special_mask_mode_lets_lower_inputs_in),
	TEST(polling_acknowledges),
	TEST(programming_again_forgets_requests),
};

TAP_MAIN(tests)
