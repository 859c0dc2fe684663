// SPDX-License-Identifier: GPL-2.0-only
/* Stopping and resuming vCPUs, and their registers while stopped. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

/* each vCPU counts in its own word: rdi is its number */
GUEST64(counters, "1: incq 0xc000(, %rdi, 8); jmp 1b");
GUEST64(halt, "hlt");

static const struct vmm_options two = { .vcpus = 2 };
static const struct vmm_options running = { .no_hold = true };
static const struct vmm_options two_running = { .vcpus = 2, .no_hold = true };

/* Wait some seconds until vCPU 0 is in KVM_RUN. */
static struct vmxdbg_vcpu leaves_the_vmm(struct dbg *d)
{
	struct vmxdbg_vcpu v;
	unsigned int ms;

	for (ms = 0; ms < 4000; ms++) {
		v = session_vcpu(d->fd, 0);
		if (v.tid && !(v.flags & VMXDBG_VCPU_IN_VMM))
			return v;
		sleep_ms(1);
	}
	tap_fail("vCPU 0 stays in its VMM");
}

static bool stands_still(struct dbg *d, unsigned int n)
{
	u64 before = DATA64(&d->vmm.vm, n);

	sleep_ms(10);
	return DATA64(&d->vmm.vm, n) == before;
}

static void stop_is_complete_when_it_returns(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(counters), &running);
	for (i = 0; i < 20; i++) {
		u64 at_stop;

		REQUIRE(vmm_counts(&d.vmm, 0));
		CHECK_OK(session_stop(d.fd, 0));
		at_stop = DATA64(&d.vmm.vm, 0);
		CHECK_EQ(session_vcpu(d.fd, 0).state, VMXDBG_VCPU_STOPPED);
		sleep_ms(2);
		CHECK_EQ(DATA64(&d.vmm.vm, 0), at_stop);
		CHECK_OK(session_resume(d.fd, 0, 0));
		CHECK_EQ(session_vcpu(d.fd, 0).state, VMXDBG_VCPU_RUNNING);
	}
	CHECK(!event_within(d.fd, 0, &e));	/* no event is made */
	CHECK_EQ(d.vmm.shared->vcpu[0].eintr, 0);	/* KVM_RUN was not interrupted */
}

static void stop_one_of_two(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counters), &two_running);
	REQUIRE(vmm_counts(&d.vmm, 0) && vmm_counts(&d.vmm, 1));
	CHECK_OK(session_stop(d.fd, 1));
	CHECK(stands_still(&d, 1));
	CHECK(vmm_counts(&d.vmm, 0));
	CHECK_EQ(session_vcpu(d.fd, 0).state, VMXDBG_VCPU_RUNNING);
	CHECK_EQ(session_vcpu(d.fd, 1).state, VMXDBG_VCPU_STOPPED);
	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	CHECK(stands_still(&d, 0));
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(vmm_counts(&d.vmm, 0));
	CHECK(stands_still(&d, 1));
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	CHECK(vmm_counts(&d.vmm, 1));
}

static void stopping_what_is_stopped(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counters), NULL);
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	CHECK_ERR(session_stop(d.fd, 1), ENOENT);
	CHECK_ERR(session_stop(d.fd, 4096), ENOENT);
}

static void resuming_what_runs(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counters), &running);
	CHECK_ERR(session_resume(d.fd, 0, 0), EBUSY);
	CHECK_ERR(session_resume(d.fd, 0, VMXDBG_RESUME_STEP), EBUSY);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	CHECK_ERR(session_resume(d.fd, 7, 0), ENOENT);
}

static void each_register_set(void)
{
	static const u32 sizes[] = { sizeof(struct kvm_regs), sizeof(struct kvm_sregs),
				     sizeof(struct kvm_debugregs), sizeof(struct kvm_fpu) };
	u8 a[1024], b[1024];
	struct dbg d;
	u32 set;

	dbg_start(&d, MODE_LONG, PROG(counters), NULL);
	for (set = 0; set < ARRAY_SIZE(sizes); set++) {
		memset(a, 0xaa, sizeof(a));
		memset(b, 0xaa, sizeof(b));
		CHECK_OK(session_regs(d.fd, false, 0, set, sizes[set], a));
		CHECK_OK(session_regs(d.fd, true, 0, set, sizes[set], a));
		CHECK_OK(session_regs(d.fd, false, 0, set, sizes[set], b));
		CHECK(!memcmp(a, b, sizeof(a)));	/* nothing was written beyond the end */
		CHECK_EQ(a[sizes[set]], 0xaa);
		CHECK_ERR(session_regs(d.fd, false, 0, set, sizes[set] - 1, a), EINVAL);
		CHECK_ERR(session_regs(d.fd, true, 0, set, sizes[set] + 8, a), EINVAL);
		CHECK_ERR(session_regs(d.fd, false, 1, set, sizes[set], a), ENOENT);
		CHECK_ERR(session_regs(d.fd, false, 0, set, sizes[set], bad_pointer()), EFAULT);
		CHECK_ERR(session_regs(d.fd, true, 0, set, sizes[set], bad_pointer()), EFAULT);
	}
	CHECK_ERR(session_regs(d.fd, false, 0, 4, 8, a), EINVAL);
	CHECK_ERR(session_regs(d.fd, false, 0, -1, 8, a), EINVAL);
}

static void registers_of_a_running_vcpu(void)
{
	struct kvm_regs regs;
	struct dbg d;
	u64 byte;

	dbg_start(&d, MODE_LONG, PROG(counters), &running);
	CHECK_ERR(session_regs(d.fd, false, 0, VMXDBG_REGS_GENERAL, sizeof(regs), &regs), EBUSY);
	CHECK_ERR(session_regs(d.fd, true, 0, VMXDBG_REGS_GENERAL, sizeof(regs), &regs), EBUSY);
	CHECK_EQ(session_read(d.fd, 0, 0, GUEST_DATA, &byte, 8), -EBUSY);
}

GUEST64(show_regs,
	"mov %rax, 0xc000; mov %rbx, 0xc008; mov %r15, 0xc010; mov %dr0, %rax\n"
	"mov %rax, 0xc018; movups %xmm2, 0xc020; mov %cr2, %rax; mov %rax, 0xc030; hlt");

static void written_registers_reach_the_guest(void)
{
	struct kvm_debugregs dr;
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	struct kvm_fpu fpu;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(show_regs), NULL);
	regs = session_get_regs(d.fd, 0);
	CHECK_EQ(regs.rip, GUEST_CODE);
	CHECK_EQ(regs.rsp, GUEST_STACK);
	regs.rax = 0x1111222233334444;
	regs.rbx = 0xb;
	regs.r15 = -15;
	session_set_regs(d.fd, 0, &regs);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_DEBUG, sizeof(dr), &dr));
	dr.db[0] = 0x5678;
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_DEBUG, sizeof(dr), &dr));
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_FPU, sizeof(fpu), &fpu));
	memset(fpu.xmm[2], 0x77, 16);
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_FPU, sizeof(fpu), &fpu));
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs));
	CHECK_EQ(sregs.efer, 0x500);
	sregs.cr2 = 0xabcdef;
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs));
	sregs.cr4 |= 1ULL << 40;
	CHECK_ERR(session_regs(d.fd, true, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs), EINVAL);
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 0x1111222233334444);
	CHECK_EQ(DATA64(&d.vmm.vm, 1), 0xb);
	CHECK_EQ(DATA64(&d.vmm.vm, 2), -15);
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 0x5678);
	CHECK_EQ(DATA64(&d.vmm.vm, 4), 0x7777777777777777);
	CHECK_EQ(DATA64(&d.vmm.vm, 6), 0xabcdef);
}

static void vcpu_state(void)
{
	struct vmxdbg_vcpu v = { .vcpu = 9 };
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), &two);
	CHECK_ERR(ioctl(d.fd, VMXDBG_GET_VCPU, &v), ENOENT);
	v = leaves_the_vmm(&d);
	CHECK_EQ(v.state, VMXDBG_VCPU_STOPPED);
	CHECK_EQ(v.flags, 0);
	CHECK_EQ(v.tid, d.vmm.shared->vcpu[0].tid);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	vmm_wait_done(&d.vmm);
	v = session_vcpu(d.fd, 0);
	CHECK_EQ(v.state, VMXDBG_VCPU_RUNNING);
	CHECK_EQ(v.flags, VMXDBG_VCPU_IN_VMM | VMXDBG_VCPU_HALTED);
	/* a halted vCPU, which is in its VMM, can be stopped and read */
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_EQ(session_get_regs(d.fd, 0).rip, GUEST_CODE + 1);
	v = session_vcpu(d.fd, 0);
	CHECK_EQ(v.state, VMXDBG_VCPU_STOPPED);
	CHECK(v.flags & VMXDBG_VCPU_IN_VMM);
}

GUEST64(sleeper, "out %al, $0x7f; incq 0xc000; hlt");

/*
 * A vCPU is stopped while its VMM handles an OUT: it executes nothing once it is back
 * in KVM_RUN.
 */
static void stop_while_in_the_vmm(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(sleeper), NULL);
	CHECK_OK(session_resume(d.fd, 0, 0));
	REQUIRE(wait_for(&d.vmm.shared->vcpu[0].outs, 1));
	CHECK_OK(session_stop(d.fd, 0));
	CHECK(session_vcpu(d.fd, 0).flags & VMXDBG_VCPU_IN_VMM);
	leaves_the_vmm(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 0);
	CHECK_EQ(session_get_regs(d.fd, 0).rip, GUEST_CODE + 2);
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 1);
}

static void signal_to_a_stopped_vcpu_is_eintr(void)
{
	struct vmm_vcpu *state;
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(counters), NULL);
	state = &d.vmm.shared->vcpu[0];
	for (i = 1; i <= 3; i++) {
		leaves_the_vmm(&d);
		CHECK_OK(tgkill_vmm(&d.vmm, 0));
		CHECK(wait_for(&state->eintr, i));
		CHECK_EQ(DATA64(&d.vmm.vm, 0), 0);
		CHECK_EQ(session_vcpu(d.fd, 0).state, VMXDBG_VCPU_STOPPED);
		CHECK_EQ(session_get_regs(d.fd, 0).rip, GUEST_CODE);
	}
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(vmm_counts(&d.vmm, 0));
}

/* the VMM is stopped by SIGSTOP, and the debugger must not need it */
static void vmm_stopped_by_sigstop(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counters), &running);
	REQUIRE(vmm_counts(&d.vmm, 0));
	CHECK_OK(kill(d.vmm.pid, SIGSTOP));
	sleep_ms(10);
	CHECK_OK(session_stop(d.fd, 0));
	CHECK(session_get_regs(d.fd, 0).rip >= GUEST_CODE);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_OK(kill(d.vmm.pid, SIGCONT));
	CHECK(vmm_counts(&d.vmm, 0));
}

static void vmm_killed_while_stopped(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counters), &two);
	close(d.vmm.vm_fd);
	vmm_kill(&d.vmm);
	CHECK(event_within(d.fd, 1000, &e));
	CHECK_EQ(e.why, VMXDBG_WHY_GONE);
	CHECK_ERR(session_stop(d.fd, 0), ENODEV);
	CHECK_ERR(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0), ENODEV);
}

static void many_stops(void)
{
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(counters), &two_running);
	for (i = 0; i < 200; i++) {
		u64 a;

		CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
		a = DATA64(&d.vmm.vm, 0) + DATA64(&d.vmm.vm, 1);
		session_get_regs(d.fd, i & 1);
		CHECK_EQ(DATA64(&d.vmm.vm, 0) + DATA64(&d.vmm.vm, 1), a);
		CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	}
	CHECK(vmm_counts(&d.vmm, 0) && vmm_counts(&d.vmm, 1));
}

static u32 state_of_new(struct vm *vm, int fd, unsigned int id)
{
	vm_add_vcpu(vm, id);
	return session_vcpu(fd, id).state;
}

/* a vCPU that is made while all are stopped is stopped too */
static void vcpus_made_while_all_are_stopped(void)
{
	struct vm vm;
	int fd;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	guest_make(&vm, MODE_LONG, PROG(counters));
	fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	CHECK_OK(session_stop(fd, VMXDBG_ALL_VCPUS));
	CHECK_EQ(state_of_new(&vm, fd, 1), VMXDBG_VCPU_STOPPED);
	CHECK_OK(session_resume(fd, 0, 0));
	CHECK_EQ(session_vcpu(fd, 1).state, VMXDBG_VCPU_STOPPED);
	CHECK_OK(session_resume(fd, VMXDBG_ALL_VCPUS, 0));
	CHECK_EQ(session_vcpu(fd, 1).state, VMXDBG_VCPU_RUNNING);
	CHECK_EQ(state_of_new(&vm, fd, 2), VMXDBG_VCPU_RUNNING);
	/* the wish to stop new vCPUs ends with the session */
	CHECK_OK(session_stop(fd, VMXDBG_ALL_VCPUS));
	close(fd);
	fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	CHECK_EQ(state_of_new(&vm, fd, 3), VMXDBG_VCPU_RUNNING);
}

static const struct test tests[] = {
	TEST(stop_is_complete_when_it_returns),
	TEST(stop_one_of_two),
	TEST(stopping_what_is_stopped),
	TEST(resuming_what_runs),
	TEST(each_register_set),
	TEST(registers_of_a_running_vcpu),
	TEST(written_registers_reach_the_guest),
	TEST(vcpu_state),
	TEST(stop_while_in_the_vmm),
	TEST(signal_to_a_stopped_vcpu_is_eintr),
	TEST(vmm_stopped_by_sigstop),
	TEST(vmm_killed_while_stopped),
	TEST(many_stops),
	TEST(vcpus_made_while_all_are_stopped),
};

TAP_MAIN(tests)
