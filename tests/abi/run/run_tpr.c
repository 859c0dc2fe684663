// SPDX-License-Identifier: GPL-2.0-only
/*
 * The task priority of a local APIC in the kernel: by CR8, MMIO, x2APIC's MSR and the VMM;
 * the word of KVM_SET_VAPIC_ADDR; KVM_TPR_ACCESS_REPORTING.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "apic.h"

#define VECTOR	0x45
#define GP	13
#define DB	1

/* for guests: RBX is the APIC's base */
#define APIC	"mov $0xfee00000, %ebx\n"
#define ON	APIC "movl $0x1ff, 0xf0(%rbx)\n"
#define X2APIC	"mov $0x1b, %ecx; mov $0xfee00d00, %eax; xor %edx, %edx; wrmsr\n"	\
		"mov $0x80f, %ecx; mov $0x1ff, %eax; wrmsr\n"

/* counts, and notes the vector @n */
#define COUNT(label)	label ": incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"
#define NOTE(label, n)	label ": push %rax; mov 0xc000, %eax; movb $" n ", 0xc010(%rax)\n"	\
			"incl 0xc000; pop %rax; movl $0, 0xb0(%rbx); iretq\n"
#define NOTED(n)	GUEST_PTR(&vm, GUEST_DATA + 0x10, u8)[n]

static struct vm vm;
static struct vcpu *v;

static void start(struct prog prog)
{
	v = split_guest(&vm, MODE_LONG, prog);
}

static u64 cr8_of_sregs(void)
{
	struct kvm_sregs s;

	get_sregs(v, &s);
	return s.cr8;
}

static void set_cr8(u64 cr8)
{
	struct kvm_sregs s;

	get_sregs(v, &s);
	s.cr8 = cr8;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
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
	set_cr8(3);
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
	CHECK_EQ(cr8_of_sregs(), 2);
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
		set_cr8(7);
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
	CHECK_EQ(cr8_of_sregs(), tpr >> 4);
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
	set_cr8(3);
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
	CHECK_EQ(cr8_of_sregs(), 6);
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
	CHECK_EQ(cr8_of_sregs(), 5);
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

GUEST64(sender,
	ON "movl $0x1000000, 0x310(%rbx); movl $0x4500, 0x300(%rbx); movl $0x460a, 0x300(%rbx)\n"
	"out %al, $0x10; hlt");
GUEST64(victim,
	ON "mov $12, %eax; mov %rax, %cr8; out %al, $0x11; movl $0x40045, 0x300(%rbx)\n"
	"out %al, $0x12; hlt");
GUEST16(begins, "out %al, $0x13; hlt");

/* vCPU 1, which has raised its TPR */
static struct vcpu *start_victim(void)
{
	struct vcpu *other;

	start(PROG(sender));
	memcpy(vm.mem + 0x9000, victim_begin, victim_end - victim_begin);
	memcpy(vm.mem + 0xa000, begins_begin, begins_end - begins_begin);
	other = guest_add_vcpu(&vm, 1, MODE_LONG, 0x9000);
	CHECK_EQ(set_mp_state(other, KVM_MP_STATE_RUNNABLE), 0);
	vcpu_run_out(other, 0x11);
	CHECK_EQ(apic_get(other, APIC_TPR), 0xc0);
	return other;
}

static void init_clears_it(void)
{
	struct vcpu *other = start_victim();

	vcpu_run_out(v, 0x10);
	vcpu_run_out(other, 0x13);
	CHECK_EQ(apic_get(other, APIC_TPR), 0);
	CHECK_EQ(other->run->cr8, 0);
}

static void init_clears_an_interrupt_behind_it(void)
{
	struct vcpu *other = start_victim();

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

/* ---- KVM_SET_VAPIC_ADDR ---- */

#define WORD	0xc800
#define BELOW	0xcffe		/* across two pages */

static int set_vapic(struct vcpu *vcpu, u64 addr)
{
	struct kvm_vapic_addr arg = { .vapic_addr = addr };

	return ioctl(vcpu->fd, KVM_SET_VAPIC_ADDR, &arg);
}

static u32 word_at(u64 gpa)
{
	u32 word;

	memcpy(&word, vm.mem + gpa, sizeof(word));
	return word;
}

static int set_slot(u32 slot, u32 flags, u64 gpa, u64 size, void *mem)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa, .memory_size = size,
		.userspace_addr = (uintptr_t)mem,
	};

	return ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r);
}

GUEST64(idle, "hlt");

static void addresses_of_the_word(void)
{
	void *mem = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	start(PROG(idle));
	CHECK_EQ(has_cap(&vm, KVM_CAP_VAPIC), 1);
	CHECK_OK(set_slot(1, KVM_MEM_READONLY, 0x800000, 0x1000, mem));
	CHECK_EQ(set_vapic(v, 0), 0);
	CHECK_EQ(set_vapic(v, WORD), 0);
	CHECK_EQ(set_vapic(v, WORD + 1), 0);
	CHECK_EQ(set_vapic(v, BELOW), 0);
	CHECK_EQ(set_vapic(v, GUEST_RAM - 4), 0);
	CHECK_ERR(set_vapic(v, GUEST_RAM - 3), EINVAL);
	CHECK_ERR(set_vapic(v, GUEST_RAM), EINVAL);
	CHECK_ERR(set_vapic(v, GUEST_MMIO), EINVAL);
	CHECK_ERR(set_vapic(v, 0x800000), EINVAL);
	CHECK_ERR(set_vapic(v, ~0ULL), EINVAL);
	CHECK_ERR(set_vapic(v, ~0ULL - 3), EINVAL);
	CHECK_ERR(ioctl(v->fd, KVM_SET_VAPIC_ADDR, bad_pointer()), EFAULT);
	CHECK_EQ(set_vapic(v, 0), 0);
	vm_destroy(&vm);
	v = guest_make(&vm, MODE_LONG, PROG(idle));
	CHECK_ERR(set_vapic(v, WORD), EINVAL);
	CHECK_ERR(set_vapic(v, 0), EINVAL);
	CHECK_ERR(ioctl(v->fd, KVM_SET_VAPIC_ADDR, bad_pointer()), EINVAL);
}

/*
 * 0x33 is requested behind TPR, 0x79 is served. RSI is the address of the word. ECX, EDX
 * and RDI: what the guest reads there, in the handler, and after it.
 */
GUEST64(by_word,
	"jmp 1f\n" COUNT("bw_low")
	"bw_high: mov (%rsi), %ecx; out %al, $0x12; movl $0, 0xb0(%rbx); iretq\n"
	"1: " ON "sti; out %al, $0x10\n"
	"movb $0x42, (%rsi); out %al, $0x11; movl $0x40033, 0x300(%rbx)\n"
	"movl $0x40079, 0x300(%rbx); nop; mov (%rsi), %edx; out %al, $0x13\n"
	"movb $0x2f, (%rsi); nop; out %al, $0x14; nop; out %al, $0x15\n"
	"movl $0x7f, 0x80(%rbx); mov (%rsi), %edx; mov 0x80(%rbx), %edi; out %al, $0x16\n"
	"movb $0x11, (%rsi); mov 0x80(%rbx), %edi; out %al, $0x17; hlt");
LABEL(bw_low); LABEL(bw_high);

#define TAKES_IT_BACK	"KVM does not write a raised TPR to the word, and takes the old one from it"

static void start_by_word(u64 gpa)
{
	struct kvm_regs r;

	start(PROG(by_word));
	vm_gate(&vm, MODE_LONG, 0x33, AT(by_word, bw_low));
	vm_gate(&vm, MODE_LONG, 0x79, AT(by_word, bw_high));
	get_regs(v, &r);
	r.rsi = gpa;
	set_regs(v, &r);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(set_vapic(v, gpa), 0);
}

static void check_the_word(u64 gpa)
{
	struct kvm_regs r;

	start_by_word(gpa);
	/* The guest's value is TPR from the next exit on. */
	vcpu_run_out(v, 0x11);
	CHECK_EQ(word_at(gpa) & 0xff, 0x42);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x42);
	CHECK_EQ(cr8_of_sregs(), 4);
	vcpu_run_out(v, 0x12);
	get_regs(v, &r);
	CHECK_EQ(r.rcx, 0x33007042);
	vcpu_run_out(v, 0x13);
	get_regs(v, &r);
	CHECK_EQ(r.rdx, 0x33000042);
	CHECK_EQ(DATA32(&vm, 0), 0);
	/* The guest asks for the interrupt by an exit: port 0x14. */
	vcpu_run_out(v, 0x14);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x2f);
	vcpu_run_out(v, 0x15);
	CHECK_EQ(DATA32(&vm, 0), 1);
	vcpu_run_out(v, 0x16);
	get_regs(v, &r);
	KNOWN_DIFFERENCE(r.rdx == 0x7f && r.rdi == 0x7f, TAKES_IT_BACK);
	vcpu_run_out(v, 0x17);
	get_regs(v, &r);
	CHECK_EQ(r.rdi, 0x11);
	CHECK_EQ(word_at(gpa), 0x11);
}

static void the_word_is_tpr(void)
{
	check_the_word(WORD);
}

static void a_word_across_pages(void)
{
	check_the_word(BELOW);
}

static void the_vmm_sets_the_word(void)
{
	struct kvm_regs r;

	start_by_word(WORD);
	apic_set(v, APIC_TPR, 0x63);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x42);
	set_cr8(8);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x80);
	/* TPR is above both interrupts now, so the handler's OUT does not come first. */
	vcpu_run_to(v, KVM_EXIT_IO);
	get_regs(v, &r);
	KNOWN_DIFFERENCE(v->run->io.port == 0x13 && r.rdx == 0x79000080, TAKES_IT_BACK);
	CHECK_EQ(DATA32(&vm, 0), 0);
}

static void turned_off_it_is_memory(void)
{
	start_by_word(WORD);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(set_vapic(v, 0), 0);
	vcpu_run_out(v, 0x12);
	vcpu_run_out(v, 0x13);
	CHECK_EQ(word_at(WORD), 0x42);
	vcpu_run_out(v, 0x14);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x42);
	CHECK_EQ(word_at(WORD), 0x2f);
}

static u64 dirty(u64 gpa)
{
	static u64 bits[GUEST_RAM / 0x1000 / 64];
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = bits };

	memset(bits, 0, sizeof(bits));
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	return bits[gpa / 0x1000 / 64] >> gpa / 0x1000 % 64 & 1;
}

/* prints, and writes nothing */
GUEST64(quiet, ON "out %al, $0x10; 1: out %al, $0x11; jmp 1b");

static void writes_of_the_word_are_logged(void)
{
	start(PROG(quiet));
	CHECK_OK(set_slot(0, KVM_MEM_LOG_DIRTY_PAGES, 0, GUEST_RAM, vm.mem));
	vcpu_run_out(v, 0x10);
	dirty(WORD);
	vcpu_run_out(v, 0x11);
	CHECK(!dirty(WORD));
	CHECK_EQ(set_vapic(v, WORD), 0);
	apic_set(v, APIC_TPR, 0x55);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(word_at(WORD), 0x55);
	CHECK(dirty(WORD));
}

/* The word's slot goes away, and comes back. */
static void the_slot_of_the_word_goes_away(void)
{
	u8 *mem = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	start(PROG(quiet));
	CHECK_OK(set_slot(1, 0, 0x800000, 0x1000, mem));
	CHECK_EQ(set_vapic(v, 0x800010), 0);
	vcpu_run_out(v, 0x10);
	apic_set(v, APIC_TPR, 0x31);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(mem[0x10], 0x31);
	CHECK_OK(set_slot(1, 0, 0x800000, 0, mem));
	apic_set(v, APIC_TPR, 0x32);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(mem[0x10], 0x31);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x32);
	CHECK_OK(set_slot(1, 0, 0x800000, 0x1000, mem));
	apic_set(v, APIC_TPR, 0x33);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(mem[0x10], 0x33);
	/* memory that the VMM has unmapped */
	munmap(mem, 0x1000);
	apic_set(v, APIC_TPR, 0x34);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x34);
}

/* The page of the word is not there until it is written. */
static void the_word_is_swapped_out(void)
{
	unsigned int i;

	start(PROG(quiet));
	CHECK_EQ(set_vapic(v, GUEST_HIGH), 0);
	vcpu_run_out(v, 0x10);
	for (i = 1; i < 10; i++) {
		apic_set(v, APIC_TPR, i);
		CHECK_OK(madvise(vm.mem + GUEST_HIGH, 0x1000, MADV_DONTNEED));
		vcpu_run_out(v, 0x11);
		vcpu_run_out(v, 0x11);
		CHECK_EQ(apic_get(v, APIC_TPR), i);
		CHECK_EQ(word_at(GUEST_HIGH), i);
	}
}

/* An INIT ends the use of the word until the VMM sets it again. */
static void init_forgets_the_word(void)
{
	struct vcpu *other = start_victim();

	CHECK_EQ(set_vapic(other, WORD), 0);
	vcpu_run_out(other, 0x12);
	vcpu_run_out(v, 0x10);
	GUEST_PTR(&vm, WORD, u32)[0] = 0x66;
	vcpu_run_out(other, 0x13);
	CHECK_EQ(apic_get(other, APIC_TPR), 0);
	CHECK_EQ(word_at(WORD), 0x66);
}

/* ---- KVM_TPR_ACCESS_REPORTING ---- */

static int report(bool on)
{
	struct kvm_tpr_access_ctl ctl = { .enabled = on };

	return ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, &ctl);
}

GUEST64(accesses,
	ON "out %al, $0x10; ac_write: movl $0x35, 0x80(%rbx)\n"
	"ac_read: mov 0x80(%rbx), %ecx; ac_after: mov $5, %eax; mov %rax, %cr8; mov %cr8, %rdx\n"
	"mov 0xa0(%rbx), %esi; ac_rmw: orl $2, 0x80(%rbx); ac_end: out %al, $0x11\n"
	X2APIC "mov $0x808, %ecx; mov $0x44, %eax; ac_wrmsr: wrmsr; ac_rdmsr: rdmsr\n"
	"ac_last: out %al, $0x12; out %al, $0x13; hlt");
LABEL(ac_write); LABEL(ac_read); LABEL(ac_after); LABEL(ac_rmw); LABEL(ac_end);
LABEL(ac_wrmsr); LABEL(ac_rdmsr); LABEL(ac_last);

static void was_reported(u64 at, bool write, u64 next)
{
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_TPR_ACCESS);
	CHECK_EQ(v->run->tpr_access.rip, at);
	CHECK_EQ(v->run->tpr_access.is_write, write);
	CHECK_EQ(get_rip(v), next);
}

static void reported(u64 at, bool write, u64 next)
{
	vcpu_run(v);
	was_reported(at, write, next);
}

static void accesses_are_reported(void)
{
	struct kvm_regs r;

	start(PROG(accesses));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(report(true), 0);
	vcpu_run(v);
	if (on_kvm() && v->run->exit_reason == KVM_EXIT_IO) {
		tap_note("this KVM's processor makes accesses by MMIO alone");
	} else {
		was_reported(AT(accesses, ac_write), true, AT(accesses, ac_read));
		CHECK_EQ(apic_get(v, APIC_TPR), 0x35);
		reported(AT(accesses, ac_read), false, AT(accesses, ac_after));
		get_regs(v, &r);
		CHECK_EQ(r.rcx, 0x35);
		reported(AT(accesses, ac_rmw), true, AT(accesses, ac_end));
		vcpu_run_out(v, 0x11);
	}
	CHECK_EQ(apic_get(v, APIC_TPR), 0x52);
	vcpu_run(v);
	if (on_kvm() && v->run->exit_reason == KVM_EXIT_IO) {
		tap_note("this KVM's processor makes accesses by MSR alone");
		return;
	}
	was_reported(AT(accesses, ac_wrmsr), true, AT(accesses, ac_rdmsr));
	reported(AT(accesses, ac_rdmsr), false, AT(accesses, ac_last));
	get_regs(v, &r);
	CHECK_EQ(r.rax, 0x44);
	vcpu_run_out(v, 0x12);
}

static void accesses_of_the_vmm_are_not(void)
{
	start(PROG(accesses));
	CHECK_EQ(report(true), 0);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(apic_get(v, APIC_TPR), 0);
	apic_set(v, APIC_TPR, 0x20);
	set_cr8(1);
	CHECK_EQ(report(false), 0);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x12);
	/* By the number of the guest's MSR, KVM takes the VMM for the guest. */
	CHECK_EQ(report(true), 0);
	CHECK_EQ(get_msr(v, MSR_X2APIC(APIC_TPR)), 0x44);
	KNOWN_DIFFERENCE(vcpu_run(v) == KVM_EXIT_IO, "KVM reports the VMM's KVM_GET_MSRS");
}

static void bounds_of_reports(void)
{
	struct kvm_tpr_access_ctl ctl = { .enabled = 1, .flags = 1 };

	start(PROG(accesses));
	CHECK_ERR(ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, &ctl), EINVAL);
	CHECK_ERR(ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, bad_pointer()), EFAULT);
	vcpu_run_out(v, 0x10);
	vcpu_run_out(v, 0x11);
	vm_destroy(&vm);
	v = guest_make(&vm, MODE_LONG, PROG(raised));
	CHECK_EQ(report(true), 0);
	CHECK_ERR(ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, &ctl), EINVAL);
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
	TEST(addresses_of_the_word),
	TEST(the_word_is_tpr),
	TEST(a_word_across_pages),
	TEST(the_vmm_sets_the_word),
	TEST(turned_off_it_is_memory),
	TEST(writes_of_the_word_are_logged),
	TEST(the_slot_of_the_word_goes_away),
	TEST(the_word_is_swapped_out),
	TEST(init_forgets_the_word),
	TEST(accesses_are_reported),
	TEST(accesses_of_the_vmm_are_not),
	TEST(bounds_of_reports),
};

TAP_MAIN(tests)
