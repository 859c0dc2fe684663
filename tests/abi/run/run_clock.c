// SPDX-License-Identifier: GPL-2.0-only
/* The clock of a VM in nanoseconds: KVM_GET_CLOCK, KVM_SET_CLOCK. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "guest.h"

#define ALL_FLAGS	(KVM_CLOCK_TSC_STABLE | KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC)
#define SECOND		1000000000ULL
#define HOUR		(3600 * SECOND)
#define MSR_TSC		0x10

GUEST64(halt, "1: hlt; jmp 1b");

static struct vm vm;

static struct kvm_clock_data get_clock(void)
{
	struct kvm_clock_data data;

	memset(&data, 0xaa, sizeof(data));
	CHECK_OK(ioctl(vm.fd, KVM_GET_CLOCK, &data));
	return data;
}

static int set_clock(u64 clock, u32 flags, u64 realtime)
{
	struct kvm_clock_data data = { .clock = clock, .flags = flags, .realtime = realtime };

	return ioctl(vm.fd, KVM_SET_CLOCK, &data);
}

static u64 real_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

static u64 host_tsc(void)
{
	return __builtin_ia32_rdtsc();
}

static bool host_counts_by_tsc(void)
{
	char name[32] = "";
	FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource",
			   "r");

	if (file) {
		if (!fgets(name, sizeof(name), file))
			name[0] = 0;
		fclose(file);
	}
	return !strncmp(name, "tsc", 3);
}

static void begins_at_zero_and_goes_on(void)
{
	u64 before = real_ns(), first, second;
	struct kvm_clock_data data;

	vm_make(&vm, NULL);
	CHECK_EQ(has_cap(&vm, KVM_CAP_ADJUST_CLOCK), ALL_FLAGS);
	data = get_clock();
	first = data.clock;
	CHECK(first <= real_ns() - before);
	/* There is no vCPU, so none has a TSC. */
	CHECK_EQ(data.flags, 0);
	CHECK_EQ(data.realtime | data.host_tsc | data.pad0 | data.pad[0] | data.pad[3], 0);
	second = get_clock().clock;
	CHECK(second >= first && second <= real_ns() - before);
}

static void counts_from_the_value_that_was_set(void)
{
	static const u64 values[] = { 0, HOUR, 1ULL << 62, SECOND };
	unsigned int i;
	u64 begin, now;

	guest_make(&vm, MODE_LONG, PROG(halt));
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		begin = real_ns();
		CHECK_OK(set_clock(values[i], 0, 0));
		now = get_clock().clock;
		CHECK(now >= values[i]);
		CHECK(now - values[i] <= 2 * (real_ns() - begin) + 1000);
	}
}

static void real_time_that_has_passed_is_added(void)
{
	u64 now;

	guest_make(&vm, MODE_LONG, PROG(halt));
	CHECK_OK(set_clock(SECOND, KVM_CLOCK_REALTIME, real_ns() - HOUR));
	now = get_clock().clock;
	CHECK(now >= HOUR + SECOND && now < 2 * HOUR);
	/* The clock never goes back, and without the flag the field means nothing. */
	CHECK_OK(set_clock(SECOND, KVM_CLOCK_REALTIME, real_ns() + HOUR));
	now = get_clock().clock;
	CHECK(now >= SECOND && now < HOUR);
	CHECK_OK(set_clock(SECOND, KVM_CLOCK_TSC_STABLE | KVM_CLOCK_HOST_TSC,
			   real_ns() - HOUR));
	now = get_clock().clock;
	CHECK(now >= SECOND && now < HOUR);
}

static void unknown_flags_are_refused(void)
{
	u32 taken = 0, bit;

	guest_make(&vm, MODE_LONG, PROG(halt));
	for (bit = 1; bit; bit <<= 1)
		if (!set_clock(SECOND, bit, real_ns()))
			taken |= bit;
	CHECK_EQ(taken, ALL_FLAGS);
	CHECK_ERR(set_clock(0, 1, 0), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_CLOCK, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_CLOCK, bad_pointer()), EFAULT);
}

static void times_of_the_host_belong_to_the_clock(void)
{
	u64 real = real_ns(), tsc;
	struct kvm_clock_data data, later;

	if (!host_counts_by_tsc())
		tap_skip("the host's clock does not count by the TSC");
	vcpu_run_to(guest_make(&vm, MODE_LONG, PROG(halt)), KVM_EXIT_HLT);
	tsc = host_tsc();
	data = get_clock();
	CHECK_EQ(data.flags, ALL_FLAGS);
	CHECK(data.host_tsc >= tsc && data.host_tsc <= host_tsc());
	CHECK(data.realtime >= real && data.realtime <= real_ns());
	later = get_clock();
	CHECK(later.host_tsc > data.host_tsc && later.realtime > data.realtime);
	CHECK(later.clock > data.clock);
	/* A clock can be set as it was read. */
	CHECK_OK(ioctl(vm.fd, KVM_SET_CLOCK, &data));
	CHECK(get_clock().clock > data.clock);
}

static void is_not_stable_with_tscs_apart(void)
{
	struct vcpu *v, *w;

	if (!host_counts_by_tsc())
		tap_skip("the host's clock does not count by the TSC");
	v = guest_make(&vm, MODE_LONG, PROG(halt));
	w = guest_add_vcpu(&vm, 1, MODE_LONG, GUEST_CODE);
	vcpu_run_to(v, KVM_EXIT_HLT);
	vcpu_run_to(w, KVM_EXIT_HLT);
	CHECK_EQ(get_clock().flags, ALL_FLAGS);
	set_msr(w, MSR_TSC, 1ULL << 50);
	/* KVM looks at the TSCs again when the clock is set. */
	CHECK_OK(set_clock(SECOND, 0, 0));
	CHECK_EQ(get_clock().flags, 0);
	set_msr(v, MSR_TSC, 1ULL << 50);
	CHECK_OK(set_clock(SECOND, 0, 0));
	CHECK_EQ(get_clock().flags, ALL_FLAGS);
}

static const struct test tests[] = {
	TEST(begins_at_zero_and_goes_on),
	TEST(counts_from_the_value_that_was_set),
	TEST(real_time_that_has_passed_is_added),
	TEST(unknown_flags_are_refused),
	TEST(times_of_the_host_belong_to_the_clock),
	TEST(is_not_stable_with_tscs_apart),
};

TAP_MAIN(tests)
