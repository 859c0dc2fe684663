// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host with several CPUs: interrupts from other CPUs at any instruction of the
 * guest, and vCPU threads that move.
 * Suite: 49-storm
 */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

#define INTERRUPTS	3000
#define LONGEST_PAUSE	3000

static void on_cpu(unsigned int cpu)
{
	const char *machine = getenv("LAB_MACHINE");
	cpu_set_t set;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		tap_skip("needs two CPUs");
	if (machine && !strcmp(machine, "bochs-packaged"))
		tap_skip("this Bochs saves a wrong rip (tests/lab/bochs/0004)");
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	CHECK_OK(sched_setaffinity(0, sizeof(set), &set));
}

/*
 * Interrupt each CPU that runs a thread of ours, without any other effect; then tell
 * the guest of @arg to end.
 */
static void *interrupt_cpus(void *arg)
{
	struct vm *vm = arg;

	on_cpu(0);
	for (unsigned int i = 0; i < INTERRUPTS; i++) {
		CHECK_OK(syscall(SYS_membarrier,
				 MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
		/*
		 * a pause that varies, so as not to be in step with the other CPU's
		 * exits
		 */
		for (unsigned int j = i * 7919 % LONGEST_PAUSE; j; j--)
			asm volatile("");
	}
	DATA32(vm, 2) = 1;
	return NULL;
}

static void run_under_interrupts(struct vcpu *v)
{
	pthread_t thread;

	on_cpu(1);
	CHECK_OK(syscall(SYS_membarrier,
			 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	REQUIRE(!pthread_create(&thread, NULL, interrupt_cpus, v->vm));
	vcpu_run_to(v, KVM_EXIT_HLT);
	pthread_join(thread, NULL);
}

/* A VM exit right before a handler's first instruction must save the handler's rip. */
GUEST64(faults,
	"xor %ecx, %ecx; xor %edi, %edi\n"
	"1: div %cl\n"
	"incl %edi; cmpl $0, 0xc008; je 1b\n"
	"hlt\n"
	".globl faults_de\nfaults_de:\n"
	"incl 0xc000; addq $2, (%rsp); iretq\n");
LABEL(faults_de);

static void exceptions_under_interrupts(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(faults));

	vm_gate(&vm, MODE_LONG, 0, AT(faults, faults_de));
	run_under_interrupts(v);
	get_regs(v, &regs);
	CHECK_EQ(DATA32(&vm, 0), (u32)regs.rdi);
	CHECK_EQ(regs.rsp, GUEST_STACK);
}

/*
 * Translations that a CPU has of a vCPU are stale when the vCPU comes back from another CPU,
 * where INVLPG had no effect on them.
 */
GUEST32(remaps,
	"mov 0x100000, %eax; out %al, $0x20\n"
	"movl $0x101007, 0x28000 + 0x100 * 4; invlpg 0x100000\n"
	"1: mov 0x100000, %eax; out %al, $0x20; jmp 1b");

static void translations_of_an_earlier_visit(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_PAGED32, PROG(remaps));

	*GUEST_PTR(&vm, GUEST_HIGH, u8) = 'A';
	*GUEST_PTR(&vm, GUEST_HIGH + 0x1000, u8) = 'B';
	on_cpu(0);
	CHECK_EQ(vcpu_run_out(v, 0x20), 'A');
	on_cpu(1);
	CHECK_EQ(vcpu_run_out(v, 0x20), 'B');
	on_cpu(0);
	CHECK_EQ(vcpu_run_out(v, 0x20), 'B');
}

static const struct test tests[] = {
	TEST_SLOW(exceptions_under_interrupts, 60),
	TEST(translations_of_an_earlier_visit),
};

TAP_MAIN(tests)
