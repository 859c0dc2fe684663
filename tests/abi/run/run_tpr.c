// SPDX-License-Identifier: GPL-2.0-only
/* The task priority of a local APIC in the kernel: by CR8, MMIO, x2APIC's MSR and the VMM. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tpr.h"

#define GP	13
#define DB	1

/* notes the vector @n */
#define NOTE(label, n)	label ": push %rax; mov 0xc000, %eax; movb $" n ", 0xc010(%rax)\n"	\
			"incl 0xc000; pop %rax; movl $0, 0xb0(%rbx); iretq\n"
#define NOTED(n)	GUEST_PTR(&vm, GUEST_DATA + 0x10, u8)[n]

static struct vm vm;
static struct vcpu *v;

static void start(struct prog prog)
{
	v = split_guest(&vm, MODE_LONG, prog);
}

static void nothing(int sig)
{
	(void)sig;
}

/*
 * Return: whether the guest comes to its OUT to @port. KVM does not always lower the threshold
 * when TPR has fallen below. Then VM entry fails, or where the processor virtualizes accesses
 * to the page of the APIC, the guest exits at once, again and again.
 */
static bool comes_to(struct vcpu *vcpu, u16 port)
{
	struct sigaction sa = { .sa_handler = nothing };
	static bool armed;
	unsigned int i;
	int r = -EINTR;

	if (!armed) {
		sigaction(SIGUSR1, &sa, NULL);
		alarm_thread(SIGUSR1, 100000);
		armed = true;
	}
	for (i = 0; i < 30 && r == -EINTR; i++)
		r = vcpu_run(vcpu);
	if (r == KVM_EXIT_IO && vcpu->run->io.port == port)
		return true;
	tap_note("KVM_RUN ended with %d", r);
	return false;
}

#define ENTERS_IN_VAIN	"KVM leaves TPR below its threshold, and the guest does not get on"

/* ---- interrupts that TPR holds back ---- */

/* The class is in ESI, the vector's ICR in EDI. */
GUEST64(one_class,
	"jmp 1f\n" COUNT("oc_handler")
	"1: " ON "sti; mov %rsi, %cr8; mov %edi, 0x300(%rbx); nop; mov 0xc000, %ecx\n"
	"dec %esi; mov %rsi, %cr8; nop; mov 0xc000, %edx; out %al, $0x10; hlt");
LABEL(oc_handler);

static void cr8_holds_back_each_class(void)
{
	unsigned int class;

	start(PROG(one_class));
	for (class = 1; class < 16; class++) {
		/* Vectors below 32 are exceptions' as well, but not for a local APIC. */
		u8 vector = class << 4 | 0xd;
		struct kvm_regs r;

		vm_gate(&vm, MODE_LONG, vector, AT(one_class, oc_handler));
		get_regs(v, &r);
		r.rip = GUEST_CODE;
		r.rsi = class;
		r.rdi = 0x40000 | vector;
		set_regs(v, &r);
		vcpu_run_out(v, 0x10);
		get_regs(v, &r);
		if (!CHECK_EQ(r.rcx, class - 1) | !CHECK_EQ(r.rdx, class))
			tap_note("class %u", class);
		CHECK_EQ(v->run->cr8, class - 1);
		CHECK_EQ(apic_get(v, APIC_TPR), (class - 1) << 4);
		CHECK(!apic_has(v, APIC_IRR, vector));
	}
}

/* Three interrupts wait, and go in one by one as TPR sinks. 0xc004 has the count so far. */
GUEST64(stairs,
	"jmp 1f\n" NOTE("st_33", "0x33") NOTE("st_57", "0x57") NOTE("st_79", "0x79")
	"1: " ON "mov $15, %eax; mov %rax, %cr8; sti\n"
	"movl $0x40033, 0x300(%rbx); movl $0x40079, 0x300(%rbx); movl $0x40057, 0x300(%rbx)\n"
	"mov $7, %eax; mov %rax, %cr8; nop; out %al, $0x10\n"
	"mov $6, %eax; mov %rax, %cr8; nop; out %al, $0x11\n"
	"mov $5, %eax; mov %rax, %cr8; nop; out %al, $0x12\n"
	"mov $9, %eax; mov %rax, %cr8; xor %eax, %eax; mov %rax, %cr8; nop\n"
	"out %al, $0x13; hlt");
LABEL(st_33); LABEL(st_57); LABEL(st_79);

static void they_go_in_as_tpr_sinks(void)
{
	start(PROG(stairs));
	vm_gate(&vm, MODE_LONG, 0x33, AT(stairs, st_33));
	vm_gate(&vm, MODE_LONG, 0x57, AT(stairs, st_57));
	vm_gate(&vm, MODE_LONG, 0x79, AT(stairs, st_79));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 0);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(NOTED(0), 0x79);
	vcpu_run_out(v, 0x12);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK(apic_has(v, APIC_IRR, 0x57));
	vcpu_run_out(v, 0x13);
	CHECK_EQ(DATA32(&vm, 0), 3);
	CHECK_EQ(NOTED(1), 0x57);
	CHECK_EQ(NOTED(2), 0x33);
}

GUEST64(closed,
	"jmp 1f\n" COUNT("cl_handler")
	"1: " ON "cli; mov $8, %eax; mov %rax, %cr8; movl $0x40045, 0x300(%rbx)\n"
	"xor %eax, %eax; mov %rax, %cr8; nop; out %al, $0x10\n"
	"sti; nop; out %al, $0x11\n"
	/* in a shadow of STI: MOV to CR8 is executed before the interrupt enters */
	"cli; mov $8, %eax; mov %rax, %cr8; movl $0x40045, 0x300(%rbx); xor %eax, %eax\n"
	"sti; mov %rax, %cr8; cl_next: nop; out %al, $0x12; hlt");
LABEL(cl_handler);

static void a_closed_window_holds_it_back_too(void)
{
	start(PROG(closed));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(closed, cl_handler));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 0);
	CHECK(apic_has(v, APIC_IRR, VECTOR));
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 1);
	vcpu_run_out(v, 0x12);
	CHECK_EQ(DATA32(&vm, 0), 2);
}

/* Within the handler of 0x85, TPR is not what holds 0x45 back. */
GUEST64(served,
	"jmp 1f\n" COUNT("sv_low")
	"sv_high: mov $9, %eax; mov %rax, %cr8; movl $0x40045, 0x300(%rbx); sti\n"
	"xor %eax, %eax; mov %rax, %cr8; nop; out %al, $0x10; cli\n"
	"movl $0, 0xb0(%rbx); iretq\n"
	"1: " ON "sti; movl $0x40085, 0x300(%rbx); nop; nop; out %al, $0x11; hlt");
LABEL(sv_low); LABEL(sv_high);

static void an_interrupt_in_service_holds_it_back_too(void)
{
	bool ok;

	start(PROG(served));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(served, sv_low));
	vm_gate(&vm, MODE_LONG, 0x85, AT(served, sv_high));
	ok = comes_to(v, 0x10);
	KNOWN_DIFFERENCE(ok, ENTERS_IN_VAIN);
	if (!ok)
		return;
	CHECK_EQ(DATA32(&vm, 0), 0);
	CHECK(apic_has(v, APIC_ISR, 0x85));
	CHECK(apic_has(v, APIC_IRR, VECTOR));
	CHECK(comes_to(v, 0x11));
	CHECK_EQ(DATA32(&vm, 0), 1);
}

/* The interrupt comes from elsewhere, after TPR was raised without it. */
GUEST64(outside,
	"jmp 1f\n" COUNT("ou_handler")
	"1: " ON "sti; mov $6, %eax; mov %rax, %cr8; out %al, $0x10\n"
	"mov $4, %eax; mov %rax, %cr8; nop; out %al, $0x11\n"
	"mov $3, %eax; mov %rax, %cr8; nop; out %al, $0x12\n"
	"mov $6, %eax; mov %rax, %cr8; out %al, $0x13\n"
	"1: mov %cr8, %rcx; cmp $6, %ecx; je 1b; out %al, $0x14; nop; out %al, $0x15; hlt");
LABEL(ou_handler);

static void start_outside(void)
{
	start(PROG(outside));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(outside, ou_handler));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(send_msi(&vm, APIC_BASE, VECTOR), 1);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 0);
	CHECK(apic_has(v, APIC_IRR, VECTOR));
}

static void it_comes_after_tpr_was_raised(void)
{
	start_outside();
	vcpu_run_out(v, 0x12);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

/* While the guest runs, in another thread */
static void *send_later(void *unused)
{
	(void)unused;
	while (!DATA32(&vm, 8))
		;
	CHECK_EQ(send_msi(&vm, APIC_BASE, VECTOR), 1);
	DATA32(&vm, 9) = 1;
	return NULL;
}

GUEST64(running,
	"jmp 1f\n" COUNT("ru_handler")
	"1: " ON "mov $6, %eax; mov %rax, %cr8; sti; movl $1, 0xc020\n"
	"2: pause; cmpl $1, 0xc024; jne 2b; mov 0xc000, %ecx\n"
	"mov $4, %eax; mov %rax, %cr8; nop; mov 0xc000, %edx\n"
	"xor %eax, %eax; mov %rax, %cr8; nop; out %al, $0x10; hlt");
LABEL(ru_handler);

static void it_comes_while_the_guest_runs(void)
{
	struct kvm_regs r;
	pthread_t thread;

	start(PROG(running));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(running, ru_handler));
	CHECK_EQ(pthread_create(&thread, NULL, send_later, NULL), 0);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	get_regs(v, &r);
	CHECK_EQ(r.rcx, 0);
	CHECK_EQ(r.rdx, 0);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

static void the_vmm_lowers_it_by_sregs(void)
{
	start_outside();
	set_cr8(v, 3);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x30);
	vcpu_run_out(v, 0x12);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

static void the_vmm_lowers_it_by_the_registers(void)
{
	start_outside();
	vcpu_run_out(v, 0x12);
	vcpu_run_out(v, 0x13);
	CHECK_EQ(send_msi(&vm, APIC_BASE, VECTOR), 1);
	apic_set(v, APIC_TPR, 0x2f);
	CHECK_EQ(cr8_of_sregs(v), 2);
	vcpu_run_out(v, 0x14);
	CHECK_EQ(DATA32(&vm, 0), 2);
}

/* TPR in the registers is lower than before, and nothing waits. */
static void the_vmm_takes_the_interrupt_away(void)
{
	struct kvm_lapic_state s;

	start_outside();
	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &s));
	memset(s.regs + APIC_IRR, 0, 0x80);
	memset(s.regs + APIC_TPR, 0, 4);
	CHECK_OK(ioctl(v->fd, KVM_SET_LAPIC, &s));
	CHECK_EQ(v->run->cr8, 4);
	vcpu_run_out(v, 0x12);
	CHECK_EQ(DATA32(&vm, 0), 0);
	CHECK_EQ(v->run->cr8, 3);
}

GUEST64(halts,
	"jmp 1f\n" COUNT("ha_handler")
	"1: " ON "mov $6, %eax; mov %rax, %cr8; movl $0x40045, 0x300(%rbx); sti; hlt\n"
	"out %al, $0x10; hlt");
LABEL(ha_handler);

static void hlt_does_not_end_below_tpr(void)
{
	struct sigaction sa = { .sa_handler = nothing };

	start(PROG(halts));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(halts, ha_handler));
	sigaction(SIGUSR1, &sa, NULL);
	alarm_thread(SIGUSR1, 20000);
	do {
		CHECK_EQ(vcpu_run(v), -EINTR);
	} while (mp_state(v) != KVM_MP_STATE_HALTED);
	CHECK_EQ(vcpu_run(v), -EINTR);
	CHECK_EQ(DATA32(&vm, 0), 0);
	apic_set(v, APIC_TPR, 0);
	while (vcpu_run(v) == -EINTR)
		;
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_IO);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

/* The guest steps MOV to CR8 by itself: the trap comes first, then the interrupt. */
GUEST64(traps,
	"jmp 1f\n" NOTE("tr_handler", "0x45")
	"tr_trap: push %rax; mov 0xc000, %eax; movb $1, 0xc010(%rax); incl 0xc000; pop %rax\n"
	"mov (%rsp), %rcx; mov %rcx, 0xc030; andl $~0x100, 16(%rsp); iretq\n"
	"1: " ON "mov $6, %eax; mov %rax, %cr8; movl $0x40045, 0x300(%rbx); xor %eax, %eax\n"
	"pushf; orl $0x300, (%rsp); popf\n"
	"mov %rax, %cr8; tr_next: nop; out %al, $0x10; hlt");
LABEL(tr_handler); LABEL(tr_trap); LABEL(tr_next);

static void the_guests_own_step_comes_first(void)
{
	start(PROG(traps));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(traps, tr_handler));
	vm_gate(&vm, MODE_LONG, DB, AT(traps, tr_trap));
	vcpu_run_out(v, 0x10);
	KNOWN_DIFFERENCE(DATA32(&vm, 0) == 2 && NOTED(0) == 1 && NOTED(1) == VECTOR &&
			 DATA64(&vm, 6) == AT(traps, tr_next),
			 "KVM injects the interrupt in place of the pending trap (SDM 27.7.3)");
}

GUEST64(too_large, "mov %rsi, %cr8; out %al, $0x10; hlt");

static void a_value_above_15(void)
{
	static const u64 values[] = { 16, 0x80000000, 1ULL << 63, ~0ULL };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		struct kvm_regs r;

		start(PROG(too_large));
		set_cr8(v, 7);
		get_regs(v, &r);
		r.rsi = values[i];
		set_regs(v, &r);
		vcpu_run_to(v, KVM_EXIT_IO);
		CHECK_EQ(vcpu_trap(v), GP);
		CHECK_EQ(apic_get(v, APIC_TPR), 0x70);
		vm_destroy(&vm);
	}
}

/* ---- one register by several ways ---- */

GUEST64(ways,
	ON "mov 0x80(%rbx), %ecx; mov %cr8, %rdx; out %al, $0x10\n"
	"movl $0x5a, 0x80(%rbx); mov 0x80(%rbx), %ecx; mov %cr8, %rdx; out %al, $0x11\n"
	"mov $7, %eax; mov %rax, %cr8; mov 0x80(%rbx), %ecx; mov %cr8, %rdx\n"
	"mov 0xa0(%rbx), %esi; out %al, $0x12\n"
	"mov 0x80(%rbx), %ecx; mov %cr8, %rdx; out %al, $0x13\n"
	"mov 0x80(%rbx), %ecx; mov %cr8, %rdx; mov 0xa0(%rbx), %esi; out %al, $0x14\n"
	X2APIC "mov $0x808, %ecx; mov $0xb3, %eax; xor %edx, %edx; wrmsr; mov %cr8, %rsi\n"
	"mov $2, %edi; mov %rdi, %cr8; rdmsr; mov %eax, %edi; out %al, $0x15; hlt");

static void agree(u16 port, u32 tpr)
{
	struct kvm_regs r;

	vcpu_run_out(v, port);
	get_regs(v, &r);
	if (!CHECK_EQ(r.rcx, tpr) | !CHECK_EQ(r.rdx, tpr >> 4))
		tap_note("at port %#x", port);
	CHECK_EQ(apic_get(v, APIC_TPR), tpr);
	CHECK_EQ(cr8_of_sregs(v), tpr >> 4);
	CHECK_EQ(v->run->cr8, tpr >> 4);
}

static void all_ways_agree(void)
{
	struct kvm_regs r;

	start(PROG(ways));
	agree(0x10, 0);
	agree(0x11, 0x5a);
	agree(0x12, 0x70);
	get_regs(v, &r);
	CHECK_EQ(r.rsi, 0x70);
	set_cr8(v, 3);
	agree(0x13, 0x30);
	apic_set(v, APIC_TPR, 0x92);
	agree(0x14, 0x92);
	get_regs(v, &r);
	CHECK_EQ(r.rsi, 0x92);
	vcpu_run_out(v, 0x15);
	get_regs(v, &r);
	CHECK_EQ(r.rsi, 0xb);
	CHECK_EQ(r.rdi, 0x20);
	CHECK_EQ(get_msr(v, MSR_X2APIC(APIC_TPR)), 0x20);
	CHECK_EQ(set_msr(v, MSR_X2APIC(APIC_TPR), 0x64), 1);
	CHECK_EQ(cr8_of_sregs(v), 6);
}

/* The VMM cannot write it through struct kvm_run, as it could without an irqchip. */
static void struct_kvm_run_only_tells_it(void)
{
	start(PROG(ways));
	vcpu_run_out(v, 0x10);
	v->run->cr8 = 0x77;
	vcpu_run_out(v, 0x11);
	CHECK_EQ(v->run->cr8, 5);
	v->run->cr8 = 1;
	CHECK_EQ(cr8_of_sregs(v), 5);
}

GUEST64(raised, ON "mov $9, %eax; mov %rax, %cr8; out %al, $0x10; hlt");

static void the_processor_priority_follows(void)
{
	start(PROG(raised));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x90);
	KNOWN_DIFFERENCE(apic_get(v, APIC_PPR) == 0x90,
			 "KVM updates PPR at the next event (SDM 11.8.3.1)");
}

/* ---- INIT ---- */

static void init_clears_it(void)
{
	struct vcpu *other = start_victim(&vm, &v);

	vcpu_run_out(v, 0x10);
	vcpu_run_out(other, 0x13);
	CHECK_EQ(apic_get(other, APIC_TPR), 0);
	CHECK_EQ(other->run->cr8, 0);
}

static void init_clears_an_interrupt_behind_it(void)
{
	struct vcpu *other = start_victim(&vm, &v);

	vcpu_run_out(other, 0x12);
	CHECK(apic_has(other, APIC_IRR, VECTOR));
	vcpu_run_out(v, 0x10);
	KNOWN_DIFFERENCE(comes_to(other, 0x13), ENTERS_IN_VAIN);
	CHECK_EQ(apic_get(other, APIC_TPR), 0);
	CHECK(!apic_has(other, APIC_IRR, VECTOR));
}

/* ---- without exits ---- */

GUEST64(many,
	ON "out %al, $0x10; mov $1000, %esi; 1: mov %rsi, %rax; and $15, %eax; mov %rax, %cr8\n"
	"mov %cr8, %rcx; dec %esi; jnz 1b; out %al, $0x11; hlt");

static bool shadowed(void)
{
	FILE *f = fopen("/sys/module/vmxdbg/parameters/tpr_shadow", "r");
	int c = f ? fgetc(f) : 'Y';

	if (f)
		fclose(f);
	return on_kvm() || c == 'Y';
}

static void cr8_does_not_exit(void)
{
	long before, after;

	if (!shadowed())
		tap_skip("the module is loaded with tpr_shadow=0");
	start(PROG(many));
	vcpu_run_out(v, 0x10);
	before = stat_of("exits");
	if (before < 0)
		tap_skip("no count of exits in debugfs");
	vcpu_run_out(v, 0x11);
	after = stat_of("exits");
	if (!CHECK(after - before < 500))
		tap_note("%ld exits", after - before);
}

static const struct test tests[] = {
	TEST(cr8_holds_back_each_class),
	TEST(they_go_in_as_tpr_sinks),
	TEST(a_closed_window_holds_it_back_too),
	TEST(an_interrupt_in_service_holds_it_back_too),
	TEST(it_comes_after_tpr_was_raised),
	TEST(it_comes_while_the_guest_runs),
	TEST(the_vmm_lowers_it_by_sregs),
	TEST(the_vmm_lowers_it_by_the_registers),
	TEST(the_vmm_takes_the_interrupt_away),
	TEST(hlt_does_not_end_below_tpr),
	TEST(the_guests_own_step_comes_first),
	TEST(a_value_above_15),
	TEST(all_ways_agree),
	TEST(struct_kvm_run_only_tells_it),
	TEST(the_processor_priority_follows),
	TEST(init_clears_it),
	TEST(init_clears_an_interrupt_behind_it),
	TEST(cr8_does_not_exit),
};

TAP_MAIN(tests)
