// SPDX-License-Identifier: GPL-2.0-only
/* The pair of PICs, driven by its ports and pins. */
#include <kunit/test.h>

#include "irq_bus.h"
#include "irq/acked.h"
#include "irq/lint0.h"

/* ---- in place of the local APICs and of the notifiers ---- */

static unsigned int kicks;	/* calls of lint0_raise() */
static bool extint_taken;	/* answer of lint0_takes_extint() */
static u16 pins_acked, pins_unmasked;
static void (*on_ack)(struct vm *vm, u32 pin);	/* or NULL */

static void pic_test_extint(struct vm *vm)
{
	kicks++;
}

static bool pic_test_takes_extint(struct vm *vm)
{
	return extint_taken;
}

static void pic_test_acked(struct vm *vm, u32 chip, u32 pin)
{
	pin += chip == KVM_IRQCHIP_PIC_SLAVE ? 8 : 0;
	pins_acked |= BIT(pin);
	if (on_ack)
		on_ack(vm, pin);
}

static void pic_test_unmasked(struct vm *vm, u32 chip, u32 pin)
{
	pins_unmasked |= BIT(pin + (chip == KVM_IRQCHIP_PIC_SLAVE ? 8 : 0));
}

#define lint0_raise		pic_test_extint
#define lint0_takes_extint	pic_test_takes_extint
#define irq_acked		pic_test_acked
#define irq_unmasked		pic_test_unmasked

#include "../../kmod/irq/pic.c"

#define EOI		0x20
#define SEOI(n)		(0x60 | (n))
#define READ_IRR	0x0a
#define READ_ISR	0x0b

static u8 irr(struct kunit *test, u16 port)
{
	outb(test, port, READ_IRR);
	return inb(test, port);
}

static u8 isr(struct kunit *test, u16 port)
{
	outb(test, port, READ_ISR);
	return inb(test, port);
}

static int set(struct kunit *test, unsigned int pin, int level)
{
	return pic_set_pin(vm_of(test), pin, 0, level);
}

static int pulse(struct kunit *test, unsigned int pin)
{
	int r = set(test, pin, 1);

	set(test, pin, 0);
	return r;
}

static bool output(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	KUNIT_EXPECT_EQ(test, pic_next(vm) >= 0, vm->irq.pic && vm->irq.pic->output);
	return pic_next(vm) >= 0;
}

/* A look shows the vector that is then taken. */
static u8 ack(struct kunit *test)
{
	struct vm *vm = vm_of(test);
	int next = pic_next(vm);
	u8 vector = pic_ack(vm, NULL);

	if (next >= 0)
		KUNIT_EXPECT_EQ(test, vector, next);
	return vector;
}

/* As a PC's firmware: vectors 0x08 and 0x70. @icw4: of both */
static void pic_test_setup(struct kunit *test, u8 icw4)
{
	outb(test, 0x20, 0x11);
	outb(test, 0x21, 0x08);
	outb(test, 0x21, 0x04);
	outb(test, 0x21, icw4);
	outb(test, 0xa0, 0x11);
	outb(test, 0xa1, 0x70);
	outb(test, 0xa1, 0x02);
	outb(test, 0xa1, icw4);
	outb(test, 0x21, 0);
	outb(test, 0xa1, 0);
	pins_acked = 0;
	pins_unmasked = 0;
	kicks = 0;
}

static int pic_test_init(struct kunit *test)
{
	struct vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);

	if (!vm)
		return -ENOMEM;
	test->priv = vm;
	bus_reset();
	extint_taken = true;
	on_ack = NULL;
	if (pic_create(vm))
		return -ENOMEM;
	pic_test_setup(test, 0x01);
	return 0;
}

static void pic_test_exit(struct kunit *test)
{
	if (test->priv)
		pic_free(test->priv);
}

static void new_pair_is_as_in_kvm(struct kunit *test)
{
	const struct kvm_pic_state master = { .elcr_mask = 0xf8 }, slave = { .elcr_mask = 0xde };
	struct vm *vm = vm_of(test);
	struct kvm_pic_state state;

	pic_remove(vm);
	KUNIT_EXPECT_EQ(test, bus_used(), 0U);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_ASSERT_EQ(test, pic_create(vm), 0);
	KUNIT_EXPECT_EQ(test, bus_used(), 3U);
	pic_get_state(vm, 0, &state);
	KUNIT_EXPECT_EQ(test, memcmp(&state, &master, sizeof(state)), 0);
	pic_get_state(vm, 1, &state);
	KUNIT_EXPECT_EQ(test, memcmp(&state, &slave, sizeof(state)), 0);
	KUNIT_EXPECT_FALSE(test, output(test));
}

static void no_room_on_the_bus_leaves_nothing(struct kunit *test)
{
	struct vm *vm = vm_of(test);
	unsigned int room;

	pic_remove(vm);
	for (room = 0; room < 3; room++) {
		bus_room = room;
		KUNIT_EXPECT_EQ(test, pic_create(vm), -ENOSPC);
		KUNIT_EXPECT_PTR_EQ(test, vm->irq.pic, (struct pic *)NULL);
		KUNIT_EXPECT_EQ(test, bus_used(), 0U);
	}
}

static void edge_is_latched_and_delivered_once(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, set(test, 3, 1), 1);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, kicks, 1U);
	set(test, 3, 0);
	KUNIT_EXPECT_EQ(test, irr(test, 0x20), 0x08);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0b);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_EXPECT_EQ(test, irr(test, 0x20), 0x00);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x08);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x00);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_EXPECT_EQ(test, pins_acked, 0x08);
}

static void only_the_wanted_vector_is_taken(struct kunit *test)
{
	DECLARE_BITMAP(only, 256) = { };

	set(test, 3, 1);
	__set_bit(0x0c, only);
	KUNIT_EXPECT_EQ(test, pic_ack(vm_of(test), only), -1);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x00);
	__set_bit(0x0b, only);
	KUNIT_EXPECT_EQ(test, pic_ack(vm_of(test), only), 0x0b);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x08);
	/* Only a spurious one is left. */
	KUNIT_EXPECT_EQ(test, pic_ack(vm_of(test), only), -1);
}

static void second_edge_is_coalesced(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pulse(test, 5), 1);
	KUNIT_EXPECT_EQ(test, set(test, 5, 1), 0);
	/* A high pin makes no edge. */
	KUNIT_EXPECT_EQ(test, set(test, 5, 1), 1);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0d);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_EXPECT_EQ(test, kicks, 1U);
}

static void masked_pin_is_latched_and_comes_later(struct kunit *test)
{
	outb(test, 0x21, 0x10);
	KUNIT_EXPECT_EQ(test, pulse(test, 4), -1);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_EXPECT_EQ(test, inb(test, 0x21), 0x10);
	KUNIT_EXPECT_EQ(test, pins_unmasked, 0);
	outb(test, 0x21, 0x00);
	KUNIT_EXPECT_EQ(test, pins_unmasked, 0x10);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, kicks, 1U);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0c);
}

static void lower_pin_comes_first_and_higher_waits_for_eoi(struct kunit *test)
{
	pulse(test, 6);
	pulse(test, 1);
	KUNIT_EXPECT_EQ(test, ack(test), 0x09);
	KUNIT_EXPECT_FALSE(test, output(test));
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x0e);
	/* A lower pin interrupts the handler of a higher. */
	pulse(test, 0);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x08);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x41);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x40);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x00);
}

static void slave_comes_through_the_cascade(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pulse(test, 12), 1);
	KUNIT_EXPECT_EQ(test, irr(test, 0x20), 0x04);
	KUNIT_EXPECT_EQ(test, irr(test, 0xa0), 0x10);
	KUNIT_EXPECT_EQ(test, ack(test), 0x74);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x04);
	KUNIT_EXPECT_EQ(test, isr(test, 0xa0), 0x10);
	outb(test, 0xa0, EOI);
	KUNIT_EXPECT_EQ(test, pins_acked, 0x1000);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, pins_acked, 0x1004);
	KUNIT_EXPECT_FALSE(test, output(test));
}

static void two_of_the_slave_come_one_after_the_other(struct kunit *test)
{
	pulse(test, 8);
	pulse(test, 15);
	KUNIT_EXPECT_EQ(test, ack(test), 0x70);
	KUNIT_EXPECT_FALSE(test, output(test));
	outb(test, 0xa0, EOI);
	KUNIT_EXPECT_FALSE(test, output(test));
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x77);
}

static void request_that_is_gone_is_spurious(struct kunit *test)
{
	outb(test, 0x4d0, 0x20);
	set(test, 5, 1);
	KUNIT_EXPECT_TRUE(test, output(test));
	set(test, 5, 0);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x0f);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x00);
}

/* The master has latched the cascade's edge when the slave's request goes. */
static void request_of_the_slave_that_is_gone_is_spurious_there(struct kunit *test)
{
	outb(test, 0x4d1, 0x02);
	set(test, 9, 1);
	set(test, 9, 0);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x77);
	KUNIT_EXPECT_EQ(test, isr(test, 0xa0), 0x00);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x04);
}

static void level_comes_again_until_it_falls(struct kunit *test)
{
	outb(test, 0x4d0, 0xff);
	KUNIT_EXPECT_EQ(test, inb(test, 0x4d0), 0xf8);
	outb(test, 0x4d1, 0xff);
	KUNIT_EXPECT_EQ(test, inb(test, 0x4d1), 0xde);
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), 1);
	KUNIT_EXPECT_EQ(test, set(test, 4, 1), 0);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0c);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_EXPECT_EQ(test, irr(test, 0x20), 0x10);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x0c);
	set(test, 4, 0);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_FALSE(test, output(test));
}

static void pin_is_high_while_one_source_holds_it(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	outb(test, 0x4d0, 0x20);
	pic_set_pin(vm, 5, 0, 1);
	pic_set_pin(vm, 5, 1, 1);
	pic_set_pin(vm, 5, 0, 0);
	KUNIT_EXPECT_TRUE(test, output(test));
	pic_set_pin(vm, 5, 1, 0);
	KUNIT_EXPECT_FALSE(test, output(test));
}

static void specific_eoi_ends_that_one(struct kunit *test)
{
	pulse(test, 6);
	ack(test);
	pulse(test, 3);
	ack(test);
	outb(test, 0x20, SEOI(6));
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x08);
	KUNIT_EXPECT_EQ(test, pins_acked, 0x40);
	/* KVM tells the notifiers of one that was not in service, too. */
	outb(test, 0x20, SEOI(7));
	KUNIT_EXPECT_EQ(test, pins_acked, 0xc0);
}

static void eoi_without_an_interrupt_does_nothing(struct kunit *test)
{
	outb(test, 0x20, EOI);
	outb(test, 0x20, 0xa0);
	outb(test, 0x20, 0x40);
	KUNIT_EXPECT_EQ(test, pins_acked, 0);
	pulse(test, 7);
	pulse(test, 0);
	KUNIT_EXPECT_EQ(test, ack(test), 0x08);
}

static void priorities_rotate(struct kunit *test)
{
	/* Set priority: input 3 is the lowest, so 4 is the highest. */
	outb(test, 0x20, 0xc3);
	pulse(test, 3);
	pulse(test, 4);
	pulse(test, 1);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0c);
	/* Rotate on EOI: now 4 is the lowest. */
	outb(test, 0x20, 0xa0);
	pulse(test, 4);
	pulse(test, 5);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0d);
	/* Rotate on specific EOI: now 1 is the lowest, and 2 the highest. */
	outb(test, 0x20, 0xe1);
	outb(test, 0x20, SEOI(5));
	KUNIT_EXPECT_EQ(test, ack(test), 0x0b);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0c);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, ack(test), 0x09);
}

static void automatic_eoi_leaves_nothing_in_service(struct kunit *test)
{
	pic_test_setup(test, 0x03);
	pulse(test, 1);
	KUNIT_EXPECT_EQ(test, ack(test), 0x09);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x00);
	KUNIT_EXPECT_EQ(test, pins_acked, 0x02);
	pulse(test, 10);
	KUNIT_EXPECT_EQ(test, ack(test), 0x72);
	KUNIT_EXPECT_EQ(test, pins_acked, 0x0406);
}

static void automatic_eoi_may_rotate(struct kunit *test)
{
	pic_test_setup(test, 0x03);
	outb(test, 0x20, 0x80);
	pulse(test, 3);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0b);
	pulse(test, 3);
	pulse(test, 5);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0d);
	outb(test, 0x20, 0x00);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0b);
	pulse(test, 5);
	pulse(test, 6);
	KUNIT_EXPECT_EQ(test, ack(test), 0x0e);
}

static void special_mask_mode_lets_lower_priorities_in(struct kunit *test)
{
	pulse(test, 1);
	ack(test);
	outb(test, 0x21, 0x02);
	pulse(test, 6);
	KUNIT_EXPECT_FALSE(test, output(test));
	outb(test, 0x20, 0x68);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x0e);
	/* A masked input needs a specific EOI. */
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x02);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x02);
	outb(test, 0x20, 0x48);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_EQ(test, isr(test, 0x20), 0x00);
}

static void special_fully_nested_mode_nests_in_the_slave(struct kunit *test)
{
	pulse(test, 12);
	ack(test);
	pulse(test, 9);
	KUNIT_EXPECT_FALSE(test, output(test));
	outb(test, 0xa0, EOI);
	outb(test, 0x20, EOI);
	ack(test);
	outb(test, 0xa0, EOI);
	outb(test, 0x20, EOI);

	pic_test_setup(test, 0x11);
	pulse(test, 12);
	KUNIT_EXPECT_EQ(test, ack(test), 0x74);
	pulse(test, 9);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x71);
	pulse(test, 13);
	KUNIT_EXPECT_FALSE(test, output(test));
}

static void poll_takes_the_interrupt(struct kunit *test)
{
	outb(test, 0x20, 0x0c);
	KUNIT_EXPECT_EQ(test, inb(test, 0x20), 0x07);
	pulse(test, 3);
	outb(test, 0x20, 0x0c);
	KUNIT_EXPECT_EQ(test, inb(test, 0x21), 0x83);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_EXPECT_EQ(test, pins_acked, 0x08);
	/* One read answers the poll. */
	KUNIT_EXPECT_EQ(test, inb(test, 0x21), 0x00);
	pulse(test, 14);
	outb(test, 0xa0, 0x0c);
	KUNIT_EXPECT_EQ(test, inb(test, 0xa0), 0x86);
	KUNIT_EXPECT_EQ(test, irr(test, 0x20), 0x00);
	KUNIT_EXPECT_FALSE(test, output(test));
}

static void poll_of_the_master_finds_the_cascade(struct kunit *test)
{
	pulse(test, 14);
	outb(test, 0x20, 0x0c);
	KUNIT_EXPECT_EQ(test, inb(test, 0x20), 0x82);
	KUNIT_EXPECT_EQ(test, irr(test, 0x20), 0x00);
	outb(test, 0xa0, 0x0c);
	KUNIT_EXPECT_EQ(test, inb(test, 0xa0), 0x86);
}

static void initialization_forgets_edges_and_keeps_levels(struct kunit *test)
{
	struct kvm_pic_state state;

	outb(test, 0x4d0, 0x20);
	outb(test, 0x21, 0xff);
	set(test, 5, 1);
	set(test, 6, 1);
	outb(test, 0x20, 0xc2);
	outb(test, 0x20, READ_ISR);
	outb(test, 0x20, 0x68);
	outb(test, 0x20, 0x11);
	pic_get_state(vm_of(test), 0, &state);
	KUNIT_EXPECT_EQ(test, state.irr, 0x20);
	KUNIT_EXPECT_EQ(test, state.last_irr, 0);
	KUNIT_EXPECT_EQ(test, state.imr, 0);
	KUNIT_EXPECT_EQ(test, state.priority_add, 0);
	KUNIT_EXPECT_EQ(test, state.read_reg_select, 0);
	KUNIT_EXPECT_EQ(test, state.special_mask, 0);
	KUNIT_EXPECT_EQ(test, state.init_state, 1);
	KUNIT_EXPECT_EQ(test, state.elcr, 0x20);
	/* Nobody else would tell who waits for the end of input 6. */
	KUNIT_EXPECT_EQ(test, pins_acked, 0x40);
}

/* A guest that uses the I/O APIC sets the PICs up, too, and ends its interrupts there. */
static void initialization_ends_nothing_if_nobody_takes_extint(struct kunit *test)
{
	extint_taken = false;
	set(test, 6, 1);
	outb(test, 0x20, 0x11);
	KUNIT_EXPECT_EQ(test, pins_acked, 0);
}

static void initialization_has_three_words_or_four(struct kunit *test)
{
	struct kvm_pic_state state;

	/* Without ICW4, its modes end. */
	pic_test_setup(test, 0x13);
	outb(test, 0x20, 0x10);
	outb(test, 0x21, 0x47);
	outb(test, 0x21, 0x04);
	outb(test, 0x21, 0xfe);
	pic_get_state(vm_of(test), 0, &state);
	KUNIT_EXPECT_EQ(test, state.irq_base, 0x40);
	KUNIT_EXPECT_EQ(test, state.imr, 0xfe);
	KUNIT_EXPECT_EQ(test, state.auto_eoi, 0);
	KUNIT_EXPECT_EQ(test, state.special_fully_nested_mode, 0);
	KUNIT_EXPECT_EQ(test, state.init4, 0);

	outb(test, 0x20, 0x11);
	outb(test, 0x21, 0x50);
	outb(test, 0x21, 0x04);
	outb(test, 0x21, 0x12);
	outb(test, 0x21, 0x55);
	pic_get_state(vm_of(test), 0, &state);
	KUNIT_EXPECT_EQ(test, state.auto_eoi, 1);
	KUNIT_EXPECT_EQ(test, state.special_fully_nested_mode, 1);
	KUNIT_EXPECT_EQ(test, state.init_state, 0);
	KUNIT_EXPECT_EQ(test, state.imr, 0x55);
}

static void raise_again(struct vm *vm, u32 pin)
{
	on_ack = NULL;
	pic_set_pin(vm, pin, 1, 1);
	pic_set_pin(vm, pin, 1, 0);
}

static void fall(struct vm *vm, u32 pin)
{
	pic_set_pin(vm, pin, 0, 0);
}

static void notifier_may_raise_the_pin_again(struct kunit *test)
{
	on_ack = raise_again;
	pulse(test, 0);
	ack(test);
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_TRUE(test, output(test));
	KUNIT_EXPECT_EQ(test, ack(test), 0x08);
}

/* No vCPU sees a level that the notifier lowers. */
static void notifier_lowers_the_pin_before_the_output_rises(struct kunit *test)
{
	outb(test, 0x4d0, 0x20);
	set(test, 5, 1);
	ack(test);
	kicks = 0;
	on_ack = fall;
	outb(test, 0x20, EOI);
	KUNIT_EXPECT_FALSE(test, output(test));
	KUNIT_EXPECT_EQ(test, kicks, 0U);
}

static void wide_accesses_have_no_effect(struct kunit *test)
{
	u64 val;

	outb(test, 0x21, 0x5a);
	KUNIT_EXPECT_TRUE(test, bus_write(0x20, 0xffff, 2));
	KUNIT_EXPECT_TRUE(test, bus_write(0x4d0, 0xffff, 2));
	KUNIT_EXPECT_EQ(test, inb(test, 0x21), 0x5a);
	KUNIT_EXPECT_EQ(test, inb(test, 0x4d0), 0x00);
	KUNIT_EXPECT_TRUE(test, bus_read(0x20, &val, 2));
	KUNIT_EXPECT_EQ(test, val, 0ULL);
	KUNIT_EXPECT_TRUE(test, bus_read(0x4d0, &val, 2));
	KUNIT_EXPECT_EQ(test, val, 0ULL);
	KUNIT_EXPECT_FALSE(test, bus_read(0x21, &val, 2));
}

static void state_goes_round(struct kunit *test)
{
	struct kvm_pic_state saved[2], state;
	struct vm *vm = vm_of(test);

	outb(test, 0x4d1, 0x08);
	pulse(test, 3);
	set(test, 11, 1);
	outb(test, 0xa1, 0x80);
	pic_get_state(vm, 0, &saved[0]);
	pic_get_state(vm, 1, &saved[1]);
	pic_remove(vm);
	KUNIT_ASSERT_EQ(test, pic_create(vm), 0);
	kicks = 0;
	pic_set_state(vm, 1, &saved[1]);
	pic_set_state(vm, 0, &saved[0]);
	KUNIT_EXPECT_GT(test, kicks, 0U);
	pic_get_state(vm, 0, &state);
	KUNIT_EXPECT_EQ(test, memcmp(&state, &saved[0], sizeof(state)), 0);
	pic_get_state(vm, 1, &state);
	KUNIT_EXPECT_EQ(test, memcmp(&state, &saved[1], sizeof(state)), 0);
	KUNIT_EXPECT_EQ(test, ack(test), 0x73);
}

/* The VMM may set any state. */
static void no_state_does_harm(struct kunit *test)
{
	struct kvm_pic_state state;
	struct vm *vm = vm_of(test);
	unsigned int i, pin;

	for (i = 0; i < 256; i++) {
		memset(&state, i, sizeof(state));
		pic_set_state(vm, 0, &state);
		memset(&state, 255 - i, sizeof(state));
		pic_set_state(vm, 1, &state);
		for (pin = 0; pin < PIC_PINS; pin++)
			pulse(test, pin);
		for (pin = 0; pin < 20; pin++)
			ack(test);
		for (pin = 0x20; pin < 0xb0; pin++) {
			u64 val;

			bus_write(pin, i, 1);
			bus_read(pin, &val, 1);
		}
	}
}

static struct kunit_case pic_cases[] = {
	KUNIT_CASE(new_pair_is_as_in_kvm),
	KUNIT_CASE(no_room_on_the_bus_leaves_nothing),
	KUNIT_CASE(edge_is_latched_and_delivered_once),
	KUNIT_CASE(only_the_wanted_vector_is_taken),
	KUNIT_CASE(second_edge_is_coalesced),
	KUNIT_CASE(masked_pin_is_latched_and_comes_later),
	KUNIT_CASE(lower_pin_comes_first_and_higher_waits_for_eoi),
	KUNIT_CASE(slave_comes_through_the_cascade),
	KUNIT_CASE(two_of_the_slave_come_one_after_the_other),
	KUNIT_CASE(request_that_is_gone_is_spurious),
	KUNIT_CASE(request_of_the_slave_that_is_gone_is_spurious_there),
	KUNIT_CASE(level_comes_again_until_it_falls),
	KUNIT_CASE(pin_is_high_while_one_source_holds_it),
	KUNIT_CASE(specific_eoi_ends_that_one),
	KUNIT_CASE(eoi_without_an_interrupt_does_nothing),
	KUNIT_CASE(priorities_rotate),
	KUNIT_CASE(automatic_eoi_leaves_nothing_in_service),
	KUNIT_CASE(automatic_eoi_may_rotate),
	KUNIT_CASE(special_mask_mode_lets_lower_priorities_in),
	KUNIT_CASE(special_fully_nested_mode_nests_in_the_slave),
	KUNIT_CASE(poll_takes_the_interrupt),
	KUNIT_CASE(poll_of_the_master_finds_the_cascade),
	KUNIT_CASE(initialization_forgets_edges_and_keeps_levels),
	KUNIT_CASE(initialization_ends_nothing_if_nobody_takes_extint),
	KUNIT_CASE(initialization_has_three_words_or_four),
	KUNIT_CASE(notifier_may_raise_the_pin_again),
	KUNIT_CASE(notifier_lowers_the_pin_before_the_output_rises),
	KUNIT_CASE(wide_accesses_have_no_effect),
	KUNIT_CASE(state_goes_round),
	KUNIT_CASE(no_state_does_harm),
	{ }
};

static struct kunit_suite pic_suite = {
	.name = "vmxdbg-pic",
	.init = pic_test_init,
	.exit = pic_test_exit,
	.test_cases = pic_cases,
};

kunit_test_suite(pic_suite);
