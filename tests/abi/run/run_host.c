// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's state: a guest changes all that it can, and after the exit the processor
 * must have the state of the VMM and its kernel again. The module in tests/hoststate,
 * where it is loaded, reads what only the kernel can see.
 * Suite: 46-host
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <cpuid.h>
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define DELAY_PORT	0x80

/* Only breakpoints see writes to it, which cause no exit. */
static volatile u64 watched;

#define WRMSR(index, high, low)						\
	"mov $" #index ", %ecx; mov $" #low ", %eax; mov $" #high ", %edx; wrmsr\n"

/* Changes all that a guest can change, then exits with that in place. */
GUEST64(vandal,
	WRMSR(0xc0000081, 0x12345678, 0x9abcdef0)	/* STAR */
	WRMSR(0xc0000082, 0x1234, 0x56789abc)		/* LSTAR */
	WRMSR(0xc0000083, 0x2345, 0x6789abcd)		/* CSTAR */
	WRMSR(0xc0000084, 0, 0x55aa)			/* FMASK */
	WRMSR(0xc0000102, 0x3456, 0x789abcde)		/* KERNEL_GS_BASE */
	WRMSR(0xc0000103, 0, 0x5a5a)			/* TSC_AUX */
	WRMSR(0x174, 0, 0x1230)				/* SYSENTER_CS */
	WRMSR(0x175, 0x4567, 0x89abcdef)		/* SYSENTER_ESP */
	WRMSR(0x176, 0x5678, 0x9abcdef0)		/* SYSENTER_EIP */
	WRMSR(0x277, 0x00010406, 0x05060100)		/* PAT */
	"mov $0xc0000080, %ecx; rdmsr; xor $0x801, %eax; wrmsr\n"	/* EFER */
	/* CR4: TSD, DE, PCE, OSFXSR, OSXMMEXCPT, OSXSAVE; CR0: AM, not WP */
	"mov %cr4, %rax; or $0x4070c, %rax; mov %rax, %cr4\n"
	"mov %cr0, %rax; or $0x40000, %rax; and $~0x10000, %rax; mov %rax, %cr0\n"
	/* FPU */
	"fninit; fldpi; fldl2e; movw $0x27f, 0xc100; fldcw 0xc100\n"
	"movl $0x7f80, 0xc104; ldmxcsr 0xc104\n"
	"pcmpeqb %xmm0, %xmm0; movdqa %xmm0, %xmm7; movdqa %xmm0, %xmm15\n"
	"mov $0, %ecx; mov $1, %eax; mov $0, %edx; xsetbv\n"	/* XCR0 */
	"mov %cr0, %rax; or $8, %rax; mov %rax, %cr0\n"		/* TS */
	/* all breakpoints armed */
	"mov $0x5000, %eax; mov %rax, %dr0; mov %rax, %dr1\n"
	"mov %rax, %dr2; mov %rax, %dr3; mov $0xffff07ff, %eax; mov %rax, %dr7\n"
	/* tables and segments */
	"movw $0x1ff, 0xc110; movq $0x1000, 0xc112; lidt 0xc110\n"
	"movw $0x4f, 0xc120; movq $0x2000, 0xc122; lgdt 0xc120\n"
	"xor %eax, %eax; lldt %ax; mov %ax, %fs; mov %ax, %gs\n"
	"mov $0x10, %eax; mov %ax, %ds; mov %ax, %es\n"
	WRMSR(0xc0000100, 0x6789, 0xabcdef01)		/* FS_BASE */
	WRMSR(0xc0000101, 0x789a, 0xbcdef012)		/* GS_BASE */
	"swapgs\n"
	/* exits that are handled in the kernel, then one that is not */
	"mov $50, %esi; 1: mov $1, %eax; cpuid; dec %esi; jnz 1b\n"
	"out %al, $0x10\n"
	"hlt");

static struct vcpu *vandal_make(struct vm *vm)
{
	return guest_make(vm, MODE_LONG, PROG(vandal));
}

static void vandal_run(struct vcpu *v)
{
	vcpu_run_out(v, 0x10);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void stay_on_this_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	CHECK_OK(sched_setaffinity(0, sizeof(set), &set));
}

/* ---- with the module's eyes ---- */

static void snapshot(char *buf, size_t size)
{
	int fd = open("/dev/hoststate", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		tap_skip("the module hoststate is not loaded");
	n = read(fd, buf, size - 1);
	REQUIRE(n > 0);
	buf[n] = '\0';
	close(fd);
}

static void compare(char *before, char *after)
{
	char *next_before, *next_after;
	char *a = strtok_r(before, "\n", &next_before);
	char *b = strtok_r(after, "\n", &next_after);
	unsigned int lines = 0;

	for (; a && b; lines++) {
		if (strcmp(a, b))
			tap_note("was %s, is %s", a, b);
		/* KVM leaves the IDT limit that a VM exit sets. */
		CHECK(!strcmp(a, b) ||
		      (on_kvm() && !strncmp(a, "idt_limit", strlen("idt_limit"))));
		a = strtok_r(NULL, "\n", &next_before);
		b = strtok_r(NULL, "\n", &next_after);
	}
	CHECK(!a && !b);
	CHECK(lines > 20);
}

/* Get DELAY_PORT, if this kernel has I/O bitmaps for threads. */
static bool take_port(void)
{
	if (!ioperm(DELAY_PORT, 1, 1))
		return true;
	CHECK_EQ(errno, ENOSYS);
	return false;
}

/*
 * Without an I/O bitmap the host reloads the limit of its TSS on demand, with one at
 * once. A kernel without bitmaps never does.
 */
static void processor_state(void)
{
	static char before[4096], after[4096];
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);

	stay_on_this_cpu();
	take_port();
	snapshot(before, sizeof(before));
	vandal_run(v);
	snapshot(after, sizeof(after));
	compare(before, after);
}

/* ---- FPU ---- */

struct vectors {
	u64 ymm[16][4];
	u64 x87[4];
	u32 mxcsr;
	u16 fcw;
} __attribute__((aligned(32)));

#define EACH(op)							\
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7)			\
	op(8) op(9) op(10) op(11) op(12) op(13) op(14) op(15)
#define LOAD(n)	 "vmovdqa " #n "*32(%[in]), %%ymm" #n "\n\t"
#define STORE(n) "vmovdqa %%ymm" #n ", " #n "*32(%[out])\n\t"

/* KVM_RUN with known vector registers, and no code of the compiler between. */
static long run_with(int fd, const struct vectors *from, struct vectors *to)
{
	static const u32 usual = 0x1f80;
	long ret = SYS_ioctl;

	asm volatile("ldmxcsr %[mxcsr_in]; fldcw %[fcw_in]\n\t"
		     EACH(LOAD)
		     "fildll 24+%[x87_in]; fildll 16+%[x87_in]\n\t"
		     "fildll 8+%[x87_in]; fildll %[x87_in]\n\t"
		     "syscall\n\t"
		     "fistpll %[x87_out]; fistpll 8+%[x87_out]\n\t"
		     "fistpll 16+%[x87_out]; fistpll 24+%[x87_out]\n\t"
		     EACH(STORE)
		     "stmxcsr %[mxcsr_out]; fstcw %[fcw_out]\n\t"
		     "fninit; ldmxcsr %[usual]; vzeroupper"
		     : "+a" (ret), [x87_out] "=m" (to->x87),
		       [mxcsr_out] "=m" (to->mxcsr), [fcw_out] "=m" (to->fcw)
		     : "D" ((long)fd), "S" ((long)KVM_RUN), "d" (0L),
		       [in] "r" (from->ymm), [out] "r" (to->ymm),
		       [x87_in] "m" (from->x87), [mxcsr_in] "m" (from->mxcsr),
		       [fcw_in] "m" (from->fcw), [usual] "m" (usual)
		     : "rcx", "r11", "memory", "cc");
	return ret;
}

static void fpu_of_the_vmm(void)
{
	static struct vectors from, to;
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);
	u8 *bytes = (u8 *)&from;

	if (!__builtin_cpu_supports("avx"))
		tap_skip("no AVX");
	for (size_t i = 0; i < offsetof(struct vectors, mxcsr); i++)
		bytes[i] = i * 167 + 13;
	from.mxcsr = 0x5f80;
	from.fcw = 0x0f7f;
	CHECK_EQ(run_with(v->fd, &from, &to), 0);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_IO);
	CHECK(!memcmp(from.ymm, to.ymm, sizeof(from.ymm)));
	CHECK(!memcmp(from.x87, to.x87, sizeof(from.x87)));
	CHECK_EQ(to.mxcsr, from.mxcsr);
	CHECK_EQ(to.fcw, from.fcw);
}

static void pkru_of_the_vmm(void)
{
	u32 eax, ebx, ecx, edx, pkru;
	struct vm vm;
	struct vcpu *v;

	if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ecx & 1 << 4))
		tap_skip("no protection keys");
	v = vandal_make(&vm);
	asm volatile("wrpkru" : : "a" (0x55555554), "c" (0), "d" (0));
	vandal_run(v);
	asm volatile("rdpkru" : "=a" (pkru), "=d" (edx) : "c" (0));
	CHECK_EQ(pkru, 0x55555554);
}

/* ---- segments ---- */

#define LDT_SEL	7	/* entry 0, user */

static long raw3(long nr, long a, long b, long c)
{
	asm volatile("syscall" : "+a" (nr) : "D" (a), "S" (b), "d" (c)
		     : "rcx", "r11", "memory");
	return nr;
}

/* Make a data segment at @page in the LDT. */
static void ldt_entry(void *page)
{
	struct user_desc desc = {
		.base_addr = (u32)(uintptr_t)page, .limit = 0xfff,
		.seg_32bit = 1, .useable = 1,
	};

	CHECK_OK(syscall(SYS_modify_ldt, 0x11, &desc, sizeof(desc)));
}

static volatile u64 *low_page(void)
{
	volatile u64 *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	REQUIRE(page != MAP_FAILED);
	*page = 0x1122334455667788;
	return page;
}

/* No function of the C library may be called while FS is not its own. */
static void segments_in_the_ldt(void)
{
	u16 ds, es, fs, gs;
	u64 fs_0, gs_0;
	unsigned long base;
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);
	int fd = v->fd;

	ldt_entry((void *)low_page());
	CHECK_OK(syscall(SYS_arch_prctl, ARCH_GET_FS, &base));
	asm volatile("mov %w0, %%ds; mov %w0, %%es; mov %w0, %%fs; mov %w0, %%gs"
		     : : "r" (LDT_SEL));
	raw3(SYS_ioctl, fd, KVM_RUN, 0);
	asm volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3\n\t"
		     "mov %%fs:0, %4; mov %%gs:0, %5"
		     : "=&r" (ds), "=&r" (es), "=&r" (fs), "=&r" (gs),
		       "=&r" (fs_0), "=&r" (gs_0));
	asm volatile("mov %w0, %%ds; mov %w0, %%es; mov %w0, %%fs; mov %w0, %%gs"
		     : : "r" (0));
	raw3(SYS_arch_prctl, ARCH_SET_FS, base, 0);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_IO);
	CHECK_EQ(ds, LDT_SEL);
	CHECK_EQ(es, LDT_SEL);
	CHECK_EQ(fs, LDT_SEL);
	CHECK_EQ(gs, LDT_SEL);
	CHECK_EQ(fs_0, 0x1122334455667788);
	CHECK_EQ(gs_0, 0x1122334455667788);
}

/* the LDT itself, while no segment register refers to it */
static void the_ldt_stays_loaded(void)
{
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);
	u64 value;

	ldt_entry((void *)low_page());
	vandal_run(v);
	asm volatile("mov %w1, %%gs; mov %%gs:0, %0; mov %w2, %%gs"
		     : "=&r" (value) : "r" (LDT_SEL), "r" (0));
	CHECK_EQ(value, 0x1122334455667788);
}

static void gs_base_without_a_selector(void)
{
	static volatile u64 mine = 0x8877665544332211;
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);
	u64 value;

	CHECK_OK(syscall(SYS_arch_prctl, ARCH_SET_GS, &mine));
	vandal_run(v);
	asm volatile("mov %%gs:0, %0" : "=r" (value));
	CHECK_EQ(value, mine);
}

static void gs_in_thread_local_storage(void)
{
	static struct user_desc desc = {
		.entry_number = -1, .limit = 0xfff, .seg_32bit = 1, .useable = 1,
	};
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);
	long ret = 243;		/* 32-bit set_thread_area */
	u16 sel, gs;
	u64 value;

	desc.base_addr = (u32)(uintptr_t)low_page();
	asm volatile("int $0x80" : "+a" (ret) : "b" (&desc) : "memory", "r8", "r9",
		     "r10", "r11");
	if (ret)
		tap_skip("this kernel has no 32-bit system calls");
	sel = desc.entry_number << 3 | 3;
	asm volatile("mov %w0, %%gs" : : "r" (sel));
	vandal_run(v);
	asm volatile("mov %%gs, %0; mov %%gs:0, %1" : "=&r" (gs), "=&r" (value));
	CHECK_EQ(gs, sel);
	CHECK_EQ(value, 0x1122334455667788);
}

/* The I/O bitmap is at the end of the TSS, beyond the limit that an exit sets. */
static void ports_that_the_vmm_may_use(void)
{
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);

	if (!take_port())
		tap_skip("this kernel has no ioperm()");
	outb(0, DELAY_PORT);
	vandal_run(v);
	outb(0, DELAY_PORT);
}

/* ---- breakpoints of the host ---- */

static int perf_breakpoint(pid_t pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT, .size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_W, .bp_addr = (uintptr_t)&watched,
		.bp_len = HW_BREAKPOINT_LEN_8, .exclude_kernel = 1,
	};

	return CHECK_OK(syscall(SYS_perf_event_open, &attr, pid, cpu, -1, 0));
}

static u64 hits(int event)
{
	u64 count;

	REQUIRE(read(event, &count, sizeof(count)) == sizeof(count));
	return count;
}

static void perf_counts_around(pid_t pid, int cpu)
{
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);
	int event = perf_breakpoint(pid, cpu);

	watched = 1;
	CHECK_EQ(hits(event), 1);
	vcpu_run_out(v, 0x10);
	watched = 2;
	CHECK_EQ(hits(event), 2);
	vcpu_run_to(v, KVM_EXIT_HLT);
	watched = 3;
	CHECK_EQ(hits(event), 3);
	close(event);
	watched = 4;
}

static void perf_breakpoint_of_the_thread(void)
{
	perf_counts_around(0, -1);
}

static void perf_breakpoint_of_the_cpu(void)
{
	stay_on_this_cpu();
	perf_counts_around(-1, sched_getcpu());
}

/* A VMM under ptrace, which stops itself after the guest has run. */
static void debugged_vmm(void)
{
	struct vm vm;
	struct vcpu *v = vandal_make(&vm);

	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	vandal_run(v);
	watched = 1;
	_exit(0);
}

static long poke_dr(pid_t pid, unsigned int nr, unsigned long value)
{
	return ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg[nr]), value);
}

static void ptrace_breakpoint(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		debugged_vmm();
	REQUIRE(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	CHECK_OK(poke_dr(pid, 0, (uintptr_t)&watched));
	CHECK_OK(poke_dr(pid, 7, 1 | 0xd << 16));	/* writes, 4 bytes */
	CHECK_OK(ptrace(PTRACE_CONT, pid, NULL, NULL));
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	CHECK_EQ(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, u_debugreg[6]), 0) & 0xf, 1);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* ---- the host's performance counters ---- */

#define MSR_PERF_GLOBAL_CTRL	0x38f
#define MSR_PEBS_ENABLE		0x3f1

GUEST64(many_exits,
	"1: mov $20, %esi; 2: xor %eax, %eax; cpuid; dec %esi; jnz 2b; out %al, $0x80; jmp 1b");

static void msr_write(int fd, u32 index, u64 value)
{
	REQUIRE_EQ(pwrite(fd, &value, sizeof(value), index), (ssize_t)sizeof(value));
}

static u64 msr_read(int fd, u32 index)
{
	u64 value = 0;

	REQUIRE_EQ(pread(fd, &value, sizeof(value), index), (ssize_t)sizeof(value));
	return value;
}

/*
 * The counters stop while the guest runs, which the lab's processor checks at each entry,
 * and go on after it.
 */
static void counters_of_the_host(void)
{
	static const u64 counts[][2] = { { 7, 0 }, { 0x70000000fULL, 0 },
					 { 0x300000001ULL, 3 }, { 0, 0 } };
	struct vcpu *v;
	struct vm vm;
	unsigned int i;
	char name[40];
	int fd;

	if (!getenv("MAY_SET_MSRS"))
		tap_skip("the host may use its counters: only in the lab");
	if (on_kvm())
		tap_skip("KVM asks perf, which uses no counter here");
	stay_on_this_cpu();
	snprintf(name, sizeof(name), "/dev/cpu/%d/msr", sched_getcpu());
	fd = open(name, O_RDWR);
	if (fd < 0)
		tap_skip("no %s", name);
	v = guest_make(&vm, MODE_LONG, PROG(many_exits));
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		tap_note("IA32_PERF_GLOBAL_CTRL %#lx, IA32_PEBS_ENABLE %#lx",
			 (long)counts[i][0], (long)counts[i][1]);
		msr_write(fd, MSR_PERF_GLOBAL_CTRL, counts[i][0]);
		msr_write(fd, MSR_PEBS_ENABLE, counts[i][1]);
		vcpu_run_to(v, KVM_EXIT_IO);
		CHECK_EQ(msr_read(fd, MSR_PERF_GLOBAL_CTRL), counts[i][0]);
		CHECK_EQ(msr_read(fd, MSR_PEBS_ENABLE), counts[i][1]);
	}
	close(fd);
}

static const struct test tests[] = {
	TEST(processor_state),
	TEST(fpu_of_the_vmm),
	TEST(pkru_of_the_vmm),
	TEST(segments_in_the_ldt),
	TEST(the_ldt_stays_loaded),
	TEST(gs_base_without_a_selector),
	TEST(gs_in_thread_local_storage),
	TEST(ports_that_the_vmm_may_use),
	TEST_HARD(29, perf_breakpoint_of_the_thread),
	TEST_HARD(29, perf_breakpoint_of_the_cpu),
	TEST_HARD(29, ptrace_breakpoint),
	TEST(counters_of_the_host),
};

TAP_MAIN(tests)
