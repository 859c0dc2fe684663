// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that a session injects: each is delivered once, when the guest can take it, and
 * none of the guest's or the VMM's is lost.
 */
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "vmm.h"

#define IRQ		0x45
#define VMM_IRQ		0x46
#define NOTHING		(~0ULL)

/* Words of the guest's data, which its handlers write */
#define COUNT		0
#define RIP		1
#define CR2		2
#define DR6		3
#define ERROR		4
#define VMM_COUNT	5	/* of VMM_IRQ */
#define NMI_COUNT	6
#define ORDER		7	/* one digit for each delivery */

#define HANDLERS(name)							\
	#name "_plain: push %rax; mov 8(%rsp), %rax; mov %rax, 0xc008\n" \
	"incq 0xc000; mov %cr2, %rax; mov %rax, 0xc010\n"		\
	"mov %dr6, %rax; mov %rax, 0xc018; pop %rax; iretq\n"		\
	#name "_coded: popq 0xc020; jmp " #name "_plain\n"		\
	#name "_irq: incq 0xc000; shlq $4, 0xc038; orq $1, 0xc038\n"	\
	"push %rax; mov 8(%rsp), %rax; mov %rax, 0xc008; pop %rax; iretq\n" \
	#name "_vmm: incq 0xc028; shlq $4, 0xc038; orq $2, 0xc038; iretq\n" \
	#name "_nmi: incq 0xc030; shlq $4, 0xc038; orq $3, 0xc038\n"	\
	"push %rax; mov 8(%rsp), %rax; mov %rax, 0xc008; pop %rax\n"	\
	"out %al, $0x11; iretq\n"

/* The guest halts, and then opens its window for interrupts. */
GUEST64(opens,
	"again: hlt\n"
	"halted: nop; nop; sti; nop\n"
	"open_here: nop; nop; cli; jmp again\n"
	HANDLERS(opens));
LABEL(halted); LABEL(open_here);
LABEL(opens_plain); LABEL(opens_coded); LABEL(opens_irq); LABEL(opens_vmm); LABEL(opens_nmi);

static void gates(struct vm *vm)
{
	static const u8 coded[] = { 8, 10, 11, 12, 13, 14, 17 };
	unsigned int i;

	for (i = 0; i < 32; i++)
		vm_gate(vm, MODE_LONG, i, AT(opens, opens_plain));
	for (i = 0; i < ARRAY_SIZE(coded); i++)
		vm_gate(vm, MODE_LONG, coded[i], AT(opens, opens_coded));
	vm_gate(vm, MODE_LONG, 2, AT(opens, opens_nmi));
	vm_gate(vm, MODE_LONG, IRQ, AT(opens, opens_irq));
	vm_gate(vm, MODE_LONG, VMM_IRQ, AT(opens, opens_vmm));
}

static int inject(int fd, struct vmxdbg_inject arg)
{
	return ioctl(fd, VMXDBG_INJECT, &arg);
}

static int inject_irq(int fd, u32 vector)
{
	return inject(fd, (struct vmxdbg_inject){
		.type = VMXDBG_INJECT_INTERRUPT, .vector = vector });
}

static int inject_nmi(int fd)
{
	return inject(fd, (struct vmxdbg_inject){ .type = VMXDBG_INJECT_NMI });
}

static int inject_exception(int fd, u32 vector, u32 error, u64 addr)
{
	return inject(fd, (struct vmxdbg_inject){
		.type = VMXDBG_INJECT_EXCEPTION, .vector = vector, .error = error,
		.addr = addr });
}

/* A guest in this process that has halted, and is stopped by the session. */
static void start_halted(struct machine *m)
{
	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(m, MODE_LONG, PROG(opens));
	gates(&m->vm);
	vcpu_run_to(m->v, KVM_EXIT_HLT);
	m->session = CHECK_OK(attach(m->vm.dev, VMXDBG_ATTACH_FD, m->vm.fd));
	CHECK_OK(session_stop(m->session, VMXDBG_ALL_VCPUS));
}

static void resume(struct machine *m)
{
	CHECK_OK(session_resume(m->session, VMXDBG_ALL_VCPUS, 0));
}

/* Run on until the guest has halted again; NMIs exit in their handler. */
static void run_on(struct machine *m)
{
	resume(m);
	while (vcpu_run(m->v) == KVM_EXIT_IO)
		CHECK_EQ(m->v->run->io.port, 0x11);
	CHECK_EQ(m->v->run->exit_reason, KVM_EXIT_HLT);
	CHECK_EQ(get_rip(m->v), AT(opens, halted));
}

/* ---- delivery ---- */

static void interrupt_waits_until_the_guest_takes_it(void)
{
	struct machine m;

	start_halted(&m);
	CHECK_OK(inject_irq(m.session, IRQ));
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, COUNT), 1);
	/* RFLAGS.IF is set, and the shadow of STI is over. */
	CHECK_EQ(DATA64(&m.vm, RIP), AT(opens, open_here));
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, COUNT), 1);
	machine_destroy(&m);
}

static void nmi_does_not_wait(void)
{
	struct machine m;

	start_halted(&m);
	CHECK_OK(inject_nmi(m.session));
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, NMI_COUNT), 1);
	CHECK_EQ(DATA64(&m.vm, RIP), AT(opens, halted));
	machine_destroy(&m);
}

static void nmi_waits_for_the_end_of_another(void)
{
	struct machine m;

	start_halted(&m);
	CHECK_OK(inject_nmi(m.session));
	resume(&m);
	vcpu_run_to(m.v, KVM_EXIT_IO);		/* in its handler */
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	CHECK_OK(inject_nmi(m.session));
	resume(&m);
	vcpu_run_to(m.v, KVM_EXIT_IO);
	CHECK_EQ(DATA64(&m.vm, NMI_COUNT), 2);
	/* Delivered after IRET, and not within the first one's handler. */
	CHECK_EQ(DATA64(&m.vm, RIP), AT(opens, halted));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&m.vm, NMI_COUNT), 2);
	machine_destroy(&m);
}

static const struct exception {
	u8 vector;
	u16 error;
	u64 addr;
} exceptions[] = {
	{ 0, 0, 0 }, { 1, 0, 0x4002 }, { 3, 0, 0 }, { 4, 0, 0 }, { 5, 0, 0 }, { 6, 0, 0 },
	{ 7, 0, 0 }, { 8, 0, 0 }, { 10, 0x7fff, 0 }, { 11, 0x10, 0 }, { 12, 0x7ff8, 0 },
	{ 13, 0x123, 0 }, { 14, 0x7, 0xffff800000001234 }, { 16, 0, 0 }, { 17, 0, 0 },
	{ 18, 0, 0 }, { 19, 0, 0 },
};

static bool has_code(u8 vector)
{
	return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

static void each_exception_reaches_its_handler(void)
{
	struct machine m;
	unsigned int i;

	start_halted(&m);
	for (i = 0; i < ARRAY_SIZE(exceptions); i++) {
		const struct exception *e = &exceptions[i];
		bool ok = true;

		DATA64(&m.vm, ERROR) = NOTHING;
		CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
		CHECK_OK(inject_exception(m.session, e->vector, e->error, e->addr));
		run_on(&m);
		ok &= CHECK_EQ(DATA64(&m.vm, COUNT), i + 1);
		ok &= CHECK_EQ(DATA64(&m.vm, RIP), AT(opens, halted));
		ok &= CHECK_EQ(DATA64(&m.vm, ERROR), has_code(e->vector) ? e->error : NOTHING);
		if (e->vector == 14)
			ok &= CHECK_EQ(DATA64(&m.vm, CR2), e->addr);
		if (e->vector == 1)
			ok &= CHECK_EQ(DATA64(&m.vm, DR6), 0xffff0ff0 | e->addr);
		if (!ok)
			tap_note("vector %u", e->vector);
	}
	machine_destroy(&m);
}

/* Real mode has no error codes, and the handler's IRET would find one on its stack. */
GUEST16(real, "again16: hlt; jmp again16\n"
	"real_handler: incw 0xc000; iret");
LABEL(real_handler);

GUEST32(flat, "again32: hlt; jmp again32\n"
	"flat_handler: incl 0xc000; pop %eax; mov %eax, 0xc020; iret");
LABEL(flat_handler);

static void check_code_in(enum guest_mode mode, struct prog prog, u32 handler, u32 code)
{
	struct machine m;
	unsigned int i;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(&m, mode, prog);
	vm_gate(&m.vm, mode, 13, handler);
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	m.session = CHECK_OK(attach(m.vm.dev, VMXDBG_ATTACH_FD, m.vm.fd));
	for (i = 1; i < 4; i++) {
		CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
		CHECK_OK(inject_exception(m.session, 13, 0x42, 0));
		resume(&m);
		vcpu_run_to(m.v, KVM_EXIT_HLT);
		CHECK_EQ(DATA32(&m.vm, 0), i);
		CHECK_EQ(DATA32(&m.vm, 8), code);
	}
	machine_destroy(&m);
}

static void error_code_of_each_mode(void)
{
	check_code_in(MODE_REAL, PROG(real), AT(real, real_handler), 0);
	check_code_in(MODE_FLAT32, PROG(flat), AT(flat, flat_handler), 0x42);
}

/* ---- beside other events ---- */

static void one_of_each_type_can_wait(void)
{
	struct machine m;

	start_halted(&m);
	CHECK_OK(inject_irq(m.session, IRQ));
	CHECK_ERR(inject_irq(m.session, IRQ + 1), EBUSY);
	CHECK_OK(inject_nmi(m.session));
	CHECK_ERR(inject_nmi(m.session), EBUSY);
	CHECK_OK(inject_exception(m.session, 6, 0, 0));
	CHECK_ERR(inject_exception(m.session, 13, 0, 0), EBUSY);
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, COUNT), 2);
	CHECK_EQ(DATA64(&m.vm, NMI_COUNT), 1);
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	CHECK_OK(inject_irq(m.session, IRQ));
	CHECK_OK(inject_nmi(m.session));
	CHECK_OK(inject_exception(m.session, 6, 0, 0));
	machine_destroy(&m);
}

static void interrupt_of_the_vmm_is_not_lost(void)
{
	struct kvm_interrupt irq = { .irq = VMM_IRQ };
	struct machine m;
	unsigned int first;

	for (first = 0; first < 2; first++) {
		start_halted(&m);
		/* Afterwards no page of the handlers causes an exit. */
		CHECK_OK(ioctl(m.v->fd, KVM_INTERRUPT, &irq));
		run_on(&m);
		CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
		memset(m.vm.mem + GUEST_DATA, 0, 64);
		if (first)
			CHECK_OK(inject_irq(m.session, IRQ));
		CHECK_OK(ioctl(m.v->fd, KVM_INTERRUPT, &irq));
		if (!first)
			CHECK_OK(inject_irq(m.session, IRQ));
		/* The window is open for both, one after the other. */
		run_on(&m);
		CHECK_EQ(DATA64(&m.vm, VMM_COUNT), 1);
		CHECK_EQ(DATA64(&m.vm, COUNT), 1);
		CHECK_EQ(DATA64(&m.vm, ORDER), 0x21);
		machine_destroy(&m);
	}
}

static void nmis_of_the_vmm_are_not_lost(void)
{
	struct machine m;

	start_halted(&m);
	CHECK_OK(ioctl(m.v->fd, KVM_NMI, 0));
	CHECK_OK(ioctl(m.v->fd, KVM_NMI, 0));
	CHECK_OK(inject_nmi(m.session));
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, NMI_COUNT), 3);
	machine_destroy(&m);
}

static void exception_that_waits_is_not_lost(void)
{
	struct kvm_vcpu_events events;
	struct machine m;

	start_halted(&m);
	CHECK_OK(ioctl(m.v->fd, KVM_GET_VCPU_EVENTS, &events));
	events.exception.injected = 1;
	events.exception.nr = 6;
	CHECK_OK(ioctl(m.v->fd, KVM_SET_VCPU_EVENTS, &events));
	CHECK_ERR(inject_exception(m.session, 13, 0x55, 0), EBUSY);
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, COUNT), 1);
	CHECK_EQ(DATA64(&m.vm, ERROR), 0);
	machine_destroy(&m);
}

/* As QEMU, which reads all registers at an exit and writes them back before KVM_RUN. */
static void vmm_that_writes_its_events_deletes_none(void)
{
	struct kvm_vcpu_events events;
	struct machine m;

	start_halted(&m);
	CHECK_OK(ioctl(m.v->fd, KVM_GET_VCPU_EVENTS, &events));
	CHECK_OK(inject_irq(m.session, IRQ));
	CHECK_OK(inject_nmi(m.session));
	CHECK_OK(inject_exception(m.session, 6, 0, 0));
	CHECK_OK(ioctl(m.v->fd, KVM_SET_VCPU_EVENTS, &events));
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, COUNT), 2);
	CHECK_EQ(DATA64(&m.vm, NMI_COUNT), 1);
	machine_destroy(&m);
}

/* An exception of the VMM's comes after the call, which it could not refuse. */
static void exception_waits_for_one_of_the_vmm(void)
{
	struct kvm_vcpu_events events;
	struct machine m;

	start_halted(&m);
	CHECK_OK(inject_exception(m.session, 13, 0x55, 0));
	CHECK_OK(ioctl(m.v->fd, KVM_GET_VCPU_EVENTS, &events));
	events.exception.injected = 1;
	events.exception.nr = 6;
	CHECK_OK(ioctl(m.v->fd, KVM_SET_VCPU_EVENTS, &events));
	run_on(&m);
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, COUNT), 2);
	CHECK_EQ(DATA64(&m.vm, ERROR), 0x55);
	machine_destroy(&m);
}

GUEST64(reads_port,
	"xor %eax, %eax; in $0x10, %al\n"
	"after_in: mov %rax, 0xc100; hlt\n"
	HANDLERS(reads_port));
LABEL(after_in); LABEL(reads_port_plain);
#define READ_VALUE	32

static void io_instruction_completes_before(void)
{
	struct machine m;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(&m, MODE_LONG, PROG(reads_port));
	vm_gate(&m.vm, MODE_LONG, 6, AT(reads_port, reads_port_plain));
	vcpu_run_to(m.v, KVM_EXIT_IO);
	*(u8 *)vcpu_io_data(m.v) = 0x77;
	m.session = CHECK_OK(attach(m.vm.dev, VMXDBG_ATTACH_FD, m.vm.fd));
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	CHECK_OK(inject_exception(m.session, 6, 0, 0));
	resume(&m);
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&m.vm, COUNT), 1);
	CHECK_EQ(DATA64(&m.vm, RIP), AT(reads_port, after_in));
	CHECK_EQ(DATA64(&m.vm, READ_VALUE), 0x77);
	machine_destroy(&m);
}

/* A hook on the handler's page, an access to which the module makes for the guest. */
static void waiting_event_does_not_keep_an_instruction_from_its_end(void)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_WRITE, .addr = GUEST_DATA + 0x800, .len = 16,
		.flags = VMXDBG_BP_PHYSICAL, .options = (unsigned long)&count,
	};
	struct kvm_interrupt irq = { .irq = VMM_IRQ };
	struct machine m;

	start_halted(&m);
	/* The data page is watched, beside what the handlers write. */
	CHECK(session_add_bp(m.session, bp) > 0);
	CHECK_OK(ioctl(m.v->fd, KVM_INTERRUPT, &irq));
	CHECK_OK(inject_irq(m.session, IRQ));
	CHECK_OK(inject_exception(m.session, 6, 0, 0));
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, COUNT), 2);
	CHECK_EQ(DATA64(&m.vm, VMM_COUNT), 1);
	machine_destroy(&m);
}

/* ---- steps and catches ---- */

GUEST64(stepped,
	"sti; nop\n"
	"step_1: nop\n"
	"step_2: nop\n"
	"step_3: nop; cli; hlt\n"
	HANDLERS(stepped));
LABEL(step_1); LABEL(step_2); LABEL(step_3);
LABEL(stepped_plain); LABEL(stepped_irq); LABEL(stepped_nmi);

static void prepare_stepped(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, 6, AT(stepped, stepped_plain));
	vm_gate(vm, MODE_LONG, 2, AT(stepped, stepped_nmi));
	vm_gate(vm, MODE_LONG, IRQ, AT(stepped, stepped_irq));
}

static const struct vmm_options with_gates = { .prepare = prepare_stepped };

static void start_stepped(struct dbg *d)
{
	dbg_start(d, MODE_LONG, PROG(stepped), &with_gates);
	dbg_step(d, 0);
	CHECK_EQ(dbg_step(d, 0), AT(stepped, step_1));
}

static void steps_hold_interrupts_and_nmis(void)
{
	struct dbg d;

	start_stepped(&d);
	CHECK_OK(inject_irq(d.fd, IRQ));
	CHECK_EQ(dbg_step(&d, 0), AT(stepped, step_2));
	CHECK_OK(inject_nmi(d.fd));
	CHECK_EQ(dbg_step(&d, 0), AT(stepped, step_3));
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT), 0);
	CHECK_EQ(DATA64(&d.vmm.vm, NMI_COUNT), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT), 1);
	CHECK_EQ(DATA64(&d.vmm.vm, NMI_COUNT), 1);
}

static void step_with_interrupts_delivers(void)
{
	struct dbg d;

	start_stepped(&d);
	CHECK_OK(inject_irq(d.fd, IRQ));
	CHECK_EQ(dbg_step(&d, VMXDBG_RESUME_INTO), AT(stepped, stepped_irq));
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT), 1);
	CHECK_EQ(DATA64(&d.vmm.vm, RIP), AT(stepped, step_1));
}

static void step_ends_in_the_handler_of_an_exception(void)
{
	struct dbg d;

	start_stepped(&d);
	CHECK_OK(inject_exception(d.fd, 6, 0, 0));
	CHECK_EQ(dbg_step(&d, 0), AT(stepped, stepped_plain));
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT), 1);
	CHECK_EQ(DATA64(&d.vmm.vm, RIP), AT(stepped, step_1));
}

/* The instruction has not been executed when its breakpoint is met again. */
static void breakpoint_hits_again_after_the_handler(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(stepped), &with_gates);
	session_must_add(d.fd, (struct vmxdbg_bp){ .addr = AT(stepped, step_2), .len = 1 });
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(stepped, step_2));
	CHECK_OK(inject_exception(d.fd, 6, 0, 0));
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(stepped, step_2));
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT), 1);
	CHECK_EQ(DATA64(&d.vmm.vm, RIP), AT(stepped, step_2));
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT), 1);
}

static void catch_sees_it(u32 type, u32 vector, const struct vmxdbg_inject *event)
{
	struct vmxdbg_catch c = { .type = type, .first = vector, .last = vector };
	struct vmxdbg_event e;
	struct dbg d;

	start_stepped(&d);
	CHECK_OK(ioctl(d.fd, VMXDBG_ADD_CATCH, &c));
	CHECK_OK(inject(d.fd, *event));
	e = resume_to(&d, VMXDBG_WHY_CATCH, AT(stepped, step_1));
	CHECK_EQ(e.data[0], vector);
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT) + DATA64(&d.vmm.vm, NMI_COUNT), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT) + DATA64(&d.vmm.vm, NMI_COUNT), 1);
}

static void catches_see_them(void)
{
	static const struct vmxdbg_inject ud = { .type = VMXDBG_INJECT_EXCEPTION, .vector = 6 };
	static const struct vmxdbg_inject irq = { .vector = IRQ };
	static const struct vmxdbg_inject nmi = { .type = VMXDBG_INJECT_NMI };

	catch_sees_it(VMXDBG_CATCH_EXCEPTION, 6, &ud);
	catch_sees_it(VMXDBG_CATCH_INTERRUPT, IRQ, &irq);
	catch_sees_it(VMXDBG_CATCH_INTERRUPT, 2, &nmi);
}

static void it_outlives_the_session(void)
{
	struct dbg d;

	start_stepped(&d);
	CHECK_OK(inject_irq(d.fd, IRQ));
	CHECK_OK(inject_nmi(d.fd));
	close(d.fd);
	vmm_wait_done(&d.vmm);
	CHECK_EQ(DATA64(&d.vmm.vm, COUNT), 1);
	CHECK_EQ(DATA64(&d.vmm.vm, NMI_COUNT), 1);
}

/* ---- arguments ---- */

static void what_no_processor_has_is_refused(void)
{
	static const struct vmxdbg_inject bad[] = {
		{ .type = VMXDBG_INJECT_SMI + 1 },
		{ .type = ~0U },
		{ .vector = 256 },
		{ .vector = IRQ, .error = 1 },
		{ .vector = IRQ, .addr = 1 },
		{ .type = VMXDBG_INJECT_NMI, .vector = 2 },
		{ .type = VMXDBG_INJECT_NMI, .error = 1 },
		{ .type = VMXDBG_INJECT_NMI, .addr = 1 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 2 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 9 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 15 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 20 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 31 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 32 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 64 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 6, .error = 1 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 13, .error = 0x8000 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 13, .error = 1U << 31 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 13, .addr = 1 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 1, .addr = 0x10 },
		{ .type = VMXDBG_INJECT_EXCEPTION, .vector = 1, .addr = 1ULL << 32 },
	};
	struct machine m;
	unsigned int i;

	start_halted(&m);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!CHECK_ERR(inject(m.session, bad[i]), EINVAL))
			tap_note("row %u", i);
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, COUNT), 0);
	machine_destroy(&m);
}

static void vcpu_must_be_stopped(void)
{
	struct machine m;

	start_halted(&m);
	CHECK_ERR(inject(m.session, (struct vmxdbg_inject){ .vcpu = 1, .vector = IRQ }), ENOENT);
	CHECK_ERR(inject(m.session, (struct vmxdbg_inject){
		.vcpu = VMXDBG_ALL_VCPUS, .vector = IRQ }), ENOENT);
	resume(&m);
	CHECK_ERR(inject_irq(m.session, IRQ), EBUSY);
	machine_destroy(&m);
}

static const struct test tests[] = {
	TEST(interrupt_waits_until_the_guest_takes_it),
	TEST(nmi_does_not_wait),
	TEST(nmi_waits_for_the_end_of_another),
	TEST(each_exception_reaches_its_handler),
	TEST(error_code_of_each_mode),
	TEST(one_of_each_type_can_wait),
	TEST(interrupt_of_the_vmm_is_not_lost),
	TEST(nmis_of_the_vmm_are_not_lost),
	TEST(exception_that_waits_is_not_lost),
	TEST(vmm_that_writes_its_events_deletes_none),
	TEST(exception_waits_for_one_of_the_vmm),
	TEST(io_instruction_completes_before),
	TEST(waiting_event_does_not_keep_an_instruction_from_its_end),
	TEST(steps_hold_interrupts_and_nmis),
	TEST(step_with_interrupts_delivers),
	TEST(step_ends_in_the_handler_of_an_exception),
	TEST(breakpoint_hits_again_after_the_handler),
	TEST(catches_see_them),
	TEST(it_outlives_the_session),
	TEST(what_no_processor_has_is_refused),
	TEST(vcpu_must_be_stopped),
};

TAP_MAIN(tests)
