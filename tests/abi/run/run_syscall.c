// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MSRs of SYSCALL, IA32_TSC_AUX and KERNEL_GS_BASE, which VM entry and exit leave alone:
 * programs of the host make system calls and ask for their CPU, as programs of guests do,
 * while threads run guests with other values, give the CPU to each other and move. The
 * suite 41-beside-kvm runs this on KVM and on vmxdbg at the same time.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

#define MSR_STAR	0xc0000081
#define MSR_LSTAR	0xc0000082
#define MSR_CSTAR	0xc0000083
#define MSR_FMASK	0xc0000084
#define MSR_KERNEL_GS	0xc0000102
#define MSR_TSC_AUX	0xc0000103

#define CALLS		(GUEST_DATA + 0)	/* a counter of the guest's */
#define WRONG		(GUEST_DATA + 4)	/* line of the check that failed */
#define STOP		(GUEST_DATA + 8)

#define CPU_MASK	0xfff	/* in TSC_AUX of Linux; the node is above */

/*
 * Counts system calls of its own. R8: value of KERNEL_GS_BASE, R9: of TSC_AUX. FMASK clears
 * CF and DF. It runs at CPL 0, so LSTAR's code is left by a jump.
 */
GUEST64(calls,
	"again: rdtscp; cmp %r9d, %ecx; mov $1, %esi; jne 9f\n"
	"stc; std; syscall\n"
	"back: cmp $0x5ca11, %edi; mov $2, %esi; jne 9f\n"
	"xor %edi, %edi\n"
	"swapgs; mov $0xc0000101, %ecx; rdmsr; shl $32, %rdx; or %rdx, %rax; swapgs\n"
	"cmp %r8, %rax; mov $3, %esi; jne 9f\n"
	"incl 0xc000; cmpl $0, 0xc008; je again; hlt\n"
	"9: mov %esi, 0xc004; hlt\n"
	"calls_entry: pushfq; pop %rax; test $0x401, %eax; jnz 8f\n"
	"mov $0x5ca11, %edi; 8: jmp *%rcx\n");
LABEL(calls_entry);

static bool has_rdtscp(void)
{
	u32 a, b, c, d;

	return __get_cpuid(0x80000001, &a, &b, &c, &d) && (d & 1 << 27);
}

static long system_call(long nr)
{
	asm volatile("syscall" : "+a" (nr) : : "rcx", "r11", "memory");
	return nr;
}

static u32 aux_of_the_host(void)
{
	u32 aux;

	asm volatile("rdtscp" : "=c" (aux) : : "rax", "rdx");
	return aux;
}

static u32 rdpid_of_the_host(void)
{
	u64 aux;

	asm volatile(".byte 0xf3, 0x0f, 0xc7, 0xf8" : "=a" (aux));	/* rdpid %rax */
	return aux;
}

static bool has_rdpid(void)
{
	u32 a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & 1 << 22);
}

static unsigned int cpu_by_system_call(void)
{
	unsigned int cpu = 0;

	CHECK_OK(syscall(SYS_getcpu, &cpu, NULL, NULL));
	return cpu;
}

/* The thread may move in between, but not every time. */
static void check_cpu_number(void)
{
	u32 aux = 0;
	int tries;

	for (tries = 0; tries < 100; tries++) {
		unsigned int cpu = cpu_by_system_call();

		aux = aux_of_the_host();
		if ((aux & CPU_MASK) == cpu &&
		    (!has_rdpid() || (rdpid_of_the_host() & CPU_MASK) == cpu))
			return;
	}
	CHECK_EQ(aux, cpu_by_system_call());
}

static void check_host(void)
{
	CHECK_EQ(system_call(SYS_getpid), getpid());
	check_cpu_number();
}

/* ---- a guest that does nothing with its values ---- */

GUEST64(halt, "mov $20, %esi; 1: mov $1, %eax; cpuid; dec %esi; jnz 1b; hlt");

static void set_garbage(struct vcpu *v)
{
	CHECK_EQ(set_msr(v, MSR_STAR, 0x9abcdef012345678), 1);
	CHECK_EQ(set_msr(v, MSR_LSTAR, 0xffffdeadbeef0000), 1);
	CHECK_EQ(set_msr(v, MSR_CSTAR, 0xffffdeadbeef1000), 1);
	CHECK_EQ(set_msr(v, MSR_FMASK, 0xffffffff), 1);
	CHECK_EQ(set_msr(v, MSR_KERNEL_GS, 0xffffdeadbeef2000), 1);
	CHECK_EQ(set_msr(v, MSR_TSC_AUX, 0xdeadbeef), 1);
}

static void host_keeps_its_own_beside_garbage(void)
{
	static volatile u64 mine = 0x8877665544332211;
	struct vm vm;
	struct vcpu *v;
	u64 value;
	int i;

	if (!has_rdtscp())
		tap_skip("this CPU has no RDTSCP");
	v = guest_make(&vm, MODE_LONG, PROG(halt));
	CHECK_OK(syscall(SYS_arch_prctl, ARCH_SET_GS, &mine));
	set_garbage(v);
	for (i = 0; i < 100; i++) {
		set_rip(v, GUEST_CODE);
		vcpu_run_to(v, KVM_EXIT_HLT);
		check_host();
		asm volatile("mov %%gs:0, %0" : "=r" (value));
		CHECK_EQ(value, mine);
	}
	CHECK_EQ(get_msr(v, MSR_LSTAR), 0xffffdeadbeef0000);
	CHECK_EQ(get_msr(v, MSR_KERNEL_GS), 0xffffdeadbeef2000);
	CHECK_EQ(get_msr(v, MSR_TSC_AUX), 0xdeadbeef);
}

/* ---- guests that use theirs ---- */

/* @n makes their values differ. */
static struct vcpu *caller_make(struct vm *vm, unsigned int n)
{
	u64 gs = 0xffff8000a0000000 + n, aux = 0x5a50 + n;
	struct vcpu *v;
	struct kvm_sregs s;
	struct kvm_regs r;

	if (!has_rdtscp())
		tap_skip("this CPU has no RDTSCP");
	v = guest_make(vm, MODE_LONG, PROG(calls));
	get_sregs(v, &s);
	s.efer |= 1;	/* SCE */
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	CHECK_EQ(set_msr(v, MSR_STAR, (u64)SEL_CODE64 << 32), 1);
	CHECK_EQ(set_msr(v, MSR_LSTAR, AT(calls, calls_entry)), 1);
	CHECK_EQ(set_msr(v, MSR_FMASK, 0x401), 1);
	CHECK_EQ(set_msr(v, MSR_KERNEL_GS, gs), 1);
	CHECK_EQ(set_msr(v, MSR_TSC_AUX, aux), 1);
	get_regs(v, &r);
	r.r8 = gs;
	r.r9 = aux;
	set_regs(v, &r);
	return v;
}

static u32 calls_of(struct vm *vm)
{
	return *GUEST_PTR(vm, CALLS, u32);
}

static void check_guest(struct vm *vm)
{
	CHECK_EQ(*GUEST_PTR(vm, WRONG, u32), 0);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void let_signals_interrupt(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	CHECK_OK(sigaction(SIGUSR1, &act, NULL));
}

/* Run until the guest halts; look at the host after each exit. */
static void run_to_the_end(struct vcpu *v)
{
	int r;

	do {
		r = vcpu_run(v);
		check_host();
	} while (r == -EINTR);
	CHECK_EQ(r, KVM_EXIT_HLT);
	check_guest(v->vm);
}

static void *run_thread(void *arg)
{
	run_to_the_end(arg);
	return NULL;
}

static void wait_for_calls(struct vm *vm, u32 more)
{
	u32 from = calls_of(vm);

	while (calls_of(vm) - from < more && !*GUEST_PTR(vm, WRONG, u32))
		usleep(1000);
}

static void stop(struct vm *vm)
{
	*GUEST_PTR(vm, STOP, u32) = 1;
}

static void guests_keep_theirs_under_signals(void)
{
	pthread_t thread;
	struct vm vm;
	struct vcpu *v = caller_make(&vm, 0);
	int i;

	let_signals_interrupt();
	REQUIRE(!pthread_create(&thread, NULL, run_thread, v));
	for (i = 0; i < 100; i++) {
		wait_for_calls(&vm, 20);
		pthread_kill(thread, SIGUSR1);
		check_host();
	}
	stop(&vm);
	pthread_join(thread, NULL);
	CHECK(calls_of(&vm) >= 2000);
}

/* The kernel switches between them without a return to user space. */
static void threads_on_one_cpu_take_turns(void)
{
	pthread_t thread[3];
	struct vcpu *v[3];
	struct vm vm[3];
	cpu_set_t set;
	unsigned int i, turn;

	for (i = 0; i < 3; i++)
		v[i] = caller_make(&vm[i], i);
	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	CHECK_OK(sched_setaffinity(0, sizeof(set), &set));
	let_signals_interrupt();
	for (i = 0; i < 3; i++)
		REQUIRE(!pthread_create(&thread[i], NULL, run_thread, v[i]));
	for (turn = 0; turn < 10; turn++)
		for (i = 0; i < 3; i++) {
			wait_for_calls(&vm[i], 50);
			check_host();
		}
	for (i = 0; i < 3; i++) {
		stop(&vm[i]);
		pthread_join(thread[i], NULL);
	}
}

static void threads_that_move_find_the_cpus_number(void)
{
	pthread_t thread;
	struct vm vm;
	struct vcpu *v = caller_make(&vm, 7);
	cpu_set_t set;
	int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		tap_skip("needs two CPUs");
	let_signals_interrupt();
	REQUIRE(!pthread_create(&thread, NULL, run_thread, v));
	for (i = 0; i < 100; i++) {
		CPU_ZERO(&set);
		CPU_SET(i & 1, &set);
		CHECK(!pthread_setaffinity_np(thread, sizeof(set), &set));
		wait_for_calls(&vm, 20);
		if (i % 3 == 0)
			pthread_kill(thread, SIGUSR1);
		check_host();
	}
	stop(&vm);
	pthread_join(thread, NULL);
}

static const struct test tests[] = {
	TEST(host_keeps_its_own_beside_garbage),
	TEST_SLOW(guests_keep_theirs_under_signals, 60),
	TEST_SLOW(threads_on_one_cpu_take_turns, 60),
	TEST_SLOW(threads_that_move_find_the_cpus_number, 60),
};

TAP_MAIN(tests)
