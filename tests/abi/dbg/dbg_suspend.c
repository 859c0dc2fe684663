// SPDX-License-Identifier: GPL-2.0-only
/*
 * The time of a VM that is held during a suspend of the host, which sets its TSC back to
 * the start (tests/hoststate/tsc_back.c).
 * Suite: 47-cpus
 */
#include "machine.h"
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

static u64 host_tsc(void)
{
	return __builtin_ia32_rdtsc();
}

static void held_tsc_stands_still_in_a_suspend(void)
{
	struct vmxdbg_held held;
	struct machine m;
	u64 at, begin, now;
	unsigned int i;

	machine_make(&m, MODE_LONG, PROG(reads_tsc));
	m.session = CHECK_OK(attach(m.vm.dev, VMXDBG_ATTACH_FD, m.vm.fd));
	guest_tsc(m.v);
	for (i = 0; i < 2; i++) {
		CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
		at = get_msr(m.v, MSR_TSC);
		suspend();
		CHECK_EQ(get_msr(m.v, MSR_TSC), at);
		CHECK_OK(ioctl(m.vm.fd, VMXDBG_GET_HELD, &held));
		/* Not what a difference to a counter that went back would be. */
		CHECK(held.held_tsc < 1ULL << 60);
		begin = host_tsc();
		CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
		now = guest_tsc(m.v);
		CHECK(now > at && now - at < host_tsc() - begin);
	}
	machine_destroy(&m);
}

/* The suspend comes between two stops. */
static void time_that_was_held_is_not_made_up_for(void)
{
	struct machine m;
	u64 last, now;

	machine_make(&m, MODE_LONG, PROG(reads_tsc));
	m.session = CHECK_OK(attach(m.vm.dev, VMXDBG_ATTACH_FD, m.vm.fd));
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
	last = guest_tsc(m.v);
	suspend();
	now = guest_tsc(m.v);
	CHECK((int64_t)(now - last) > 0);
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
	last = now;
	now = guest_tsc(m.v);
	CHECK((int64_t)(now - last) > 0);
	machine_destroy(&m);
}

static const struct test tests[] = {
	TEST_SLOW(held_tsc_stands_still_in_a_suspend, 60),
	TEST_SLOW(time_that_was_held_is_not_made_up_for, 60),
};

TAP_MAIN(tests)
