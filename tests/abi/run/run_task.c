// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hardware task switches. Beside the usual memory (guest.h): a second task whose
 * TSS is at TASK_TSS, with selectors of its own after those of guest.h.
 */
#include <string.h>

#include "guest.h"

#define SEL_TASK	0x50	/* the second task's TSS */
#define SEL_GATE	0x58	/* a task gate to it */
#define SEL_LDT		0x60
#define GDT_LIMIT	0x6f

#define TASK_TSS	0x100000
#define TASK_LDT	0x101000
#define TASK_PD		0x102000
#define TASK_PT		0x103000
#define TASK_STACK	0x110000

#define BUSY		0x02
#define EFLAGS_IF	0x200
#define EFLAGS_NT	0x4000
#define EFLAGS_VM	0x20000
#define CR0_TS		8
#define DR6_BT		0x8000

struct tss32 {
	u32 link, stacks[6], cr3, eip, eflags;
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trap, io_map;
};

struct tss16 {
	u16 link, stacks[6], ip, flags;
	u16 ax, cx, dx, bx, sp, bp, si, di;
	u16 es, cs, ss, ds, ldt;
};

#define TSS(vm)		GUEST_PTR(vm, TASK_TSS, struct tss32)
#define OLD(vm)		GUEST_PTR(vm, GUEST_TSS, struct tss32)
#define GDT(vm)		GUEST_PTR(vm, GUEST_GDT, u64)
#define FLAGS(vm, sel)	((u8)(GDT(vm)[(sel) / 8] >> 40))

static u64 descriptor(u32 base, u32 limit, u32 flags)
{
	return (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)flags << 40 |
	       (u64)(limit >> 16 & 0xf) << 48 | (u64)(base >> 24) << 56;
}

/* Make a guest at the start of @prog, with a second task that begins at @eip. */
static struct vcpu *task_guest(struct vm *vm, enum guest_mode mode, struct prog prog,
			       u32 eip)
{
	struct vcpu *v = guest_make(vm, mode, prog);
	struct kvm_sregs s;

	get_sregs(v, &s);
	s.gdt.limit = GDT_LIMIT;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	GDT(vm)[SEL_TSS / 8] |= (u64)BUSY << 40;	/* as LTR would have */
	GDT(vm)[SEL_TASK / 8] = descriptor(TASK_TSS, 0x67, 0x89);
	GDT(vm)[SEL_GATE / 8] = (u64)SEL_TASK << 16 | 0x8500ULL << 32;
	GDT(vm)[SEL_LDT / 8] = descriptor(TASK_LDT, 0x7, 0x82);
	*GUEST_PTR(vm, TASK_LDT, u64) = descriptor(0, 0xfffff, 0xc093);
	*TSS(vm) = (struct tss32){
		.cr3 = s.cr3, .eip = eip, .eflags = 2, .esp = TASK_STACK,
		.eax = 0xa1a1a1a1, .ebx = 0xb1b1b1b1, .ecx = 0xc1c1c1c1,
		.edx = 0xd1d1d1d1, .esi = 0xe1e1e1e1, .edi = 0xf1f1f1f1,
		.ebp = 0x91919191,
		.es = SEL_DATA, .cs = SEL_CODE32, .ss = SEL_DATA, .ds = SEL_DATA,
		.fs = SEL_DATA, .gs = 0, .ldt = SEL_LDT, .io_map = 0x68,
	};
	return v;
}

static void task_gate(struct vm *vm, u8 vector)
{
	GUEST_PTR(vm, GUEST_IDT, u64)[vector] = (u64)SEL_TASK << 16 | 0xe500ULL << 32;
}

static u16 task_register(struct vcpu *v)
{
	struct kvm_sregs s;

	get_sregs(v, &s);
	return s.tr.selector;
}

GUEST32(jumps,
	"mov $0x11111111, %ebx; mov $0x22222222, %esi; mov $0x33333333, %ebp\n"
	"stc; ljmp $0x50, $0\n"
	"jumps_back: out %al, $0x11; hlt\n"
	"jumps_task: out %al, $0x10; inc %ebx; ljmp $0x40, $0\n"
	"jumps_again: out %al, $0x12; hlt");
LABEL(jumps_back);
LABEL(jumps_task);
LABEL(jumps_again);

static void check_new_task(struct vcpu *v, const struct tss32 *want)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	get_regs(v, &r);
	get_sregs(v, &s);
	CHECK_EQ(r.rax, want->eax);
	CHECK_EQ(r.rbx, want->ebx);
	CHECK_EQ(r.rcx, want->ecx);
	CHECK_EQ(r.rdx, want->edx);
	CHECK_EQ(r.rsi, want->esi);
	CHECK_EQ(r.rdi, want->edi);
	CHECK_EQ(r.rbp, want->ebp);
	CHECK_EQ(r.rsp, want->esp);
	CHECK_EQ(s.cs.selector, want->cs);
	CHECK_EQ(s.ss.selector, want->ss);
	CHECK_EQ(s.gs.unusable, 1);
	CHECK_EQ(s.ldt.selector, want->ldt);
	CHECK_EQ(s.ldt.base, TASK_LDT);
	CHECK_EQ(s.tr.selector, SEL_TASK);
	CHECK_EQ(s.tr.base, TASK_TSS);
	CHECK_EQ(s.tr.type, 11);
	CHECK(s.cr0 & CR0_TS);
}

static void jmp_there_and_back(enum guest_mode mode)
{
	struct tss32 want;
	struct kvm_regs r;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, mode, PROG(jumps), AT(jumps, jumps_task));

	want = *TSS(&vm);
	vcpu_run_out(v, 0x10);
	check_new_task(v, &want);
	CHECK_EQ(FLAGS(&vm, SEL_TSS), 0x89);
	CHECK_EQ(FLAGS(&vm, SEL_TASK), 0x8b);
	CHECK_EQ(OLD(&vm)->ebx, 0x11111111);
	CHECK_EQ(OLD(&vm)->esi, 0x22222222);
	CHECK_EQ(OLD(&vm)->ebp, 0x33333333);
	CHECK_EQ(OLD(&vm)->eip, AT(jumps, jumps_back));
	CHECK_EQ(OLD(&vm)->cs, SEL_CODE32);
	CHECK_EQ(OLD(&vm)->eflags, 3);
	CHECK_EQ(OLD(&vm)->link, 0);
	CHECK_EQ(TSS(&vm)->link, 0);
	OLD(&vm)->cr3 = want.cr3;	/* a task switch does not save it */
	vcpu_run_out(v, 0x11);
	get_regs(v, &r);
	CHECK_EQ(r.rbx, 0x11111111);
	CHECK_EQ(r.rbp, 0x33333333);
	CHECK_EQ(r.rflags, 3);
	CHECK_EQ(task_register(v), SEL_TSS);
	CHECK_EQ(FLAGS(&vm, SEL_TSS), 0x8b);
	CHECK_EQ(FLAGS(&vm, SEL_TASK), 0x89);
	CHECK_EQ(TSS(&vm)->ebx, 0xb1b1b1b2);
	CHECK_EQ(TSS(&vm)->eip, AT(jumps, jumps_again));
	vm_destroy(&vm);
}

static void jmp_to_a_tss(void)
{
	jmp_there_and_back(MODE_FLAT32);
	jmp_there_and_back(MODE_PAGED32);
	jmp_there_and_back(MODE_PAE);
}

/* a guest that enters the second task by @how, and the task, which returns twice */
#define CALL_TASK(name, how)						\
	GUEST32(name,							\
		how "\n"						\
		#name "_back: out %al, $0x11; hlt\n"			\
		#name "_task: pushf; pop %eax; out %al, $0x10; iret\n"	\
		#name "_again: out %al, $0x12; iret");			\
	LABEL(name##_back); LABEL(name##_task); LABEL(name##_again)

CALL_TASK(calls, "lcall $0x50, $0");
CALL_TASK(gates, "lcall $0x58, $0");
CALL_TASK(ints, "movl $0x500000, 0x1000 + 8 * 0x30; movl $0xe500, 0x1004 + 8 * 0x30\n"
		"int $0x30");

static void call_and_return(struct prog prog, u32 task, u32 back, u32 again)
{
	struct kvm_regs r;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, prog, task);

	OLD(&vm)->cr3 = GUEST_PD32;
	vcpu_run_out(v, 0x10);
	CHECK_EQ(task_register(v), SEL_TASK);
	get_regs(v, &r);
	CHECK_EQ(r.rax & EFLAGS_NT, EFLAGS_NT);
	CHECK_EQ(TSS(&vm)->link, SEL_TSS);
	CHECK_EQ(FLAGS(&vm, SEL_TSS), 0x8b);
	CHECK_EQ(FLAGS(&vm, SEL_TASK), 0x8b);
	CHECK_EQ(OLD(&vm)->eip, back);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(task_register(v), SEL_TSS);
	get_regs(v, &r);
	CHECK_EQ(r.rflags, 2);
	CHECK_EQ(FLAGS(&vm, SEL_TSS), 0x8b);
	CHECK_EQ(FLAGS(&vm, SEL_TASK), 0x89);
	CHECK_EQ(TSS(&vm)->eip, again);
	CHECK_EQ(TSS(&vm)->eflags & EFLAGS_NT, 0);
}

static void call_and_iret(void)
{
	call_and_return(PROG(calls), AT(calls, calls_task), AT(calls, calls_back),
			AT(calls, calls_again));
}

static void call_through_a_gate(void)
{
	call_and_return(PROG(gates), AT(gates, gates_task), AT(gates, gates_back),
			AT(gates, gates_again));
}

static void int_through_a_gate(void)
{
	call_and_return(PROG(ints), AT(ints, ints_task), AT(ints, ints_back),
			AT(ints, ints_again));
}

GUEST32(faults,
	"mov $0xfff8, %eax\n"
	"faults_here: mov %eax, %ds\n"
	"out %al, $0x11; hlt\n"
	"faults_task: out %al, $0x10; hlt");
LABEL(faults_here);
LABEL(faults_task);

static void exception_through_a_gate(void)
{
	struct kvm_regs r;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(faults),
				    AT(faults, faults_task));

	task_gate(&vm, 13);
	vcpu_run_out(v, 0x10);
	get_regs(v, &r);
	CHECK_EQ(r.rsp, TASK_STACK - 4);
	CHECK_EQ(*GUEST_PTR(&vm, TASK_STACK - 4, u32), 0xfff8);
	CHECK_EQ(OLD(&vm)->eip, AT(faults, faults_here));
	CHECK_EQ(TSS(&vm)->link, SEL_TSS);
}

GUEST32(waits,
	"sti; nop; out %al, $0x10\n"
	"waits_here: nop; out %al, $0x11; hlt\n"
	"waits_task: out %al, $0x12; iret\n"
	"waits_again: out %al, $0x12; iret");
LABEL(waits_here);
LABEL(waits_task);

static void interrupt_through_a_gate(void)
{
	struct kvm_interrupt irq = { .irq = 0x45 };
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(waits),
				    AT(waits, waits_task));

	task_gate(&vm, 0x45);
	OLD(&vm)->cr3 = GUEST_PD32;
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(v->fd, KVM_INTERRUPT, &irq));
	vcpu_run_out(v, 0x12);
	CHECK_EQ(OLD(&vm)->eip, AT(waits, waits_here));
	CHECK_EQ(OLD(&vm)->eflags & EFLAGS_IF, EFLAGS_IF);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(v->run->if_flag, 1);
}

static u8 nmi_masked(struct vcpu *v)
{
	struct kvm_vcpu_events e;

	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	return e.nmi.masked;
}

static void nmi_through_a_gate(void)
{
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(waits),
				    AT(waits, waits_task));

	task_gate(&vm, 2);
	OLD(&vm)->cr3 = GUEST_PD32;
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	vcpu_run_out(v, 0x12);
	CHECK_EQ(OLD(&vm)->eip, AT(waits, waits_here));
	CHECK_EQ(nmi_masked(v), 1);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(nmi_masked(v), 0);
}

GUEST32(narrow,
	"mov $0x11111111, %ebx; lcall $0x50, $0\n"
	"narrow_back: out %al, $0x11; hlt\n"
	".code16\n"
	"narrow_task: out %al, $0x10; iret");
LABEL(narrow_back);
LABEL(narrow_task);

static void task_with_a_16_bit_tss(void)
{
	struct kvm_sregs s;
	struct kvm_regs r;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(narrow), 0);
	volatile struct tss16 *tss = GUEST_PTR(&vm, TASK_TSS, struct tss16);
	int got;

	OLD(&vm)->cr3 = GUEST_PD32;
	GDT(&vm)[SEL_TASK / 8] = descriptor(TASK_TSS, 0x2b, 0x81);
	*tss = (struct tss16){
		.ip = AT(narrow, narrow_task), .flags = 2, .sp = 0xe000,
		.bx = 0xb1b1, .si = 0xe1e1,
		.es = SEL_DATA, .cs = SEL_CODE16, .ss = SEL_DATA, .ds = SEL_DATA,
	};
	vcpu_run_out(v, 0x10);
	get_regs(v, &r);
	get_sregs(v, &s);
	CHECK_EQ((u16)r.rbx, 0xb1b1);
	CHECK_EQ((u16)r.rsi, 0xe1e1);
	CHECK_EQ((u16)r.rsp, 0xe000);
	CHECK_EQ(s.cs.selector, SEL_CODE16);
	CHECK_EQ(s.cr3, GUEST_PD32);
	CHECK_EQ(s.tr.type, 3);
	CHECK_EQ(tss->link, SEL_TSS);
	CHECK_EQ(FLAGS(&vm, SEL_TASK), 0x83);
	got = vcpu_run(v);
	KNOWN_DIFFERENCE(got == KVM_EXIT_IO, "saves a task in the format of the next one's TSS");
	if (got != KVM_EXIT_IO)
		return;
	get_regs(v, &r);
	CHECK_EQ(r.rbx, 0x11111111);
	CHECK_EQ(FLAGS(&vm, SEL_TASK), 0x81);
	CHECK_EQ(tss->bx, 0xb1b1);
}

GUEST32(vm86,
	"lcall $0x50, $0\n"
	"vm86_back: out %al, $0x11; hlt\n"
	".code16\n"
	"vm86_task: mov $0x77, %al; mov %al, 0x123; out %al, $0x10\n"
	"hlt");
LABEL(vm86_task);

static void task_in_virtual_8086_mode(void)
{
	struct kvm_sregs s;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(vm86), 0);

	TSS(&vm)->eip = AT(vm86, vm86_task) - 0x8000;
	TSS(&vm)->cs = 0x800;
	TSS(&vm)->ds = 0xc00;
	TSS(&vm)->ss = 0xd00;
	TSS(&vm)->es = TSS(&vm)->fs = TSS(&vm)->gs = 0x1234;
	TSS(&vm)->esp = 0x800;
	TSS(&vm)->eflags = EFLAGS_VM | 2;
	TSS(&vm)->stacks[0] = TASK_STACK;
	TSS(&vm)->stacks[1] = SEL_DATA;
	/* ports 0 to 0xff are allowed */
	memset(vm.mem + TASK_TSS + 0x68, 0, 32);
	vm.mem[TASK_TSS + 0x68 + 32] = 0xff;
	GDT(&vm)[SEL_TASK / 8] = descriptor(TASK_TSS, 0x68 + 32, 0x89);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(vm.mem[0xc123], 0x77);
	get_sregs(v, &s);
	CHECK_EQ(s.cs.base, 0x8000);
	CHECK_EQ(s.es.base, 0x12340);
	CHECK_EQ(s.es.limit, 0xffff);
	CHECK_EQ(s.ss.dpl, 3);
	/* HLT is #GP here, in protected mode on the inner stack */
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
}

static void task_with_page_tables_of_its_own(void)
{
	struct kvm_sregs s;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(jumps),
				    AT(jumps, jumps_task));

	/* Code and GDT stay where they are; the task's data page is another. */
	memcpy(vm.mem + TASK_PD, vm.mem + GUEST_PD32, 0x1000);
	memcpy(vm.mem + TASK_PT, vm.mem + GUEST_PT32, 0x1000);
	*GUEST_PTR(&vm, TASK_PD, u32) = TASK_PT | 7;
	GUEST_PTR(&vm, TASK_PT, u32)[8] = 0x120007;
	memcpy(vm.mem + 0x120000, vm.mem + GUEST_CODE, 0x1000);
	/* out %al, $0x10 is out %al, $0x13 there */
	vm.mem[0x120000 + (jumps_task - jumps_begin) + 1] = 0x13;
	TSS(&vm)->cr3 = TASK_PD;
	vcpu_run_out(v, 0x13);
	get_sregs(v, &s);
	CHECK_EQ(s.cr3, TASK_PD);
}

static void debug_trap_of_a_task(void)
{
	struct kvm_debugregs d;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(jumps),
				    AT(jumps, jumps_task));
	bool seen;

	TSS(&vm)->trap = 1;
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &d));
	seen = vcpu_trap(v) == 1 && (d.dr6 & DR6_BT);
	KNOWN_DIFFERENCE(seen, "the T bit of a TSS is ignored");
}

static void local_breakpoints_end_with_the_task(void)
{
	struct kvm_debugregs d;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(jumps),
				    AT(jumps, jumps_task));

	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &d));
	d.db[0] = d.db[1] = AT(jumps, jumps_again);
	d.dr7 = 0x400 | 1 | 8;		/* L0, G1 */
	CHECK_OK(ioctl(v->fd, KVM_SET_DEBUGREGS, &d));
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &d));
	CHECK_EQ(d.dr7 & 0xff, 8);
}

/* Invalid TSSs and segments, the exception of each, and the task that gets it. */
static const struct {
	const char *what;
	u16 field;		/* offset in the TSS, 0: none */
	u16 value;
	u32 limit, flags;	/* of the TSS descriptor */
	int vector;
	bool in_new;
} wrong[] = {
	{ "busy", 0, 0, 0x67, 0x8b, 13, false },
	{ "not present", 0, 0, 0x67, 0x09, 11, false },
	{ "too short", 0, 0, 0x66, 0x89, 10, false },
	{ "code selector of data", offsetof(struct tss32, cs), SEL_USER_DATA | 3,
	  0x67, 0x89, 10, true },
	{ "stack selector of code", offsetof(struct tss32, ss), SEL_USER32 | 3,
	  0x67, 0x89, 10, true },
	{ "stack selector of ring 0", offsetof(struct tss32, ss), SEL_DATA,
	  0x67, 0x89, 10, true },
	{ "data selector of ring 0", offsetof(struct tss32, ds), SEL_DATA,
	  0x67, 0x89, 10, true },
	{ "data selector of a TSS", offsetof(struct tss32, fs), SEL_TSS,
	  0x67, 0x89, 10, true },
	{ "data selector beyond the GDT", offsetof(struct tss32, gs), 0x78,
	  0x67, 0x89, 10, true },
	{ "LDT selector of data", offsetof(struct tss32, ldt), SEL_DATA,
	  0x67, 0x89, 10, true },
};

/* The new task is in ring 3, so that its faults use the good stack of ring 0. */
static bool faults_as_wanted(unsigned int i)
{
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(jumps),
				    AT(jumps, jumps_task));
	u16 want = wrong[i].in_new ? SEL_TASK : SEL_TSS;
	bool ok;
	int got;

	TSS(&vm)->cs = SEL_USER32 | 3;
	TSS(&vm)->ss = TSS(&vm)->ds = TSS(&vm)->es = TSS(&vm)->fs = SEL_USER_DATA | 3;
	TSS(&vm)->stacks[0] = TASK_STACK;
	TSS(&vm)->stacks[1] = SEL_DATA;
	if (wrong[i].field)
		*GUEST_PTR(&vm, TASK_TSS + wrong[i].field, u16) = wrong[i].value;
	GDT(&vm)[SEL_TASK / 8] = descriptor(TASK_TSS, wrong[i].limit, wrong[i].flags);
	got = vcpu_run(v);
	ok = got == KVM_EXIT_IO && vcpu_trap(v) == wrong[i].vector &&
	     task_register(v) == want;
	if (!ok)
		tap_note("%s: exit %d, vector %d, task %#x", wrong[i].what, got,
			 got == KVM_EXIT_IO ? vcpu_trap(v) : -1, task_register(v));
	vm_destroy(&vm);
	return ok;
}

static void faults_of_task_switches(void)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		ok &= faults_as_wanted(i);
	KNOWN_DIFFERENCE(ok, "faults that its emulator finds are lost");
}

/* A page of the new TSS is not mapped: nothing has been switched yet. */
static void page_fault_before_the_switch(void)
{
	struct kvm_sregs s;
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(jumps),
				    AT(jumps, jumps_task));
	bool ok;
	int got;

	GUEST_PTR(&vm, GUEST_PT32, u32)[TASK_TSS >> 12] = 0;
	got = vcpu_run(v);
	get_sregs(v, &s);
	ok = got == KVM_EXIT_IO && vcpu_trap(v) == 14 && s.cr2 == TASK_TSS &&
	     s.tr.selector == SEL_TSS && OLD(&vm)->ebx == 0 &&
	     FLAGS(&vm, SEL_TASK) == 0x89;
	KNOWN_DIFFERENCE(ok, "faults that its emulator finds are lost");
}

static void step_over_a_switch(void)
{
	struct kvm_guest_debug dbg = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
	};
	struct vm vm;
	struct vcpu *v = task_guest(&vm, MODE_PAGED32, PROG(jumps),
				    AT(jumps, jumps_task));
	unsigned int i;
	bool ok;

	CHECK_OK(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &dbg));
	for (i = 0; i < 4; i++)
		vcpu_run_to(v, KVM_EXIT_DEBUG);
	ok = vcpu_run(v) == KVM_EXIT_DEBUG &&
	     v->run->debug.arch.pc == AT(jumps, jumps_task);
	KNOWN_DIFFERENCE(ok, "the new task runs on without its TF");
}

static const struct test tests[] = {
	TEST(jmp_to_a_tss),
	TEST(call_and_iret),
	TEST(call_through_a_gate),
	TEST(int_through_a_gate),
	TEST(exception_through_a_gate),
	TEST(interrupt_through_a_gate),
	TEST(nmi_through_a_gate),
	TEST(task_with_a_16_bit_tss),
	TEST(task_in_virtual_8086_mode),
	TEST(task_with_page_tables_of_its_own),
	TEST_HARD(32, debug_trap_of_a_task),
	TEST(local_breakpoints_end_with_the_task),
	TEST(faults_of_task_switches),
	TEST(page_fault_before_the_switch),
	TEST_HARD(32, step_over_a_switch),
};

TAP_MAIN(tests)
