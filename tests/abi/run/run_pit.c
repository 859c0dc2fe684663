// SPDX-License-Identifier: GPL-2.0-only
/* The PIT of KVM_CREATE_PIT2: counters, interrupts and state. */
#include <string.h>
#include <time.h>

#include "chips.h"

#define HZ	1193181
#define COUNT	1193		/* a period of about a millisecond */

static struct chips c;

static void create_pit(struct vm *vm, u32 flags)
{
	struct kvm_pit_config config = { .flags = flags };

	CHECK_OK(ioctl(vm->fd, KVM_CREATE_PIT2, &config));
}

static void start(void)
{
	chips_make(&c);
	chips_init_pic(&c, 0x01);
	create_pit(&c.vm, KVM_PIT_SPEAKER_DUMMY);
}

static struct kvm_pit_state2 state(void)
{
	struct kvm_pit_state2 s;

	memset(&s, 0xaa, sizeof(s));
	CHECK_OK(ioctl(c.vm.fd, KVM_GET_PIT2, &s));
	return s;
}

static void set_reinject(u8 reinject)
{
	struct kvm_reinject_control control = { .pit_reinject = reinject };

	CHECK_OK(ioctl(c.vm.fd, KVM_REINJECT_CONTROL, &control));
}

static void program(unsigned int channel, unsigned int mode, u16 count)
{
	DO(&c, OUT(0x43, channel << 6 | 0x30 | mode << 1), OUT(0x40 + channel, count & 0xff),
	   OUT(0x40 + channel, count >> 8));
}

static u16 latched(unsigned int channel)
{
	struct step steps[] = {
		OUT(0x43, channel << 6), IN(0x40 + channel), IN(0x40 + channel),
	};

	chips_do(&c, steps, ARRAY_SIZE(steps));
	return steps[1].val | steps[2].val << 8;
}

/* Let at least @n ticks of the PIT go by. */
static void wait_ticks(u64 n)
{
	u64 ns = n * 1000000000 / HZ + 1;
	struct timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	nanosleep(&t, NULL);
}

/* ---- ioctls ---- */

static void order_of_the_calls(void)
{
	struct kvm_reinject_control control = { .pit_reinject = 1 };
	struct kvm_pit_config config = { .flags = 0 };
	struct kvm_pit_state2 s = { };
	struct kvm_pit_state old = { };
	struct vm vm;

	vm_make(&vm, NULL);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_PIT, &old), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_PIT, &old), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_PIT2, &s), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_PIT2, &s), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_REINJECT_CONTROL, &control), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_PIT, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_PIT, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_PIT2, bad_pointer()), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_PIT2, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_REINJECT_CONTROL, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_PIT2, bad_pointer()), EFAULT);

	CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
	config.flags = ~0U;
	memset(config.pad, 0xff, sizeof(config.pad));
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_PIT2, &config));
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_PIT2, &config), EEXIST);
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_PIT), EEXIST);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_PIT2, bad_pointer()), EFAULT);
	CHECK_OK(ioctl(vm.fd, KVM_GET_PIT, &old));
	CHECK_OK(ioctl(vm.fd, KVM_SET_PIT, &old));
	CHECK_OK(ioctl(vm.fd, KVM_REINJECT_CONTROL, &control));
}

static void pit_needs_the_other_chips(void)
{
	struct kvm_pit_config config = { .flags = 0 };
	struct vm vm;

	vm_make(&vm, NULL);
	KNOWN_DIFFERENCE(ioctl(vm.fd, KVM_CREATE_PIT2, &config) < 0 && errno == ENOENT,
			 "older ones create one that never interrupts");
}

static void old_call_has_port_61(void)
{
	struct vm vm;

	chips_make(&c);
	vm = c.vm;
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_PIT));
	DO(&c, OUT(0x61, 0x03));
	CHECK_EQ(chips_in(&c, 0x61) & 3, 3);
}

GUEST64(speaker, "in $0x61, %al; hlt");
GUEST64(speaker_wide, "in $0x62, %al; hlt");

static void ports_of_the_vmm(void)
{
	static const struct { u32 flags; u16 port; } rows[] = { { 0, 0x61 }, { 1, 0x62 } };
	unsigned int i;
	struct vm vm;
	struct vcpu *v;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		vm_make(&vm, NULL);
		CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
		create_pit(&vm, rows[i].flags);
		vm_tables(&vm, MODE_LONG);
		vm_load(&vm, i ? PROG(speaker_wide) : PROG(speaker));
		v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
		vcpu_run_to(v, KVM_EXIT_IO);
		CHECK_EQ(v->run->io.port, rows[i].port);
		vm_destroy(&vm);
	}
}

/* ---- registers ---- */

static void fresh_state(void)
{
	struct kvm_pit_state2 s;
	unsigned int i;

	chips_make(&c);
	create_pit(&c.vm, 0);
	s = state();
	CHECK_EQ(s.flags, 0);
	for (i = 0; i < 9; i++)
		CHECK_EQ(s.reserved[i], 0);
	for (i = 0; i < 3; i++) {
		struct kvm_pit_channel_state *ch = &s.channels[i];

		CHECK_EQ(ch->count, 0x10000);
		CHECK_EQ(ch->mode, 0xff);
		CHECK_EQ(ch->gate, i != 2);
		CHECK_EQ(ch->rw_mode | ch->read_state | ch->write_state | ch->bcd, 0);
		CHECK_EQ(ch->latched_count | ch->count_latched | ch->status_latched, 0);
		CHECK_EQ(!ch->count_load_time, i == 0);
	}
}

static void state_of_the_channels(void)
{
	struct kvm_pit_channel_state *ch;
	struct kvm_pit_state2 s;

	start();
	DO(&c, OUT(0x43, 0xb7), OUT(0x42, 0x34), OUT(0x42, 0x12), OUT(0x42, 0x56),
	   OUT(0x43, 0x58), OUT(0x41, 0x99), OUT(0x61, 0x02));
	s = state();
	CHECK_EQ(s.flags, KVM_PIT_FLAGS_SPEAKER_DATA_ON);
	ch = &s.channels[2];
	CHECK_EQ(ch->count, 0x1234);
	CHECK_EQ(ch->mode, 3);
	CHECK_EQ(ch->bcd, 1);
	CHECK_EQ(ch->rw_mode, 3);
	CHECK_EQ(ch->read_state, 3);
	CHECK_EQ(ch->write_state, 4);
	CHECK_EQ(ch->write_latch, 0x56);
	CHECK_EQ(ch->gate, 0);
	ch = &s.channels[1];
	CHECK_EQ(ch->count, 0x99);
	CHECK_EQ(ch->mode, 4);
	CHECK_EQ(ch->rw_mode, 1);
	/* Latches */
	DO(&c, OUT(0x43, 0x80), OUT(0x43, 0xe4), IN(0x42));
	s = state();
	CHECK_EQ(s.channels[2].count_latched, 2);
	CHECK_EQ(s.channels[2].status_latched, 0);
	CHECK_EQ(s.channels[1].status_latched, 1);
	CHECK_EQ(s.channels[1].status & 0x3f, 0x18);
	/* Modes 6 and 7 are 2 and 3. */
	DO(&c, OUT(0x43, 0xbc), OUT(0x43, 0x7e));
	s = state();
	CHECK_EQ(s.channels[2].mode, 2);
	CHECK_EQ(s.channels[1].mode, 3);
}

static void counter_counts_down(void)
{
	unsigned int channel;
	u16 before, after;

	start();
	for (channel = 0; channel < 3; channel++) {
		/* In mode 0 it does not begin anew, but wraps around. */
		program(channel, 0, 0);
		before = latched(channel);
		wait_ticks(1000);
		after = latched(channel);
		CHECK((u16)(before - after) != 0);
	}
}

/* A count of 1 leaves no choice, and one of 2 none to a square wave. */
static void counters_stay_within_their_count(void)
{
	unsigned int i, channel;

	start();
	set_reinject(0);
	for (channel = 1; channel < 3; channel++) {
		for (i = 0; i < 20; i++) {
			program(channel, 2, 100);
			wait_ticks(37);
			CHECK(latched(channel) - 1U < 100);
			program(channel, 3, 100);
			wait_ticks(37);
			CHECK(latched(channel) - 1U < 100);
		}
		program(channel, 2, 1);
		CHECK_EQ(latched(channel), 1);
	}
}

static void bytes_of_a_count(void)
{
	start();
	DO(&c, OUT(0x43, 0xa4), OUT(0x42, 0xff));
	CHECK_EQ(state().channels[2].count, 0xff00);
	DO(&c, OUT(0x43, 0x94), OUT(0x42, 0x01));
	CHECK_EQ(state().channels[2].count, 0x01);
	CHECK_EQ(chips_in(&c, 0x42), 0x01);
	CHECK_EQ(chips_in(&c, 0x42), 0x01);
	DO(&c, OUT(0x42, 0));
	CHECK_EQ(state().channels[2].count, 0x10000);
	DO(&c, OUT(0x43, 0xb4), OUT(0x42, 1), OUT(0x42, 0));
	CHECK_EQ(chips_in(&c, 0x42), 1);
	CHECK_EQ(chips_in(&c, 0x42), 0);
	CHECK_EQ(chips_in(&c, 0x42), 1);
	CHECK_EQ(state().channels[2].read_state, 4);
	CHECK_EQ(chips_in(&c, 0x43), 0);
}

static void read_back(void)
{
	struct step steps[] = { OUT(0x43, 0xc8), IN(0x42), IN(0x42), IN(0x42) };

	start();
	program(2, 0, 1);
	wait_ticks(10);
	chips_do(&c, steps, ARRAY_SIZE(steps));
	CHECK_EQ(steps[1].val, 0xb0);	/* the output is high */
	program(2, 2, 1);
	chips_do(&c, steps, ARRAY_SIZE(steps));
	CHECK_EQ(steps[1].val & 0x3f, 0x34);
	CHECK_EQ(steps[2].val, 1);
	CHECK_EQ(steps[3].val, 0);
	/* The second command does not change what is latched. */
	program(2, 2, 1);
	DO(&c, OUT(0x43, 0xc8), OUT(0x43, 0xb6), OUT(0x43, 0xc8));
	CHECK_EQ(chips_in(&c, 0x42) & 0x3f, 0x34);
}

static void port_61(void)
{
	start();
	DO(&c, OUT(0x61, 0xfe));
	CHECK_EQ(chips_in(&c, 0x61) & 0xc3, 0x02);
	DO(&c, OUT(0x61, 0xfd));
	CHECK_EQ(chips_in(&c, 0x61) & 0xc3, 0x01);
	CHECK_EQ(state().channels[2].gate, 1);
	/* The output of channel 2 */
	program(2, 0, 1);
	wait_ticks(10);
	CHECK_EQ(chips_in(&c, 0x61) & 0x20, 0x20);
	program(2, 1, 1);
	wait_ticks(10);
	CHECK_EQ(chips_in(&c, 0x61) & 0x20, 0);
}

static void rising_gate_loads_the_counter(void)
{
	__s64 before;

	start();
	DO(&c, OUT(0x61, 0));
	program(2, 2, 1000);
	before = state().channels[2].count_load_time;
	DO(&c, OUT(0x61, 1));
	CHECK(state().channels[2].count_load_time > before);
	before = state().channels[2].count_load_time;
	DO(&c, OUT(0x61, 1));
	CHECK_EQ(state().channels[2].count_load_time, before);
	/* In mode 0 it does not. */
	DO(&c, OUT(0x61, 0));
	program(2, 0, 1000);
	before = state().channels[2].count_load_time;
	DO(&c, OUT(0x61, 1));
	CHECK_EQ(state().channels[2].count_load_time, before);
}

/* ---- interrupts ---- */

/* KVM raises the next tick some time after the EOI of the last. */
#define TRIES	5

static int take(void)
{
	int i, vector = -1;

	for (i = 0; i < TRIES && vector < 0; i++) {
		if (i)
			wait_ticks(COUNT);
		vector = chips_take(&c);
	}
	return vector;
}

/* Return: how many ticks are there to be taken, each ended. */
static unsigned int drain(void)
{
	unsigned int n = 0;

	while (n < 100 && take() == 0x08) {
		DO(&c, OUT(0x20, 0x20));
		n++;
	}
	return n;
}

static void stop_timer(void)
{
	program(0, 5, 1);
}

static void one_shots_tick_once(void)
{
	static const u8 modes[] = { 0, 1, 4 };
	unsigned int i;

	start();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		program(0, modes[i], COUNT);
		wait_ticks(5 * COUNT);
		CHECK_EQ(drain(), 1);
	}
}

static void ticks_are_kept(void)
{
	unsigned int n;

	start();
	program(0, 2, COUNT);
	wait_ticks(5 * COUNT);
	stop_timer();
	n = drain();
	CHECK(n >= 5);
	CHECK_EQ(drain(), 0);
}

static void ticks_are_lost(void)
{
	start();
	set_reinject(0);
	program(0, 2, COUNT);
	wait_ticks(5 * COUNT);
	stop_timer();
	CHECK_EQ(drain(), 1);
	CHECK_EQ(drain(), 0);
	/* On again */
	set_reinject(7);
	program(0, 3, COUNT);
	wait_ticks(5 * COUNT);
	stop_timer();
	CHECK(drain() >= 5);
}

static void unmasking_forgets_ticks(void)
{
	start();
	DO(&c, OUT(0x21, 0x01));
	program(0, 2, COUNT);
	wait_ticks(5 * COUNT);
	stop_timer();
	DO(&c, OUT(0x21, 0x00));
	CHECK_EQ(drain(), 1);
}

static void new_count_forgets_ticks(void)
{
	start();
	program(0, 2, COUNT);
	wait_ticks(5 * COUNT);
	program(0, 0, 0);
	CHECK_EQ(drain(), 1);
}

static void hardware_strobe_does_not_tick(void)
{
	start();
	program(0, 2, COUNT);
	stop_timer();
	drain();
	wait_ticks(5 * COUNT);
	CHECK_EQ(drain(), 0);
}

static void ticks_come_by_the_ioapic(void)
{
	unsigned int i;

	chips_make(&c);
	create_pit(&c.vm, 0);
	DO(&c, WRITE(LAPIC_SVR, 0x1ff), WRITE(LAPIC_LVT0, 0x10000), IOAPIC_WRITE(0x10, 0x55));
	program(0, 2, COUNT);
	wait_ticks(5 * COUNT);
	stop_timer();
	for (i = 0; i < 5; i++) {
		CHECK_EQ(take(), 0x55);
		DO(&c, WRITE(LAPIC_EOI, 0));
	}
	while (take() == 0x55)
		DO(&c, WRITE(LAPIC_EOI, 0));
	/* Masked there, and unmasked again: those ticks are gone. */
	DO(&c, IOAPIC_WRITE(0x10, 0x10055));
	program(0, 2, COUNT);
	wait_ticks(5 * COUNT);
	stop_timer();
	DO(&c, IOAPIC_WRITE(0x10, 0x55));
	CHECK_EQ(take(), -1);
}

#define REAL_PIC_INIT								\
	"mov $0x11, %al; out %al, $0x20; mov $8, %al; out %al, $0x21\n"		\
	"mov $4, %al; out %al, $0x21; mov $1, %al; out %al, $0x21; mov $0xfe, %al\n"	\
	"out %al, $0x21\n"							\
	"mov $0x34, %al; out %al, $0x43; mov $0xa9, %al; out %al, $0x40\n"	\
	"mov $0x04, %al; out %al, $0x40\n"

/* A clock as in DOS: each tick wakes the vCPU. */
GUEST16(clock,
	"cli\n" REAL_PIC_INIT
	"1: sti; hlt; jmp 1b\n"
	"clock_irq: push %ax; incw 0xc000; cmpw $50, 0xc000; jne 2f; out %al, $0xf0\n"
	"2: mov $0x20, %al; out %al, $0x20; pop %ax; iret");
LABEL(clock_irq);

static void clock_of_a_real_mode_guest(void)
{
	struct timespec before, after;
	struct vm vm;
	struct vcpu *v;
	u64 ns;

	vm_make(&vm, NULL);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
	create_pit(&vm, 0);
	vm_tables(&vm, MODE_REAL);
	vm_load(&vm, PROG(clock));
	vm_gate(&vm, MODE_REAL, 0x08, AT(clock, clock_irq));
	v = guest_add_vcpu(&vm, 0, MODE_REAL, GUEST_CODE);
	clock_gettime(CLOCK_MONOTONIC, &before);
	vcpu_run_out(v, 0xf0);
	clock_gettime(CLOCK_MONOTONIC, &after);
	CHECK_EQ(DATA16(&vm, 0), 50);
	/* The clock is not fast. */
	ns = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
	CHECK(ns >= 50ULL * COUNT * 1000000000 / HZ);
}

/* The PIT's tick as an NMI, by LINT0: a watchdog of old kernels */
static void tick_may_be_an_nmi(void)
{
	start();
	DO(&c, OUT(0x21, 0xff), WRITE(LAPIC_SVR, 0x1ff), WRITE(LAPIC_LVT0, 0x400));
	program(0, 0, COUNT);
	wait_ticks(2 * COUNT);
	DO(&c, IN(0x21));
	CHECK_EQ(chips_taken(&c), 1);
	CHECK_EQ(chips_vector(&c, 0), 2);
}

/* ---- state by the VMM ---- */

static void state_moves_to_another_vm(void)
{
	struct kvm_pit_state2 s, moved;
	unsigned int i;

	start();
	program(0, 0, COUNT);
	program(2, 3, 10000);
	DO(&c, OUT(0x61, 3), OUT(0x43, 0x80), OUT(0x42, 0x77));
	s = state();
	vm_destroy(&c.vm);

	start();
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_PIT2, &s));
	moved = state();
	for (i = 1; i < 3; i++) {
		CHECK(moved.channels[i].count_load_time > s.channels[i].count_load_time);
		moved.channels[i].count_load_time = s.channels[i].count_load_time;
	}
	CHECK(!memcmp(&moved, &s, sizeof(s)));
	wait_ticks(3 * COUNT);
	CHECK_EQ(drain(), 1);
}

static void old_calls(void)
{
	struct kvm_pit_state s;

	start();
	DO(&c, OUT(0x61, 2));
	program(2, 2, 77);
	CHECK_OK(ioctl(c.vm.fd, KVM_GET_PIT, &s));
	CHECK_EQ(s.channels[2].count, 77);
	memset(&s, 0, sizeof(s));
	s.channels[0].count = COUNT;
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_PIT, &s));
	CHECK_EQ(state().flags, KVM_PIT_FLAGS_SPEAKER_DATA_ON);
	CHECK_EQ(state().channels[2].count, 0x10000);
	wait_ticks(3 * COUNT);
	CHECK_EQ(drain(), 1);
}

static void hpet_takes_the_timers_place(void)
{
	struct kvm_pit_state2 s;

	start();
	program(0, 2, COUNT);
	s = state();
	s.flags = KVM_PIT_FLAGS_HPET_LEGACY;
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_PIT2, &s));
	drain();
	wait_ticks(5 * COUNT);
	CHECK_EQ(drain(), 0);
	program(0, 2, COUNT);
	wait_ticks(5 * COUNT);
	CHECK_EQ(drain(), 0);
	CHECK_EQ(state().channels[0].mode, 2);
	CHECK_EQ(state().flags, KVM_PIT_FLAGS_HPET_LEGACY);
	s.flags = 0;
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_PIT2, &s));
	wait_ticks(5 * COUNT);
	CHECK(drain() >= 5);
}

static void any_state_can_be_set(void)
{
	struct kvm_pit_state2 s;
	unsigned int i;

	start();
	for (i = 0; i < 256; i += 15) {
		memset(&s, i, sizeof(s));
		CHECK_OK(ioctl(c.vm.fd, KVM_SET_PIT2, &s));
		s.channels[0].mode = i & 7;
		s.channels[0].count = 1;
		s.flags = i & 2;
		CHECK_OK(ioctl(c.vm.fd, KVM_SET_PIT2, &s));
		DO(&c, OUT(0x40, i), OUT(0x41, i), OUT(0x42, i), OUT(0x43, i), IN(0x40),
		   IN(0x41), IN(0x42), IN(0x61), OUT(0x61, i), OUT(0x20, 0x20));
	}
}

static const struct test tests[] = {
	TEST(order_of_the_calls),
	TEST(pit_needs_the_other_chips),
	TEST(old_call_has_port_61),
	TEST(ports_of_the_vmm),
	TEST(fresh_state),
	TEST(state_of_the_channels),
	TEST(counter_counts_down),
	TEST(counters_stay_within_their_count),
	TEST(bytes_of_a_count),
	TEST(read_back),
	TEST(port_61),
	TEST(rising_gate_loads_the_counter),
	TEST(one_shots_tick_once),
	TEST(ticks_are_kept),
	TEST(ticks_are_lost),
	TEST(unmasking_forgets_ticks),
	TEST(new_count_forgets_ticks),
	TEST(hardware_strobe_does_not_tick),
	TEST(ticks_come_by_the_ioapic),
	TEST(clock_of_a_real_mode_guest),
	TEST(tick_may_be_an_nmi),
	TEST(state_moves_to_another_vm),
	TEST(old_calls),
	TEST(hpet_takes_the_timers_place),
	TEST(any_state_can_be_set),
};

TAP_MAIN(tests)
