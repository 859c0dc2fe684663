// SPDX-License-Identifier: GPL-2.0-only
/* Guests whose local APICs are in the module, under a debugger. */
#include <string.h>
#include <unistd.h>

#include "apic.h"
#include "vmm.h"

#define VECTOR	0x45
#define HIGHER	0x75
#define PAGE	0x0a		/* SIPI vector: 0xa000 */

#define APIC	"mov $0xfee00000, %ebx\n"
#define ON	APIC "movl $0x1ff, 0xf0(%rbx)\n"

static struct dbg d;

static void start(struct prog prog, const struct vmm_options *options)
{
	dbg_start(&d, MODE_LONG, prog, options);
}

static u32 lapic_reg(unsigned int vcpu, u32 reg)
{
	struct kvm_lapic_state s;
	u32 val;

	CHECK_OK(session_regs(d.fd, false, vcpu, VMXDBG_REGS_LAPIC, sizeof(s), &s));
	memcpy(&val, s.regs + reg, sizeof(val));
	return val;
}

static bool lapic_has(unsigned int vcpu, u32 reg, u8 vector)
{
	return lapic_reg(vcpu, reg + 0x10 * (vector / 32)) >> vector % 32 & 1;
}

/* Through the session, while vCPU 0 is stopped. */
static void request(u8 vector)
{
	struct kvm_lapic_state s;
	u32 val, reg = APIC_IRR + 0x10 * (vector / 32);

	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_LAPIC, sizeof(s), &s));
	memcpy(&val, s.regs + reg, sizeof(val));
	val |= 1U << vector % 32;
	memcpy(s.regs + reg, &val, sizeof(val));
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_LAPIC, sizeof(s), &s));
}

/* Return: its id. */
static u32 add_catch(u32 type, u64 first, u64 last, u32 flags)
{
	struct vmxdbg_catch arg = { .type = type, .first = first, .last = last, .flags = flags };

	CHECK_OK(ioctl(d.fd, VMXDBG_ADD_CATCH, &arg));
	return arg.id;
}

/* ---- interrupts, and steps ---- */

GUEST64(self_ipi,
	"jmp 1f\nsi_handler: incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"
	"1: " ON "sti; nop; si_send: movl $0x40045, 0x300(%rbx)\n"
	"si_sent: nop; si_next: nop; si_last: hlt");
LABEL(si_handler); LABEL(si_send); LABEL(si_sent); LABEL(si_next); LABEL(si_last);

static void gates(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, VECTOR, AT(self_ipi, si_handler));
	vm_gate(vm, MODE_LONG, HIGHER, AT(self_ipi, si_handler));
}

static const struct vmm_options split = { .split = true, .prepare = gates };

static void start_at_the_ipi(void)
{
	start(PROG(self_ipi), &split);
	session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(self_ipi, si_send), .len = 1 });
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(self_ipi, si_send));
}

static void a_step_holds_the_interrupt(void)
{
	start_at_the_ipi();
	CHECK_EQ(dbg_step(&d, 0), AT(self_ipi, si_sent));
	CHECK(lapic_has(0, APIC_IRR, VECTOR));
	CHECK_EQ(dbg_step(&d, 0), AT(self_ipi, si_next));
	CHECK(lapic_has(0, APIC_IRR, VECTOR));
	CHECK(!lapic_has(0, APIC_ISR, VECTOR));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 1));
	sleep_ms(50);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
}

static void a_step_into_the_handler(void)
{
	start_at_the_ipi();
	CHECK_EQ(dbg_step(&d, 0), AT(self_ipi, si_sent));
	CHECK_EQ(dbg_step(&d, VMXDBG_RESUME_INTO), AT(self_ipi, si_handler));
	CHECK(lapic_has(0, APIC_ISR, VECTOR));
	CHECK(!lapic_has(0, APIC_IRR, VECTOR));
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 1));
}

static void a_catch_leaves_the_interrupt_where_it_is(void)
{
	struct vmxdbg_event e;

	start_at_the_ipi();
	add_catch(VMXDBG_CATCH_INTERRUPT, VECTOR, VECTOR, 0);
	e = resume_to(&d, VMXDBG_WHY_CATCH, AT(self_ipi, si_sent));
	CHECK_EQ(e.data[0], VECTOR);
	CHECK(lapic_has(0, APIC_IRR, VECTOR));
	CHECK(!lapic_has(0, APIC_ISR, VECTOR));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 1));
	CHECK(!event_within(d.fd, 50, &e));
}

/* One with a higher priority comes while the vCPU is stopped, and goes first. */
static void an_interrupt_is_caught_once_behind_another(void)
{
	struct vmxdbg_object o = { };
	struct vmxdbg_event e;

	start_at_the_ipi();
	o.id = add_catch(VMXDBG_CATCH_INTERRUPT, VECTOR, VECTOR, 0);
	resume_to(&d, VMXDBG_WHY_CATCH, AT(self_ipi, si_sent));
	request(HIGHER);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 2));
	CHECK(!event_within(d.fd, 50, &e));
	CHECK_OK(ioctl(d.fd, VMXDBG_GET_OBJECT, &o));
	CHECK_EQ(o.hits, 1);
}

/* Each interrupt is another one, also with a vector that was caught before. */
static void the_next_interrupt_is_caught_too(void)
{
	start_at_the_ipi();
	add_catch(VMXDBG_CATCH_INTERRUPT, VECTOR, VECTOR, 0);
	resume_to(&d, VMXDBG_WHY_CATCH, AT(self_ipi, si_sent));
	CHECK_EQ(dbg_step(&d, VMXDBG_RESUME_INTO), AT(self_ipi, si_handler));
	request(VECTOR);
	resume_to(&d, VMXDBG_WHY_CATCH, AT(self_ipi, si_sent));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
}

static void a_catch_sees_the_end_of_interrupt(void)
{
	start_at_the_ipi();
	add_catch(VMXDBG_CATCH_MMIO, APIC_BASE + APIC_EOI, APIC_BASE + APIC_EOI,
		  VMXDBG_CATCH_WRITE);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_EQ(next_event(d.fd).why, VMXDBG_WHY_CATCH);
	CHECK(lapic_has(0, APIC_ISR, VECTOR));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	CHECK_OK(session_resume(d.fd, 0, 0));
	sleep_ms(20);
	CHECK_OK(session_stop(d.fd, 0));
	CHECK(!lapic_has(0, APIC_ISR, VECTOR));
}

/* ---- HLT ---- */

static u32 vcpu_flags(unsigned int vcpu)
{
	return session_vcpu(d.fd, vcpu).flags;
}

/* Wait until the vCPU has these flags. */
static bool has_flags(unsigned int vcpu, u32 flags)
{
	unsigned int i;

	for (i = 0; i < 500 && (vcpu_flags(vcpu) & flags) != flags; i++)
		sleep_ms(10);
	return (vcpu_flags(vcpu) & flags) == flags;
}

GUEST64(halts,
	"jmp 1f\nha_handler: incl 0xc000; movl $0, 0xb0(%rbx); iretq\nha_nmi: incl 0xc004; iretq\n"
	"1: " ON "sti; ha_hlt: hlt; ha_after: incl 0xc008; jmp ha_hlt");
LABEL(ha_handler); LABEL(ha_nmi); LABEL(ha_hlt); LABEL(ha_after);

static void halt_gates(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, VECTOR, AT(halts, ha_handler));
	vm_gate(vm, MODE_LONG, 2, AT(halts, ha_nmi));
}

static const struct vmm_options halting = { .split = true, .prepare = halt_gates };

static void start_halted(void)
{
	start(PROG(halts), &halting);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(has_flags(0, VMXDBG_VCPU_HALTED));
	CHECK(!(vcpu_flags(0) & VMXDBG_VCPU_IN_VMM));
}

static void a_stop_finds_a_halted_vcpu(void)
{
	start_halted();
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_EQ(session_get_regs(d.fd, 0).rip, AT(halts, ha_after));
	CHECK(vcpu_flags(0) & VMXDBG_VCPU_HALTED);
	CHECK_OK(session_resume(d.fd, 0, 0));
	sleep_ms(50);
	CHECK_EQ(DATA32(&d.vmm.vm, 2), 0);	/* still halted */
	CHECK(vcpu_flags(0) & VMXDBG_VCPU_HALTED);
}

static void inject(u32 type, u32 vector)
{
	struct vmxdbg_inject arg = { .type = type, .vector = vector };

	CHECK_OK(session_stop(d.fd, 0));
	CHECK_OK(ioctl(d.fd, VMXDBG_INJECT, &arg));
	CHECK_OK(session_resume(d.fd, 0, 0));
}

static void injected_events_wake_it(void)
{
	start_halted();
	inject(VMXDBG_INJECT_NMI, 0);
	CHECK(wait_for(&DATA32(&d.vmm.vm, 1), 1));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 2), 1));
	inject(VMXDBG_INJECT_INTERRUPT, VECTOR);
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 1));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 2), 2));
}

static void an_interrupt_by_the_apics_registers(void)
{
	start_halted();
	CHECK_OK(session_stop(d.fd, 0));
	request(VECTOR);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 1));
}

/* A step over HLT ends behind it. The next one is done when the vCPU wakes up. */
static void steps_over_hlt(void)
{
	struct vmxdbg_event e;

	start(PROG(halts), &halting);
	session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(halts, ha_hlt), .len = 1 });
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(halts, ha_hlt));
	CHECK_EQ(dbg_step(&d, 0), AT(halts, ha_after));
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP));
	CHECK(!event_within(d.fd, 50, &e));
	inject(VMXDBG_INJECT_NMI, 0);
	CHECK(wait_for(&DATA32(&d.vmm.vm, 1), 1));
}

static void killing_a_vmm_that_has_halted(void)
{
	struct vmxdbg_event e;

	start_halted();
	vmm_kill(&d.vmm);
	close(d.vmm.vm_fd);
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_GONE);
}

/* ---- INIT and SIPI ---- */

/* vCPU 0 starts vCPU 1 when 0xc100 becomes 1. */
GUEST64(starter,
	ON "1: pause; cmpl $1, 0xc100; jne 1b\n"
	"movl $0x1000000, 0x310(%rbx); movl $0x4500, 0x300(%rbx); movl $0x460a, 0x300(%rbx)\n"
	"2: incl 0xc104; jmp 2b");
GUEST16(started, "xor %ax, %ax; mov %ax, %ds; 1: incw 0xc000; jmp 1b");

static void load_started(struct vm *vm)
{
	memcpy(vm->mem + (PAGE << 12), started_begin, started_end - started_begin);
}

static const struct vmm_options two = { .split = true, .vcpus = 2, .prepare = load_started };

static void a_stop_finds_one_that_waits_for_a_sipi(void)
{
	start(PROG(starter), &two);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	CHECK(wait_for(&d.vmm.shared->vcpu[1].tid, 1));
	sleep_ms(50);
	CHECK(vcpu_flags(1) & VMXDBG_VCPU_WAITS);
	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	CHECK_EQ(session_vcpu(d.fd, 1).state, VMXDBG_VCPU_STOPPED);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	DATA32(&d.vmm.vm, 64) = 1;
	CHECK(vmm_counts(&d.vmm, 0));
}

static void a_breakpoint_survives_the_sipi(void)
{
	struct vmxdbg_event e;

	start(PROG(starter), &two);
	session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = PAGE << 12, .len = 1 });
	session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_EXEC, .addr = (PAGE << 12) + 4, .len = 1 });
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	DATA32(&d.vmm.vm, 64) = 1;
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, 1);
	CHECK_EQ(e.why, VMXDBG_WHY_BREAKPOINT);
	CHECK_EQ(session_get_regs(d.fd, 1).rip, 0);
	CHECK_OK(session_resume(d.fd, 1, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, 1);
	CHECK_EQ(session_get_regs(d.fd, 1).rip, 4);
	CHECK_OK(session_resume(d.fd, 1, 0));
}

/* The vCPU is stopped when its INIT and SIPI come. */
static void a_sipi_waits_for_the_resume(void)
{
	start(PROG(starter), &two);
	CHECK_OK(session_resume(d.fd, 0, 0));
	DATA32(&d.vmm.vm, 64) = 1;
	CHECK(wait_for(&DATA32(&d.vmm.vm, 65), 1));
	sleep_ms(50);
	CHECK_EQ(DATA16(&d.vmm.vm, 0), 0);
	CHECK_EQ(session_vcpu(d.fd, 1).state, VMXDBG_VCPU_STOPPED);
	CHECK_OK(session_resume(d.fd, 1, 0));
	CHECK(vmm_counts(&d.vmm, 0));
}

static void an_injected_init(void)
{
	struct vmxdbg_inject arg = { .vcpu = 1, .type = VMXDBG_INJECT_INIT };

	start(PROG(starter), &two);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	DATA32(&d.vmm.vm, 64) = 1;
	CHECK(vmm_counts(&d.vmm, 0));
	CHECK_OK(session_stop(d.fd, 1));
	arg.vector = 1;
	CHECK_ERR(ioctl(d.fd, VMXDBG_INJECT, &arg), EINVAL);
	arg.vector = 0;
	CHECK_OK(ioctl(d.fd, VMXDBG_INJECT, &arg));
	CHECK_OK(session_resume(d.fd, 1, 0));
	CHECK(has_flags(1, VMXDBG_VCPU_WAITS));
	CHECK_OK(session_stop(d.fd, 1));
	CHECK_EQ(session_get_regs(d.fd, 1).rip, 0xfff0);
}

/* ---- time ---- */

GUEST64(times,
	"jmp 1f\nti_handler: incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"
	"1: " ON "movl $0xb, 0x3e0(%rbx); movl $0x45, 0x320(%rbx)\n"
	"movl $200000000, 0x380(%rbx); sti; 2: incl 0xc010; jmp 2b");
LABEL(ti_handler);

static void timer_gate(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, VECTOR, AT(times, ti_handler));
}

static const struct vmm_options timing = { .split = true, .prepare = timer_gate };

static void the_timer_stands_still(void)
{
	u32 left, later;

	start(PROG(times), &timing);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 4), 1));
	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	left = lapic_reg(0, APIC_TMCCT);
	CHECK(left > 0);
	sleep_ms(300);
	CHECK_EQ(lapic_reg(0, APIC_TMCCT), left);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 1));
	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	later = lapic_reg(0, APIC_TMCCT);
	CHECK_EQ(later, 0);
}

/* ---- bounds ---- */

static void without_an_apic(void)
{
	struct vmxdbg_inject arg = { .type = VMXDBG_INJECT_INIT };
	struct kvm_lapic_state s;

	start(PROG(self_ipi), NULL);
	errno = 0;
	CHECK_EQ(session_regs(d.fd, false, 0, VMXDBG_REGS_LAPIC, sizeof(s), &s), -1);
	CHECK_EQ(errno, ENXIO);
	CHECK_ERR(ioctl(d.fd, VMXDBG_INJECT, &arg), ENXIO);
}

static const struct test tests[] = {
	TEST(a_step_holds_the_interrupt),
	TEST(a_step_into_the_handler),
	TEST(a_catch_leaves_the_interrupt_where_it_is),
	TEST(an_interrupt_is_caught_once_behind_another),
	TEST(the_next_interrupt_is_caught_too),
	TEST(a_catch_sees_the_end_of_interrupt),
	TEST(a_stop_finds_a_halted_vcpu),
	TEST(injected_events_wake_it),
	TEST(an_interrupt_by_the_apics_registers),
	TEST(steps_over_hlt),
	TEST(killing_a_vmm_that_has_halted),
	TEST(a_stop_finds_one_that_waits_for_a_sipi),
	TEST(a_breakpoint_survives_the_sipi),
	TEST(a_sipi_waits_for_the_resume),
	TEST(an_injected_init),
	TEST(the_timer_stands_still),
	TEST(without_an_apic),
};

TAP_MAIN(tests)
