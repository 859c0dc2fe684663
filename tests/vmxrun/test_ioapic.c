// SPDX-License-Identifier: GPL-2.0-only
/* The I/O APIC with a local APIC, the ISA wires, and the addresses of both. */
#include <string.h>

#include <apic_bus.h>
#include <isa_irq.h>
#include <lapic.h>
#include <mmio.h>
#include <tap.h>

#include "ports.h"

#define EOI	0xb0
#define SVR	0xf0
#define LEVEL	(1U << 15)
#define MASKED	(1U << 16)

static struct lapic cpu;
static struct ioapic ioapic;
static struct apic_bus apics = { .nr = 1, .lapics = { &cpu } };
static struct pic pic;

static uint64_t clock_now(void *opaque)
{
	(void)opaque;
	return 1;
}

static void deadline_changed(void *opaque, uint64_t deadline)
{
	(void)opaque;
	(void)deadline;
}

static void nothing(void *opaque)
{
	(void)opaque;
}

static void intr_changed(void *opaque, bool level)
{
	(void)opaque;
	(void)level;
}

static void start(void)
{
	cpu.now = clock_now;
	cpu.deadline_changed = deadline_changed;
	cpu.interrupt = nothing;
	cpu.eoi = ioapic_eoi;
	cpu.eoi_opaque = &ioapic;
	cpu.send = apic_bus_send;
	cpu.bus = &apics;
	lapic_power_on(&cpu, 0);
	ioapic.bus = &apics;
	ioapic_power_on(&ioapic);
	pic.intr_changed = intr_changed;
	pic_init(&pic);
}

static void set(uint8_t index, uint32_t val)
{
	ioapic_write(&ioapic, 0x00, index);
	ioapic_write(&ioapic, 0x10, val);
}

static uint32_t get(uint8_t index)
{
	ioapic_write(&ioapic, 0x00, index);
	return ioapic_read(&ioapic, 0x10);
}

static void entry(unsigned int pin, uint32_t low)
{
	set(0x10 + 2 * pin + 1, 0);
	set(0x10 + 2 * pin, low);
}

/* Handle the pending interrupt. Return: its vector, or -1. */
static int serve(void)
{
	int vector = lapic_pending(&cpu);

	if (vector >= 0)
		CHECK_EQ(lapic_acknowledge(&cpu), vector);
	return vector;
}

static void end(void)
{
	lapic_write(&cpu, EOI, 0);
}

static void all_pins_are_masked_at_first(void)
{
	start();
	CHECK_EQ(get(1), 0x170011);
	CHECK_EQ(get(0x10), MASKED);
	CHECK_EQ(get(0x10 + 47), 0);
	CHECK_EQ(get(0x10 + 48), 0xffffffff);
	ioapic_set_pin(&ioapic, 4, true);
	CHECK_EQ(serve(), -1);
	/* An edge that came while masked is gone. */
	entry(4, 0x34);
	CHECK_EQ(serve(), -1);
}

static void an_edge_is_one_interrupt(void)
{
	start();
	entry(4, 0x34);
	ioapic_set_pin(&ioapic, 4, true);
	CHECK_EQ(serve(), 0x34);
	ioapic_set_pin(&ioapic, 4, true);
	end();
	CHECK_EQ(serve(), -1);
	ioapic_set_pin(&ioapic, 4, false);
	ioapic_set_pin(&ioapic, 4, true);
	CHECK_EQ(serve(), 0x34);
}

static void a_level_interrupts_again_until_it_falls(void)
{
	start();
	entry(9, 0x39 | LEVEL);
	ioapic_set_pin(&ioapic, 9, true);
	CHECK_EQ(get(0x22), 0x4039 | LEVEL);
	CHECK_EQ(serve(), 0x39);
	ioapic_set_pin(&ioapic, 9, true);
	end();
	CHECK_EQ(serve(), 0x39);
	ioapic_set_pin(&ioapic, 9, false);
	end();
	CHECK_EQ(serve(), -1);
	CHECK_EQ(get(0x22), 0x39 | LEVEL);
}

static void a_masked_level_waits(void)
{
	start();
	entry(9, 0x39 | LEVEL | MASKED);
	ioapic_set_pin(&ioapic, 9, true);
	CHECK_EQ(serve(), -1);
	entry(9, 0x39 | LEVEL);
	CHECK_EQ(serve(), 0x39);
	/* How Linux ends one by hand: to edge, masked, and back. */
	entry(9, 0x39 | MASKED);
	CHECK_EQ(get(0x22), 0x39 | MASKED);
	entry(9, 0x39 | LEVEL);
	end();
	CHECK_EQ(serve(), 0x39);
}

static void only_writable_bits_change(void)
{
	start();
	set(0x11, 0xffffffff);
	set(0x10, 0xffffffff);
	CHECK_EQ(get(0x11), 0xff000000);
	CHECK_EQ(get(0x10), 0x0001afff);
	set(0, 0xffffffff);
	CHECK_EQ(get(0), 0x0f000000);
	CHECK_EQ(get(2), 0x0f000000);
}

static unsigned int sent, routed;
static struct apic_message last;

static void take_message(void *opaque, const struct apic_message *msg)
{
	CHECK(opaque == &last);
	last = *msg;
	sent++;
}

static void count_routed(void *opaque)
{
	CHECK(opaque == &ioapic);
	routed++;
}

static void local_apics_elsewhere(void)
{
	static const struct apic_bus away = { .send = take_message, .opaque = &last };
	struct apic_message msg;

	start();
	ioapic.bus = &away;
	ioapic.routed = count_routed;
	ioapic.opaque = &ioapic;
	/* A pin that is not level-triggered needs no route. */
	set(0x10 + 2 * 4 + 1, 0x02000000);
	set(0x10 + 2 * 4, 0x934);
	CHECK_EQ(routed, 0);
	CHECK(!ioapic_level_message(&ioapic, 4, &msg));
	ioapic_set_pin(&ioapic, 4, true);
	CHECK_EQ(sent, 1);
	CHECK_EQ(last.dest, 2);
	CHECK_EQ(last.mode, APIC_LOWEST_PRIORITY);
	CHECK_EQ(last.vector, 0x34);
	CHECK(last.logical && !last.level);
	entry(9, 0x39 | LEVEL);
	CHECK_EQ(routed, 1);
	CHECK(ioapic_level_message(&ioapic, 9, &msg));
	CHECK_EQ(msg.vector, 0x39);
	entry(9, 0x39 | LEVEL);
	CHECK_EQ(routed, 1);
	entry(9, 0x39 | LEVEL | MASKED);
	CHECK_EQ(routed, 2);
	CHECK(!ioapic_level_message(&ioapic, 9, &msg));
	entry(9, 0x39 | MASKED);
	CHECK_EQ(routed, 3);
}

static void the_timer_is_on_pin_2(void)
{
	struct isa_irq isa = { &pic, &ioapic };

	start();
	entry(2, 0x30);
	entry(0, 0x31);
	isa_irq_set(&isa, 0, true);
	CHECK_EQ(serve(), 0x30);
	CHECK_EQ(pic.chip[0].lines, 1);
	end();
	entry(8, 0x38);
	isa_irq_set(&isa, 8, true);
	CHECK_EQ(serve(), 0x38);
	CHECK_EQ(pic.chip[1].lines, 1);
}

static uint32_t load(uint64_t addr, unsigned int size)
{
	uint32_t val = 0;

	mmio_read(&cpu, &ioapic, addr, &val, size);
	return val;
}

static void each_apic_answers_at_its_address(void)
{
	uint32_t val = 0x1ff;

	start();
	CHECK_EQ(load(0xfee00030, 4), 0x50014);
	CHECK_EQ(load(0xfee00032, 1), 0x05);
	CHECK_EQ(load(0xfee00034, 4), 0xffffffff);
	CHECK_EQ(load(0xfee0002e, 4), 0xffffffff);
	val = 1;
	mmio_write(&cpu, &ioapic, 0xfec00000, &val, 4);
	CHECK_EQ(load(0xfec00010, 4), 0x170011);
	/* Parts of a register are not written. */
	mmio_write(&cpu, &ioapic, 0xfee00080, &val, 1);
	CHECK_EQ(cpu.tpr, 0);
	mmio_write(&cpu, &ioapic, 0xfee00080, &val, 4);
	CHECK_EQ(cpu.tpr, 1);
	CHECK_EQ(load(0xfed00000, 4), 0xffffffff);
}

static void the_local_apic_can_move_and_be_disabled(void)
{
	start();
	cpu.base = 0x80000000 | APIC_BASE_ENABLE;
	CHECK_EQ(load(0xfee00030, 4), 0xffffffff);
	CHECK_EQ(load(0x80000030, 4), 0x50014);
	cpu.base = 0x80000000;
	CHECK_EQ(load(0x80000030, 4), 0xffffffff);
}

static const struct test tests[] = {
	TEST(all_pins_are_masked_at_first),
	TEST(an_edge_is_one_interrupt),
	TEST(a_level_interrupts_again_until_it_falls),
	TEST(a_masked_level_waits),
	TEST(only_writable_bits_change),
	TEST(local_apics_elsewhere),
	TEST(the_timer_is_on_pin_2),
	TEST(each_apic_answers_at_its_address),
	TEST(the_local_apic_can_move_and_be_disabled),
};

TAP_MAIN(tests)
