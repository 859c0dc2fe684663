// SPDX-License-Identifier: GPL-2.0-only
/* Registers and interrupts of one vCPU's local APIC in the kernel. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "apic.h"
#include "cpuid_list.h"

#define VECTOR	0x45
#define LOW	0x33
#define GP	13

/* for guests: RBX is the APIC's base */
#define APIC	"mov $0xfee00000, %ebx\n"
#define ON	APIC "movl $0x1ff, 0xf0(%rbx)\n"

static struct vm vm;
static struct vcpu *v;

static void start(struct prog prog)
{
	v = split_guest(&vm, MODE_LONG, prog);
}

/* The VMM says whether the guest has the timer's deadline mode, whatever the host offers. */
static void set_deadline_cpuid(bool has)
{
	struct kvm_cpuid_entry2 *e;
	struct cpuid_list list;

	cpuid_supported(vm.dev, &list);
	e = cpuid_leaf(&list, 1);
	e->ecx = (e->ecx & ~(1U << 24)) | (u32)has << 24;
	cpuid_set(v, &list);
}

/* ---- registers ---- */

GUEST64(nothing, "hlt");

static const struct {
	u32 reg, val;
} fresh[] = {
	{ APIC_ID, 0 }, { APIC_TPR, 0 }, { APIC_PPR, 0 }, { APIC_LDR, 0 },
	{ APIC_DFR, 0xffffffff }, { APIC_SVR, 0xff }, { APIC_ESR, 0 }, { APIC_ICR, 0 },
	{ APIC_ICR2, 0 }, { APIC_LVTT, LVT_MASKED }, { APIC_LVT_THERMAL, LVT_MASKED },
	{ APIC_LVT_PERF, LVT_MASKED }, { APIC_LVT0, DM_EXTINT }, { APIC_LVT1, LVT_MASKED },
	{ APIC_LVT_ERROR, LVT_MASKED }, { APIC_TMICT, 0 }, { APIC_TMCCT, 0 }, { APIC_TDCR, 0 },
};

static void a_fresh_apic(void)
{
	struct vcpu *other;
	unsigned int i;

	start(PROG(nothing));
	for (i = 0; i < ARRAY_SIZE(fresh); i++)
		if (!CHECK_EQ(apic_get(v, fresh[i].reg), fresh[i].val))
			tap_note("register %#x", fresh[i].reg);
	CHECK_EQ(apic_get(v, APIC_LVR) & 0xffff, 0x14);
	CHECK_EQ(get_msr(v, MSR_APIC_BASE), APIC_BASE | BASE_ON | BASE_BSP);
	CHECK_EQ(mp_state(v), KVM_MP_STATE_RUNNABLE);
	other = vm_add_vcpu(&vm, 1);
	CHECK_EQ(apic_get(other, APIC_ID), 1 << 24);
	CHECK_EQ(apic_get(other, APIC_LVT0), LVT_MASKED);
	CHECK_EQ(get_msr(other, MSR_APIC_BASE), APIC_BASE | BASE_ON);
	CHECK_EQ(mp_state(other), KVM_MP_STATE_UNINITIALIZED);
}

/* writes EAX to the register at EDX, reads it into ECX */
GUEST64(write_read,
	APIC "test %esi, %esi; jz 1f; movl $0x1ff, 0xf0(%rbx)\n"
	"1: add %edx, %ebx; mov %eax, (%rbx); mov (%rbx), %ecx; out %al, $0x10; hlt");

static u32 after_write(u32 reg, u32 val, bool on)
{
	struct kvm_regs r;

	get_regs(v, &r);
	r.rip = GUEST_CODE;
	r.rax = val;
	r.rdx = reg;
	r.rsi = on;
	set_regs(v, &r);
	vcpu_run_out(v, 0x10);
	get_regs(v, &r);
	return r.rcx;
}

static const struct {
	u32 reg, after_0, after_1;	/* results of reads after 0 and ~0 were written */
} registers[] = {
	{ APIC_ID, 0, 0xff000000 },
	{ APIC_TPR, 0, 0xff },
	{ APIC_PPR, 0, 0 },
	{ APIC_EOI, 0, 0 },
	{ APIC_LDR, 0, 0xff000000 },
	{ APIC_DFR, 0x0fffffff, 0xffffffff },
	{ APIC_ESR, 0, 0 },
	{ APIC_ICR2, 0, 0xff000000 },
	{ APIC_LVTT, 0, 0x310ff },
	{ APIC_LVT_THERMAL, 0, 0x117ff },
	{ APIC_LVT_PERF, 0, 0x117ff },
	{ APIC_LVT0, 0, 0x1f7ff },
	{ APIC_LVT1, 0, 0x1f7ff },
	{ APIC_LVT_ERROR, 0, 0x110ff },
	{ APIC_TDCR, 0, 0xb },
	{ 0x3c0, 0, 0 },
};

static void bits_of_registers(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		bool ok;

		start(PROG(write_read));
		set_deadline_cpuid(false);
		ok = CHECK_EQ(after_write(registers[i].reg, 0, true), registers[i].after_0);
		if (registers[i].reg != APIC_TPR)
			ok &= CHECK_EQ(after_write(registers[i].reg, ~0U, true),
				       registers[i].after_1);
		if (!ok)
			tap_note("register %#x", registers[i].reg);
		vm_destroy(&vm);
	}
}

static void timer_has_the_modes_of_the_cpuid(void)
{
	start(PROG(write_read));
	set_deadline_cpuid(true);
	CHECK_EQ(after_write(APIC_LVTT, ~0U, true), 0x710ff);
}

static void a_disabled_apic_masks_its_lvts(void)
{
	start(PROG(write_read));
	CHECK_EQ(after_write(APIC_LVT1, VECTOR, true), VECTOR);
	CHECK_EQ(after_write(APIC_SVR, 0xff, true), 0xff);
	CHECK_EQ(apic_get(v, APIC_LVT1), LVT_MASKED | VECTOR);
	CHECK_EQ(after_write(APIC_LVT1, LOW, false), LVT_MASKED | LOW);
}

/* accesses that do not fit a register, or are behind all; most have undefined results */
GUEST64(odd_reads,
	APIC "movl $0x12345600, 0xd0(%rbx); movl $0x12000000, 0xd0(%rbx)\n"
	"movzbl 0xd3(%rbx), %eax; movzwl 0xd2(%rbx), %ecx; mov 0xd4(%rbx), %edx\n"
	"mov 0x500(%rbx), %esi; mov 0xd0(%rbx), %rdi; mov %dx, 0xd0(%rbx)\n"
	"movb $1, 0xd3(%rbx); mov %edx, 0xd4(%rbx); mov %edx, 0x500(%rbx)\n"
	"out %al, $0x10; hlt");

static void odd_accesses(void)
{
	struct kvm_regs r;

	start(PROG(odd_reads));
	vcpu_run_out(v, 0x10);
	get_regs(v, &r);
	CHECK_EQ(r.rax, 0x12);
	CHECK_EQ(r.rcx, 0x1200);
	CHECK_EQ(apic_get(v, APIC_LDR), 0x12000000);
}

/* ---- interrupts ---- */

#define COUNT(label)	label ": incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"

GUEST64(self_ipi,
	"jmp 1f\n" COUNT("si_handler")
	"1: " ON "sti; movl $0x40045, 0x300(%rbx); nop; si_after: out %al, $0x10; hlt");
LABEL(si_handler); LABEL(si_after);

static void an_ipi_to_itself(void)
{
	start(PROG(self_ipi));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(self_ipi, si_handler));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(apic_get(v, APIC_ICR), 0x40045);
	CHECK(!apic_has(v, APIC_ISR, VECTOR));
	CHECK(!apic_has(v, APIC_IRR, VECTOR));
}

/* With IF clear, then with TPR at the vector's class, the interrupt waits. */
GUEST64(held_back,
	"jmp 1f\n" COUNT("hb_handler")
	"1: " ON "movl $0x40045, 0x300(%rbx); out %al, $0x10\n"
	"movl $0x40, 0x80(%rbx); sti; nop; out %al, $0x11\n"
	"movl $0x3f, 0x80(%rbx); nop; out %al, $0x12\n"
	"cli; movl $0x40045, 0x300(%rbx); mov $4, %eax; mov %rax, %cr8; sti; nop\n"
	"out %al, $0x13; mov $3, %eax; mov %rax, %cr8; nop; out %al, $0x14; hlt");
LABEL(hb_handler);

static void priorities_hold_it_back(void)
{
	start(PROG(held_back));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(held_back, hb_handler));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 0);
	CHECK(apic_has(v, APIC_IRR, VECTOR));
	CHECK(!apic_has(v, APIC_ISR, VECTOR));
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 0);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x40);
	CHECK_EQ(v->run->cr8, 4);
	vcpu_run_out(v, 0x12);
	CHECK_EQ(DATA32(&vm, 0), 1);
	vcpu_run_out(v, 0x13);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x40);
	vcpu_run_out(v, 0x14);
	CHECK_EQ(DATA32(&vm, 0), 2);
}

/* A higher vector interrupts the handler of a lower one, not the other way round. */
GUEST64(nested,
	"jmp 1f\n"
	"ne_low: movl $0x40045, 0x300(%rbx); movl $0x40034, 0x300(%rbx); sti; nop; cli\n"
	"incl 0xc004; out %al, $0x10; movl $0, 0xb0(%rbx); iretq\n"
	"ne_same: incl 0xc008; movl $0, 0xb0(%rbx); iretq\n" COUNT("ne_high")
	"1: " ON "sti; movl $0x40033, 0x300(%rbx); nop; out %al, $0x11; hlt");
LABEL(ne_low); LABEL(ne_same); LABEL(ne_high);

static void a_higher_class_interrupts(void)
{
	start(PROG(nested));
	vm_gate(&vm, MODE_LONG, LOW, AT(nested, ne_low));
	vm_gate(&vm, MODE_LONG, LOW + 1, AT(nested, ne_same));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(nested, ne_high));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(DATA32(&vm, 2), 0);
	CHECK(apic_has(v, APIC_ISR, LOW));
	CHECK_EQ(apic_get(v, APIC_PPR), 0x30);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 2), 1);
	CHECK(!apic_has(v, APIC_ISR, LOW));
	CHECK_EQ(apic_get(v, APIC_PPR), 0);
}

GUEST64(nmi_self,
	"jmp 1f\nns_handler: incl 0xc000; iretq\n"
	"1: " ON "movl $0, 0x310(%rbx); movl $0x4400, 0x300(%rbx); nop\n"
	"out %al, $0x10; hlt");
LABEL(ns_handler);

static void an_nmi_to_itself(void)
{
	start(PROG(nmi_self));
	vm_gate(&vm, MODE_LONG, 2, AT(nmi_self, ns_handler));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

/* ---- x2APIC ---- */

GUEST64(x2,
	"jmp 1f\nx2_handler: incl 0xc000; xor %eax, %eax; xor %edx, %edx; mov $0x80b, %ecx\n"
	"wrmsr; iretq\n"
	"1: mov $0x1b, %ecx; mov $0xfee00d00, %eax; xor %edx, %edx; wrmsr\n"
	"mov $0x80f, %ecx; mov $0x1ff, %eax; wrmsr; sti\n"
	"mov $0x83f, %ecx; mov $0x45, %eax; wrmsr; nop; out %al, $0x10\n"
	"mov $0x830, %ecx; mov $0x45, %eax; xor %edx, %edx; wrmsr; nop\n"
	"mov $0x830, %ecx; rdmsr; out %eax, $0x11; mov $0x802, %ecx; rdmsr; out %eax, $0x12\n"
	"mov $0x80d, %ecx; rdmsr; out %eax, $0x13; hlt");
LABEL(x2_handler);

static void x2apic_mode(void)
{
	start(PROG(x2));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(x2, x2_handler));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(vcpu_run_out(v, 0x11), 0x45);
	CHECK_EQ(DATA32(&vm, 0), 2);
	CHECK_EQ(vcpu_run_out(v, 0x12), 0);
	CHECK_EQ(vcpu_run_out(v, 0x13), 1);
}

/* accesses the MSR in RCX: reads it if EBX is 0, else writes RDX:RAX */
GUEST64(access,
	"test %ebx, %ebx; jnz 1f; rdmsr; jmp 2f; 1: wrmsr\n"
	"2: out %al, $0x10; hlt");

/* Return: whether the guest's access raised #GP. */
static bool faults(u32 index, bool write, u64 value)
{
	struct kvm_regs r;

	get_regs(v, &r);
	r.rip = GUEST_CODE;
	r.rcx = index;
	r.rbx = write;
	r.rax = (u32)value;
	r.rdx = value >> 32;
	set_regs(v, &r);
	vcpu_run_to(v, KVM_EXIT_IO);
	return vcpu_trap(v) == GP;
}

static const struct {
	u32 reg;
	bool write;
	u64 value;
	bool gp;
} x2apic_accesses[] = {
	{ APIC_ID, false, 0, false }, { APIC_ID, true, 0, true },
	{ APIC_LVR, false, 0, false }, { APIC_LVR, true, 0, true },
	{ APIC_TPR, false, 0, false }, { APIC_TPR, true, 0x10, false },
	{ APIC_TPR, true, 1ULL << 32, true },
	{ 0x90, false, 0, true },		/* arbitration priority */
	{ APIC_PPR, false, 0, false }, { APIC_PPR, true, 0, true },
	{ APIC_EOI, true, 0, false }, { APIC_EOI, false, 0, true },
	{ 0xc0, false, 0, true },
	{ APIC_LDR, false, 0, false }, { APIC_LDR, true, 0, true },
	{ APIC_DFR, false, 0, true }, { APIC_DFR, true, 0, true },
	{ APIC_SVR, false, 0, false }, { APIC_SVR, true, 0xff, false },
	{ APIC_ISR, false, 0, false }, { APIC_ISR, true, 0, true },
	{ APIC_IRR + 0x70, false, 0, false }, { APIC_TMR, true, 0, true },
	{ APIC_ESR, false, 0, false }, { APIC_ESR, true, 0, false }, { APIC_ESR, true, 1, true },
	{ 0x2f0, false, 0, true },		/* LVT CMCI */
	{ APIC_ICR, false, 0, false }, { APIC_ICR, true, 1ULL << 20, true },
	{ APIC_ICR, true, 1ULL << 13, true }, { APIC_ICR, true, 1ULL << 16, true },
	{ APIC_ICR2, false, 0, true }, { APIC_ICR2, true, 0, true },
	{ APIC_LVTT, false, 0, false }, { APIC_LVTT, true, 0x10000, false },
	{ APIC_LVT_ERROR, false, 0, false }, { APIC_TMICT, true, 0, false },
	{ APIC_TMCCT, false, 0, false }, { APIC_TMCCT, true, 0, true },
	{ APIC_TDCR, false, 0, false }, { APIC_TDCR, true, 0xb, false },
	{ 0x3f0, false, 0, true }, { 0x3f0, true, 0x100, true },
	{ 0x400, false, 0, true }, { 0xff0, true, 0, true },
};

static void x2apic_accesses_that_fault(void)
{
	unsigned int i;

	start(PROG(access));
	CHECK(faults(MSR_X2APIC(APIC_ID), false, 0));	/* in xAPIC mode */
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, APIC_BASE | BASE_ON | BASE_X2APIC | BASE_BSP), 1);
	for (i = 0; i < ARRAY_SIZE(x2apic_accesses); i++)
		if (!CHECK_EQ(faults(MSR_X2APIC(x2apic_accesses[i].reg),
				     x2apic_accesses[i].write, x2apic_accesses[i].value),
			      x2apic_accesses[i].gp))
			tap_note("%s of register %#x", x2apic_accesses[i].write ? "write" :
				 "read", x2apic_accesses[i].reg);
}

/* SDM vol. 3, figure 11-26 */
static void modes_follow_one_another(void)
{
	static const u64 off = APIC_BASE | BASE_BSP, xapic = off | BASE_ON,
			 x2apic = xapic | BASE_X2APIC;

	start(PROG(access));
	CHECK(!faults(MSR_APIC_BASE, true, xapic));
	CHECK(faults(MSR_APIC_BASE, true, off | BASE_X2APIC));
	CHECK(!faults(MSR_APIC_BASE, true, x2apic));
	CHECK(faults(MSR_APIC_BASE, true, xapic));
	CHECK(!faults(MSR_APIC_BASE, true, off));
	CHECK(faults(MSR_APIC_BASE, true, x2apic));
	CHECK_EQ(get_msr(v, MSR_APIC_BASE), off);
	CHECK(!faults(MSR_APIC_BASE, true, xapic));
	/* a VMM restores any of them */
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, off), 1);
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, x2apic), 1);
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, xapic), 1);
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, off | BASE_X2APIC), 0);
}

/* An access goes to the VMM where there are no registers: run_quirks has the page itself. */
GUEST64(read_id, APIC "mov 0x20(%rbx), %eax; out %eax, $0x10; hlt");

static void registers_elsewhere(void)
{
	start(PROG(read_id));
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, 0xe0000000 | BASE_ON | BASE_BSP), 1);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, APIC_BASE + APIC_ID);
}

/* ---- the timer ---- */

/* EAX: TMICT, EDX: LVTT. Waits for ECX interrupts, halted. */
GUEST64(timer,
	"jmp 1f\n" COUNT("ti_handler")
	"1: " ON "movl $0xb, 0x3e0(%rbx); mov %edx, 0x320(%rbx); mov %eax, 0x380(%rbx)\n"
	"2: sti; hlt; cli; cmp %ecx, 0xc000; jb 2b\n"
	"mov 0x390(%rbx), %eax; out %eax, $0x10; hlt");
LABEL(ti_handler);

static u32 run_timer(u32 count, u32 lvtt, u32 interrupts)
{
	struct kvm_regs r;

	start(PROG(timer));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(timer, ti_handler));
	get_regs(v, &r);
	r.rax = count;
	r.rdx = lvtt;
	r.rcx = interrupts;
	set_regs(v, &r);
	return vcpu_run_out(v, 0x10);
}

static void a_one_shot_timer(void)
{
	CHECK_EQ(run_timer(1000000, VECTOR, 1), 0);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(apic_get(v, APIC_TMICT), 1000000);
	CHECK_EQ(apic_get(v, APIC_TMCCT), 0);
}

static void a_periodic_timer(void)
{
	u32 left = run_timer(1000000, VECTOR | LVTT_PERIODIC, 5);

	CHECK_EQ(DATA32(&vm, 0), 5);
	CHECK(left > 0);
	CHECK(left <= 1000000);
}

GUEST64(deadline,
	"jmp 1f\n" COUNT("de_handler")
	"1: " ON "movl $0x40045, 0x320(%rbx); rdtsc; shl $32, %rdx; or %rdx, %rax\n"
	"add %rsi, %rax; mov %rax, %rdx; shr $32, %rdx; mov $0x6e0, %ecx; wrmsr\n"
	"sti; hlt; cli; rdmsr; out %eax, $0x10; hlt");
LABEL(de_handler);

static void run_deadline(u64 from_now)
{
	struct kvm_regs r;

	start(PROG(deadline));
	CHECK(has_cap(&vm, KVM_CAP_TSC_DEADLINE_TIMER) > 0);
	set_deadline_cpuid(true);
	vm_gate(&vm, MODE_LONG, VECTOR, AT(deadline, de_handler));
	get_regs(v, &r);
	r.rsi = from_now;
	set_regs(v, &r);
	CHECK_EQ(vcpu_run_out(v, 0x10), 0);
	CHECK_EQ(DATA32(&vm, 0), 1);
	vm_destroy(&vm);
}

static void a_deadline(void)
{
	run_deadline(1000000);
	run_deadline(0);
	run_deadline(-1000ULL);
}

/* A year from now, and then the counter is moved by two. */
GUEST64(moved_tsc,
	"jmp 1f\n" COUNT("mo_handler")
	"1: " ON "movl $0x40045, 0x320(%rbx); mov $0x6e0, %ecx; mov $0x1000000, %edx\n"
	"xor %eax, %eax; wrmsr; mov $0x3b, %ecx; mov $0x2000000, %edx; wrmsr\n"
	"sti; hlt; cli; out %al, $0x10; hlt");
LABEL(mo_handler);

static void a_deadline_follows_the_tsc(void)
{
	if (on_kvm())
		tap_skip("KVM's timer does not follow a counter that is moved");
	start(PROG(moved_tsc));
	set_deadline_cpuid(true);
	vm_gate(&vm, MODE_LONG, VECTOR, AT(moved_tsc, mo_handler));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(get_msr(v, MSR_TSC_DEADLINE), 0);
}

static void a_far_deadline(void)
{
	start(PROG(access));
	set_deadline_cpuid(true);
	apic_set(v, APIC_SVR, SVR_ON);
	apic_set(v, APIC_LVTT, LVTT_DEADLINE | VECTOR);
	CHECK(!faults(MSR_TSC_DEADLINE, true, ~0ULL));
	CHECK_EQ(get_msr(v, MSR_TSC_DEADLINE), ~0ULL);
	/* another mode stops it */
	apic_set(v, APIC_LVTT, VECTOR);
	CHECK_EQ(get_msr(v, MSR_TSC_DEADLINE), 0);
	CHECK(!faults(MSR_TSC_DEADLINE, true, 5));
	CHECK_EQ(get_msr(v, MSR_TSC_DEADLINE), 0);
}

static void a_masked_timer_does_not_interrupt(void)
{
	start(PROG(write_read));
	after_write(APIC_LVTT, LVT_MASKED | VECTOR, true);
	after_write(APIC_TMICT, 100, true);
	usleep(10000);
	CHECK(!apic_has(v, APIC_IRR, VECTOR));
	CHECK_EQ(apic_get(v, APIC_TMCCT), 0);
}

/* ---- LINT0 and the VMM's PIC ---- */

static int interrupt(u32 vector)
{
	struct kvm_interrupt irq = { .irq = vector };

	return ioctl(v->fd, KVM_INTERRUPT, &irq);
}

GUEST64(extint,
	"jmp 1f\nex_handler: incl 0xc000; iretq\n"
	"1: " APIC "out %al, $0x10; sti; nop; out %al, $0x11; movl $0x10700, 0x350(%rbx)\n"
	"out %al, $0x12; nop; out %al, $0x13; movl $0x1ff, 0xf0(%rbx)\n"
	"movl $0x700, 0x350(%rbx); nop; out %al, $0x14; hlt");
LABEL(ex_handler);

static void an_interrupt_of_a_pic(void)
{
	start(PROG(extint));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(extint, ex_handler));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(v->run->ready_for_interrupt_injection, 0);	/* IF is clear */
	CHECK_OK(interrupt(VECTOR));
	CHECK_ERR(interrupt(VECTOR), EEXIST);
	CHECK_ERR(interrupt(256), EINVAL);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(v->run->ready_for_interrupt_injection, 1);
	vcpu_run_out(v, 0x12);
	CHECK_EQ(v->run->ready_for_interrupt_injection, 0);	/* LINT0 is masked */
	CHECK_OK(interrupt(VECTOR));
	vcpu_run_out(v, 0x13);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK(!apic_has(v, APIC_ISR, VECTOR));
	vcpu_run_out(v, 0x14);
	/* KVM leaves it to the next event to see that LINT0 is open. */
	CHECK_EQ(DATA32(&vm, 0), on_kvm() ? 1 : 2);
}

GUEST64(window, "out %al, $0x10; sti; nop; nop; out %al, $0x11; hlt");

static void the_window_for_a_pic(void)
{
	start(PROG(window));
	vcpu_run_out(v, 0x10);
	v->run->request_interrupt_window = 1;
	vcpu_run_to(v, KVM_EXIT_IRQ_WINDOW_OPEN);
	CHECK_EQ(v->run->ready_for_interrupt_injection, 1);
	v->run->request_interrupt_window = 0;
	vcpu_run_out(v, 0x11);

	/* not while LINT0 is masked */
	vm_destroy(&vm);
	start(PROG(window));
	apic_set(v, APIC_LVT0, LVT_MASKED);
	vcpu_run_out(v, 0x10);
	v->run->request_interrupt_window = 1;
	vcpu_run_out(v, 0x11);
}

/* HLT in STI's shadow: the window opens there. */
GUEST64(window_hlt,
	"jmp 1f\nwh_handler: incl 0xc000; iretq\n"
	"1: out %al, $0x10; sti; hlt; out %al, $0x11; hlt");
LABEL(wh_handler);

static void the_window_at_hlt(void)
{
	start(PROG(window_hlt));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(window_hlt, wh_handler));
	vcpu_run_out(v, 0x10);
	v->run->request_interrupt_window = 1;
	vcpu_run_to(v, KVM_EXIT_IRQ_WINDOW_OPEN);
	v->run->request_interrupt_window = 0;
	CHECK_OK(interrupt(VECTOR));
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

/* ---- state ---- */

static void state_goes_round(void)
{
	struct kvm_lapic_state a, b;

	start(PROG(nested));
	vm_gate(&vm, MODE_LONG, LOW, AT(nested, ne_low));
	vm_gate(&vm, MODE_LONG, LOW + 1, AT(nested, ne_same));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(nested, ne_high));
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &a));
	CHECK_OK(ioctl(v->fd, KVM_SET_LAPIC, &a));
	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &b));
	CHECK(!memcmp(&a, &b, sizeof(a)));
	/* the interrupt that waits and the one in service are still there */
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 2), 1);
}

static void an_interrupt_by_its_state(void)
{
	start(PROG(held_back));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(held_back, hb_handler));
	apic_set(v, APIC_SVR, SVR_ON);
	apic_set(v, APIC_IRR + 0x10 * (VECTOR / 32), 1 << VECTOR % 32);
	vcpu_run_out(v, 0x10);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 0);
	vcpu_run_out(v, 0x12);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

GUEST64(ticks,
	"jmp 1f\n" COUNT("tk_handler")
	"1: " APIC "2: sti; hlt; cli; cmpl $3, 0xc000; jb 2b; out %al, $0x10; hlt");
LABEL(tk_handler);

/* A VMM that does not save what is left of the period */
static void a_restored_timer_goes_on(void)
{
	struct kvm_lapic_state s;
	const struct { u32 reg, val; } regs[] = {
		{ APIC_SVR, SVR_ON }, { APIC_LVTT, LVTT_PERIODIC | VECTOR },
		{ APIC_TDCR, 0xb }, { APIC_TMICT, 1000000 }, { APIC_TMCCT, 0 },
	};
	unsigned int i;

	start(PROG(ticks));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(ticks, tk_handler));
	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &s));
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		memcpy(s.regs + regs[i].reg, &regs[i].val, sizeof(u32));
	CHECK_OK(ioctl(v->fd, KVM_SET_LAPIC, &s));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 3);
}

static void nmis_are_events(void)
{
	struct kvm_vcpu_events e;

	start(PROG(nothing));
	apic_set(v, APIC_SVR, SVR_ON);	/* KVM finds it from then on */
	CHECK_EQ(send_msi(&vm, APIC_BASE, 0x400), 1);
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	CHECK_EQ(e.nmi.pending | e.nmi.injected, 1);
	CHECK_EQ(send_msi(&vm, APIC_BASE, 0x400), 1);
	e.nmi.pending = 0;
	e.nmi.injected = 0;
	e.flags |= KVM_VCPUEVENT_VALID_NMI_PENDING;
	CHECK_OK(ioctl(v->fd, KVM_SET_VCPU_EVENTS, &e));
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	CHECK_EQ(e.nmi.pending | e.nmi.injected, 0);
}

static void ids_of_x2apic(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X2APIC_API, .args = { KVM_X2APIC_API_USE_32BIT_IDS },
	};
	struct kvm_lapic_state s;
	struct vcpu *other;

	start(PROG(nothing));
	other = vm_add_vcpu(&vm, 3);
	set_supported_cpuid(other);
	CHECK_EQ(set_msr(other, MSR_APIC_BASE, APIC_BASE | BASE_ON | BASE_X2APIC), 1);
	CHECK_EQ(apic_get(other, APIC_ID), 3 << 24);
	CHECK_OK(ioctl(vm.fd, KVM_ENABLE_CAP, &cap));
	CHECK_EQ(apic_get(other, APIC_ID), 3);
	CHECK_EQ(apic_get(other, APIC_LDR), 8);
	CHECK_OK(ioctl(other->fd, KVM_GET_LAPIC, &s));
	s.regs[APIC_ID] = 2;
	CHECK_ERR(ioctl(other->fd, KVM_SET_LAPIC, &s), EINVAL);
	/* Later versions of KVM know more flags. */
	cap.args[0] = 1ULL << 63;
	CHECK_ERR(ioctl(vm.fd, KVM_ENABLE_CAP, &cap), EINVAL);
}

/* The ID is read-only, but a VMM that knows no x2APIC IDs may set another. */
static void another_id_of_x2apic(void)
{
	struct kvm_lapic_state s;

	start(PROG(nothing));
	v = vm_add_vcpu(&vm, 3);
	set_supported_cpuid(v);
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, APIC_BASE | BASE_ON | BASE_X2APIC), 1);
	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &s));
	s.regs[APIC_ID + 3] = 2;
	CHECK_OK(ioctl(v->fd, KVM_SET_LAPIC, &s));
	KNOWN_DIFFERENCE(apic_get(v, APIC_ID) == 3 << 24,
			 "KVM of Linux 6.1 takes the VMM's");
	KNOWN_DIFFERENCE(get_msr(v, MSR_X2APIC(APIC_ID)) == 3, "the same");
}

/* A VMM may leave out that the local APIC is off between the modes. */
static void an_id_of_xapic_comes_back(void)
{
	start(PROG(nothing));
	v = vm_add_vcpu(&vm, 3);
	set_supported_cpuid(v);
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, APIC_BASE | BASE_ON | BASE_X2APIC), 1);
	CHECK_EQ(get_msr(v, MSR_X2APIC(APIC_ID)), 3);
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, APIC_BASE | BASE_ON), 1);
	KNOWN_DIFFERENCE(apic_get(v, APIC_ID) == 3 << 24,
			 "KVM of Linux 6.1 leaves the ID of x2APIC mode");
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, APIC_BASE), 1);
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, APIC_BASE | BASE_ON), 1);
	CHECK_EQ(apic_get(v, APIC_ID), 3 << 24);
}

static void bounds(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 4097 } };
	struct kvm_lapic_state s;

	vm_make(&vm, NULL);
	CHECK(has_cap(&vm, KVM_CAP_SPLIT_IRQCHIP) > 0);
	CHECK_ERR(ioctl(vm.fd, KVM_ENABLE_CAP, &cap), EINVAL);
	cap.args[0] = 4096;
	CHECK_OK(ioctl(vm.fd, KVM_ENABLE_CAP, &cap));
	CHECK_ERR(ioctl(vm.fd, KVM_ENABLE_CAP, &cap), EEXIST);
	vm_destroy(&vm);

	vm_make(&vm, NULL);
	v = vm_add_vcpu(&vm, 0);
	CHECK_ERR(ioctl(vm.fd, KVM_ENABLE_CAP, &cap), EEXIST);
	CHECK_ERR(ioctl(v->fd, KVM_GET_LAPIC, &s), EINVAL);
	memset(&s, 0, sizeof(s));
	CHECK_ERR(ioctl(v->fd, KVM_SET_LAPIC, &s), EINVAL);
	vm_destroy(&vm);

	start(PROG(nothing));
	CHECK_ERR(ioctl(v->fd, KVM_GET_LAPIC, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(v->fd, KVM_SET_LAPIC, bad_pointer()), EFAULT);
}

static const struct test tests[] = {
	TEST(a_fresh_apic),
	TEST(bits_of_registers),
	TEST(timer_has_the_modes_of_the_cpuid),
	TEST(a_disabled_apic_masks_its_lvts),
	TEST(odd_accesses),
	TEST(an_ipi_to_itself),
	TEST(priorities_hold_it_back),
	TEST(a_higher_class_interrupts),
	TEST(an_nmi_to_itself),
	TEST(x2apic_mode),
	TEST(x2apic_accesses_that_fault),
	TEST(modes_follow_one_another),
	TEST(registers_elsewhere),
	TEST(a_one_shot_timer),
	TEST(a_periodic_timer),
	TEST(a_deadline),
	TEST(a_deadline_follows_the_tsc),
	TEST(a_far_deadline),
	TEST(a_masked_timer_does_not_interrupt),
	TEST(an_interrupt_of_a_pic),
	TEST(the_window_for_a_pic),
	TEST(the_window_at_hlt),
	TEST(state_goes_round),
	TEST(an_interrupt_by_its_state),
	TEST(a_restored_timer_goes_on),
	TEST(nmis_are_events),
	TEST(ids_of_x2apic),
	TEST(another_id_of_x2apic),
	TEST(an_id_of_xapic_comes_back),
	TEST(bounds),
};

TAP_MAIN(tests)
