// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM that keeps a page back (userfaultfd), while a thread of its own waits for the
 * page in an ioctl of a vCPU: its debugger can be interrupted, and can end.
 */
#include <errno.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostmem.h"
#include "machine.h"

GUEST64(halts, "hlt");

struct slow {
	struct machine m;
	pthread_t waiter;
	u8 *page;
	int uffd;
};

static void *get_sregs_into_page(void *arg)
{
	struct slow *s = arg;

	CHECK_OK(ioctl(s->m.v->fd, KVM_GET_SREGS, s->page));
	return NULL;
}

static int attach_to(struct slow *s)
{
	struct vmxdbg_attach arg = { .flags = VMXDBG_ATTACH_FD, .target = s->m.vm.fd };
	int fd = ioctl(s->m.vm.dev, VMXDBG_ATTACH, &arg);

	return fd < 0 ? -errno : fd;
}

/* A thread waits for the page, and the session has stopped the vCPU. */
static void slow_make(struct slow *s)
{
	machine_make(&s->m, MODE_LONG, PROG(halts));
	s->m.session = CHECK_OK(attach_to(s));
	CHECK_OK(session_stop(s->m.session, VMXDBG_ALL_VCPUS));
	s->page = area(PAGE);
	s->uffd = missing_page(s->page);
	pthread_create(&s->waiter, NULL, get_sregs_into_page, s);
	page_is_wanted(s->uffd);
}

/* The page comes: the guest is whole, and can have another debugger. */
static void slow_end(struct slow *s)
{
	unsigned int i;

	supply_page(s->uffd, s->page);
	pthread_join(s->waiter, NULL);
	s->m.session = attach_to(s);
	for (i = 0; i < 5000 && s->m.session == -EBUSY; i++) {
		sleep_ms(1);
		s->m.session = attach_to(s);
	}
	REQUIRE(s->m.session >= 0);
	vcpu_run_to(s->m.v, KVM_EXIT_HLT);
	machine_destroy(&s->m);
	close(s->uffd);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void ioctl_ends_by_a_signal(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct kvm_regs regs;
	struct slow s;
	timer_t alarm;

	slow_make(&s);
	CHECK_OK(sigaction(SIGALRM, &act, NULL));
	alarm = alarm_thread(SIGALRM, 20000);
	CHECK_ERR(session_regs(s.m.session, false, 0, VMXDBG_REGS_GENERAL, sizeof(regs), &regs),
		  EINTR);
	/* KVM_RUN is to end by HLT. */
	CHECK_OK(timer_delete(alarm));
	close(s.m.session);
	slow_end(&s);
}

static void close_does_not_wait_for_ever(void)
{
	struct slow s;

	slow_make(&s);
	CHECK_OK(close(s.m.session));
	/* The end is not complete before the VMM's thread is done. */
	CHECK_EQ(attach_to(&s), -EBUSY);
	slow_end(&s);
}

static void killed_debugger_dies(void)
{
	struct kvm_regs regs;
	struct slow s;
	int status;
	pid_t pid;

	slow_make(&s);
	pid = fork();
	if (!pid) {
		session_regs(s.m.session, false, 0, VMXDBG_REGS_GENERAL, sizeof(regs), &regs);
		_exit(0);
	}
	close(s.m.session);
	sleep_ms(50);
	CHECK_OK(kill(pid, SIGKILL));
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	slow_end(&s);
}

static void *run_to_hlt(void *arg)
{
	vcpu_run_to(((struct slow *)arg)->m.v, KVM_EXIT_HLT);
	return NULL;
}

/* Keep back the guest's root table, whose bytes go to @copy. */
static void keep_back_tables(struct slow *s, u8 *copy)
{
	s->page = s->m.vm.mem + GUEST_PML4;
	memcpy(copy, s->page, PAGE);
	s->uffd = missing_page(s->page);
	CHECK_OK(madvise(s->page, PAGE, MADV_DONTNEED));
}

/*
 * The guest takes all debug registers, so a vCPU looks in the guest's page tables for
 * another place of the session's breakpoint, and these tables do not come.
 */
static void end_does_not_wait_for_tables(void)
{
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_HARD, .addr = GUEST_CODE + 1, .len = 1 };
	struct kvm_debugregs dregs = { .dr6 = 0xffff0ff0, .dr7 = 0x4aa };
	u8 copy[PAGE];
	struct uffdio_copy back = { .src = (unsigned long)copy, .len = PAGE };
	struct slow s;

	machine_make(&s.m, MODE_LONG, PROG(halts));
	s.m.session = CHECK_OK(attach_to(&s));
	CHECK_OK(session_stop(s.m.session, VMXDBG_ALL_VCPUS));
	CHECK(session_add_bp(s.m.session, bp) > 0);
	CHECK_OK(ioctl(s.m.v->fd, KVM_SET_DEBUGREGS, &dregs));
	keep_back_tables(&s, copy);
	CHECK_OK(session_resume(s.m.session, VMXDBG_ALL_VCPUS, 0));
	pthread_create(&s.waiter, NULL, run_to_hlt, &s);
	page_is_wanted(s.uffd);
	CHECK_OK(close(s.m.session));
	/* The end is complete, though the vCPU still waits. */
	s.m.session = attach_to(&s);
	CHECK(s.m.session >= 0);
	back.dst = (unsigned long)s.page;
	CHECK_OK(ioctl(s.uffd, UFFDIO_COPY, &back));
	pthread_join(s.waiter, NULL);
	machine_destroy(&s.m);
	close(s.uffd);
}

static const struct test tests[] = {
	TEST(ioctl_ends_by_a_signal),
	TEST(close_does_not_wait_for_ever),
	TEST(killed_debugger_dies),
	TEST(end_does_not_wait_for_tables),
};

TAP_MAIN(tests)
