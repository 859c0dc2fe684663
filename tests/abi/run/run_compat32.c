// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ioctls of 32-bit programs. This one has 64 bits, but the kernel takes int $0x80 for the
 * system call of a 32-bit program, with its layouts of arguments.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

#define SYS32_GETPID	20
#define SYS32_IOCTL	54

#define MSR_KERNEL_GS	0xc0000102
#define PAGE		0x1000UL

/* KVM has these structures to itself. */
struct msr_filter32 {
	u32 flags;
	struct {
		u32 flags, nmsrs, base, bitmap;
	} ranges[KVM_MSR_FILTER_MAX_RANGES];
};

#define SET_MSR_FILTER32	_IOW(KVMIO, 0xc6, struct msr_filter32)

static struct vm vm;
static struct vcpu *v;
static u8 *low;		/* memory below 4 GiB, which a 32-bit program can name */

static long int80(long nr, long a, long b, long c)
{
	long r;

	asm volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c)
		     : "memory", "r8", "r9", "r10", "r11");
	if ((int)r >= 0 || (int)r < -4095)
		return (int)r;
	errno = -(int)r;
	return -1;
}

static int ioctl32(int fd, u32 cmd, const void *arg)
{
	return int80(SYS32_IOCTL, fd, cmd, (long)arg);
}

static void start(struct prog prog)
{
	if (int80(SYS32_GETPID, 0, 0, 0) != getpid())
		tap_skip("this kernel has no 32-bit programs");
	v = guest_make(&vm, MODE_LONG, prog);
	low = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	REQUIRE(low != MAP_FAILED);
}

GUEST64(stores, "movl $1, 0xc000; mov $0x1234, %ebx; hlt");

/* The calls of a 32-bit VMM, but for those that name the guest's memory */
static void makes_and_runs_a_guest(void)
{
	struct kvm_regs *regs;
	int fd, cpu;

	start(PROG(stores));
	regs = (void *)low;
	CHECK_EQ(ioctl32(v->fd, KVM_RUN, NULL), 0);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_HLT);
	CHECK_OK(ioctl32(v->fd, KVM_GET_REGS, regs));
	CHECK_EQ(regs->rbx, 0x1234);
	regs->rip = GUEST_CODE;
	regs->rbx = 0;
	DATA32(&vm, 0) = 0;
	CHECK_OK(ioctl32(v->fd, KVM_SET_REGS, regs));
	CHECK_EQ(ioctl32(v->fd, KVM_RUN, NULL), 0);
	CHECK_EQ(DATA32(&vm, 0), 1);
	fd = CHECK_OK(ioctl32(vm.dev, KVM_CREATE_VM, NULL));
	cpu = CHECK_OK(ioctl32(fd, KVM_CREATE_VCPU, NULL));
	CHECK_ERR(ioctl32(fd, KVM_CREATE_VCPU, NULL), EEXIST);
	CHECK_EQ(ioctl32(fd, KVM_CHECK_EXTENSION, (void *)KVM_CAP_USER_MEMORY), 1);
	/* numbers with bit 31 */
	CHECK_OK(ioctl32(fd, KVM_SET_TSS_ADDR, (void *)0xfffbd000));
	CHECK_ERR(ioctl32(fd, KVM_SET_TSS_ADDR, (void *)0xffffe000), EINVAL);
	CHECK_ERR(ioctl32(cpu, KVM_GET_REGS, (void *)0x10), EFAULT);
	CHECK_ERR(ioctl32(fd, _IO(KVMIO, 0xff), NULL), ENOTTY);
}

GUEST64(reads_msr, "mov $0xc0000102, %ecx; rdmsr; hlt");

static struct msr_filter32 *deny_reads(void)
{
	struct msr_filter32 *filter = (void *)low;
	u8 *bits = low + PAGE;

	memset(filter, 0, sizeof(*filter));
	*(u64 *)bits = ~2ULL;
	/* The last one, so that the size of the structure matters. */
	filter->ranges[KVM_MSR_FILTER_MAX_RANGES - 1].flags = KVM_MSR_FILTER_READ;
	filter->ranges[KVM_MSR_FILTER_MAX_RANGES - 1].nmsrs = 2;
	filter->ranges[KVM_MSR_FILTER_MAX_RANGES - 1].base = MSR_KERNEL_GS - 1;
	filter->ranges[KVM_MSR_FILTER_MAX_RANGES - 1].bitmap = (unsigned long)bits;
	return filter;
}

static void takes_msrs_away(void)
{
	struct msr_filter32 *filter;

	start(PROG(reads_msr));
	vcpu_run_to(v, KVM_EXIT_HLT);
	filter = deny_reads();
	CHECK_OK(ioctl32(vm.fd, SET_MSR_FILTER32, filter));
	set_rip(v, GUEST_CODE);
	vcpu_run(v);
	CHECK_EQ(vcpu_trap(v), 13);
	filter = deny_reads();
	filter->ranges[KVM_MSR_FILTER_MAX_RANGES - 1].base = 1;
	CHECK_OK(ioctl32(vm.fd, SET_MSR_FILTER32, filter));
	set_rip(v, GUEST_CODE);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void bad_filters(void)
{
	struct msr_filter32 *filter;

	start(PROG(reads_msr));
	filter = deny_reads();
	filter->flags = 2;
	CHECK_ERR(ioctl32(vm.fd, SET_MSR_FILTER32, filter), EINVAL);
	filter->flags = 0;
	filter->ranges[0].flags = 4;
	filter->ranges[0].nmsrs = 1;
	CHECK_ERR(ioctl32(vm.fd, SET_MSR_FILTER32, filter), EINVAL);
	filter->ranges[0].flags = KVM_MSR_FILTER_READ;
	filter->ranges[0].bitmap = 0x10;
	CHECK_ERR(ioctl32(vm.fd, SET_MSR_FILTER32, filter), EFAULT);
	memset(filter, 0, sizeof(*filter));
	filter->flags = KVM_MSR_FILTER_DEFAULT_DENY;
	CHECK_ERR(ioctl32(vm.fd, SET_MSR_FILTER32, filter), EINVAL);
	/* The end of the structure is not mapped. */
	CHECK_OK(munmap(low + 3 * PAGE, PAGE));
	CHECK_ERR(ioctl32(vm.fd, SET_MSR_FILTER32, low + 3 * PAGE - sizeof(*filter) + 1),
		  EFAULT);
	/* The number is that of 32-bit programs only. */
	CHECK_ERR(ioctl(vm.fd, SET_MSR_FILTER32, low), ENOTTY);
	/* A 32-bit program may know the other structure. */
	memset(low, 0, PAGE);
	CHECK_OK(ioctl32(vm.fd, KVM_X86_SET_MSR_FILTER, low));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void log_dirty_pages(void)
{
	struct kvm_userspace_memory_region r = {
		.flags = KVM_MEM_LOG_DIRTY_PAGES, .memory_size = vm.size,
		.userspace_addr = (unsigned long)vm.mem,
	};

	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
}

/* A 32-bit program writes half of the union that has the pointer. */
static void reads_the_dirty_log(void)
{
	struct kvm_dirty_log *log;
	u64 *bits;

	start(PROG(stores));
	log = (void *)low;
	bits = (void *)(low + PAGE);
	log_dirty_pages();
	vcpu_run_to(v, KVM_EXIT_HLT);
	log->padding2 = (unsigned long)bits | 0xa5a5a5a5ULL << 32;
	CHECK_ERR(ioctl(vm.fd, KVM_GET_DIRTY_LOG, log), EFAULT);
	vm.mem[GUEST_DATA] = 0;
	set_rip(v, GUEST_CODE);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(ioctl32(vm.fd, KVM_GET_DIRTY_LOG, log));
	CHECK(*bits & 1ULL << GUEST_DATA / PAGE);
	log->slot = 1;
	CHECK_ERR(ioctl32(vm.fd, KVM_GET_DIRTY_LOG, log), ENOENT);
	CHECK_ERR(ioctl32(vm.fd, KVM_GET_DIRTY_LOG, (void *)0x10), EFAULT);
}

static void clears_the_dirty_log(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
		.args = { KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE },
	};
	struct kvm_clear_dirty_log *clear;
	struct kvm_dirty_log log = { 0 };
	u64 *bits;

	start(PROG(stores));
	clear = (void *)low;
	bits = (void *)(low + PAGE);
	CHECK_OK(ioctl(vm.fd, KVM_ENABLE_CAP, &cap));
	log_dirty_pages();
	vcpu_run_to(v, KVM_EXIT_HLT);
	log.dirty_bitmap = bits;
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	CHECK(*bits & 1ULL << GUEST_DATA / PAGE);
	clear->num_pages = 64;
	clear->padding2 = (unsigned long)bits | 0xa5a5a5a5ULL << 32;
	CHECK_ERR(ioctl(vm.fd, KVM_CLEAR_DIRTY_LOG, clear), EFAULT);
	CHECK_OK(ioctl32(vm.fd, KVM_CLEAR_DIRTY_LOG, clear));
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	CHECK(!(*bits & 1ULL << GUEST_DATA / PAGE));
	CHECK_ERR(ioctl32(vm.fd, KVM_CLEAR_DIRTY_LOG, (void *)0x10), EFAULT);
}

static void got_signal(int sig)
{
	(void)sig;
}

GUEST64(forever, "1: jmp 1b");

/* The layout is the same, with the length of the set in front of it. */
static void sets_the_signal_mask(void)
{
	struct sigaction action = { .sa_handler = got_signal };
	struct kvm_signal_mask *mask;
	sigset_t blocked;

	start(PROG(forever));
	mask = (void *)low;
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	mask->len = 4;
	CHECK_ERR(ioctl32(v->fd, KVM_SET_SIGNAL_MASK, mask), EINVAL);
	mask->len = 8;
	memset(mask->sigset, 0, 8);
	CHECK_OK(ioctl32(v->fd, KVM_SET_SIGNAL_MASK, mask));
	raise(SIGUSR1);
	CHECK_EQ(vcpu_run(v), -EINTR);
	CHECK_OK(ioctl32(v->fd, KVM_SET_SIGNAL_MASK, NULL));
	CHECK_ERR(ioctl32(v->fd, KVM_SET_SIGNAL_MASK, (void *)0x10), EFAULT);
}

static const struct test tests[] = {
	TEST(makes_and_runs_a_guest),
	TEST(takes_msrs_away),
	TEST(bad_filters),
	TEST(reads_the_dirty_log),
	TEST(clears_the_dirty_log),
	TEST(sets_the_signal_mask),
};

TAP_MAIN(tests)
