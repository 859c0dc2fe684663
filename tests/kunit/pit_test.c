// SPDX-License-Identifier: GPL-2.0-only
/* The PIT, driven by its ports and by a clock that the test moves. */
#include <kunit/test.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>

#include "irq_bus.h"
#include "irq/ack.h"
#include "irq/lint0.h"
#include "irq/routing.h"
#include "lib/compat.h"

/* ---- in place of the host's clock and timer, of the routing and of the notifiers ---- */

static u64 host_ns;		/* the host's monotonic clock */
static u64 timer_at;		/* when the timer expires, 0: it does not run */
static unsigned int ticks;	/* interrupts raised */
static bool line;		/* level of GSI 0 */
static bool tick_queued;	/* for the host's thread that raises it */
static struct irq_ack_notifier *registered;

static int pit_test_set_gsi(struct vm *vm, u32 source, u32 gsi, int level)
{
	if (gsi == 0 && level && !line)
		ticks++;
	line = level;
	return 1;
}

static void pit_test_register(struct vm *vm, struct irq_ack_notifier *n)
{
	registered = n;
}

static void pit_test_unregister(struct vm *vm, struct irq_ack_notifier *n)
{
	registered = NULL;
}

static void pit_test_nothing(struct vm *vm)
{
}

#define ktime_get_ns()			host_ns
#define hrtimer_start(t, at, mode)	({ (void)(t); timer_at = ktime_to_ns(at); })
#define hrtimer_try_to_cancel(t)	({ (void)(t); timer_at = 0; })
#define hrtimer_cancel(t)		({ (void)(t); timer_at = 0; })
#define queue_work(wq, work)		({ (void)(work); tick_queued = true; })
#define cancel_work(work)		({ bool was = tick_queued; tick_queued = false; was; })
#define cancel_work_sync(work)		({ (void)(work); tick_queued = false; })
#define irq_set_gsi			pit_test_set_gsi
#define irq_ack_register		pit_test_register
#define irq_ack_unregister		pit_test_unregister
#define lint0_tick			pit_test_nothing

#include "../../kmod/irq/pit.c"

#define COUNT	1193		/* a period of about a millisecond */
#define PERIOD	999848ULL	/* of COUNT, in ns */

static u16 inw2(struct kunit *test, u16 port)
{
	u8 low = inb(test, port);

	return low | inb(test, port) << 8;
}

/* The host's thread */
static void raise_queued(struct kunit *test)
{
	if (tick_queued) {
		tick_queued = false;
		pit_raise(&vm_of(test)->irq.pit->work);
	}
}

/* Let time pass, with the timer's interrupts at their times. */
static void pass(struct kunit *test, u64 ns)
{
	struct pit *pit = vm_of(test)->irq.pit;
	u64 end = host_ns + ns;

	while (timer_at && timer_at <= end) {
		host_ns = max(host_ns, timer_at);
		timer_at = 0;
		pit_timer_expires(&pit->timer);
		raise_queued(test);
	}
	host_ns = end;
}

/* Whole ticks of the PIT, and a bit */
static void pass_ticks(struct kunit *test, u64 n)
{
	pass(test, mul_u64_u32_div(n, NSEC_PER_SEC, PIT_HZ) + 1);
}

static void program(struct kunit *test, unsigned int channel, unsigned int mode, u16 count)
{
	outb(test, 0x43, channel << 6 | 0x30 | mode << 1);
	outb(test, 0x40 + channel, count);
	outb(test, 0x40 + channel, count >> 8);
}

static u16 latched(struct kunit *test, unsigned int channel)
{
	outb(test, 0x43, channel << 6);
	return inw2(test, 0x40 + channel);
}

static void end_interrupt(struct kunit *test)
{
	if (registered) {
		registered->acked(registered);
		raise_queued(test);
	}
}

static struct kvm_pit_state2 pit_saved(struct kunit *test)
{
	struct kvm_pit_state2 state;

	pit_get_state(vm_of(test), &state);
	return state;
}

static int pit_test_init(struct kunit *test)
{
	struct vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	int r;

	if (!vm)
		return -ENOMEM;
	test->priv = vm;
	spin_lock_init(&vm->dbg_lock);
	mutex_init(&vm->irq.lock);
	bus_reset();
	host_ns = 1000000000;
	timer_at = 0;
	mutex_lock(&vm->irq.lock);
	r = pit_create(vm, KVM_PIT_SPEAKER_DUMMY);
	mutex_unlock(&vm->irq.lock);
	ticks = 0;
	return r;
}

static void pit_test_exit(struct kunit *test)
{
	if (test->priv)
		pit_free(test->priv);
}

static int create_again(struct kunit *test, u32 flags)
{
	struct vm *vm = vm_of(test);
	int r;

	pit_free(vm);
	bus_devices[0] = NULL;
	bus_devices[1] = NULL;
	mutex_lock(&vm->irq.lock);
	r = pit_create(vm, flags);
	mutex_unlock(&vm->irq.lock);
	return r;
}

static void set_reinject(struct kunit *test, bool reinject)
{
	struct vm *vm = vm_of(test);

	mutex_lock(&vm->irq.lock);
	pit_set_reinject(vm, reinject);
	mutex_unlock(&vm->irq.lock);
}

static void new_pit_is_as_in_kvm(struct kunit *test)
{
	struct kvm_pit_state2 state = pit_saved(test);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, state.flags, 0U);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, state.channels[i].count, 0x10000U);
		KUNIT_EXPECT_EQ(test, state.channels[i].mode, 0xff);
		KUNIT_EXPECT_EQ(test, state.channels[i].gate, i != 2);
		KUNIT_EXPECT_EQ(test, state.channels[i].rw_mode, 0);
	}
	KUNIT_EXPECT_EQ(test, timer_at, 0ULL);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, registered);
}

static void port_61_is_there_if_it_is_asked_for(struct kunit *test)
{
	u64 val;

	KUNIT_EXPECT_TRUE(test, bus_read(0x61, &val, 1));
	KUNIT_EXPECT_FALSE(test, bus_read(0x62, &val, 1));
	KUNIT_EXPECT_FALSE(test, bus_write(0x62, 0, 1));
	KUNIT_ASSERT_EQ(test, create_again(test, 0), 0);
	KUNIT_EXPECT_FALSE(test, bus_read(0x61, &val, 1));
}

static void no_room_on_the_bus_leaves_no_pit(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	for (bus_room = 0; bus_room < 2; bus_room++) {
		KUNIT_EXPECT_EQ(test, create_again(test, KVM_PIT_SPEAKER_DUMMY), -ENOSPC);
		KUNIT_EXPECT_PTR_EQ(test, vm->irq.pit, (struct pit *)NULL);
		KUNIT_EXPECT_EQ(test, bus_used(), 0U);
	}
}

static void rate_generator_ticks_forever(struct kunit *test)
{
	unsigned int i;

	program(test, 0, 2, COUNT);
	for (i = 1; i <= 10; i++) {
		pass(test, PERIOD - 1);
		KUNIT_EXPECT_EQ(test, ticks, i - 1);
		pass(test, 1);
		KUNIT_EXPECT_EQ(test, ticks, i);
		end_interrupt(test);
	}
	KUNIT_EXPECT_FALSE(test, line);
}

static void one_shots_tick_once(struct kunit *test)
{
	static const u8 modes[] = { 0, 1, 4 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		ticks = 0;
		program(test, 0, modes[i], COUNT);
		pass(test, PERIOD - 1);
		KUNIT_EXPECT_EQ(test, ticks, 0U);
		pass(test, 10 * PERIOD);
		KUNIT_EXPECT_EQ(test, ticks, 1U);
		end_interrupt(test);
	}
}

/* Channel 0's gate never rises. */
static void hardware_strobe_stops_the_timer(struct kunit *test)
{
	program(test, 0, 2, COUNT);
	program(test, 0, 5, COUNT);
	pass(test, 10 * PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 0U);
	KUNIT_EXPECT_EQ(test, timer_at, 0ULL);
}

static void new_count_begins_a_new_period(struct kunit *test)
{
	program(test, 0, 2, COUNT);
	pass(test, PERIOD / 2);
	program(test, 0, 2, COUNT);
	pass(test, PERIOD - 1);
	KUNIT_EXPECT_EQ(test, ticks, 0U);
	pass(test, 1);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
}

static void zero_means_65536(struct kunit *test)
{
	program(test, 0, 2, 0);
	pass(test, 54925000);
	KUNIT_EXPECT_EQ(test, ticks, 0U);
	pass(test, 1000);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
}

/* A guest cannot keep a CPU of the host busy. */
static void shortest_period_is_200_us(struct kunit *test)
{
	set_reinject(test, false);
	program(test, 0, 2, 2);
	pass(test, 10 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, ticks, 50U);
	/* A one-shot may be shorter. */
	ticks = 0;
	program(test, 0, 0, 2);
	pass(test, 2000);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
}

static void tick_waits_for_the_eoi_of_the_last(struct kunit *test)
{
	unsigned int i;

	program(test, 0, 2, COUNT);
	pass(test, 5 * PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
	for (i = 2; i <= 5; i++) {
		end_interrupt(test);
		KUNIT_EXPECT_EQ(test, ticks, i);
	}
	/* There are no more. */
	end_interrupt(test);
	end_interrupt(test);
	KUNIT_EXPECT_EQ(test, ticks, 5U);
	pass(test, PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 6U);
}

static void tick_comes_before_the_write_that_stops_it(struct kunit *test)
{
	struct pit *pit = vm_of(test)->irq.pit;

	program(test, 0, 2, COUNT);
	host_ns = timer_at;
	pit_timer_expires(&pit->timer);
	KUNIT_EXPECT_EQ(test, ticks, 0U);	/* the host's thread did not run yet */
	program(test, 0, 5, COUNT);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
	raise_queued(test);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
}

/* A tick that the guest has to wait for wakes no thread of the host. */
static void tick_that_waits_is_not_queued(struct kunit *test)
{
	struct pit *pit = vm_of(test)->irq.pit;

	program(test, 0, 2, COUNT);
	pass(test, PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
	host_ns = timer_at;
	pit_timer_expires(&pit->timer);
	KUNIT_EXPECT_FALSE(test, tick_queued);
	end_interrupt(test);
	KUNIT_EXPECT_EQ(test, ticks, 2U);
}

static void late_timer_loses_no_tick(struct kunit *test)
{
	unsigned int i;

	program(test, 0, 2, COUNT);
	host_ns += 4 * PERIOD;
	pass(test, 0);
	for (i = 0; i < 8; i++)
		end_interrupt(test);
	KUNIT_EXPECT_EQ(test, ticks, 4U);
	KUNIT_EXPECT_EQ(test, timer_at, host_ns + PERIOD);
}

static void unmasking_forgets_ticks(struct kunit *test)
{
	program(test, 0, 2, COUNT);
	pass(test, 5 * PERIOD);
	registered->unmasked(registered);
	end_interrupt(test);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
	pass(test, PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 2U);
}

static void without_reinjection_a_tick_waits_for_nothing(struct kunit *test)
{
	set_reinject(test, false);
	KUNIT_EXPECT_PTR_EQ(test, registered, (struct irq_ack_notifier *)NULL);
	program(test, 0, 2, COUNT);
	pass(test, 5 * PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 5U);
	/* On again, it begins without a debt. */
	set_reinject(test, true);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, registered);
	pass(test, 2 * PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 6U);
	end_interrupt(test);
	KUNIT_EXPECT_EQ(test, ticks, 7U);
	set_reinject(test, true);
	end_interrupt(test);
	KUNIT_EXPECT_EQ(test, ticks, 7U);
}

static void count_goes_down(struct kunit *test)
{
	unsigned int channel;

	for (channel = 0; channel < 3; channel++) {
		program(test, channel, 2, 10000);
		pass_ticks(test, 1000);
		KUNIT_EXPECT_EQ(test, latched(test, channel), 9000);
		pass_ticks(test, 8999);
		KUNIT_EXPECT_EQ(test, latched(test, channel), 1);
		pass_ticks(test, 1);
		KUNIT_EXPECT_EQ(test, latched(test, channel), 10000);
	}
}

static void count_wraps_around_in_other_modes(struct kunit *test)
{
	static const u8 modes[] = { 0, 1, 4, 5 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		program(test, 1, modes[i], 10000);
		pass_ticks(test, 10001);
		KUNIT_EXPECT_EQ(test, latched(test, 1), 0xffff);
	}
	program(test, 0, 0, 10000);
	pass_ticks(test, 10001);
	KUNIT_EXPECT_EQ(test, latched(test, 0), 0xffff);
}

static void square_wave_counts_by_two(struct kunit *test)
{
	program(test, 2, 3, 10000);
	pass_ticks(test, 1000);
	KUNIT_EXPECT_EQ(test, latched(test, 2), 8000);
	KUNIT_EXPECT_EQ(test, inb(test, 0x61) & 0x20, 0x20);
	pass_ticks(test, 4500);
	KUNIT_EXPECT_EQ(test, latched(test, 2), 9000);
	KUNIT_EXPECT_EQ(test, inb(test, 0x61) & 0x20, 0);
}

static void latch_holds_the_count_until_it_is_read(struct kunit *test)
{
	program(test, 2, 2, 10000);
	pass_ticks(test, 100);
	outb(test, 0x43, 0x80);
	pass_ticks(test, 100);
	outb(test, 0x43, 0x80);
	KUNIT_EXPECT_EQ(test, inw2(test, 0x42), 9900);
	KUNIT_EXPECT_EQ(test, inw2(test, 0x42), 9800);
}

static void access_modes_choose_bytes(struct kunit *test)
{
	outb(test, 0x43, 0x94);
	outb(test, 0x42, 0x80);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[2].count, 0x80U);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0x80);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0x80);
	outb(test, 0x43, 0x80);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0x80);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[2].count_latched, 0);

	outb(test, 0x43, 0xa4);
	outb(test, 0x42, 0x12);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[2].count, 0x1200U);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0x12);
	outb(test, 0x43, 0x80);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0x12);

	outb(test, 0x43, 0xb4);
	outb(test, 0x42, 0x34);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[2].count, 0x1200U);
	outb(test, 0x42, 0x56);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[2].count, 0x5634U);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0x34);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0x56);
}

static void read_back_latches_status_and_count(struct kunit *test)
{
	program(test, 2, 3, 10000);
	pass_ticks(test, 100);
	outb(test, 0x43, 0xc8);
	pass_ticks(test, 100);
	/* The status comes first: the output is high. */
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0xb6);
	KUNIT_EXPECT_EQ(test, inw2(test, 0x42), 9800);
	outb(test, 0x43, 0xe8);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0xb6);
	KUNIT_EXPECT_EQ(test, inw2(test, 0x42), 9600);
	/* Several channels at once */
	program(test, 1, 0, 20);
	pass_ticks(test, 30);
	outb(test, 0x43, 0xec);
	KUNIT_EXPECT_EQ(test, inb(test, 0x41), 0xb0);
	KUNIT_EXPECT_EQ(test, inb(test, 0x42), 0xb6);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[0].status_latched, 0);
}

static void modes_6_and_7_are_2_and_3(struct kunit *test)
{
	outb(test, 0x43, 0xbc);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[2].mode, 2);
	outb(test, 0x43, 0xbf);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[2].mode, 3);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[2].bcd, 1);
	KUNIT_EXPECT_EQ(test, inb(test, 0x43), 0);
}

static bool out2(struct kunit *test)
{
	return inb(test, 0x61) & 0x20;
}

static void output_follows_the_mode(struct kunit *test)
{
	program(test, 2, 0, 100);
	KUNIT_EXPECT_FALSE(test, out2(test));
	pass_ticks(test, 100);
	KUNIT_EXPECT_TRUE(test, out2(test));
	program(test, 2, 1, 100);
	KUNIT_EXPECT_TRUE(test, out2(test));
	pass_ticks(test, 100);
	KUNIT_EXPECT_FALSE(test, out2(test));
	/* In these, KVM shows a pulse of the wrong sign. */
	program(test, 2, 2, 100);
	KUNIT_EXPECT_FALSE(test, out2(test));
	pass_ticks(test, 100);
	KUNIT_EXPECT_TRUE(test, out2(test));
	program(test, 2, 4, 100);
	KUNIT_EXPECT_FALSE(test, out2(test));
	pass_ticks(test, 100);
	KUNIT_EXPECT_TRUE(test, out2(test));
	pass_ticks(test, 1);
	KUNIT_EXPECT_FALSE(test, out2(test));
}

static void gate_starts_channel_2_anew(struct kunit *test)
{
	static const u8 restarts[] = { 1, 2, 3, 5 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(restarts); i++) {
		outb(test, 0x61, 0);
		program(test, 2, restarts[i], 10000);
		pass_ticks(test, 100);
		outb(test, 0x61, 1);
		KUNIT_EXPECT_EQ(test, latched(test, 2), 10000);
		pass_ticks(test, 10);
		/* High already: no edge. */
		outb(test, 0x61, 1);
		KUNIT_EXPECT_EQ(test, latched(test, 2), restarts[i] == 3 ? 9980 : 9990);
	}
	outb(test, 0x61, 0);
	program(test, 2, 0, 10000);
	pass_ticks(test, 100);
	outb(test, 0x61, 1);
	KUNIT_EXPECT_EQ(test, latched(test, 2), 9900);
}

static void port_61_keeps_gate_and_speaker(struct kunit *test)
{
	outb(test, 0x61, 0xfe);
	KUNIT_EXPECT_EQ(test, inb(test, 0x61) & 0x03, 0x02);
	KUNIT_EXPECT_EQ(test, pit_saved(test).flags, KVM_PIT_FLAGS_SPEAKER_DATA_ON);
	outb(test, 0x61, 0x01);
	KUNIT_EXPECT_EQ(test, inb(test, 0x61) & 0x03, 0x01);
	KUNIT_EXPECT_EQ(test, pit_saved(test).flags, 0U);
}

static void refresh_bit_toggles(struct kunit *test)
{
	u8 before = inb(test, 0x61) & 0x10;

	pass(test, 1 << 14);
	KUNIT_EXPECT_NE(test, inb(test, 0x61) & 0x10, before);
	pass(test, 1 << 14);
	KUNIT_EXPECT_EQ(test, inb(test, 0x61) & 0x10, before);
}

/* A debugger holds the VM: no counter moves, no tick comes, and none comes late. */
static void time_stands_still_while_it_is_held(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	program(test, 0, 2, COUNT);
	program(test, 2, 2, 10000);
	pass(test, PERIOD / 2);
	pit_hold(vm);
	KUNIT_EXPECT_EQ(test, timer_at, 0ULL);
	host_ns += 100 * PERIOD;
	/* A timer that was just expiring does no harm. */
	pit_timer_expires(&vm->irq.pit->timer);
	KUNIT_EXPECT_EQ(test, ticks, 0U);
	KUNIT_EXPECT_EQ(test, latched(test, 2), 10000 - COUNT / 2);
	pit_go_on(vm);
	KUNIT_EXPECT_EQ(test, latched(test, 2), 10000 - COUNT / 2);
	pass(test, PERIOD / 2 - 1);
	KUNIT_EXPECT_EQ(test, ticks, 0U);
	pass(test, 1);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
}

static void timer_that_is_set_while_held_starts_later(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	pit_hold(vm);
	program(test, 0, 0, COUNT);
	KUNIT_EXPECT_EQ(test, timer_at, 0ULL);
	host_ns += PERIOD;
	pit_go_on(vm);
	KUNIT_EXPECT_EQ(test, timer_at, host_ns + PERIOD);
	pass(test, PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
	/* Expired, it stays so. */
	pit_hold(vm);
	pit_go_on(vm);
	KUNIT_EXPECT_EQ(test, timer_at, 0ULL);
}

static void pit_that_is_created_while_held_stands_still(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	vm->time.held = true;
	KUNIT_ASSERT_EQ(test, create_again(test, 0), 0);
	program(test, 0, 0, COUNT);
	KUNIT_EXPECT_EQ(test, timer_at, 0ULL);
	host_ns += 5 * PERIOD;
	vm->time.held = false;
	pit_go_on(vm);
	KUNIT_EXPECT_EQ(test, timer_at, host_ns + PERIOD);
}

static void vm_without_a_pit_has_nothing_to_hold(struct kunit *test)
{
	struct vm *vm = vm_of(test);

	pit_free(vm);
	pit_hold(vm);
	pit_go_on(vm);
	pit_free(vm);
}

static void state_goes_round(struct kunit *test)
{
	struct kvm_pit_state2 saved, state;
	struct vm *vm = vm_of(test);

	program(test, 0, 2, COUNT);
	program(test, 2, 3, 10000);
	outb(test, 0x61, 3);
	outb(test, 0x43, 0x80);
	outb(test, 0x40, 0x11);
	saved = pit_saved(test);
	KUNIT_ASSERT_EQ(test, create_again(test, KVM_PIT_SPEAKER_DUMMY), 0);
	pit_set_state(vm, &saved);
	state = pit_saved(test);
	/* The load begins now. */
	state.channels[1].count_load_time = saved.channels[1].count_load_time;
	state.channels[2].count_load_time = saved.channels[2].count_load_time;
	KUNIT_EXPECT_EQ(test, memcmp(&state, &saved, sizeof(state)), 0);
	ticks = 0;
	pass(test, PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
}

static void hpet_takes_the_timers_place(struct kunit *test)
{
	struct vm *vm = vm_of(test);
	struct kvm_pit_state2 state;

	program(test, 0, 2, COUNT);
	state = pit_saved(test);
	state.flags |= KVM_PIT_FLAGS_HPET_LEGACY;
	pit_set_state(vm, &state);
	KUNIT_EXPECT_EQ(test, timer_at, 0ULL);
	program(test, 0, 2, COUNT);
	KUNIT_EXPECT_EQ(test, timer_at, 0ULL);
	pass(test, 10 * PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 0U);
	KUNIT_EXPECT_EQ(test, pit_saved(test).channels[0].mode, 2);
	state.flags = 0;
	pit_set_state(vm, &state);
	pass(test, PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
}

static void old_call_leaves_the_flags(struct kunit *test)
{
	struct kvm_pit_state old = { };
	struct kvm_pit_state2 state;

	outb(test, 0x61, 2);
	old.channels[0].mode = 0;
	old.channels[0].count = COUNT;
	pit_set_channels(vm_of(test), &old);
	state = pit_saved(test);
	KUNIT_EXPECT_EQ(test, state.flags, KVM_PIT_FLAGS_SPEAKER_DATA_ON);
	KUNIT_EXPECT_EQ(test, state.channels[1].count, 0x10000U);
	pass(test, PERIOD);
	KUNIT_EXPECT_EQ(test, ticks, 1U);
}

/* The VMM may set any state: no division by zero, and no timer that fires all the time. */
static void no_state_does_harm(struct kunit *test)
{
	struct kvm_pit_state2 state;
	unsigned int i, port;
	u64 val;

	for (i = 0; i < 256; i++) {
		memset(&state, i, sizeof(state));
		state.channels[0].mode = i & 7;
		state.channels[0].count = i;
		pit_set_state(vm_of(test), &state);
		pass(test, NSEC_PER_MSEC);
		for (port = 0x40; port < 0x44; port++) {
			bus_write(port, i, 1);
			bus_read(port, &val, 1);
			bus_read(port, &val, 1);
		}
		bus_read(0x61, &val, 1);
		end_interrupt(test);
	}
	KUNIT_EXPECT_LT(test, ticks, 256U * 12);
}

static struct kunit_case pit_cases[] = {
	KUNIT_CASE(new_pit_is_as_in_kvm),
	KUNIT_CASE(port_61_is_there_if_it_is_asked_for),
	KUNIT_CASE(no_room_on_the_bus_leaves_no_pit),
	KUNIT_CASE(rate_generator_ticks_forever),
	KUNIT_CASE(one_shots_tick_once),
	KUNIT_CASE(hardware_strobe_stops_the_timer),
	KUNIT_CASE(new_count_begins_a_new_period),
	KUNIT_CASE(zero_means_65536),
	KUNIT_CASE(shortest_period_is_200_us),
	KUNIT_CASE(tick_waits_for_the_eoi_of_the_last),
	KUNIT_CASE(tick_comes_before_the_write_that_stops_it),
	KUNIT_CASE(tick_that_waits_is_not_queued),
	KUNIT_CASE(late_timer_loses_no_tick),
	KUNIT_CASE(unmasking_forgets_ticks),
	KUNIT_CASE(without_reinjection_a_tick_waits_for_nothing),
	KUNIT_CASE(count_goes_down),
	KUNIT_CASE(count_wraps_around_in_other_modes),
	KUNIT_CASE(square_wave_counts_by_two),
	KUNIT_CASE(latch_holds_the_count_until_it_is_read),
	KUNIT_CASE(access_modes_choose_bytes),
	KUNIT_CASE(read_back_latches_status_and_count),
	KUNIT_CASE(modes_6_and_7_are_2_and_3),
	KUNIT_CASE(output_follows_the_mode),
	KUNIT_CASE(gate_starts_channel_2_anew),
	KUNIT_CASE(port_61_keeps_gate_and_speaker),
	KUNIT_CASE(refresh_bit_toggles),
	KUNIT_CASE(time_stands_still_while_it_is_held),
	KUNIT_CASE(timer_that_is_set_while_held_starts_later),
	KUNIT_CASE(pit_that_is_created_while_held_stands_still),
	KUNIT_CASE(vm_without_a_pit_has_nothing_to_hold),
	KUNIT_CASE(state_goes_round),
	KUNIT_CASE(hpet_takes_the_timers_place),
	KUNIT_CASE(old_call_leaves_the_flags),
	KUNIT_CASE(no_state_does_harm),
	{ }
};

static struct kunit_suite pit_suite = {
	.name = "vmxdbg-pit",
	.init = pit_test_init,
	.exit = pit_test_exit,
	.test_cases = pit_cases,
};

kunit_test_suite(pit_suite);
