// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests before and after a suspend of the host, which sets its TSC back to the start
 * (tests/hoststate/tsc_back.c).
 * Suite: 47-cpus
 */
#include "guest.h"
#include "suspend.h"

#define MSR_TSC		0x10

GUEST64(reads_tsc, "again: rdtsc; out %al, $0x10; jmp again");

static u64 guest_tsc(struct vcpu *v)
{
	struct kvm_regs r;

	vcpu_run_out(v, 0x10);
	get_regs(v, &r);
	return (u32)r.rax | r.rdx << 32;
}

/* An offset to a counter that was set back can wrap around, so the sign of the step counts. */
static bool is_after(u64 now, u64 last)
{
	return (int64_t)(now - last) >= 0;
}

/* Each vCPU counts on from what it read last, and both together. */
static void check_goes_on(struct vcpu *v[2], u64 last)
{
	unsigned int i;
	u64 now;

	for (i = 0; i < 6; i++) {
		now = i < 4 ? guest_tsc(v[i & 1]) : get_msr(v[i & 1], MSR_TSC);
		if (!CHECK(is_after(now, last)))
			tap_note("%u: %#llx after %#llx", i, (unsigned long long)now,
				 (unsigned long long)last);
		last = now;
	}
}

static void make_two(struct vm *vm, struct vcpu *v[2])
{
	v[0] = guest_make(vm, MODE_LONG, PROG(reads_tsc));
	v[1] = guest_add_vcpu(vm, 1, MODE_LONG, GUEST_CODE);
}

static void tsc_goes_on_after_a_suspend(void)
{
	struct vcpu *v[2];
	struct vm vm;
	u64 last;

	make_two(&vm, v);
	guest_tsc(v[0]);
	last = guest_tsc(v[1]);
	suspend();
	check_goes_on(v, last);
}

/* The second one does not run between the suspends. */
static void tsc_goes_on_after_two_suspends(void)
{
	struct vcpu *v[2];
	struct vm vm;
	u64 last;

	make_two(&vm, v);
	last = guest_tsc(v[1]);
	suspend();
	CHECK(is_after(guest_tsc(v[0]), last));
	suspend();
	check_goes_on(v, last);
}

/* A vCPU that comes after the suspend joins the clock of the others. */
static void vcpu_of_later_counts_with_the_others(void)
{
	struct vcpu *v[2];
	struct vm vm;
	u64 last;

	v[0] = guest_make(&vm, MODE_LONG, PROG(reads_tsc));
	last = guest_tsc(v[0]);
	suspend();
	last = guest_tsc(v[0]);
	v[1] = vm_add_vcpu(&vm, 1);
	KNOWN_DIFFERENCE(is_after(get_msr(v[1], MSR_TSC), last),
			 "forgets the clock that the vCPUs share");
}

static const struct test tests[] = {
	TEST_SLOW(tsc_goes_on_after_a_suspend, 60),
	TEST_SLOW(tsc_goes_on_after_two_suspends, 60),
	TEST_SLOW(vcpu_of_later_counts_with_the_others, 60),
};

TAP_MAIN(tests)
