// SPDX-License-Identifier: GPL-2.0-only
/* The I/O APIC, driven by its registers and pins. */
#include <kunit/test.h>

#include "irq_bus.h"
#include "irq/acked.h"
#include "irq/lapic_deliver.h"

/* ---- in place of the local APICs, of the notifiers and of the host's workqueue ---- */

#define SENT	16

static struct irq_message sent[SENT];
static unsigned int nr_sent;
static int takers;		/* answer of lapic_deliver() */
static u32 ioapic_acked, ioapic_unmasked, acks_wanted;
static unsigned int delayed;
static void (*on_ioapic_ack)(struct vm *vm, u32 pin);	/* or NULL */

static int ioapic_test_deliver(struct vm *vm, struct vcpu *source,
			       const struct irq_message *msg)
{
	sent[nr_sent++ % SENT] = *msg;
	return takers;
}

static bool ioapic_test_busy(struct vm *vm, const struct irq_message *msg)
{
	sent[nr_sent++ % SENT] = *msg;
	return takers;
}

static void ioapic_test_acked(struct vm *vm, u32 chip, u32 pin)
{
	ioapic_acked |= BIT(pin);
	if (on_ioapic_ack)
		on_ioapic_ack(vm, pin);
}

static void ioapic_test_unmasked(struct vm *vm, u32 chip, u32 pin)
{
	ioapic_unmasked |= BIT(pin);
}

static bool ioapic_test_ack_wanted(struct vm *vm, u32 chip, u32 pin)
{
	return acks_wanted & BIT(pin);
}

#define lapic_deliver		ioapic_test_deliver
#define lapic_dest_is_busy	ioapic_test_busy
#define irq_acked		ioapic_test_acked
#define irq_unmasked		ioapic_test_unmasked
#define irq_ack_wanted		ioapic_test_ack_wanted
#define schedule_delayed_work(work, delay)	({ (void)(work); delayed++; })

#include "../../kmod/irq/ioapic.c"

#define BASE	0xfec00000ULL
#define MASKED	BIT(16)
#define LEVEL	BIT(15)
#define REMOTE	BIT(14)

static u32 get(struct kunit *test, u8 reg)
{
	u64 val;

	KUNIT_EXPECT_TRUE(test, bus_write(BASE, reg, 4));
	KUNIT_EXPECT_TRUE(test, bus_read(BASE + 0x10, &val, 4));
	return val;
}

static void put(struct kunit *test, u8 reg, u32 val)
{
	KUNIT_EXPECT_TRUE(test, bus_write(BASE, reg, 4));
	KUNIT_EXPECT_TRUE(test, bus_write(BASE + 0x10, val, 4));
}

static void route(struct kunit *test, unsigned int pin, u32 low)
{
	put(test, 0x10 + 2 * pin, low);
}

static u32 entry(struct kunit *test, unsigned int pin)
{
	return get(test, 0x10 + 2 * pin);
}

static int set(struct kunit *test, unsigned int pin, int level)
{
	return ioapic_set_pin(vm_of(test), pin, 0, level);
}

static bool eoi_is_wanted(struct kunit *test, u8 vector)
{
	return test_bit(vector, vm_of(test)->irq.eoi_vectors);
}

static void ioapic_test_forget(void)
{
	nr_sent = 0;
	ioapic_acked = 0;
	ioapic_unmasked = 0;
	delayed = 0;
}

static int ioapic_test_init(struct kunit *test)
{
	struct vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);

	if (!vm)
		return -ENOMEM;
	test->priv = vm;
	bus_reset();
	takers = 1;
	acks_wanted = 0;
	on_ioapic_ack = NULL;
	ioapic_test_forget();
	return ioapic_create(vm);
}

static void ioapic_test_exit(struct kunit *test)
{
	if (test->priv)
		ioapic_free(test->priv);
}

static void new_chip_is_as_in_kvm(struct kunit *test)
{
	struct kvm_ioapic_state state;
	unsigned int pin;

	ioapic_get_state(vm_of(test), &state);
	KUNIT_EXPECT_EQ(test, state.base_address, BASE);
	KUNIT_EXPECT_EQ(test, state.ioregsel, 0U);
	KUNIT_EXPECT_EQ(test, state.id, 0U);
	KUNIT_EXPECT_EQ(test, state.irr, 0U);
	for (pin = 0; pin < IOAPIC_PINS; pin++)
		KUNIT_EXPECT_EQ(test, state.redirtbl[pin].bits, (u64)MASKED);
	KUNIT_EXPECT_EQ(test, get(test, 1), 0x00170011U);
}

static void no_room_on_the_bus_leaves_no_chip(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	ioapic_remove(vm);
	KUNIT_EXPECT_EQ(test, bus_used(), 0U);
	bus_room = 0;
	KUNIT_EXPECT_EQ(test, ioapic_create(vm), -ENOSPC);
	KUNIT_EXPECT_PTR_EQ(test, vm->irq.ioapic, (struct ioapic *)NULL);
}

static void id_has_four_bits(struct kunit *test)
{
	put(test, 0, 0xffffffff);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0x0f000000U);
	KUNIT_EXPECT_EQ(test, get(test, 2), 0x0f000000U);
	put(test, 2, 0);
	put(test, 1, 0);
	KUNIT_EXPECT_EQ(test, get(test, 0), 0x0f000000U);
	KUNIT_EXPECT_EQ(test, get(test, 1), 0x00170011U);
}

static void registers_beyond_the_table_read_as_ones(struct kunit *test)
{
	put(test, 0x3f, 0x12345678);
	KUNIT_EXPECT_EQ(test, get(test, 0x3f), 0x12345678U);
	put(test, 0x40, 0x12345678);
	KUNIT_EXPECT_EQ(test, get(test, 0x40), 0xffffffffU);
	KUNIT_EXPECT_EQ(test, get(test, 0xff), 0xffffffffU);
	KUNIT_EXPECT_EQ(test, get(test, 0x03), 0xffffffffU);
}

static void accesses_of_any_length_are_taken(struct kunit *test)
{
	u64 val;

	KUNIT_EXPECT_TRUE(test, bus_write(BASE, 0xabcdef12, 8));
	KUNIT_EXPECT_TRUE(test, bus_read(BASE, &val, 8));
	KUNIT_EXPECT_EQ(test, val, 0x12ULL);
	KUNIT_EXPECT_TRUE(test, bus_write(BASE, 0x13, 1));
	KUNIT_EXPECT_TRUE(test, bus_write(BASE + 0x10, 0x1234, 2));
	KUNIT_EXPECT_TRUE(test, bus_read(BASE + 0x10, &val, 1));
	KUNIT_EXPECT_EQ(test, val & 0xff, 0x34ULL);
	KUNIT_EXPECT_TRUE(test, bus_read(BASE + 0x10, &val, 4));
	KUNIT_EXPECT_EQ(test, val, 0x1234ULL);
	/* Other registers read as zero, and ignore writes. */
	KUNIT_EXPECT_TRUE(test, bus_write(BASE + 0x20, ~0, 4));
	KUNIT_EXPECT_TRUE(test, bus_read(BASE + 0x20, &val, 4));
	KUNIT_EXPECT_EQ(test, val, 0ULL);
	KUNIT_EXPECT_FALSE(test, bus_read(BASE + 0x100, &val, 4));
}

static void edge_is_sent_with_what_the_entry_says(struct kunit *test)
{
	put(test, 0x10 + 2 * 5 + 1, 0x0a000000);
	route(test, 5, 0x0942);
	KUNIT_EXPECT_EQ(test, set(test, 5, 1), 1);
	KUNIT_ASSERT_EQ(test, nr_sent, 1U);
	KUNIT_EXPECT_EQ(test, sent[0].dest, 0x0aU);
	KUNIT_EXPECT_EQ(test, sent[0].vector, 0x42);
	KUNIT_EXPECT_EQ(test, sent[0].mode, 1);
	KUNIT_EXPECT_EQ(test, sent[0].shorthand, 0);
	KUNIT_EXPECT_TRUE(test, sent[0].logical);
	KUNIT_EXPECT_FALSE(test, sent[0].level);
	KUNIT_EXPECT_TRUE(test, sent[0].assert);
	KUNIT_EXPECT_EQ(test, entry(test, 5) & REMOTE, 0U);
}

static void every_mode_is_delivered(struct kunit *test)
{
	unsigned int mode;

	for (mode = 0; mode < 8; mode++) {
		ioapic_test_forget();
		route(test, 3, mode << 8 | 0x50);
		set(test, 3, 1);
		set(test, 3, 0);
		KUNIT_ASSERT_EQ(test, nr_sent, 1U);
		KUNIT_EXPECT_EQ(test, sent[0].mode, mode);
		KUNIT_EXPECT_FALSE(test, sent[0].logical);
	}
}

static void edge_needs_a_fall_before_the_next(struct kunit *test)
{
	route(test, 4, 0x44);
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), 1);
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), 0);
	KUNIT_EXPECT_EQ(test, set(test, 4, 0), 1);
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), 1);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
}

static void answer_of_the_apics_is_passed_on(struct kunit *test)
{
	route(test, 4, 0x44);
	takers = 3;
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), 3);
	set(test, 4, 0);
	takers = -1;
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), 0);
}

static void edge_at_a_masked_pin_is_lost(struct kunit *test)
{
	struct kvm_ioapic_state state;

	route(test, 4, MASKED | 0x44);
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), -1);
	/* As long as the pin is high, the state that the VMM gets has it. */
	ioapic_get_state(vm_of(test), &state);
	KUNIT_EXPECT_EQ(test, state.irr, 0x10U);
	route(test, 4, 0x44);
	KUNIT_EXPECT_EQ(test, ioapic_unmasked, 0x10U);
	KUNIT_EXPECT_EQ(test, nr_sent, 0U);
	set(test, 4, 0);
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), 1);
	ioapic_get_state(vm_of(test), &state);
	KUNIT_EXPECT_EQ(test, state.irr, 0U);
}

static void level_waits_for_eoi(struct kunit *test)
{
	route(test, 9, LEVEL | 0x61);
	KUNIT_EXPECT_EQ(test, set(test, 9, 1), 1);
	KUNIT_EXPECT_TRUE(test, sent[0].level);
	KUNIT_EXPECT_EQ(test, entry(test, 9), LEVEL | REMOTE | 0x61U);
	KUNIT_EXPECT_EQ(test, set(test, 9, 1), -1);
	set(test, 9, 0);
	KUNIT_EXPECT_EQ(test, set(test, 9, 1), -1);
	KUNIT_EXPECT_EQ(test, nr_sent, 1U);
	ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
	KUNIT_EXPECT_EQ(test, entry(test, 9), LEVEL | REMOTE | 0x61U);
	set(test, 9, 0);
	ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
	KUNIT_EXPECT_EQ(test, entry(test, 9), LEVEL | 0x61U);
	KUNIT_EXPECT_EQ(test, ioapic_acked, 0x200U);
}

static void level_that_nobody_takes_does_not_wait_for_eoi(struct kunit *test)
{
	route(test, 9, LEVEL | 0x61);
	for (takers = -1; takers <= 0; takers++) {
		KUNIT_EXPECT_EQ(test, set(test, 9, 1), 0);
		KUNIT_EXPECT_EQ(test, entry(test, 9) & REMOTE, 0U);
	}
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
	KUNIT_EXPECT_EQ(test, set(test, 9, 1), 1);
	KUNIT_EXPECT_EQ(test, entry(test, 9) & REMOTE, (u32)REMOTE);
}

static void level_at_a_masked_pin_comes_when_it_is_unmasked(struct kunit *test)
{
	route(test, 9, MASKED | LEVEL | 0x61);
	set(test, 9, 1);
	KUNIT_EXPECT_EQ(test, nr_sent, 0U);
	route(test, 9, LEVEL | 0x61);
	KUNIT_EXPECT_EQ(test, nr_sent, 1U);
	KUNIT_EXPECT_EQ(test, ioapic_unmasked, 0x200U);
	/* Masked at its EOI, it waits again. */
	route(test, 9, MASKED | LEVEL | 0x61);
	ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 1U);
	route(test, 9, LEVEL | 0x61);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
}

static void guest_clears_remote_irr_by_edge_mode(struct kunit *test)
{
	route(test, 9, LEVEL | 0x61);
	set(test, 9, 1);
	/* A write cannot change it otherwise. */
	route(test, 9, LEVEL | BIT(12) | 0x61);
	KUNIT_EXPECT_EQ(test, entry(test, 9), LEVEL | REMOTE | 0x61U);
	route(test, 9, MASKED | 0x61);
	KUNIT_EXPECT_EQ(test, entry(test, 9), MASKED | 0x61U);
	route(test, 9, MASKED | LEVEL | REMOTE | 0x61);
	KUNIT_EXPECT_EQ(test, entry(test, 9), MASKED | LEVEL | 0x61U);
	route(test, 9, LEVEL | 0x61);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
}

static void eoi_of_an_edge_only_tells_the_notifiers(struct kunit *test)
{
	route(test, 9, LEVEL | 0x61);
	route(test, 2, 0x61);
	set(test, 9, 1);
	ioapic_eoi(vm_of(test), 0x61, false);
	KUNIT_EXPECT_EQ(test, ioapic_acked, 0x204U);
	KUNIT_EXPECT_EQ(test, entry(test, 9) & REMOTE, (u32)REMOTE);
	KUNIT_EXPECT_EQ(test, nr_sent, 1U);
	ioapic_eoi(vm_of(test), 0x62, true);
	KUNIT_EXPECT_EQ(test, entry(test, 9) & REMOTE, (u32)REMOTE);
}

static void eoi_is_for_all_pins_with_the_vector(struct kunit *test)
{
	route(test, 9, LEVEL | 0x61);
	route(test, 10, LEVEL | 0x61);
	set(test, 9, 1);
	set(test, 10, 1);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
	ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 4U);
}

static void lower_on_ack(struct vm *vm, u32 pin)
{
	ioapic_set_pin(vm, pin, 0, 0);
}

static void lower_and_raise(struct vm *vm, u32 pin)
{
	ioapic_set_pin(vm, pin, 0, 0);
	ioapic_set_pin(vm, pin, 0, 1);
}

static void notifier_may_drive_the_pin(struct kunit *test)
{
	route(test, 9, LEVEL | 0x61);
	set(test, 9, 1);
	on_ioapic_ack = lower_and_raise;
	ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
	on_ioapic_ack = lower_on_ack;
	ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
}

static void apics_hear_which_eois_are_wanted(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, eoi_is_wanted(test, 0x61));
	route(test, 9, LEVEL | 0x61);
	route(test, 10, 0x62);
	KUNIT_EXPECT_TRUE(test, eoi_is_wanted(test, 0x61));
	KUNIT_EXPECT_FALSE(test, eoi_is_wanted(test, 0x62));
	acks_wanted = BIT(10);
	ioapic_find_eoi_vectors(vm_of(test));
	KUNIT_EXPECT_TRUE(test, eoi_is_wanted(test, 0x62));
	route(test, 9, LEVEL | 0x63);
	KUNIT_EXPECT_FALSE(test, eoi_is_wanted(test, 0x61));
	KUNIT_EXPECT_TRUE(test, eoi_is_wanted(test, 0x63));
	route(test, 9, 0x63);
	KUNIT_EXPECT_FALSE(test, eoi_is_wanted(test, 0x63));
}

static void vm_without_a_chip_wants_no_eois(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	ioapic_remove(vm);
	ioapic_find_eoi_vectors(vm);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(vm->irq.eoi_vectors, 256));
}

static void storm_of_levels_is_slowed_down(struct kunit *test)
{
	struct ioapic *ioapic = vm_of(test)->irq.ioapic;
	unsigned int i;

	route(test, 9, LEVEL | 0x61);
	set(test, 9, 1);
	for (i = 1; i < 10000; i++)
		ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 10000U);
	KUNIT_EXPECT_EQ(test, delayed, 0U);
	ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 10000U);
	KUNIT_EXPECT_EQ(test, delayed, 1U);
	ioapic_again(&ioapic->again.work);
	KUNIT_EXPECT_EQ(test, nr_sent, 10001U);
	/* Sent and not ended: nothing is due. */
	ioapic_again(&ioapic->again.work);
	KUNIT_EXPECT_EQ(test, nr_sent, 10001U);
	/* A fall begins the count anew. */
	set(test, 9, 0);
	ioapic_eoi(vm_of(test), 0x61, true);
	set(test, 9, 1);
	for (i = 1; i < 10000; i++)
		ioapic_eoi(vm_of(test), 0x61, true);
	KUNIT_EXPECT_EQ(test, delayed, 1U);
}

static void pin_is_high_while_one_source_holds_it(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	route(test, 9, LEVEL | 0x61);
	ioapic_set_pin(vm, 9, 0, 1);
	ioapic_set_pin(vm, 9, 1, 1);
	ioapic_set_pin(vm, 9, 0, 0);
	ioapic_eoi(vm, 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
	ioapic_set_pin(vm, 9, 1, 0);
	ioapic_eoi(vm, 0x61, true);
	KUNIT_EXPECT_EQ(test, nr_sent, 2U);
}

static void state_goes_round_and_sends_what_waits(struct kunit *test)
{
	struct kvm_ioapic_state saved, state;
	struct vm *vm = vm_of(test);

	put(test, 0, 0x05000000);
	route(test, 9, LEVEL | 0x61);
	route(test, 10, MASKED | LEVEL | 0x62);
	route(test, 11, LEVEL | 0x63);
	set(test, 9, 1);
	set(test, 10, 1);
	ioapic_get_state(vm, &saved);
	KUNIT_EXPECT_EQ(test, saved.irr, 0x600U);
	saved.irr |= BIT(11);
	ioapic_remove(vm);
	KUNIT_ASSERT_EQ(test, ioapic_create(vm), 0);
	ioapic_test_forget();
	ioapic_set_state(vm, &saved);
	/* The one of pin 9 waits for its EOI, that of pin 10 is masked. */
	KUNIT_EXPECT_EQ(test, nr_sent, 1U);
	KUNIT_EXPECT_EQ(test, sent[0].vector, 0x63);
	KUNIT_EXPECT_TRUE(test, eoi_is_wanted(test, 0x61));
	saved.redirtbl[11].fields.remote_irr = 1;
	ioapic_get_state(vm, &state);
	KUNIT_EXPECT_EQ(test, memcmp(&state, &saved, sizeof(state)), 0);
}

/* The VMM may set any state. At another address the chip cannot be reached. */
static void no_state_does_harm(struct kunit *test)
{
	struct vm *vm = vm_of(test);
	struct kvm_ioapic_state state;
	unsigned int i, pin;
	u64 val;

	for (i = 0; i < 256; i++) {
		memset(&state, i, sizeof(state));
		ioapic_set_state(vm, &state);
		KUNIT_EXPECT_FALSE(test, bus_read(BASE, &val, 4));
		KUNIT_EXPECT_FALSE(test, bus_write(BASE, 0, 4));
		state.base_address = BASE;
		ioapic_set_state(vm, &state);
		KUNIT_EXPECT_TRUE(test, bus_read(BASE + 0x10, &val, 4));
		KUNIT_EXPECT_TRUE(test, bus_write(BASE + 0x10, val, 4));
		for (pin = 0; pin < IOAPIC_PINS; pin++)
			set(test, pin, pin & 1);
		ioapic_eoi(vm, i, i & 1);
	}
}

static void the_clock_is_asked_for_by_its_entry(struct kunit *test)
{
	route(test, IOAPIC_RTC, 0x958);
	put(test, 0x10 + 2 * IOAPIC_RTC + 1, 0x5a000000);
	ioapic_test_forget();
	KUNIT_EXPECT_TRUE(test, ioapic_rtc_waits(vm_of(test)));
	takers = 0;
	KUNIT_EXPECT_FALSE(test, ioapic_rtc_waits(vm_of(test)));
	KUNIT_EXPECT_EQ(test, nr_sent, 2);
	KUNIT_EXPECT_EQ(test, sent[1].vector, 0x58);
	KUNIT_EXPECT_EQ(test, sent[1].dest, 0x5a);
	KUNIT_EXPECT_TRUE(test, sent[1].logical);
}

static struct kunit_case ioapic_cases[] = {
	KUNIT_CASE(new_chip_is_as_in_kvm),
	KUNIT_CASE(no_room_on_the_bus_leaves_no_chip),
	KUNIT_CASE(id_has_four_bits),
	KUNIT_CASE(registers_beyond_the_table_read_as_ones),
	KUNIT_CASE(accesses_of_any_length_are_taken),
	KUNIT_CASE(edge_is_sent_with_what_the_entry_says),
	KUNIT_CASE(every_mode_is_delivered),
	KUNIT_CASE(edge_needs_a_fall_before_the_next),
	KUNIT_CASE(answer_of_the_apics_is_passed_on),
	KUNIT_CASE(edge_at_a_masked_pin_is_lost),
	KUNIT_CASE(level_waits_for_eoi),
	KUNIT_CASE(level_that_nobody_takes_does_not_wait_for_eoi),
	KUNIT_CASE(level_at_a_masked_pin_comes_when_it_is_unmasked),
	KUNIT_CASE(guest_clears_remote_irr_by_edge_mode),
	KUNIT_CASE(eoi_of_an_edge_only_tells_the_notifiers),
	KUNIT_CASE(eoi_is_for_all_pins_with_the_vector),
	KUNIT_CASE(notifier_may_drive_the_pin),
	KUNIT_CASE(apics_hear_which_eois_are_wanted),
	KUNIT_CASE(vm_without_a_chip_wants_no_eois),
	KUNIT_CASE(storm_of_levels_is_slowed_down),
	KUNIT_CASE(pin_is_high_while_one_source_holds_it),
	KUNIT_CASE(state_goes_round_and_sends_what_waits),
	KUNIT_CASE(no_state_does_harm),
	KUNIT_CASE(the_clock_is_asked_for_by_its_entry),
	{ }
};

static struct kunit_suite ioapic_suite = {
	.name = "vmxdbg-ioapic",
	.init = ioapic_test_init,
	.exit = ioapic_test_exit,
	.test_cases = ioapic_cases,
};

kunit_test_suite(ioapic_suite);
