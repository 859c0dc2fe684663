// SPDX-License-Identifier: GPL-2.0-only
/* KVM_PRE_FAULT_MEMORY: memory that is mapped before the guest reads it. */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hostmem.h"
#include "machine.h"

#define GPA	0x10000000UL
#define PAGES	64UL
#define SIZE	(PAGES * PAGE)

/* Reads the pages, and then writes to them if AL is set. */
GUEST64(reads,
	"mov $0x10000000, %ebx\n"
	"1: mov (%rbx), %ecx; test %al, %al; jz 2f; incl (%rbx)\n"
	"2: add $0x1000, %rbx; cmp $0x10040000, %rbx; jne 1b\n"
	"out %al, $0x10; hlt");

static struct vm vm;
static struct vcpu *v;
static u8 *mem;

/* Return: false, and skips the test, where there is no such call. */
static bool start(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(reads));
	if (on_kvm() && has_cap(&vm, KVM_CAP_PRE_FAULT_MEMORY) <= 0) {
		tap_skip("KVM has it since Linux 6.11");
		return false;
	}
	mem = area(LARGE_PAGE);
	madvise(mem, LARGE_PAGE, MADV_NOHUGEPAGE);
	add_slot(&vm, 1, 0, GPA, SIZE, mem);
	return true;
}

static int pre_fault(struct kvm_pre_fault_memory *range)
{
	return ioctl(v->fd, KVM_PRE_FAULT_MEMORY, range);
}

static int pre_fault_range(u64 gpa, u64 size)
{
	struct kvm_pre_fault_memory range = { .gpa = gpa, .size = size };

	return pre_fault(&range);
}

static void bounds(void)
{
	struct kvm_pre_fault_memory flags = { .gpa = GPA, .size = PAGE, .flags = 1 };

	if (!start())
		return;
	CHECK_EQ(has_cap(&vm, KVM_CAP_PRE_FAULT_MEMORY), 1);
	CHECK_ERR(pre_fault(bad_pointer()), EFAULT);
	CHECK_ERR(pre_fault(&flags), EINVAL);
	CHECK_ERR(pre_fault_range(GPA, 0), EINVAL);
	CHECK_ERR(pre_fault_range(GPA + 1, PAGE), EINVAL);
	CHECK_ERR(pre_fault_range(GPA, PAGE + 1), EINVAL);
	CHECK_ERR(pre_fault_range(-PAGE, PAGE), EINVAL);
	CHECK_ERR(pre_fault_range(-PAGE, 2 * PAGE), EINVAL);
	CHECK_ERR(pre_fault_range(GPA - PAGE, 2 * PAGE), ENOENT);
	CHECK_ERR(pre_fault_range(1ULL << 51, PAGE), ENOENT);
}

/* The vCPU has never entered its guest: the first read of a page does not exit. */
static void before_the_first_entry(void)
{
	if (!start())
		return;
	CHECK_OK(pre_fault_range(GPA, SIZE));
	CHECK_OK(pre_fault_range(0, 16 * PAGE));
	vcpu_run_out(v, 0x10);
}

/* Return: how many EPT violations the guest's accesses cause. */
static long violations(bool writes)
{
	long before = stat_of("pf_taken");
	struct kvm_regs r;

	get_regs(v, &r);
	r.rip = GUEST_CODE;
	r.rax = writes;
	set_regs(v, &r);
	vcpu_run_out(v, 0x10);
	return stat_of("pf_taken") - before;
}

static void the_guest_does_not_exit_then(void)
{
	struct kvm_pre_fault_memory range = { .gpa = GPA, .size = SIZE };
	long before;

	if (!start())
		return;
	before = violations(false);
	CHECK(before >= (long)PAGES);
	CHECK_OK(munmap(mem, SIZE));
	CHECK_EQ(mmap(mem, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		      -1, 0), mem);
	memset(mem, 0, SIZE);
	CHECK_OK(pre_fault(&range));
	CHECK_EQ(range.gpa, GPA + SIZE);
	CHECK_EQ(range.size, 0);
	/* Pages that the VMM has written can be written by the guest, too. */
	CHECK_EQ(violations(true), 0);
}

static void the_rest_is_told(void)
{
	struct kvm_pre_fault_memory range = { .gpa = GPA + SIZE - 4 * PAGE, .size = 16 * PAGE };

	if (!start())
		return;
	CHECK_OK(pre_fault(&range));
	CHECK_EQ(range.gpa, GPA + SIZE);
	CHECK_EQ(range.size, 12 * PAGE);
	CHECK_ERR(pre_fault(&range), ENOENT);
	CHECK_EQ(range.gpa, GPA + SIZE);
	CHECK_EQ(range.size, 12 * PAGE);
}

static void large_pages_in_one_step(void)
{
	struct kvm_pre_fault_memory range = { .gpa = 2 * GPA, .size = LARGE_PAGE };
	long before, taken;
	u8 *huge;

	if (!start())
		return;
	huge = area(LARGE_PAGE);
	madvise(huge, LARGE_PAGE, MADV_HUGEPAGE);
	memset(huge, 1, LARGE_PAGE);
	before = stat_of("pages_2m");
	add_slot(&vm, 2, 0, 2 * GPA, LARGE_PAGE, huge);
	taken = stat_of("pf_taken");
	CHECK_OK(pre_fault(&range));
	CHECK_EQ(range.size, 0);
	CHECK_EQ(stat_of("pages_2m") - before, 1);
	/* No access of the guest's */
	CHECK_EQ(stat_of("pf_taken"), taken);
}

static void no_page_of_the_vmms(void)
{
	if (!start())
		return;
	CHECK_OK(munmap(mem + PAGE, PAGE));
	CHECK_ERR(pre_fault_range(GPA + PAGE, PAGE), EFAULT);
	CHECK_OK(pre_fault_range(GPA, 2 * PAGE));
}

static void on_signal(int sig)
{
	(void)sig;
}

static void a_signal_ends_the_wait(void)
{
	struct kvm_pre_fault_memory range = { .gpa = GPA + PAGE, .size = PAGE };
	struct sigaction act = { .sa_handler = on_signal };
	timer_t alarm;
	int uffd;

	if (!start())
		return;
	if (!host_since(6, 2)) {
		tap_skip("only a fatal signal ends the wait, before Linux 6.2");
		return;
	}
	uffd = missing_page(mem + PAGE);
	CHECK_OK(sigaction(SIGALRM, &act, NULL));
	alarm = alarm_thread(SIGALRM, 20000);
	CHECK_ERR(pre_fault(&range), EINTR);
	CHECK_EQ(range.size, PAGE);
	CHECK_OK(timer_delete(alarm));
	supply_page(uffd, mem + PAGE);
	close(uffd);
	CHECK_OK(pre_fault(&range));
}

static const struct test tests[] = {
	TEST(bounds),
	TEST(before_the_first_entry),
	TEST(the_guest_does_not_exit_then),
	TEST(the_rest_is_told),
	TEST(large_pages_in_one_step),
	TEST(no_page_of_the_vmms),
	TEST(a_signal_ends_the_wait),
};

TAP_MAIN(tests)
