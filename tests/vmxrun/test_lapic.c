// SPDX-License-Identifier: GPL-2.0-only
/* Local APICs: priorities, the timer, and messages between them. */
#include <stddef.h>

#include <apic_bus.h>
#include <lapic.h>
#include <tap.h>

#define NR	4
#define MS	1000000ULL

#define TPR	0x080
#define PPR	0x0a0
#define EOI	0x0b0
#define LDR	0x0d0
#define DFR	0x0e0
#define SVR	0x0f0
#define ISR	0x100
#define TMR	0x180
#define IRR	0x200
#define ESR	0x280
#define ICR	0x300
#define ICR_HI	0x310
#define LVTT	0x320
#define LINT0	0x350
#define LVTERR	0x370
#define TMICT	0x380
#define TMCCT	0x390
#define TDCR	0x3e0

#define MASKED		0x10000
#define PERIODIC	0x20000

static struct lapic cpu[NR];
static struct apic_bus bus;
static uint64_t now;
static uint64_t deadline;
static unsigned int told[NR];
static int ended;

static uint64_t clock_now(void *opaque)
{
	(void)opaque;
	return now;
}

static void deadline_changed(void *opaque, uint64_t val)
{
	if (opaque == &cpu[0])
		deadline = val;
}

static void interrupt(void *opaque)
{
	told[(struct lapic *)opaque - cpu]++;
}

static void eoi(void *opaque, uint8_t vector)
{
	(void)opaque;
	ended = vector;
}

static void power_on(void)
{
	bus.nr = 0;
	ended = -1;
	now = 5000 * MS;
	for (unsigned int i = 0; i < NR; i++) {
		struct lapic *c = &cpu[i];

		c->hz = 1000000000;
		c->now = clock_now;
		c->deadline_changed = deadline_changed;
		c->interrupt = interrupt;
		c->eoi = eoi;
		c->opaque = c;
		c->send = apic_bus_send;
		c->bus = &bus;
		lapic_power_on(c, i);
		bus.lapics[bus.nr++] = c;
	}
}

/* Set the local APICs up like an operating system: on, with flat logical ids. */
static void start(void)
{
	power_on();
	for (unsigned int i = 0; i < NR; i++) {
		lapic_write(&cpu[i], SVR, 0x1ff);
		lapic_write(&cpu[i], LDR, 1U << (24 + i));
		told[i] = 0;
	}
}

static void ipi(unsigned int from, uint8_t dest, uint32_t icr)
{
	lapic_write(&cpu[from], ICR_HI, (uint32_t)dest << 24);
	lapic_write(&cpu[from], ICR, icr);
}

/* Return: mask of the CPUs that have @vector requested. */
static unsigned int who_has(uint8_t vector)
{
	unsigned int set = 0;

	for (unsigned int i = 0; i < NR; i++)
		if (lapic_read(&cpu[i], IRR + vector / 32 * 16) >>
		    (vector & 31) & 1)
			set |= 1U << i;
	return set;
}

static void the_first_cpu_has_the_virtual_wire(void)
{
	power_on();
	CHECK(lapic_takes_extint(&cpu[0]));
	CHECK(!lapic_takes_extint(&cpu[1]));
	CHECK_EQ(lapic_read(&cpu[0], 0x30), 0x50014);
	CHECK_EQ(lapic_read(&cpu[1], 0x20), 1U << 24);
	CHECK_EQ(lapic_read(&cpu[1], LINT0), MASKED);
	lapic_write(&cpu[0], LINT0, MASKED | 0x700);
	CHECK(!lapic_takes_extint(&cpu[0]));
	/* Switched off by IA32_APIC_BASE, it is a wire through. */
	cpu[0].base &= ~APIC_BASE_ENABLE;
	CHECK(lapic_takes_extint(&cpu[0]));
}

static void a_higher_class_interrupts_a_lower_one(void)
{
	start();
	ipi(1, 0, 0x45);
	CHECK_EQ(told[0], 1);
	CHECK_EQ(lapic_acknowledge(&cpu[0]), 0x45);
	CHECK_EQ(lapic_read(&cpu[0], PPR), 0x40);
	CHECK_EQ(lapic_read(&cpu[0], ISR + 0x20), 1U << 5);
	/* Another vector of this class waits, whatever its low half is. */
	ipi(1, 0, 0x4f);
	CHECK_EQ(lapic_pending(&cpu[0]), -1);
	ipi(1, 0, 0x51);
	CHECK_EQ(lapic_acknowledge(&cpu[0]), 0x51);
	CHECK_EQ(lapic_pending(&cpu[0]), -1);
	lapic_write(&cpu[0], EOI, 0);
	CHECK_EQ(lapic_pending(&cpu[0]), -1);
	lapic_write(&cpu[0], EOI, 0);
	CHECK_EQ(lapic_acknowledge(&cpu[0]), 0x4f);
	CHECK_EQ(ended, -1);
}

static void the_task_priority_blocks_interrupts(void)
{
	start();
	lapic_write(&cpu[0], TPR, 0x50);
	ipi(1, 0, 0x5f);
	CHECK_EQ(lapic_pending(&cpu[0]), -1);
	CHECK_EQ(lapic_acknowledge(&cpu[0]), 0xff);
	lapic_set_tpr(&cpu[0], 0x40);
	CHECK_EQ(lapic_pending(&cpu[0]), 0x5f);
	/* CR8 of 15 holds back all. */
	lapic_set_tpr(&cpu[0], 0xf0);
	ipi(1, 0, 0xfe);
	CHECK_EQ(lapic_pending(&cpu[0]), -1);
}

static void each_destination_gets_its_interrupt(void)
{
	start();
	ipi(0, 2, 0x30);
	CHECK_EQ(who_has(0x30), 1U << 2);
	ipi(0, 0xff, 0x31);
	CHECK_EQ(who_has(0x31), 0xf);
	ipi(0, 0x0a, 0x32 | 1 << 11);
	CHECK_EQ(who_has(0x32), 0x0a);
	ipi(1, 0, 0x33 | 1 << 18);
	CHECK_EQ(who_has(0x33), 1U << 1);
	ipi(1, 0, 0x34 | 2 << 18);
	CHECK_EQ(who_has(0x34), 0xf);
	ipi(1, 0, 0x35 | 3 << 18);
	CHECK_EQ(who_has(0x35), 0xd);
	ipi(0, 9, 0x36);
	CHECK_EQ(who_has(0x36), 0);
}

static void the_high_half_of_a_logical_id_is_the_cluster(void)
{
	start();
	for (unsigned int i = 0; i < NR; i++) {
		lapic_write(&cpu[i], DFR, 0);
		lapic_write(&cpu[i], LDR, (i / 2 << 4 | 1U << (i & 1)) << 24);
	}
	ipi(0, 0x13, 0x30 | 1 << 11);
	CHECK_EQ(who_has(0x30), 0xc);
	ipi(0, 0x02, 0x31 | 1 << 11);
	CHECK_EQ(who_has(0x31), 0x2);
	CHECK_EQ(lapic_read(&cpu[0], DFR), 0x0fffffff);
}

static void lowest_priority_goes_to_the_least_busy(void)
{
	start();
	lapic_write(&cpu[0], TPR, 0x20);
	lapic_write(&cpu[1], TPR, 0x10);
	lapic_write(&cpu[2], SVR, 0xff);
	lapic_write(&cpu[3], TPR, 0x30);
	ipi(3, 0x0f, 0x40 | 1 << 11 | 1 << 8);
	CHECK_EQ(who_has(0x40), 1U << 1);
	CHECK_EQ(lapic_acknowledge(&cpu[1]), 0x40);
	ipi(3, 0x0f, 0x41 | 1 << 11 | 1 << 8);
	CHECK_EQ(who_has(0x41), 1U << 0);
}

static void init_and_startup_wait_for_the_cpu(void)
{
	start();
	lapic_write(&cpu[1], SVR, 0xff);
	ipi(0, 1, 0xc500);
	CHECK(cpu[1].init);
	CHECK(!cpu[1].sipi);
	/* The old way to end an INIT is not another one. */
	cpu[1].init = false;
	ipi(0, 1, 0x8500);
	CHECK(!cpu[1].init);
	ipi(0, 1, 0x69a);
	CHECK(cpu[1].sipi);
	CHECK_EQ(cpu[1].sipi_vector, 0x9a);
	/* An INIT makes an older start-up void. */
	ipi(0, 1, 0xc500);
	CHECK(!cpu[1].sipi);
	ipi(0, 3, 0x400);
	CHECK(cpu[3].nmi);
	CHECK(!cpu[2].nmi);
}

static void init_keeps_id_and_base(void)
{
	start();
	ipi(0, 2, 0x30);
	lapic_write(&cpu[2], TMICT, 1000);
	lapic_init(&cpu[2]);
	CHECK_EQ(who_has(0x30), 0);
	CHECK_EQ(lapic_read(&cpu[2], 0x20), 2U << 24);
	CHECK_EQ(lapic_read(&cpu[2], SVR), 0xff);
	CHECK_EQ(lapic_read(&cpu[2], TMICT), 0);
	CHECK(cpu[2].base & APIC_BASE_ENABLE);
}

static void a_disabled_apic_takes_no_vectors(void)
{
	start();
	lapic_write(&cpu[0], LVTT, 0x40);
	lapic_write(&cpu[0], SVR, 0xff);
	CHECK_EQ(lapic_read(&cpu[0], LVTT), MASKED | 0x40);
	lapic_write(&cpu[0], LVTT, 0x41);
	CHECK_EQ(lapic_read(&cpu[0], LVTT), MASKED | 0x41);
	ipi(1, 0, 0x50);
	CHECK_EQ(who_has(0x50), 0);
	cpu[2].base &= ~APIC_BASE_ENABLE;
	ipi(1, 0xff, 0x51);
	CHECK_EQ(who_has(0x51), 1U << 1 | 1U << 3);
}

static void bad_vectors_are_errors(void)
{
	start();
	lapic_write(&cpu[0], LVTERR, 0x60);
	ipi(0, 1, 0x0f);
	CHECK_EQ(who_has(0x0f), 0);
	CHECK_EQ(who_has(0x60), 1U << 0);
	CHECK_EQ(lapic_read(&cpu[0], ESR), 0);
	lapic_write(&cpu[0], ESR, 0);
	CHECK_EQ(lapic_read(&cpu[0], ESR), 0x20);
	lapic_write(&cpu[0], ESR, 0);
	CHECK_EQ(lapic_read(&cpu[0], ESR), 0);
	/* A register that is not there. */
	CHECK_EQ(lapic_read(&cpu[0], 0x40), 0);
	lapic_write(&cpu[0], ESR, 0);
	CHECK_EQ(lapic_read(&cpu[0], ESR), 0x80);
	/* An error interrupt whose own vector is bad ends there. */
	lapic_write(&cpu[0], LVTERR, 0x05);
	ipi(0, 1, 0x0f);
	CHECK_EQ(who_has(0x05), 0);
}

static void the_eoi_of_a_level_is_reported(void)
{
	struct apic_message msg = { .dest = 0, .level = true, .vector = 0x52 };

	start();
	apic_bus_send(&bus, &msg, NULL);
	CHECK_EQ(lapic_read(&cpu[0], TMR + 0x20), 1U << 18);
	CHECK_EQ(lapic_acknowledge(&cpu[0]), 0x52);
	lapic_write(&cpu[0], EOI, 0);
	CHECK_EQ(ended, 0x52);
	/* The EOI of an edge is not reported. */
	ended = -1;
	ipi(1, 0, 0x52);
	CHECK_EQ(lapic_acknowledge(&cpu[0]), 0x52);
	lapic_write(&cpu[0], EOI, 0);
	CHECK_EQ(ended, -1);
}

static void a_one_shot_fires_once(void)
{
	start();
	lapic_write(&cpu[0], TDCR, 3);	/* by 16 */
	lapic_write(&cpu[0], LVTT, 0x40);
	CHECK_EQ(deadline, 0);
	lapic_write(&cpu[0], TMICT, 62500);	/* 1 ms */
	CHECK_EQ(deadline, now + MS);
	now += MS / 2;
	CHECK_EQ(lapic_read(&cpu[0], TMCCT), 31250);
	lapic_expire(&cpu[0]);
	CHECK_EQ(who_has(0x40), 0);
	now += MS / 2;
	CHECK_EQ(lapic_read(&cpu[0], TMCCT), 0);
	lapic_expire(&cpu[0]);
	CHECK_EQ(who_has(0x40), 1);
	CHECK_EQ(deadline, 0);
	now += 1000 * MS;
	CHECK_EQ(lapic_read(&cpu[0], TMCCT), 0);
}

static void a_period_repeats_and_merges_missed_ticks(void)
{
	start();
	lapic_write(&cpu[0], TDCR, 0xb);	/* by 1 */
	lapic_write(&cpu[0], LVTT, PERIODIC | 0x40);
	lapic_write(&cpu[0], TMICT, MS);
	CHECK_EQ(deadline, now + MS);
	now += MS;
	lapic_expire(&cpu[0]);
	CHECK_EQ(lapic_acknowledge(&cpu[0]), 0x40);
	lapic_write(&cpu[0], EOI, 0);
	CHECK_EQ(deadline, now + MS);
	now += 10 * MS + MS / 4;
	lapic_expire(&cpu[0]);
	CHECK_EQ(lapic_acknowledge(&cpu[0]), 0x40);
	lapic_write(&cpu[0], EOI, 0);
	CHECK_EQ(lapic_pending(&cpu[0]), -1);
	CHECK_EQ(deadline, now + MS * 3 / 4);
	CHECK_EQ(lapic_read(&cpu[0], TMCCT), MS * 3 / 4);
	lapic_write(&cpu[0], TMICT, 0);
	CHECK_EQ(deadline, 0);
}

static void a_masked_timer_counts_without_interrupts(void)
{
	start();
	lapic_write(&cpu[0], TDCR, 0xb);
	lapic_write(&cpu[0], LVTT, MASKED | 0x40);
	lapic_write(&cpu[0], TMICT, MS);
	CHECK_EQ(deadline, 0);
	now += MS / 4;
	CHECK_EQ(lapic_read(&cpu[0], TMCCT), MS * 3 / 4);
	lapic_write(&cpu[0], LVTT, 0x40);
	CHECK_EQ(deadline, now + MS * 3 / 4);
	/* Another divisor from here on. */
	lapic_write(&cpu[0], TDCR, 0);
	CHECK_EQ(deadline, now + MS * 3 / 2);
}

static void a_short_period_is_limited(void)
{
	start();
	lapic_write(&cpu[0], TDCR, 0xb);
	lapic_write(&cpu[0], LVTT, PERIODIC | 0x40);
	lapic_write(&cpu[0], TMICT, 1);
	now += 1;
	lapic_expire(&cpu[0]);
	CHECK(deadline >= now + MS / 10);
}

static const struct test tests[] = {
	TEST(the_first_cpu_has_the_virtual_wire),
	TEST(a_higher_class_interrupts_a_lower_one),
	TEST(the_task_priority_blocks_interrupts),
	TEST(each_destination_gets_its_interrupt),
	TEST(the_high_half_of_a_logical_id_is_the_cluster),
	TEST(lowest_priority_goes_to_the_least_busy),
	TEST(init_and_startup_wait_for_the_cpu),
	TEST(init_keeps_id_and_base),
	TEST(a_disabled_apic_takes_no_vectors),
	TEST(bad_vectors_are_errors),
	TEST(the_eoi_of_a_level_is_reported),
	TEST(a_one_shot_fires_once),
	TEST(a_period_repeats_and_merges_missed_ticks),
	TEST(a_masked_timer_counts_without_interrupts),
	TEST(a_short_period_is_limited),
};

TAP_MAIN(tests)
