// SPDX-License-Identifier: GPL-2.0-only
/* The PIT in the module counts in the VM's time, which a session holds. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "chips.h"
#include "vmm.h"

#define HZ	1193181

static struct chips c;
static int session;

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void attach_to_it(void)
{
	session = CHECK_OK(attach(c.vm.dev, VMXDBG_ATTACH_FD, c.vm.fd));
}

static void create_pit(void)
{
	struct kvm_pit_config config = { .flags = KVM_PIT_SPEAKER_DUMMY };

	CHECK_OK(ioctl(c.vm.fd, KVM_CREATE_PIT2, &config));
}

static void start(void)
{
	chips_make(&c);
	chips_init_pic(&c, 0x01);
	create_pit();
	attach_to_it();
}

static void stop(void)
{
	CHECK_OK(session_stop(session, VMXDBG_ALL_VCPUS));
}

static void go_on(void)
{
	CHECK_OK(session_resume(session, VMXDBG_ALL_VCPUS, 0));
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

static bool ticked(void)
{
	return chips_pic(&c.vm, 0).irr & 1;
}

static bool ticks_soon(void)
{
	unsigned int i;

	for (i = 0; i < 1000 && !ticked(); i++)
		sleep_ms(10);
	return ticked();
}

static void held_timer_does_not_tick(void)
{
	start();
	program(0, 0, 0xffff);	/* 55 ms */
	stop();
	if (ticked())
		tap_skip("the host is too slow");
	sleep_ms(120);
	CHECK(!ticked());
	go_on();
	CHECK(ticks_soon());
}

/* The time that was left before is left afterwards: 55 ms, of which some are over. */
static void tick_comes_as_late_as_it_was_held(void)
{
	u64 begin, held;

	start();
	begin = now_ns();
	program(0, 0, 0xffff);
	stop();
	if (ticked())
		tap_skip("the host is too slow");
	held = now_ns();
	sleep_ms(70);
	held = now_ns() - held;
	go_on();
	CHECK(ticks_soon());
	CHECK(now_ns() - begin - held >= 0xffffULL * 1000000000 / HZ);
}

static void held_counter_stands_still(void)
{
	u64 begin, held, most;
	u16 before, after;
	unsigned int i;

	start();
	program(2, 2, 0);
	for (i = 0; i < 3; i++) {
		begin = now_ns();
		before = latched(2);
		stop();
		held = now_ns();
		sleep_ms(20);
		held = now_ns() - held;
		go_on();
		after = latched(2);
		most = (now_ns() - begin - held) * HZ / 1000000000 + 1;
		/* More would be more than once around. */
		if (most > 0xffff)
			tap_skip("the host is too slow");
		CHECK((u16)(before - after) <= most);
	}
}

/* The VMM may create and load one at any moment. */
static void pit_of_a_held_vm_waits(void)
{
	struct kvm_pit_state2 state;

	chips_make(&c);
	chips_init_pic(&c, 0x01);
	attach_to_it();
	stop();
	create_pit();
	CHECK_OK(ioctl(c.vm.fd, KVM_GET_PIT2, &state));
	state.channels[0].mode = 0;
	state.channels[0].count = 100;
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_PIT2, &state));
	sleep_ms(20);
	CHECK(!ticked());
	go_on();
	CHECK(ticks_soon());
}

static void end_of_the_session_lets_it_go_on(void)
{
	start();
	program(0, 0, 0xffff);
	stop();
	sleep_ms(70);
	close(session);
	CHECK(ticks_soon());
}

static void timer_runs_if_time_does(void)
{
	struct vmxdbg_time arg = { .mode = VMXDBG_TIME_RUN };

	start();
	CHECK_OK(ioctl(session, VMXDBG_SET_TIME, &arg));
	program(0, 0, 0xffff);
	stop();
	CHECK(ticks_soon());
}

static const struct test tests[] = {
	TEST(held_timer_does_not_tick),
	TEST(tick_comes_as_late_as_it_was_held),
	TEST(held_counter_stands_still),
	TEST(pit_of_a_held_vm_waits),
	TEST(end_of_the_session_lets_it_go_on),
	TEST(timer_runs_if_time_does),
};

TAP_MAIN(tests)
