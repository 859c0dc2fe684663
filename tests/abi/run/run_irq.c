// SPDX-License-Identifier: GPL-2.0-only
/* Interrupts without an irqchip, and signals that end KVM_RUN. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "apic.h"

#define VECTOR	0x45

static void on_signal(int sig)
{
	(void)sig;
}

/* KVM_RUN must return EINTR, so no SA_RESTART */
static void catch_signal(int sig)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(sig, &sa, NULL);
}

static int inject(struct vcpu *v, u32 vector)
{
	struct kvm_interrupt irq = { .irq = vector };

	return ioctl(v->fd, KVM_INTERRUPT, &irq);
}

/* The rip of each trap is in words 2 to 7, and in word 1 how many an interrupt has found. */
GUEST64(traps,
	"movw $" GADDR(traps, db_handler) ", 0x1000 + 1 * 16\n"
	"movw $" GADDR(traps, traps_irq) ", 0x1000 + 0x45 * 16\n"
	"movw $" GADDR(traps, traps_irq) ", 0x1000 + 2 * 16\n"
	"mov %ebx, %ecx; pushfq; orl $0x100, (%rsp); popfq\n"
	"sti\n"
	"traps_first: jecxz 1f; out %al, $0x10; jmp traps_next; 1: hlt\n"
	"traps_next: nop\n"
	"traps_2: nop\n"
	"traps_3: nop\n"
	"traps_4: out %al, $0x11; hlt\n"
	"db_handler: push %rax; push %rdx; mov 16(%rsp), %rdx; mov 0xc000, %eax\n"
	"mov %rdx, 0xc010(, %rax, 8); inc %eax; mov %eax, 0xc000\n"
	"cmp $" GADDR(traps, traps_4) ", %rdx; jb 2f; andl $~0x100, 32(%rsp)\n"
	"2: pop %rdx; pop %rax; iretq\n"
	"traps_irq: push %rax; mov 0xc000, %eax; mov %rax, 0xc008; pop %rax; iretq");
LABEL(traps_first); LABEL(traps_next); LABEL(traps_2); LABEL(traps_3); LABEL(traps_4);

/* The VMM cannot inject while the trap is pending: KVM would lose the interrupt. */
static void inject_in_window(struct vcpu *v)
{
	v->run->request_interrupt_window = 1;
	vcpu_run_to(v, KVM_EXIT_IRQ_WINDOW_OPEN);
	CHECK_EQ(v->run->ready_for_interrupt_injection, 1);
	v->run->request_interrupt_window = 0;
	CHECK_OK(inject(v, VECTOR));
}

/*
 * A guest that steps itself over an instruction that exits, and an interrupt that comes
 * then: the trap is first, and the interrupt comes before the next instruction.
 */
static void trap_comes_before(bool hlt, bool nmi)
{
	const u64 want[] = {
		AT(traps, traps_first), AT(traps, traps_next), AT(traps, traps_2),
		AT(traps, traps_3), AT(traps, traps_4),
	};
	struct kvm_regs regs;
	unsigned int i, at = 2;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(traps));

	get_regs(v, &regs);
	regs.rbx = !hlt;
	set_regs(v, &regs);
	if (hlt)
		vcpu_run_to(v, KVM_EXIT_HLT);
	else
		vcpu_run_out(v, 0x10);
	/* OUT completes with the next KVM_RUN, and its trap comes then. */
	CHECK_EQ(v->run->ready_for_interrupt_injection, !hlt);
	if (nmi)
		CHECK_OK(ioctl(v->fd, KVM_NMI));
	else
		inject_in_window(v);
	vcpu_run_out(v, 0x11);
	/* JECXZ and JMP have traps, too. */
	CHECK_EQ(DATA32(&vm, 0), hlt ? 6 : 7);
	CHECK_EQ(DATA64(&vm, at), want[0]);
	at += hlt ? 2 : 3;
	for (i = 1; i < ARRAY_SIZE(want); i++, at++)
		CHECK_EQ(DATA64(&vm, at), want[i]);
	/* IF does not keep an NMI from the first instruction of the trap's handler. */
	CHECK_EQ(DATA64(&vm, 1), nmi ? 2 : 3);
}

static void trap_over_hlt_comes_before_an_interrupt(void)
{
	trap_comes_before(true, false);
}

static void trap_over_hlt_comes_before_an_nmi(void)
{
	trap_comes_before(true, true);
}

/* The guest waits in the module, and its trap ends that. */
static void trap_over_hlt_wakes_it(void)
{
	struct vm vm;
	struct vcpu *v = split_guest(&vm, MODE_LONG, PROG(traps));

	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 6);
	CHECK_EQ(DATA64(&vm, 4), AT(traps, traps_next));
	CHECK_EQ(DATA64(&vm, 1), 0);
}

static void trap_over_out_comes_before_an_interrupt(void)
{
	trap_comes_before(false, false);
}

static void trap_over_out_comes_before_an_nmi(void)
{
	trap_comes_before(false, true);
}

GUEST64(spin_if1, "sti\n1: incq 0xc000; jmp 1b");
GUEST64(spin_if0, "cli\n1: incq 0xc000; jmp 1b");
GUEST64(halt, "hlt");

static void signal_ends_run(struct prog prog)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, prog);
	u64 before;

	catch_signal(SIGALRM);
	alarm_thread(SIGALRM, 20000);
	CHECK_EQ(vcpu_run(v), -EINTR);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_INTR);
	before = DATA64(&vm, 0);
	CHECK(before > 0);
	CHECK_EQ(vcpu_run(v), -EINTR);
	CHECK(DATA64(&vm, 0) > before);
}

static void signal_ends_run_with_if_set(void)
{
	signal_ends_run(PROG(spin_if1));
}

static void signal_ends_run_with_if_clear(void)
{
	signal_ends_run(PROG(spin_if0));
}

static void immediate_exit(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	v->run->immediate_exit = 1;
	CHECK_EQ(vcpu_run(v), -EINTR);
	CHECK_EQ(get_rip(v), GUEST_CODE);
	v->run->immediate_exit = 0;
	vcpu_run_to(v, KVM_EXIT_HLT);
}

struct sigmask_arg {
	struct kvm_signal_mask head;
	u8 set[8];
};

static void signal_mask(void)
{
	struct sigmask_arg arg = { .head.len = 8 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(spin_if1));
	sigset_t set, pending;

	catch_signal(SIGUSR1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* the signal is unblocked in KVM_RUN only, and stays pending after it */
	CHECK_OK(ioctl(v->fd, KVM_SET_SIGNAL_MASK, &arg));
	raise(SIGUSR1);
	CHECK_EQ(vcpu_run(v), -EINTR);
	sigpending(&pending);
	CHECK(sigismember(&pending, SIGUSR1));
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_INTR);
}

/* Blocked, SIGCHLD is not ignored, and in KVM_RUN neither. gVisor gets vCPUs out with it. */
static void signal_mask_lets_sigchld_in(void)
{
	struct sigmask_arg arg = { .head.len = 8 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(spin_if1));
	sigset_t set, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_OK(ioctl(v->fd, KVM_SET_SIGNAL_MASK, &arg));
	alarm_thread(SIGCHLD, 1000);
	CHECK_EQ(vcpu_run(v), -EINTR);
	sigpending(&pending);
	CHECK(sigismember(&pending, SIGCHLD));
}

static void signal_mask_blocks(void)
{
	struct sigmask_arg arg = { .head.len = 8 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	catch_signal(SIGUSR2);
	arg.set[(SIGUSR2 - 1) / 8] = 1 << (SIGUSR2 - 1) % 8;
	CHECK_OK(ioctl(v->fd, KVM_SET_SIGNAL_MASK, &arg));
	alarm_thread(SIGUSR2, 1000);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void signal_mask_arguments(void)
{
	struct sigmask_arg arg = { .head.len = 4 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_ERR(ioctl(v->fd, KVM_SET_SIGNAL_MASK, &arg), EINVAL);
	CHECK_OK(ioctl(v->fd, KVM_SET_SIGNAL_MASK, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(irq_guest,
	"movw $" GADDR(irq_guest, irq_handler) ", 0x1000 + 0x45 * 16\n"
	"out %al, $0x10\n"		/* IF=0 */
	"sti; nop\n"
	"out %al, $0x11\n"		/* IF=1 */
	"nop\n"
	"cli; hlt\n"
	"irq_handler: incl 0xc000; mov (%rsp), %rax; mov %rax, 0xc008; iretq");

static void interrupt_is_taken(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(irq_guest));

	vcpu_run_out(v, 0x10);
	CHECK_EQ(v->run->if_flag, 0);
	CHECK_EQ(v->run->ready_for_interrupt_injection, 0);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(v->run->if_flag, 1);
	CHECK_EQ(DATA32(&vm, 0), 0);
	CHECK_OK(inject(v, VECTOR));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), 1);
	/* the OUT completed before the interrupt */
	CHECK_EQ(vm.mem[DATA64(&vm, 1)], 0x90);
}

static void interrupt_number_is_checked(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(irq_guest));

	CHECK_ERR(inject(v, 256), EINVAL);
	CHECK_ERR(inject(v, -1), EINVAL);
	vcpu_run_out(v, 0x10);
}

static void second_interrupt_before_the_first_is_taken(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(irq_guest));
	int ret;

	vcpu_run_out(v, 0x10);
	vcpu_run_out(v, 0x11);
	CHECK_OK(inject(v, VECTOR));
	ret = inject(v, VECTOR);
	KNOWN_DIFFERENCE(ret < 0 && errno == EEXIST, "overwrites the first, which is lost");
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

GUEST64(window_guest,
	"movw $" GADDR(window_guest, window_handler) ", 0x1000 + 0x45 * 16\n"
	"out %al, $0x10\n"
	"nop; nop\n"
	"sti\n"
	"window_shadow: nop\n"
	"window_open: nop\n"
	"cli; hlt\n"
	"window_handler: incl 0xc000; mov (%rsp), %rax; mov %rax, 0xc008; iretq");
LABEL(window_open);

static void interrupt_window_opens_after_the_sti_shadow(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(window_guest));

	vcpu_run_out(v, 0x10);
	v->run->request_interrupt_window = 1;
	vcpu_run_to(v, KVM_EXIT_IRQ_WINDOW_OPEN);
	CHECK_EQ(v->run->if_flag, 1);
	CHECK_EQ(v->run->ready_for_interrupt_injection, 1);
	CHECK_EQ(get_rip(v), AT(window_guest, window_open));
	v->run->request_interrupt_window = 0;
	CHECK_OK(inject(v, VECTOR));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(DATA64(&vm, 1), AT(window_guest, window_open));
}

GUEST64(halted_guest,
	"movw $" GADDR(halted_guest, halted_handler) ", 0x1000 + 0x45 * 16\n"
	"sti; hlt\n"
	"halted_after: cli; hlt\n"
	"halted_handler: incl 0xc000; mov (%rsp), %rax; mov %rax, 0xc008; iretq");
LABEL(halted_after);

static void interrupt_wakes_from_hlt(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halted_guest));

	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(v->run->if_flag, 1);
	CHECK_OK(inject(v, VECTOR));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(DATA64(&vm, 1), AT(halted_guest, halted_after));
}

GUEST16(irq_real,
	"movw $" GADDR(irq_real, irq_real_handler) ", 0x45 * 4; movw $0, 0x45 * 4 + 2\n"
	"sti; nop; out %al, $0x10; nop; cli; hlt\n"
	"irq_real_handler: movw $0x77, 0xc000; iret");

static void interrupt_in_real_mode(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_REAL, PROG(irq_real));

	vcpu_run_out(v, 0x10);
	CHECK_OK(inject(v, VECTOR));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA16(&vm, 0), 0x77);
}

/* The interrupt is pushed onto a stack whose page is not populated yet. */
static void interrupt_onto_memory_that_is_not_populated(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halted_guest));

	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	regs.rsp = 0x180000;
	set_regs(v, &regs);
	CHECK_OK(inject(v, VECTOR));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

GUEST64(nmi_guest,
	"movw $" GADDR(nmi_guest, nmi_handler) ", 0x1000 + 2 * 16\n"
	"out %al, $0x10; nop; hlt\n"
	"nmi_handler: incl 0xc000; iretq");

static void nmi_is_taken_with_if_clear(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(nmi_guest));

	if (!has_cap(&vm, KVM_CAP_USER_NMI))
		tap_skip("no KVM_CAP_USER_NMI");
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

GUEST64(cr8_guest,
	"mov $5, %eax; mov %rax, %cr8\n"
	"out %al, $0x10\n"
	"mov $2, %eax; mov %rax, %cr8\n"
	"mov %cr8, %rbx; out %al, $0x11\n"
	"mov %cr8, %rcx; hlt");

/* Without an irqchip CR8 travels in struct kvm_run; only lowering it exits. */
static void cr8_in_the_run_page(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(cr8_guest));

	vcpu_run_out(v, 0x10);
	CHECK_EQ(v->run->cr8, 5);
	vcpu_run_to(v, KVM_EXIT_SET_TPR);
	CHECK_EQ(v->run->cr8, 2);
	vcpu_run_out(v, 0x11);
	get_regs(v, &regs);
	CHECK_EQ(regs.rbx, 2);
	v->run->cr8 = 7;
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rcx, 7);
}

static void apic_base_in_the_run_page(void)
{
	struct kvm_sregs sregs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	get_sregs(v, &sregs);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(v->run->apic_base, sregs.apic_base);
}

/* an interrupt that sregs carry is injected like one from KVM_INTERRUPT */
static void interrupt_from_sregs(void)
{
	struct kvm_sregs sregs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(irq_guest));

	vcpu_run_out(v, 0x10);
	vcpu_run_out(v, 0x11);
	get_sregs(v, &sregs);
	sregs.interrupt_bitmap[VECTOR / 64] = 1ULL << VECTOR % 64;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &sregs));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

static const struct test tests[] = {
	TEST(signal_ends_run_with_if_set),
	TEST(signal_ends_run_with_if_clear),
	TEST(immediate_exit),
	TEST(signal_mask),
	TEST(signal_mask_lets_sigchld_in),
	TEST(signal_mask_blocks),
	TEST(signal_mask_arguments),
	TEST(interrupt_is_taken),
	TEST(interrupt_number_is_checked),
	TEST(second_interrupt_before_the_first_is_taken),
	TEST(interrupt_window_opens_after_the_sti_shadow),
	TEST(interrupt_wakes_from_hlt),
	TEST(interrupt_in_real_mode),
	TEST(interrupt_onto_memory_that_is_not_populated),
	TEST(nmi_is_taken_with_if_clear),
	TEST(cr8_in_the_run_page),
	TEST(apic_base_in_the_run_page),
	TEST(interrupt_from_sregs),
	TEST(trap_over_hlt_comes_before_an_interrupt),
	TEST(trap_over_hlt_comes_before_an_nmi),
	TEST(trap_over_hlt_wakes_it),
	TEST(trap_over_out_comes_before_an_interrupt),
	TEST(trap_over_out_comes_before_an_nmi),
};

TAP_MAIN(tests)
