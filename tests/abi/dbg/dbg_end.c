// SPDX-License-Identifier: GPL-2.0-only
/* Events, and what happens when the guest, its VMM or the debugger ends. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"

GUEST64(counter, "1: incq 0xc000; counter_2: jmp 1b");
LABEL(counter_2);

static const struct vmm_options running = { .no_hold = true };

static void reads_of_a_wrong_size(void)
{
	struct vmxdbg_event e[2];
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counter), NULL);
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP));
	wait_for_event(d.fd);
	CHECK_ERR(read(d.fd, e, sizeof(e[0]) - 1), EINVAL);
	CHECK_ERR(read(d.fd, e, 0), EINVAL);
	CHECK_ERR(read(d.fd, bad_pointer(), sizeof(e[0])), EFAULT);
	/*
	 * no failed read() has consumed the event, and read() returns whole events
	 * only
	 */
	CHECK_EQ(read(d.fd, e, sizeof(e[0]) + 5), sizeof(e[0]));
	CHECK_EQ(e[0].why, VMXDBG_WHY_STEP);
	CHECK_EQ(e[0].error, 0);
	CHECK_EQ(e[0].reserved[0] | e[0].reserved[1], 0);
}

static void nothing_to_read(void)
{
	struct pollfd p = { .events = POLLIN };
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counter), NULL);
	p.fd = d.fd;
	CHECK_EQ(poll(&p, 1, 0), 0);
	CHECK_OK(fcntl(d.fd, F_SETFL, O_NONBLOCK));
	CHECK_ERR(read(d.fd, &e, sizeof(e)), EAGAIN);
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP));
	CHECK_EQ(poll(&p, 1, 1000), 1);
	CHECK_EQ(p.revents, POLLIN);
	CHECK_EQ(read(d.fd, &e, sizeof(e)), sizeof(e));
	CHECK_ERR(read(d.fd, &e, sizeof(e)), EAGAIN);
	CHECK_EQ(poll(&p, 1, 0), 0);
}

static void a_read_waits(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counter), NULL);
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP));
	CHECK_EQ(read(d.fd, &e, sizeof(e)), sizeof(e));
	CHECK_EQ(e.why, VMXDBG_WHY_STEP);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void a_waiting_read_ends_by_a_signal(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counter), NULL);
	sigaction(SIGALRM, &sa, NULL);
	alarm_thread(SIGALRM, 20000);
	CHECK_ERR(read(d.fd, &e, sizeof(e)), EINTR);
}

/* "resume all that are stopped" leaves out a vCPU with an unread event */
static void two_vcpus_two_events(void)
{
	struct vmxdbg_event a, b;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counter), &(struct vmm_options){ .vcpus = 2 });
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP));
	CHECK_OK(session_resume(d.fd, 1, VMXDBG_RESUME_STEP));
	a = next_event(d.fd);
	b = next_event(d.fd);
	CHECK(a.vcpu != b.vcpu && a.vcpu + b.vcpu == 1);
}

GUEST64(triple, "movw $0, 0xc000; lidt 0xc000\ntriple_1: int3");
LABEL(triple_1);

static void shutdown_is_seen_before_the_vmm_knows(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(triple), NULL);
	CHECK_OK(session_resume(d.fd, 0, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_SHUTDOWN);
	CHECK_EQ(e.rip, AT(triple, triple_1));
	CHECK_EQ(d.vmm.shared->vcpu[0].done, 0);
	CHECK_EQ(session_get_regs(d.fd, 0).rip, AT(triple, triple_1));
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&d.vmm.shared->vcpu[0].done, 1));
	CHECK_EQ(d.vmm.shared->vcpu[0].result, KVM_EXIT_SHUTDOWN);
}

/* A signal ends KVM_RUN while the session looks: the guest is not entered after it. */
static void shutdown_survives_a_signal(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(triple), NULL);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_EQ(next_event(d.fd).why, VMXDBG_WHY_SHUTDOWN);
	CHECK_OK(tgkill_vmm(&d.vmm, 0));
	CHECK(wait_for(&d.vmm.shared->vcpu[0].eintr, 1));
	CHECK_EQ(d.vmm.shared->vcpu[0].done, 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&d.vmm.shared->vcpu[0].done, 1));
	CHECK_EQ(d.vmm.shared->vcpu[0].result, KVM_EXIT_SHUTDOWN);
	CHECK(!event_within(d.fd, 100, &e));
}

static void make_triple_fault(struct vm *vm)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_TRIPLE_FAULT_EVENT, .args = { 1 } };
	struct kvm_vcpu_events events;

	CHECK_OK(ioctl(vm->fd, KVM_ENABLE_CAP, &cap));
	CHECK_OK(ioctl(vm->vcpu[0].fd, KVM_GET_VCPU_EVENTS, &events));
	events.triple_fault.pending = 1;
	CHECK_OK(ioctl(vm->vcpu[0].fd, KVM_SET_VCPU_EVENTS, &events));
}

/* The session hears first, too, of a triple fault that the VMM brought in. */
static void shutdown_by_the_vmm_is_seen(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(triple),
		  &(struct vmm_options){ .prepare = make_triple_fault });
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_EQ(next_event(d.fd).why, VMXDBG_WHY_SHUTDOWN);
	CHECK_EQ(d.vmm.shared->vcpu[0].done, 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&d.vmm.shared->vcpu[0].done, 1));
	CHECK_EQ(d.vmm.shared->vcpu[0].result, KVM_EXIT_SHUTDOWN);
}

GUEST64(dead,
	"mov $0xd0000000, %ebx\n"
	"dead_fxsave: fxsave (%rbx); hlt\n"
	"dead_jump: jmp *%rbx");
LABEL(dead_fxsave); LABEL(dead_jump);

/* The session hears of it first, the VMM when the vCPU is resumed, also after a signal. */
static void check_dead_end(struct dbg *d, u32 error, u64 rip, int exit_reason)
{
	struct vmxdbg_event e;

	CHECK_OK(session_resume(d->fd, 0, 0));
	e = next_event(d->fd);
	CHECK_EQ(e.why, VMXDBG_WHY_ERROR);
	CHECK_EQ(e.error, error);
	CHECK_EQ(e.rip, rip);
	CHECK_EQ(e.nr_bps, 0);
	CHECK_OK(tgkill_vmm(&d->vmm, 0));
	CHECK(wait_for(&d->vmm.shared->vcpu[0].eintr, 1));
	CHECK_EQ(d->vmm.shared->vcpu[0].done, 0);
	CHECK_OK(session_resume(d->fd, 0, 0));
	CHECK(wait_for(&d->vmm.shared->vcpu[0].done, 1));
	CHECK_EQ(d->vmm.shared->vcpu[0].result, exit_reason);
	CHECK(!event_within(d->fd, 100, &e));
}

/* A session could not do it. */
static void set_reserved_bit(struct vm *vm)
{
	struct kvm_regs regs;

	get_regs(&vm->vcpu[0], &regs);
	regs.rflags |= 1ULL << 40;
	set_regs(&vm->vcpu[0], &regs);
}

static void start_dead(struct dbg *d, const u8 *label, void (*prepare)(struct vm *vm))
{
	struct vmm_options options = { .prepare = prepare };
	struct kvm_regs regs;

	dbg_start(d, MODE_LONG, PROG(dead), &options);
	regs = session_get_regs(d->fd, 0);
	regs.rbx = GUEST_MMIO;
	regs.rip = AT(dead, label);
	session_set_regs(d->fd, 0, &regs);
}

static void instruction_that_is_not_emulated(void)
{
	struct dbg d;

	start_dead(&d, dead_fxsave, NULL);
	check_dead_end(&d, VMXDBG_ERROR_EMULATION, AT(dead, dead_fxsave),
		       KVM_EXIT_INTERNAL_ERROR);
}

static void jump_to_where_no_memory_is(void)
{
	struct dbg d;

	start_dead(&d, dead_jump, NULL);
	check_dead_end(&d, VMXDBG_ERROR_FETCH, GUEST_MMIO, KVM_EXIT_INTERNAL_ERROR);
}

static void entry_that_fails(void)
{
	struct dbg d;

	start_dead(&d, dead_jump, set_reserved_bit);
	check_dead_end(&d, VMXDBG_ERROR_ENTRY, AT(dead, dead_jump), KVM_EXIT_FAIL_ENTRY);
}

static void vm_gone_is_an_event(void)
{
	struct pollfd p = { .events = POLLIN };
	struct vmxdbg_event e;
	struct vmxdbg_info info;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counter), &running);
	close(d.vmm.vm_fd);	/* our descriptor would keep the VM alive */
	vmm_kill(&d.vmm);
	p.fd = d.fd;
	CHECK_EQ(poll(&p, 1, 1000), 1);
	CHECK_EQ(p.revents, POLLIN | POLLHUP);
	CHECK_EQ(read(d.fd, &e, sizeof(e)), sizeof(e));
	CHECK_EQ(e.why, VMXDBG_WHY_GONE);
	CHECK_EQ(e.vcpu, 0);
	CHECK_EQ(read(d.fd, &e, sizeof(e)), 0);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK(p.revents & POLLHUP);
	CHECK_ERR(session_stop(d.fd, 0), ENODEV);
	CHECK_EQ(session_add(d.fd, VMXDBG_BP_SOFT, 0x8000, 1), -ENODEV);
	if (!ioctl(d.fd, VMXDBG_GET_INFO, &info))
		CHECK_EQ(info.pid, 0);
	CHECK_ERR(attach(d.dev, 0, d.vmm.id), ENOENT);
}

/*
 * the VMM's memory is freed with its process, though our descriptor of the VM stays
 * open
 */
static void vmm_dead_but_its_fd_alive(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counter), &running);
	vmm_kill(&d.vmm);
	event_within(d.fd, 100, &e);
	session_stop(d.fd, 0);
	session_add(d.fd, VMXDBG_BP_SOFT, 0x8000, 1);
	session_resume(d.fd, VMXDBG_ALL_VCPUS, 0);
	close(d.fd);
	close(d.vmm.vm_fd);
}

/* ---- the debugger goes away ---- */

/* sums up its own code for ever; 0xc000 counts rounds, 0xc010 wrong sums, ... */
GUEST64(checker,
	"1: lea checker_begin(%rip), %rsi; mov $checker_end - checker_begin, %ecx\n"
	"xor %eax, %eax\n"
	"8: movzbl (%rsi), %edx; rol $1, %eax; add %edx, %eax; inc %rsi; loop 8b\n"
	"cmpq $0, 0xc008; jne 9f; mov %rax, 0xc008\n"
	"9: cmp %rax, 0xc008; je 7f; incq 0xc010\n"
	/* counts pushed flags that have TF */
	"7: pushf; pop %rax; test $0x100, %eax; jz 6f; incq 0xc018\n"
	"6: mov %dr7, %rax; cmp $0x400, %rax; je checker_5; incq 0xc020\n"
	"checker_5: incq 0xc000; jmp 1b");
LABEL(checker_5);

static bool rounds_go_on(struct vmm *vmm)
{
	u64 before = DATA64(&vmm->vm, 0);
	unsigned int ms;

	for (ms = 0; ms < 500 && DATA64(&vmm->vm, 0) < before + 3; ms++)
		sleep_ms(1);
	return DATA64(&vmm->vm, 0) >= before + 3;
}

/* A guest that could see breakpoints has wrong sums already, but must get no more. */
static void check_sums(struct vmm *vmm, bool hidden)
{
	u64 wrong = hidden ? 0 : DATA64(&vmm->vm, 2);

	CHECK(rounds_go_on(vmm));
	CHECK_EQ(DATA64(&vmm->vm, 2), wrong);
}

static void check_checker(struct vmm *vmm, bool hidden)
{
	CHECK(rounds_go_on(vmm));
	check_sums(vmm, hidden);
	CHECK_EQ(DATA64(&vmm->vm, 3), 0);
	CHECK_EQ(DATA64(&vmm->vm, 4), 0);
	CHECK_EQ(vmm->shared->vcpu[0].done, 0);
}

static void closed_session_leaves_nothing(void)
{
	struct dbg d;
	bool hidden;

	dbg_start(&d, MODE_LONG, PROG(checker), NULL);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(checker, checker_5), 1) > 0);
	CHECK(session_add(d.fd, VMXDBG_BP_HARD, GUEST_CODE, 1) > 0);
	CHECK(session_add(d.fd, VMXDBG_BP_WRITE, GUEST_DATA, 8) > 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	next_event(d.fd);
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP));
	hidden = session_hides(d.fd);
	close(d.fd);
	check_checker(&d.vmm, hidden);
}

static void closed_while_an_event_waits(void)
{
	struct dbg d;
	bool hidden;

	dbg_start(&d, MODE_LONG, PROG(checker), NULL);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(checker, checker_5), 1) > 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	wait_for_event(d.fd);
	hidden = session_hides(d.fd);
	if (!hidden)
		DATA64(&d.vmm.vm, 1) = 0;	/* the first sum included an int3 */
	close(d.fd);
	check_checker(&d.vmm, hidden);
}

static void closed_while_stopped(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(checker), NULL);
	close(d.fd);
	check_checker(&d.vmm, true);
}

/* act as a debugger of one of three styles, for ever */
static void storm(u32 id, unsigned int style)
{
	int fd = attach(dev_open(), 0, id);
	struct vmxdbg_event e;

	/* The VMM was killed before. */
	while (fd < 0 && errno == ENOENT)
		pause();
	CHECK_OK(fd);
	/*
	 * the address of a SOFT breakpoint is looked up in the tables of a stopped
	 * vCPU
	 */
	if (style != 1) {
		session_stop(fd, 0);
		session_add(fd, VMXDBG_BP_SOFT, AT(checker, checker_5), 1);
		session_add(fd, VMXDBG_BP_SOFT, GUEST_CODE, 1);
		session_add(fd, VMXDBG_BP_HARD, GUEST_CODE, 1);
		session_resume(fd, 0, 0);
	}
	for (;;) {
		if (style == 0) {		/* breakpoints */
			event_within(fd, 100, &e);
			session_resume(fd, 0, 0);
			continue;
		}
		session_stop(fd, 0);
		event_within(fd, 0, &e);
		session_resume(fd, 0, style == 1 ? VMXDBG_RESUME_STEP : 0);
		if (style == 1)
			event_within(fd, 100, &e);
	}
}

static bool vm_hides(u32 id)
{
	int fd = CHECK_OK(attach(dev_open(), 0, id));
	bool hides = session_hides(fd);

	close(fd);
	return hides;
}

static void debugger_killed_at_any_moment(void)
{
	struct vmm vmm;
	unsigned int round;
	bool hidden;
	int status;
	pid_t pid;

	vmm_start(&vmm, MODE_LONG, PROG(checker), &running);
	hidden = vm_hides(vmm.id);
	CHECK(rounds_go_on(&vmm));
	srand(1);
	for (round = 0; round < 60; round++) {
		pid = fork();
		if (!pid)
			storm(vmm.id, round % 3);
		usleep(500 + rand() % 3000);
		kill(pid, SIGKILL);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status));
		if (!rounds_go_on(&vmm))
			tap_fail("after %u debuggers the guest stands still", round + 1);
	}
	check_checker(&vmm, hidden);
	CHECK_EQ(vmm.shared->vcpu[0].eintr, 0);
}

static void vmm_killed_at_any_moment(void)
{
	unsigned int round;

	srand(2);
	for (round = 0; round < 15; round++) {
		struct vmm vmm;
		int status;
		pid_t pid;

		vmm_start(&vmm, MODE_LONG, PROG(checker), &running);
		close(vmm.vm_fd);
		pid = fork();
		if (!pid)
			storm(vmm.id, round % 3);
		usleep(500 + rand() % 3000);
		vmm_kill(&vmm);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
}

static const struct test tests[] = {
	TEST(reads_of_a_wrong_size),
	TEST(nothing_to_read),
	TEST(a_read_waits),
	TEST(a_waiting_read_ends_by_a_signal),
	TEST_HARD(25, two_vcpus_two_events),
	TEST(shutdown_is_seen_before_the_vmm_knows),
	TEST(instruction_that_is_not_emulated),
	TEST(jump_to_where_no_memory_is),
	TEST(entry_that_fails),
	TEST(shutdown_survives_a_signal),
	TEST(shutdown_by_the_vmm_is_seen),
	TEST(vm_gone_is_an_event),
	TEST(vmm_dead_but_its_fd_alive),
	TEST_HARD(27, closed_session_leaves_nothing),
	TEST_HARD(27, closed_while_an_event_waits),
	TEST_HARD(27, closed_while_stopped),
	TEST_HARD_SLOW(27, debugger_killed_at_any_moment, 30),
	TEST_SLOW(vmm_killed_at_any_moment, 30),
};

TAP_MAIN(tests)
