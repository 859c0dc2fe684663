// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMXDBG_RESET: KVM_RUN tells the VMM once, the VMM resets its VM while all vCPUs are
 * stopped, and the session finds the vCPUs stopped at the beginning.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"

#define IRQ		0x45
#define ROUNDS		0	/* words of the guest's data */
#define STARTS		1	/* one for each vCPU */
#define HANDLED		4

GUEST64(again,
	"incq 0xc008(,%rdi,8)\n"
	"1: lock; incq 0xc000\n"
	"loop_here: nop; jmp 1b\n"
	"handler: incq 0xc020; iretq");
LABEL(loop_here); LABEL(handler);

GUEST64(halts, "incq 0xc000; hlt; halt_here: jmp .");
LABEL(halt_here);

GUEST64(dies, "incq 0xc008; lidt 0xd000; die_here: ud2");
LABEL(die_here);

/* ---- a VMM that resets its VM ---- */

#define VCPUS	2

struct vmm_thread {
	pthread_t id;
	struct vcpu *v;
	u64 rip;			/* where it begins */
	u32 shutdowns;
};

/* All vCPUs leave KVM_RUN before the reset, and begin together after it. */
static struct {
	struct machine m;
	struct vmm_thread thread[VCPUS];
	unsigned int nr;
	pthread_barrier_t barrier;
	volatile u32 resetting, resets, over;
} vmm;

static void on_signal(int sig)
{
	(void)sig;
}

static void kick(void)
{
	unsigned int i;

	for (i = 0; i < vmm.nr; i++)
		if (!pthread_equal(vmm.thread[i].id, pthread_self()))
			pthread_kill(vmm.thread[i].id, SIGUSR1);
}

static void begin_at(struct vmm_thread *t)
{
	struct kvm_regs regs;

	vcpu_reset(t->v, MODE_LONG, t->rip);
	get_regs(t->v, &regs);
	regs.rdi = t - vmm.thread;
	set_regs(t->v, &regs);
}

static void take_part_in_reset(struct vmm_thread *t)
{
	pthread_barrier_wait(&vmm.barrier);
	vmm.resetting = 0;
	begin_at(t);
	pthread_barrier_wait(&vmm.barrier);
}

static void *vmm_run(void *arg)
{
	struct vmm_thread *t = arg;
	int r;

	while (!vmm.over) {
		r = vcpu_run(t->v);
		if (r == KVM_EXIT_SHUTDOWN)
			t->shutdowns++;
		if (r == KVM_EXIT_SYSTEM_EVENT) {
			CHECK_EQ(t->v->run->system_event.type, KVM_SYSTEM_EVENT_RESET);
			vmm.resets++;
			vmm.resetting = 1;
			kick();
		}
		if (vmm.resetting)
			take_part_in_reset(t);
	}
	return NULL;
}

static void vmm_make(struct prog prog, unsigned int vcpus)
{
	struct vmxdbg_attach arg = { .flags = VMXDBG_ATTACH_FD };
	struct sigaction action = { .sa_handler = on_signal };
	unsigned int i;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	memset(&vmm, 0, sizeof(vmm));
	sigaction(SIGUSR1, &action, NULL);
	vmm.nr = vcpus;
	pthread_barrier_init(&vmm.barrier, NULL, vcpus);
	vmm.thread[0].v = guest_make(&vmm.m.vm, MODE_LONG, prog);
	for (i = 1; i < vcpus; i++)
		vmm.thread[i].v = guest_add_vcpu(&vmm.m.vm, i, MODE_LONG, GUEST_CODE);
	vm_gate(&vmm.m.vm, MODE_LONG, IRQ, AT(again, handler));
	vm_gate(&vmm.m.vm, MODE_LONG, 2, AT(again, handler));
	for (i = 0; i < vcpus; i++) {
		vmm.thread[i].rip = GUEST_CODE;
		begin_at(&vmm.thread[i]);
	}
	arg.target = vmm.m.vm.fd;
	vmm.m.session = CHECK_OK(ioctl(vmm.m.vm.dev, VMXDBG_ATTACH, &arg));
}

static void vmm_begin(struct prog prog, unsigned int vcpus)
{
	unsigned int i;

	vmm_make(prog, vcpus);
	for (i = 0; i < vcpus; i++)
		REQUIRE(!pthread_create(&vmm.thread[i].id, NULL, vmm_run, &vmm.thread[i]));
}

static void vmm_end(void)
{
	unsigned int i;

	vmm.over = 1;
	for (i = 0; i < vmm.nr; i++) {
		pthread_kill(vmm.thread[i].id, SIGUSR1);
		pthread_join(vmm.thread[i].id, NULL);
	}
	machine_destroy(&vmm.m);
}

static void kick_out(void)
{
	close(vmm.m.session);
	vmm.m.session = -1;
}

/* ---- the session ---- */

static int reset(void)
{
	struct vmxdbg_reset arg = { 0 };

	return ioctl(vmm.m.session, VMXDBG_RESET, &arg);
}

static void stop_all(void)
{
	CHECK_OK(session_stop(vmm.m.session, VMXDBG_ALL_VCPUS));
}

static void resume_all(void)
{
	CHECK_OK(session_resume(vmm.m.session, VMXDBG_ALL_VCPUS, 0));
}

static void must_report_reset(void)
{
	struct vmxdbg_event e = next_event(vmm.m.session);

	CHECK_EQ(e.why, VMXDBG_WHY_RESET);
	CHECK_EQ(e.rip, GUEST_CODE);
	CHECK_EQ(e.nr_bps, 0);
	CHECK_EQ(session_get_regs(vmm.m.session, e.vcpu).rip, GUEST_CODE);
	CHECK_EQ(session_vcpu(vmm.m.session, e.vcpu).state, VMXDBG_VCPU_STOPPED);
}

static bool starts(unsigned int vcpu, u64 wanted)
{
	return wait_for((volatile u32 *)&DATA64(&vmm.m.vm, STARTS + vcpu), wanted);
}

static bool runs_on(void)
{
	return wait_for((volatile u32 *)&DATA64(&vmm.m.vm, ROUNDS),
			DATA64(&vmm.m.vm, ROUNDS) + 3);
}

/* ---- the reset ---- */

static void vmm_resets_while_all_are_stopped(void)
{
	unsigned int i;

	vmm_begin(PROG(again), 1);
	for (i = 1; i < 4; i++) {
		CHECK(starts(0, i));
		CHECK(runs_on());
		stop_all();
		CHECK_OK(reset());
		must_report_reset();
		CHECK_EQ(vmm.resets, i);
		CHECK_EQ(DATA64(&vmm.m.vm, STARTS), i);
		resume_all();
	}
	CHECK(starts(0, i));
	CHECK_EQ(DATA64(&vmm.m.vm, STARTS), i);
	vmm_end();
}

static void one_vcpu_tells_for_all(void)
{
	unsigned int i;

	vmm_begin(PROG(again), VCPUS);
	CHECK(starts(0, 1));
	CHECK(starts(1, 1));
	stop_all();
	CHECK_OK(reset());
	must_report_reset();
	CHECK_EQ(vmm.resets, 1);
	for (i = 0; i < VCPUS; i++) {
		CHECK_EQ(session_get_regs(vmm.m.session, i).rip, GUEST_CODE);
		CHECK_EQ(session_vcpu(vmm.m.session, i).state, VMXDBG_VCPU_STOPPED);
	}
	resume_all();
	CHECK(starts(0, 2));
	CHECK(starts(1, 2));
	CHECK_EQ(vmm.resets, 1);
	vmm_end();
}

static void breakpoints_survive(void)
{
	struct vmxdbg_event e;
	long soft, hard;

	vmm_begin(PROG(again), 1);
	CHECK(starts(0, 1));
	stop_all();
	soft = session_add(vmm.m.session, VMXDBG_BP_SOFT, GUEST_CODE, 1);
	hard = session_add(vmm.m.session, VMXDBG_BP_HARD, AT(again, loop_here), 1);
	REQUIRE(soft > 0 && hard > 0);
	CHECK_OK(reset());
	must_report_reset();
	resume_all();
	e = next_event(vmm.m.session);
	CHECK_EQ(e.why, VMXDBG_WHY_BREAKPOINT);
	CHECK_EQ(e.bps[0], soft);
	/* Here it has been reported, and after the reset it is hit once more. */
	CHECK_OK(reset());
	must_report_reset();
	resume_all();
	e = next_event(vmm.m.session);
	CHECK_EQ(e.why, VMXDBG_WHY_BREAKPOINT);
	CHECK_EQ(e.bps[0], soft);
	CHECK_EQ(DATA64(&vmm.m.vm, STARTS), 1);
	resume_all();
	e = next_event(vmm.m.session);
	CHECK_EQ(e.bps[0], hard);
	CHECK_EQ(DATA64(&vmm.m.vm, STARTS), 2);
	vmm_end();
}

static void injected_events_are_forgotten(void)
{
	struct vmxdbg_inject irq = { .vector = IRQ };
	struct vmxdbg_inject nmi = { .type = VMXDBG_INJECT_NMI };
	struct vmxdbg_inject ud = { .type = VMXDBG_INJECT_EXCEPTION, .vector = 6 };

	vmm_begin(PROG(again), 1);
	CHECK(starts(0, 1));
	stop_all();
	CHECK_OK(ioctl(vmm.m.session, VMXDBG_INJECT, &irq));
	CHECK_OK(ioctl(vmm.m.session, VMXDBG_INJECT, &nmi));
	CHECK_OK(ioctl(vmm.m.session, VMXDBG_INJECT, &ud));
	CHECK_OK(reset());
	must_report_reset();
	resume_all();
	CHECK(starts(0, 2));
	CHECK(runs_on());
	CHECK_EQ(DATA64(&vmm.m.vm, HANDLED), 0);
	vmm_end();
}

static void triple_fault_becomes_a_reset(void)
{
	struct vmxdbg_event e;

	vmm_begin(PROG(dies), 1);
	e = next_event(vmm.m.session);
	CHECK_EQ(e.why, VMXDBG_WHY_SHUTDOWN);
	CHECK_OK(reset());
	must_report_reset();
	CHECK_EQ(vmm.resets, 1);
	CHECK_EQ(vmm.thread[0].shutdowns, 0);
	CHECK_EQ(DATA64(&vmm.m.vm, STARTS), 1);
	resume_all();
	e = next_event(vmm.m.session);
	CHECK_EQ(e.why, VMXDBG_WHY_SHUTDOWN);
	CHECK_EQ(DATA64(&vmm.m.vm, STARTS), 2);
	CHECK_EQ(vmm.thread[0].shutdowns, 0);
	vmm_end();
}

/* The VMM's first write of the vCPU's state is caught, and the reset goes on after it. */
static void catch_of_resets_sees_it(void)
{
	/* 1: lock; incq 0xc000; jmp 1b */
	static const u8 loop[] = { 0xf0, 0x48, 0xff, 0x04, 0x25, 0, 0xc0, 0, 0, 0xeb, 0xf5 };
	struct vmxdbg_catch c = { .type = VMXDBG_CATCH_RESET, .last = VMXDBG_RESET_VMM };
	struct vmxdbg_event e;

	vmm_begin(PROG(again), 1);
	CHECK(starts(0, 1));
	stop_all();
	vmm.thread[0].rip = 0xfff0;
	memcpy(vmm.m.vm.mem + 0xfff0, loop, sizeof(loop));
	CHECK_OK(ioctl(vmm.m.session, VMXDBG_ADD_CATCH, &c));
	CHECK_OK(reset());
	e = next_event(vmm.m.session);
	CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
	CHECK_EQ(e.data[0], VMXDBG_RESET_VMM);
	CHECK(session_get_regs(vmm.m.session, 0).rip != 0xfff0);
	CHECK_OK(session_resume(vmm.m.session, 0, 0));
	CHECK(runs_on());
	CHECK_EQ(vmm.resets, 1);
	vmm_end();
}

/* ---- vCPUs that are with their VMM ---- */

static void begin_halted(void)
{
	vmm_make(PROG(halts), 1);
	vcpu_run_to(vmm.thread[0].v, KVM_EXIT_HLT);
	stop_all();
}

/* No instruction of the guest comes between, and it is stopped again. */
static void next_run_tells_a_vmm_that_has_the_vcpus(void)
{
	struct vmm_thread *t = &vmm.thread[0];
	unsigned int stopped;

	for (stopped = 0; stopped < 2; stopped++) {
		begin_halted();
		CHECK_OK(reset());
		/* Else a VMM with timers in the guest's time would wait for ever. */
		CHECK_EQ(session_vcpu(vmm.m.session, 0).state, VMXDBG_VCPU_RUNNING);
		if (stopped)
			stop_all();
		vcpu_run_to(t->v, KVM_EXIT_SYSTEM_EVENT);
		CHECK_EQ(t->v->run->system_event.type, KVM_SYSTEM_EVENT_RESET);
		CHECK_EQ(get_rip(t->v), AT(halts, halt_here));
		CHECK_EQ(session_vcpu(vmm.m.session, 0).state, VMXDBG_VCPU_STOPPED);
		begin_at(t);
		CHECK(!event_within(vmm.m.session, 0, &(struct vmxdbg_event){ 0 }));
		REQUIRE(!pthread_create(&t->id, NULL, vmm_run, t));
		must_report_reset();
		CHECK_EQ(vmm.resets, 0);
		vmm_end();
	}
}

/* If it comes before the exit, all are stopped and there is the event; else they run on. */
static void resume_does_not_prevent_it(void)
{
	struct vmxdbg_event e;
	unsigned int tries;

	vmm_begin(PROG(again), 1);
	CHECK(starts(0, 1));
	stop_all();
	CHECK_OK(reset());
	resume_all();
	for (tries = 0; tries < 100 && DATA64(&vmm.m.vm, STARTS) < 2; tries++)
		if (event_within(vmm.m.session, 100, &e)) {
			CHECK_EQ(e.why, VMXDBG_WHY_RESET);
			resume_all();
		}
	CHECK(starts(0, 2));
	CHECK(runs_on());
	CHECK_EQ(vmm.resets, 1);
	vmm_end();
}

static void end_of_the_session_takes_it_back(void)
{
	begin_halted();
	CHECK_OK(reset());
	kick_out();
	begin_at(&vmm.thread[0]);
	/* The session ends in a worker. */
	sleep_ms(200 * tap_patience());
	vcpu_run_to(vmm.thread[0].v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&vmm.m.vm, 0), 2);
	machine_destroy(&vmm.m);
}

static void session_that_ends_after_it_leaves_a_guest_that_runs(void)
{
	vmm_begin(PROG(again), 1);
	CHECK(starts(0, 1));
	stop_all();
	CHECK_OK(reset());
	kick_out();
	CHECK(runs_on());
	vmm_end();
}

/* ---- arguments ---- */

static void all_vcpus_must_be_stopped(void)
{
	vmm_begin(PROG(again), VCPUS);
	CHECK(starts(1, 1));
	CHECK_ERR(reset(), EBUSY);
	CHECK_OK(session_stop(vmm.m.session, 0));
	CHECK_ERR(reset(), EBUSY);
	CHECK_OK(session_resume(vmm.m.session, 0, 0));
	CHECK(runs_on());
	CHECK_EQ(vmm.resets, 0);
	vmm_end();
}

static const struct test tests[] = {
	TEST(vmm_resets_while_all_are_stopped),
	TEST(one_vcpu_tells_for_all),
	TEST(breakpoints_survive),
	TEST(injected_events_are_forgotten),
	TEST(triple_fault_becomes_a_reset),
	TEST(catch_of_resets_sees_it),
	TEST(next_run_tells_a_vmm_that_has_the_vcpus),
	TEST(resume_does_not_prevent_it),
	TEST(end_of_the_session_takes_it_back),
	TEST(session_that_ends_after_it_leaves_a_guest_that_runs),
	TEST(all_vcpus_must_be_stopped),
};

TAP_MAIN(tests)
