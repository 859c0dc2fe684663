// SPDX-License-Identifier: GPL-2.0-only
/*
 * Catches of local APICs in the module: ends of interrupts, IPIs, and interrupts by their
 * source.
 */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "apic.h"
#include "chips.h"
#include "vmm.h"

#define VECTOR	0x45
#define OTHER	0x46

#define ON	"mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx)\n"

static struct dbg d;

static u32 add(u32 type, u64 first, u64 last, u32 flags)
{
	struct vmxdbg_catch c = { .type = type, .first = first, .last = last, .flags = flags };

	CHECK_OK(ioctl(d.fd, VMXDBG_ADD_CATCH, &c));
	return c.id;
}

static u64 hits_of(u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d.fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

static u32 reg_of(u32 reg)
{
	struct kvm_lapic_state s;
	u32 val;

	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_LAPIC, sizeof(s), &s));
	memcpy(&val, s.regs + reg, sizeof(val));
	return val;
}

static bool in_service(u8 vector)
{
	return reg_of(APIC_ISR + 0x10 * (vector / 32)) >> vector % 32 & 1;
}

/* Resume vCPU 0 to a catch at @rip. */
static struct vmxdbg_event caught_at(u64 rip, u32 id)
{
	struct vmxdbg_event e = resume_to(&d, VMXDBG_WHY_CATCH, rip);

	CHECK_EQ(e.nr_bps, 1);
	CHECK_EQ(e.bps[0], id);
	return e;
}

static void check_data(const struct vmxdbg_event *e, u64 a, u64 b, u64 c)
{
	CHECK_EQ(e->data[0], a);
	CHECK_EQ(e->data[1], b);
	CHECK_EQ(e->data[2], c);
}

/* ---- xAPIC ---- */

/* An interrupt to itself, its end, and IPIs in all kinds of ways to nobody */
GUEST64(xapic,
	"jmp 1f\nxa_handler: incl 0xc000; xor %eax, %eax\n"
	"xa_eoi: mov %eax, 0xb0(%rbx); iretq\n"
	"1: " ON "sti; movl $0x7000000, 0x310(%rbx)\n"
	"xa_self: movl $0x44045, 0x300(%rbx); nop; nop\n"
	"xa_none: movl $0, 0xb0(%rbx)\n"
	"xa_fixed: movl $0x4046, 0x300(%rbx)\n"
	"xa_nmi: movl $0x4400, 0x300(%rbx)\n"
	"mov $0x4500, %eax; mov $0xfee00300, %edi\n"
	"xa_stos: stosl\n"
	"xa_or: orl $0x60a, 0x300(%rbx)\n"
	"xa_xchg: mov $0x608, %eax; xa_x: xchg %eax, 0x300(%rbx)\n"
	"xa_byte: movb $0x46, 0x300(%rbx)\n"
	"movl $1, 0xc004; 2: pause; jmp 2b");
LABEL(xa_handler); LABEL(xa_eoi); LABEL(xa_self); LABEL(xa_fixed); LABEL(xa_nmi);
LABEL(xa_stos); LABEL(xa_or); LABEL(xa_x);

static void xapic_gates(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, VECTOR, AT(xapic, xa_handler));
}

static const struct vmm_options xapic_vm = { .split = true, .prepare = xapic_gates };

static void start_xapic(void)
{
	dbg_start(&d, MODE_LONG, PROG(xapic), &xapic_vm);
}

static void runs_to_the_end(void)
{
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 1), 1));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
}

static void an_eoi_is_caught_before_it(void)
{
	struct vmxdbg_event e;
	u32 id;

	start_xapic();
	id = add(VMXDBG_CATCH_EOI, 0, 255, 0);
	e = caught_at(AT(xapic, xa_eoi), id);
	check_data(&e, VECTOR, 0, 0);
	CHECK(in_service(VECTOR));
	/* The second one ends no interrupt. */
	runs_to_the_end();
	CHECK_EQ(hits_of(id), 1);
	CHECK_OK(session_stop(d.fd, 0));
	CHECK(!in_service(VECTOR));
}

static void an_eoi_of_another_vector_is_not_caught(void)
{
	u32 id;

	start_xapic();
	id = add(VMXDBG_CATCH_EOI, OTHER, 255, 0);
	add(VMXDBG_CATCH_EOI, 0, VECTOR - 1, 0);
	runs_to_the_end();
	CHECK_EQ(hits_of(id), 0);
}

static void a_step_executes_the_eoi(void)
{
	u32 id;

	start_xapic();
	id = add(VMXDBG_CATCH_EOI, VECTOR, VECTOR, 0);
	caught_at(AT(xapic, xa_eoi), id);
	dbg_step(&d, 0);
	CHECK(!in_service(VECTOR));
	runs_to_the_end();
	CHECK_EQ(hits_of(id), 1);
}

static void ipis_by_kind(void)
{
	struct vmxdbg_event e;
	u32 id;

	start_xapic();
	id = add(VMXDBG_CATCH_IPI, 0, 0x7ff, 0);
	e = caught_at(AT(xapic, xa_self), id);
	check_data(&e, VECTOR, 7, 0x44045);
	CHECK_EQ(reg_of(APIC_ICR), 0);	/* not sent yet */
	e = caught_at(AT(xapic, xa_fixed), id);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	check_data(&e, OTHER, 7, 0x4046);
	e = caught_at(AT(xapic, xa_nmi), id);
	check_data(&e, VMXDBG_IPI_NMI, 7, 0x4400);
	e = caught_at(AT(xapic, xa_stos), id);
	check_data(&e, VMXDBG_IPI_INIT, 7, 0x4500);
	e = caught_at(AT(xapic, xa_or), id);
	check_data(&e, 0x70a, 7, 0x470a);
	e = caught_at(AT(xapic, xa_x), id);
	check_data(&e, VMXDBG_IPI_SIPI | 8, 7, 0x608);
	/* A write of one byte sends nothing. */
	runs_to_the_end();
	CHECK_EQ(hits_of(id), 6);
}

static void ipis_in_a_range(void)
{
	u32 sipis, vector;

	start_xapic();
	sipis = add(VMXDBG_CATCH_IPI, VMXDBG_IPI_SIPI, VMXDBG_IPI_SIPI | 0xff, 0);
	vector = add(VMXDBG_CATCH_IPI, OTHER, OTHER, 0);
	caught_at(AT(xapic, xa_fixed), vector);
	caught_at(AT(xapic, xa_x), sipis);
	runs_to_the_end();
}

/* One instruction, two events: the first object has the data. */
static void the_same_write_by_its_address(void)
{
	struct vmxdbg_event e;
	u32 mmio, eoi;

	start_xapic();
	eoi = add(VMXDBG_CATCH_EOI, 0, 255, 0);
	mmio = add(VMXDBG_CATCH_MMIO, APIC_BASE + APIC_EOI, APIC_BASE + APIC_EOI, 0);
	e = resume_to(&d, VMXDBG_WHY_CATCH, AT(xapic, xa_eoi));
	CHECK_EQ(e.nr_bps, 2);
	CHECK_EQ(e.bps[0], mmio);
	CHECK_EQ(e.bps[1], eoi);
	check_data(&e, APIC_BASE + APIC_EOI, 4, VMXDBG_CATCH_WRITE);
	CHECK_EQ(hits_of(mmio), 1);
	CHECK_EQ(hits_of(eoi), 1);
}

static u32 count(u32 type, u64 last)
{
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_catch c = { .type = type, .last = last, .options = (u64)&options };

	CHECK_OK(ioctl(d.fd, VMXDBG_ADD_CATCH, &c));
	return c.id;
}

static void counting_does_not_stop(void)
{
	u32 eoi, ipi;

	start_xapic();
	eoi = count(VMXDBG_CATCH_EOI, 255);
	ipi = count(VMXDBG_CATCH_IPI, 0x7ff);
	runs_to_the_end();
	CHECK_EQ(hits_of(eoi), 1);
	CHECK_EQ(hits_of(ipi), 6);
}

/* ---- x2APIC ---- */

#define WRMSR(label, index, low, high)					\
	"mov $" #index ", %ecx; mov $" #low ", %eax; mov $" #high ", %edx\n" label ": wrmsr\n"

GUEST64(x2apic,
	"jmp 1f\nx2_handler: push %rax; push %rcx; push %rdx; incl 0xc000\n"
	WRMSR("x2_eoi", 0x80b, 0, 0)
	"pop %rdx; pop %rcx; pop %rax; iretq\n"
	"x2_gp: incl 0xc008; pop %rax; addq $2, (%rsp); iretq\n"
	"1: " WRMSR("x2_base", 0x1b, 0xfee00d00, 0) WRMSR("x2_on", 0x80f, 0x1ff, 0) "sti\n"
	WRMSR("x2_self", 0x83f, 0x45, 0) "nop\n"
	WRMSR("x2_bad", 0x830, 0x100045, 0)
	WRMSR("x2_icr", 0x830, 0x4546, 0x12345)
	"movl $1, 0xc004; 2: pause; jmp 2b");
LABEL(x2_handler); LABEL(x2_eoi); LABEL(x2_gp); LABEL(x2_self); LABEL(x2_icr);

static void x2apic_gates(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, VECTOR, AT(x2apic, x2_handler));
	vm_gate(vm, MODE_LONG, 13, AT(x2apic, x2_gp));
}

static const struct vmm_options x2apic_vm = { .split = true, .prepare = x2apic_gates };

static void x2apic_writes(void)
{
	struct vmxdbg_event e;
	u32 eoi, ipi;

	dbg_start(&d, MODE_LONG, PROG(x2apic), &x2apic_vm);
	eoi = add(VMXDBG_CATCH_EOI, 0, 255, 0);
	ipi = add(VMXDBG_CATCH_IPI, 0, 0x7ff, 0);
	e = caught_at(AT(x2apic, x2_self), ipi);
	check_data(&e, VECTOR, 0, 0x40045);
	e = caught_at(AT(x2apic, x2_eoi), eoi);
	check_data(&e, VECTOR, 0, 0);
	/* A write that causes #GP is none. */
	e = caught_at(AT(x2apic, x2_icr), ipi);
	CHECK_EQ(DATA32(&d.vmm.vm, 2), 1);
	check_data(&e, VMXDBG_IPI_INIT | OTHER, 0x12345, 0x4546);
	runs_to_the_end();
}

static void an_x2apic_write_by_its_number(void)
{
	struct vmxdbg_event e;
	u32 msr, eoi;

	dbg_start(&d, MODE_LONG, PROG(x2apic), &x2apic_vm);
	eoi = add(VMXDBG_CATCH_EOI, 0, 255, 0);
	msr = add(VMXDBG_CATCH_MSR, 0x80b, 0x80b, VMXDBG_CATCH_WRITE);
	e = resume_to(&d, VMXDBG_WHY_CATCH, AT(x2apic, x2_eoi));
	CHECK_EQ(e.nr_bps, 2);
	CHECK_EQ(e.bps[0], msr);
	CHECK_EQ(e.bps[1], eoi);
	check_data(&e, 0x80b, VMXDBG_CATCH_WRITE, 0);
	runs_to_the_end();
}

/* ---- sources ---- */

GUEST64(waits,
	"jmp 1f\nwa_handler: incl 0xc000; movl $0, 0xb0(%rbx); iretq\nwa_nmi: incl 0xc008; iretq\n"
	"1: " ON "movl $0xb, 0x3e0(%rbx); movl $0x10045, 0x320(%rbx)\n"
	"sti; 2: incl 0xc004\n"
	"cmpl $0, 0xc100; je 2b; movl $0x45, 0x320(%rbx); movl $1000, 0x380(%rbx)\n"
	"movl $0, 0xc100; jmp 2b");
LABEL(wa_handler); LABEL(wa_nmi);

static struct vm vm;
static struct vcpu *v;

static void *runs_on(void *arg)
{
	while (vcpu_run(v) != -EINTR)
		;
	return arg;
}

/* A VM in this process, since others may not signal its MSIs. It is stopped in its loop. */
static void start_waiting(bool split)
{
	pthread_t thread;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	if (split)
		v = split_guest(&vm, MODE_LONG, PROG(waits));
	else
		v = guest_make(&vm, MODE_LONG, PROG(waits));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(waits, wa_handler));
	vm_gate(&vm, MODE_LONG, 2, AT(waits, wa_nmi));
	d.fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	CHECK(!pthread_create(&thread, NULL, runs_on, NULL));
	CHECK(wait_for(&DATA32(&vm, 1), 1));
	CHECK_OK(session_stop(d.fd, 0));
}

/* The next event is an interrupt from @who. */
static void comes_from(u32 vector, u32 who, u64 number)
{
	struct vmxdbg_event e;

	CHECK_OK(session_resume(d.fd, 0, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
	check_data(&e, vector, who, number);
}

static void msi(void)
{
	struct kvm_msi arg = { .address_lo = APIC_BASE, .data = VECTOR };

	CHECK_EQ(ioctl(vm.fd, KVM_SIGNAL_MSI, &arg), 1);
}

static void msis_and_the_timer(void)
{
	start_waiting(true);
	add(VMXDBG_CATCH_INTERRUPT, 0, 255, 0);
	msi();
	comes_from(VECTOR, VMXDBG_FROM_MSI, 0);
	DATA32(&vm, 64) = 1;
	comes_from(VECTOR, VMXDBG_FROM_TIMER, 0);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

static void one_from_before_the_catch(void)
{
	u32 id;

	start_waiting(true);
	msi();
	id = add(VMXDBG_CATCH_INTERRUPT, 0, 255, 0);
	comes_from(VECTOR, VMXDBG_FROM_UNKNOWN, 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&vm, 0), 1));
	CHECK_OK(session_stop(d.fd, 0));
	/* The end of the last catch makes the module forget sources. */
	msi();
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	add(VMXDBG_CATCH_INTERRUPT, 0, 255, 0);
	comes_from(VECTOR, VMXDBG_FROM_UNKNOWN, 0);
}

static void only_some_sources(void)
{
	u32 timer, both;

	start_waiting(true);
	timer = add(VMXDBG_CATCH_INTERRUPT, 0, 255, VMXDBG_FROM_TIMER);
	msi();
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&vm, 0), 1));
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_EQ(hits_of(timer), 0);
	both = add(VMXDBG_CATCH_INTERRUPT, VECTOR, VECTOR, VMXDBG_FROM_MSI | VMXDBG_FROM_IPI);
	msi();
	comes_from(VECTOR, VMXDBG_FROM_MSI, 0);
	CHECK_EQ(hits_of(timer), 0);
	CHECK_EQ(hits_of(both), 1);
}

static void inject(u32 type, u32 vector)
{
	struct vmxdbg_inject arg = { .type = type, .vector = vector };

	CHECK_OK(ioctl(d.fd, VMXDBG_INJECT, &arg));
}

static void of_the_session(void)
{
	start_waiting(true);
	add(VMXDBG_CATCH_INTERRUPT, 0, 255, 0);
	inject(VMXDBG_INJECT_INTERRUPT, VECTOR);
	comes_from(VECTOR, VMXDBG_FROM_SESSION, 0);
	inject(VMXDBG_INJECT_NMI, 0);
	comes_from(2, VMXDBG_FROM_SESSION, 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&vm, 2), 1));
	CHECK(wait_for(&DATA32(&vm, 0), 1));
}

static void of_the_session_without_an_apic(void)
{
	start_waiting(false);
	add(VMXDBG_CATCH_INTERRUPT, 0, 255, VMXDBG_FROM_SESSION);
	inject(VMXDBG_INJECT_INTERRUPT, VECTOR);
	comes_from(VECTOR, VMXDBG_FROM_SESSION, 0);
}

/* vCPU 0 sends to vCPU 1, which has started by INIT and SIPI. */
GUEST64(sends,
	ON "mov $0x1000000, %eax; mov %eax, 0x310(%rbx); movl $0x4500, 0x300(%rbx)\n"
	"movl $0x460a, 0x300(%rbx)\n"
	"1: pause; cmpl $0, 0xc000; je 1b; movl $0x4045, 0x300(%rbx)\n"
	"3: pause; cmpl $2, 0xc000; jne 3b; movl $0x4400, 0x300(%rbx); 4: pause; jmp 4b");

/* In real mode: the gates 2 and 0x45 are at 8 and 0x114, and only MSRs are in reach. */
GUEST16(receives,
	"xor %ax, %ax; mov %ax, %ds; mov %ax, %ss; mov $0x7000, %sp\n"
	"movw $(re_nmi - receives_begin), 0x8; mov %cs, %ax; mov %ax, 0xa\n"
	"movw $(re_irq - receives_begin), 0x114; mov %ax, 0x116\n"
	WRMSR("re_base", 0x1b, 0xfee00c00, 0) WRMSR("re_on", 0x80f, 0x1ff, 0)
	"movw $1, 0xc000; sti; 1: jmp 1b\n"
	"re_irq: movw $2, 0xc000; iret\n"
	"re_nmi: movw $3, 0xc000; iret");

static void load_receiver(struct vm *vm)
{
	memcpy(vm->mem + 0xa000, receives_begin, receives_end - receives_begin);
}

static const struct vmm_options two = { .split = true, .vcpus = 2, .prepare = load_receiver };

static void an_ipi_of_another_vcpu(void)
{
	struct vmxdbg_event e;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(sends), &two);
	id = add(VMXDBG_CATCH_INTERRUPT, 0, 255, 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, 1);
	CHECK_EQ(e.bps[0], id);
	check_data(&e, VECTOR, VMXDBG_FROM_IPI, 0);
	CHECK_OK(session_resume(d.fd, 1, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, 1);
	check_data(&e, 2, VMXDBG_FROM_IPI, 0);
	CHECK_OK(session_resume(d.fd, 1, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 3));
}

/* ---- chips ---- */

static struct chips c;

static void *takes(void *arg)
{
	DO(&c, TAKE, WRITE(LAPIC_EOI, 0));
	return arg;
}

/* The guest takes the interrupt that waits. */
static void chip_interrupt(u32 vector, u32 who, u32 number)
{
	struct vmxdbg_event e;
	pthread_t thread;

	CHECK(!pthread_create(&thread, NULL, takes, NULL));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
	check_data(&e, vector, who, number);
	CHECK_OK(session_resume(d.fd, 0, 0));
	pthread_join(thread, NULL);
	CHECK_EQ(chips_vector(&c, 0), vector);
	chips_forget(&c);
}

static void pins_of_chips(void)
{
	if (on_kvm())
		tap_skip("KVM has no debug plane");
	chips_make(&c);
	chips_init_pic(&c, 0x03);
	DO(&c, WRITE(LAPIC_SVR, SVR_ON), IOAPIC_WRITE(0x10 + 2 * 9, VECTOR));
	d.fd = CHECK_OK(attach(c.vm.dev, VMXDBG_ATTACH_FD, c.vm.fd));
	add(VMXDBG_CATCH_INTERRUPT, 0, 255, 0);
	chips_line(&c, 3, 1);
	chip_interrupt(0x0b, VMXDBG_FROM_PIC, 3);
	chips_line(&c, 12, 1);
	chip_interrupt(0x74, VMXDBG_FROM_PIC, 12);
	DO(&c, OUT(0x21, 0xff), OUT(0xa1, 0xff));
	chips_line(&c, 9, 1);
	chip_interrupt(VECTOR, VMXDBG_FROM_IOAPIC, 9);
}

/* ---- the VMM's ---- */

GUEST64(plain, "sti; 1: out %al, $0x10; nop; jmp 1b\npl_handler: incl 0xc000; iretq");
LABEL(pl_handler);

static void *runs(void *arg)
{
	while (vcpu_run(v) == KVM_EXIT_IO && DATA32(&vm, 0) < 2)
		;
	return arg;
}

static void of_the_vmm(void)
{
	struct kvm_interrupt irq = { .irq = VECTOR };
	struct vmxdbg_event e;
	pthread_t thread;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	v = guest_make(&vm, MODE_LONG, PROG(plain));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(plain, pl_handler));
	vm_gate(&vm, MODE_LONG, 2, AT(plain, pl_handler));
	vcpu_run_to(v, KVM_EXIT_IO);
	d.fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	add(VMXDBG_CATCH_INTERRUPT, 0, 255, 0);
	CHECK_OK(ioctl(v->fd, KVM_INTERRUPT, &irq));
	CHECK_OK(ioctl(v->fd, KVM_NMI));
	CHECK(!pthread_create(&thread, NULL, runs, NULL));
	e = next_event(d.fd);
	check_data(&e, 2, VMXDBG_FROM_VMM, 0);
	comes_from(VECTOR, VMXDBG_FROM_VMM, 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	pthread_join(thread, NULL);
	CHECK_EQ(DATA32(&vm, 0), 2);
}

/* ---- bounds ---- */

static const struct vmxdbg_catch bad[] = {
	{ .type = VMXDBG_CATCH_EOI, .last = 256 },
	{ .type = VMXDBG_CATCH_IPI, .last = 0x800 },
	{ .type = VMXDBG_CATCH_EOI, .flags = VMXDBG_CATCH_WRITE },
	{ .type = VMXDBG_CATCH_IPI, .flags = VMXDBG_FROM_IPI },
	{ .type = VMXDBG_CATCH_INTERRUPT, .flags = VMXDBG_FROM_UNKNOWN << 1 },
	{ .type = VMXDBG_CATCH_INTERRUPT, .flags = VMXDBG_FROM_TIMER >> 1 },
	{ .type = VMXDBG_CATCH_IO, .flags = VMXDBG_FROM_TIMER },
};

static void bad_arguments(void)
{
	struct vmxdbg_catch c;
	unsigned int i;

	start_xapic();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		c = bad[i];
		tap_note("catch %u", i);
		CHECK_ERR(ioctl(d.fd, VMXDBG_ADD_CATCH, &c), EINVAL);
	}
}

static void the_list_has_the_sources(void)
{
	struct vmxdbg_object_info info[2] = { };
	struct vmxdbg_object_list list = { .count = 2, .objects = (u64)info };

	start_xapic();
	add(VMXDBG_CATCH_INTERRUPT, 0, 255, VMXDBG_FROM_PIC | VMXDBG_FROM_LVT);
	add(VMXDBG_CATCH_INTERRUPT, 0, 255, 0);
	CHECK_OK(ioctl(d.fd, VMXDBG_LIST_OBJECTS, &list));
	CHECK_EQ(info[0].flags, VMXDBG_FROM_PIC | VMXDBG_FROM_LVT);
	CHECK_EQ(info[1].flags, 0);
}

static void there_are_no_smis(void)
{
	struct vmxdbg_inject arg = { .type = VMXDBG_INJECT_SMI };

	start_xapic();
	CHECK_ERR(ioctl(d.fd, VMXDBG_INJECT, &arg), EOPNOTSUPP);
	arg.vector = 1;
	CHECK_ERR(ioctl(d.fd, VMXDBG_INJECT, &arg), EINVAL);
	runs_to_the_end();
}

static const struct test tests[] = {
	TEST(an_eoi_is_caught_before_it),
	TEST(an_eoi_of_another_vector_is_not_caught),
	TEST(a_step_executes_the_eoi),
	TEST(ipis_by_kind),
	TEST(ipis_in_a_range),
	TEST(the_same_write_by_its_address),
	TEST(counting_does_not_stop),
	TEST(x2apic_writes),
	TEST(an_x2apic_write_by_its_number),
	TEST(msis_and_the_timer),
	TEST(one_from_before_the_catch),
	TEST(only_some_sources),
	TEST(of_the_session),
	TEST(of_the_session_without_an_apic),
	TEST(an_ipi_of_another_vcpu),
	TEST(pins_of_chips),
	TEST(of_the_vmm),
	TEST(bad_arguments),
	TEST(the_list_has_the_sources),
	TEST(there_are_no_smis),
};

TAP_MAIN(tests)
