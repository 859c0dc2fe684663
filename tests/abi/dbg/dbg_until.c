// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps that end at the next branch, when the function returns, or when a handler
 * begins.
 */
#include <string.h>

#include "vmm.h"

#define BRANCH	VMXDBG_RESUME_BRANCH
#define RETURN	VMXDBG_RESUME_RETURN
#define INTO	VMXDBG_RESUME_INTO
#define IRQS	VMXDBG_RESUME_IRQS

#define HANDLER(guest, label, vector)						\
	"movw $" GADDR(guest, label) ", 0x1000 + " #vector " * 16\n"

/* start, and run to @at by a breakpoint */
static void start_at(struct dbg *d, enum guest_mode mode, struct prog prog, u64 at,
		     const struct vmm_options *o)
{
	long id;

	dbg_start(d, mode, prog, o);
	id = session_add(d->fd, VMXDBG_BP_HARD, at, 1);
	REQUIRE(id > 0);
	resume_to(d, VMXDBG_WHY_BREAKPOINT, at);
	CHECK_OK(ioctl(d->fd, VMXDBG_DEL_BP, id));
}

GUEST64(nothing, "hlt");

static void feature_is_reported(void)
{
	struct vmxdbg_info info;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(nothing), NULL);
	CHECK_OK(ioctl(d.fd, VMXDBG_GET_INFO, &info));
	CHECK(info.features & VMXDBG_FEATURE_BRANCH);
}

/* ---- branches: a loop, a jump to the next instruction, a call and its return ---- */

GUEST64(b64,
	"mov $" GADDR(b64, b64_8) ", %ebx; mov $3, %ecx; xor %eax, %eax\n"
	"b64_1: nop; test %eax, %eax; jnz 1f; in $0x10, %al; xor %eax, %eax\n"
	"loop b64_1\n"
	"1: nop; jmp b64_3\nhlt\n"
	"b64_3: nop; .byte 0xeb, 0\n"
	"b64_4: test %eax, %eax; jz b64_5\nhlt\n"
	"b64_5: call b64_6\n"
	"b64_7: jmp *%rbx\nhlt\n"
	"b64_6: nop; ret\n"
	"b64_8: nop; hlt\n");
GUEST32(b32,
	"mov $" GADDR(b32, b32_8) ", %ebx; mov $3, %ecx; xor %eax, %eax\n"
	"b32_1: nop; test %eax, %eax; jnz 1f; in $0x10, %al; xor %eax, %eax\n"
	"loop b32_1\n"
	"1: nop; jmp b32_3\nhlt\n"
	"b32_3: nop; .byte 0xeb, 0\n"
	"b32_4: test %eax, %eax; jz b32_5\nhlt\n"
	"b32_5: call b32_6\n"
	"b32_7: jmp *%ebx\nhlt\n"
	"b32_6: nop; ret\n"
	"b32_8: nop; hlt\n");
GUEST16(b16,
	"mov $" GADDR(b16, b16_8) ", %bx; mov $3, %cx; xor %ax, %ax\n"
	"b16_1: nop; test %ax, %ax; jnz 1f; in $0x10, %al; xor %ax, %ax\n"
	"loop b16_1\n"
	"1: nop; jmp b16_3\nhlt\n"
	"b16_3: nop; .byte 0xeb, 0\n"
	"b16_4: test %ax, %ax; jz b16_5\nhlt\n"
	"b16_5: call b16_6\n"
	"b16_7: jmp *%bx\nhlt\n"
	"b16_6: nop; ret\n"
	"b16_8: nop; hlt\n");
#define EACH(g) \
	LABEL(g##_1); LABEL(g##_3); LABEL(g##_4); LABEL(g##_5); LABEL(g##_6); LABEL(g##_7); \
	LABEL(g##_8)
EACH(b64); EACH(b32); EACH(b16);
/* the loop branch is taken twice, and falls through the third time */
#define TARGETS(g) { g##_1, g##_1, g##_3, g##_4, g##_5, g##_6, g##_7, g##_8 }

static void each_branch(enum guest_mode mode, struct prog prog, const u8 *const targets[8])
{
	struct dbg d;
	unsigned int i;

	dbg_start(&d, mode, prog, NULL);
	for (i = 0; i < 8; i++)
		if (!CHECK_EQ(dbg_step(&d, BRANCH), GUEST_CODE + (targets[i] - prog.begin)))
			tap_fail("branch %u", i);
	dbg_finish(&d);
}

static void taken_branches_in_long_mode(void)
{
	each_branch(MODE_LONG, PROG(b64), (const u8 *const[])TARGETS(b64));
}

static void taken_branches_in_protected_mode(void)
{
	each_branch(MODE_PAE, PROG(b32), (const u8 *const[])TARGETS(b32));
}

static void taken_branches_in_real_mode(void)
{
	each_branch(MODE_REAL, PROG(b16), (const u8 *const[])TARGETS(b16));
}

GUEST64(events,
	HANDLER(events, events_int, 0x80)
	HANDLER(events, events_ud, 6)
	HANDLER(events, events_gp, 13)
	"nop; int $0x80\n"
	"events_1: nop; ud2\n"
	"events_2: mov $0xdead0000, %ecx; rdmsr\n"
	"events_3: mov $3, %ecx; mov $0xc040, %edi; rep stosb; nop; hlt\n"
	"events_int: nop; iretq\n"
	"events_ud: addq $2, (%rsp); iretq\n"
	"events_gp: add $8, %rsp; addq $2, (%rsp); iretq");
LABEL(events_1); LABEL(events_2); LABEL(events_3);
LABEL(events_int); LABEL(events_ud); LABEL(events_gp);

static void events_are_branches(void)
{
	const u8 *const stops[] = { events_int, events_1, events_ud, events_2, events_gp,
				    events_3 };
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(events), NULL);
	for (i = 0; i < ARRAY_SIZE(stops); i++)
		CHECK_EQ(dbg_step(&d, BRANCH), AT(events, stops[i]));
	dbg_finish(&d);
}

/* ---- returns ---- */

GUEST64(calls,
	"mov $3, %ecx\n"
	"call calls_f\n"
	"calls_back: nop; hlt\n"
	/* a function that calls itself and another one */
	"calls_f: push %rbx\n"
	"calls_in: dec %ecx; jz 1f; call calls_f\n"
	"calls_inner: call calls_g; call calls_g\n"
	"1: pop %rbx; ret $0\n"
	"calls_g: push %rax; push %rcx; incl 0xc000; pop %rcx; pop %rax; ret");
LABEL(calls_back); LABEL(calls_f); LABEL(calls_in); LABEL(calls_inner);

static void until_the_outermost_function_returns(void)
{
	struct dbg d;

	start_at(&d, MODE_LONG, PROG(calls), AT(calls, calls_f), NULL);
	CHECK_EQ(dbg_step(&d, RETURN), AT(calls, calls_back));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 4);
	dbg_finish(&d);
}

/* the step starts inside the function, with its own pushes on the stack */
static void until_an_inner_one_returns(void)
{
	struct dbg d;
	unsigned int i;

	start_at(&d, MODE_LONG, PROG(calls), AT(calls, calls_in), NULL);
	/* go into the second and third call */
	for (i = 0; i < 2; i++) {
		CHECK_EQ(dbg_step(&d, BRANCH), AT(calls, calls_f));
		dbg_step(&d, 0);
	}
	CHECK_EQ(dbg_step(&d, RETURN), AT(calls, calls_inner));
	CHECK_EQ(dbg_step(&d, RETURN), AT(calls, calls_inner));
	CHECK_EQ(dbg_step(&d, RETURN), AT(calls, calls_back));
	dbg_finish(&d);
}

GUEST64(rings,
	HANDLER(rings, rings_int, 0x80)
	"push $0x33; push $0xe000; push $2; push $0x3b; push $" GADDR(rings, rings_user) "; iretq\n"
	"rings_user: nop; call rings_f\n"
	"rings_1: nop; nop\n"
	"rings_f: int $0x80\n"
	"rings_2: nop; ret\n"
	"rings_int: nop; call 1f; iretq\n"
	"1: ret");
LABEL(rings_user); LABEL(rings_1); LABEL(rings_f); LABEL(rings_2); LABEL(rings_int);

/* the function runs on the user stack, which is below the kernel's */
static void returns_across_rings(void)
{
	struct dbg d;

	start_at(&d, MODE_LONG, PROG(rings), AT(rings, rings_f), NULL);
	CHECK_EQ(dbg_step(&d, RETURN), AT(rings, rings_1));
	/* the handler itself returns to the outer ring */
	CHECK_EQ(dbg_step(&d, BRANCH | INTO), AT(rings, rings_int));
	CHECK_EQ(dbg_step(&d, RETURN), AT(rings, rings_2));
}

/* ---- interrupts meanwhile ---- */

GUEST64(irqs,
	HANDLER(irqs, irqs_handler, 0x45)
	"mov $0x45, %al; sti; nop\n"
	"irqs_0: out %al, $0x7b\n"
	"irqs_1: call irqs_f\n"
	"irqs_2: cli; hlt\n"
	"irqs_f: nop; nop; nop; ret\n"
	"irqs_handler: push %rbx; call 1f; incl 0xc000; pop %rbx; iretq\n"
	"1: ret");
LABEL(irqs_0); LABEL(irqs_1); LABEL(irqs_2); LABEL(irqs_f); LABEL(irqs_handler);

static void at_the_pending_interrupt(struct dbg *d)
{
	start_at(d, MODE_LONG, PROG(irqs), AT(irqs, irqs_0), NULL);
	CHECK_EQ(dbg_step(d, 0), AT(irqs, irqs_1));
	CHECK_EQ(dbg_step(d, BRANCH), AT(irqs, irqs_f));
	CHECK_EQ(DATA32(&d->vmm.vm, 0), 0);
}

static void held_until_the_return(void)
{
	struct dbg d;

	at_the_pending_interrupt(&d);
	CHECK_EQ(dbg_step(&d, RETURN), AT(irqs, irqs_2));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
}

static void handled_on_the_way_to_the_return(void)
{
	struct dbg d;

	at_the_pending_interrupt(&d);
	CHECK_EQ(dbg_step(&d, RETURN | IRQS), AT(irqs, irqs_2));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	dbg_finish(&d);
}

static void into_its_handler_on_the_way(void)
{
	static const u32 flags[] = { INTO, RETURN | INTO, BRANCH | INTO };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct dbg d;

		at_the_pending_interrupt(&d);
		CHECK_EQ(dbg_step(&d, flags[i]), AT(irqs, irqs_handler));
		/* the return address, alignment to 16, and the interrupt frame */
		CHECK_EQ(session_get_regs(d.fd, 0).rsp, GUEST_STACK - 16 - 40);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
		CHECK_EQ(dbg_step(&d, RETURN), AT(irqs, irqs_f));
		dbg_finish(&d);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
		vmm_kill(&d.vmm);
	}
}

static void into_exceptions_on_the_way(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(events), NULL);
	CHECK_EQ(dbg_step(&d, RETURN | INTO), AT(events, events_int));
	CHECK_EQ(dbg_step(&d, RETURN), AT(events, events_1));
	CHECK_EQ(dbg_step(&d, RETURN | INTO), AT(events, events_ud));
	CHECK_EQ(dbg_step(&d, RETURN), AT(events, events_2));
	CHECK_EQ(dbg_step(&d, RETURN | INTO), AT(events, events_gp));
	dbg_finish(&d);
}

/* ---- what ends it else ---- */

static void a_breakpoint_ends_it(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	start_at(&d, MODE_LONG, PROG(calls), AT(calls, calls_f), NULL);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(calls, calls_inner), 1) > 0);
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP | RETURN));
	e = next_event(d.fd);
	CHECK(e.why & VMXDBG_WHY_BREAKPOINT);
	CHECK_EQ(e.rip, AT(calls, calls_inner));
}

static void a_watchpoint_ends_it(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	start_at(&d, MODE_LONG, PROG(calls), AT(calls, calls_f), NULL);
	CHECK(session_add(d.fd, VMXDBG_BP_WRITE, 0xc000, 4) > 0);
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP | RETURN));
	e = next_event(d.fd);
	CHECK(e.why & VMXDBG_WHY_WATCH);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
}

GUEST64(spin, "1: incl 0xc000; test %eax, %eax; jnz 1b; mov $1, %ebx; lea 1b(%rip), %rcx\n"
	"spin_1: jmp *%rcx");

static void a_stop_ends_it(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 n;

	dbg_start(&d, MODE_LONG, PROG(spin), NULL);
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP | RETURN));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 100));
	CHECK_OK(session_stop(d.fd, 0));
	CHECK(!event_within(d.fd, 0, &e));
	n = DATA32(&d.vmm.vm, 0);
	sleep_ms(10);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), n);
}

static void other_vcpus_branch_on(void)
{
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(spin), &(struct vmm_options){ .vcpus = 2 });
	for (i = 0; i < 10; i++)
		CHECK_EQ(dbg_step(&d, BRANCH), GUEST_CODE);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 10);
}

static const struct test tests[] = {
	TEST(feature_is_reported),
	TEST(taken_branches_in_long_mode),
	TEST(taken_branches_in_protected_mode),
	TEST(taken_branches_in_real_mode),
	TEST(events_are_branches),
	TEST(until_the_outermost_function_returns),
	TEST(until_an_inner_one_returns),
	TEST(returns_across_rings),
	TEST(held_until_the_return),
	TEST(handled_on_the_way_to_the_return),
	TEST(into_its_handler_on_the_way),
	TEST(into_exceptions_on_the_way),
	TEST(a_breakpoint_ends_it),
	TEST(a_watchpoint_ends_it),
	TEST(a_stop_ends_it),
	TEST(other_vcpus_branch_on),
};

TAP_MAIN(tests)
