// SPDX-License-Identifier: GPL-2.0-only
/* The hard cases of interrupts, NMIs, INIT, and handlers with special stacks. */
#include <string.h>

#include "hard.h"

#define RFLAGS_AC	(1U << 18)
#define CR0_AM		(1U << 18)
#define FRESH_STACK	0x180000	/* a page that nobody has accessed */

/* ---- 11 ---- */

GUEST64(held,
	GATE(held, held_event, 0x45)
	GATE(held, held_event, 2)
	"sti; nop; mov $0x45, %al\n"
	"held_0: out %al, $0x7b\n"
	"held_1: nop\n"
	"held_2: nop\n"
	"held_3: nop; cli; hlt\n"
	"held_event: mov (%rsp), %rbx; mov %rbx, 0xc008; incl 0xc000; iretq");
LABEL(held_0); LABEL(held_1); LABEL(held_2); LABEL(held_3);

/* KVM delivers an interrupt of KVM_INTERRUPT at once, even with KVM_GUESTDBG_BLOCKIRQ. */
static void check_held(u16 port)
{
	bool held;
	unsigned int i;

	hard_start(MODE_LONG, PROG(held));
	target_vm()->mem[AT(held, held_0) + 1] = port;
	for (i = 0; i < 10 && target_step(0).rip != AT(held, held_0); i++)
		;
	hard_check_stop(target_step(0), STOP_STEP, AT(held, held_1));
	hard_check_stop(target_step(0), STOP_STEP, AT(held, held_2));
	hard_check_stop(target_step(0), STOP_STEP, AT(held, held_3));
	held = port == VMM_NMI_PORT || !on_kvm();
	CHECK_EQ(hard_count(), !held);
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
	CHECK_EQ(DATA64(target_vm(), 1), held ? AT(held, held_3) : AT(held, held_1));
}

static void interrupt_is_held(void)
{
	check_held(VMM_INTERRUPT_PORT);
}

static void nmi_is_held(void)
{
	check_held(VMM_NMI_PORT);
}

#define HELD(port)	"sti; nop; mov $0x45, %al; out %al, $" #port "; nop; nop; nop; nop; cli; hlt"
GUEST16(held_irq16, HELD(0x7b));
GUEST32(held_irq32, HELD(0x7b));
GUEST64(held_irq64, HELD(0x7b));
GUEST16(held_nmi16, HELD(0x7d));
GUEST32(held_nmi32, HELD(0x7d));
GUEST64(held_nmi64, HELD(0x7d));

/* six steps of nine instructions, then the rest */
static void held_in(int mode, struct prog prog, bool kvm_holds)
{
	unsigned int i;

	hard_start(mode, prog);
	for (i = 0; i < 6; i++)
		CHECK_EQ(target_step(0).what, STOP_STEP);
	EXPECT(hard_count(), 0, !kvm_holds, "an interrupt of KVM_INTERRUPT is not held");
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
	target_end();
}

static void held_in_each_mode(void)
{
	held_in(MODE_REAL, PROG(held_irq16), false);
	held_in(MODE_REAL, PROG(held_nmi16), true);
	held_in(MODE_VM86, PROG(held_irq16), false);
	held_in(MODE_VM86, PROG(held_nmi16), true);
	held_in(MODE_FLAT32, PROG(held_irq32), false);
	held_in(MODE_FLAT32, PROG(held_nmi32), true);
	held_in(MODE_PAE, PROG(held_irq32), false);
	held_in(MODE_PAE, PROG(held_nmi32), true);
	held_in(MODE_LONG, PROG(held_irq64), false);
	held_in(MODE_LONG, PROG(held_nmi64), true);
}

/* ---- 12 ---- */

GUEST64(init, "out %al, $0x7c; hlt");
GUEST16(after_init, "movb $1, 0xc040\nafter_init_1: nop\nafter_init_2: nop\nafter_init_3: hlt");
LABEL(after_init_1); LABEL(after_init_2); LABEL(after_init_3);

static void put_after_init(struct vm *vm)
{
	memcpy(vm->mem + VMM_INIT_RIP, after_init_begin, after_init_end - after_init_begin);
}

static void init_keeps_breakpoints(void)
{
	u64 there = VMM_INIT_RIP - (u64)(unsigned long)after_init_begin;

	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(init),
				      .prepare = put_after_init });
	REQUIRE_EQ(target_watch(0xc040, 1, false), 0);
	REQUIRE_EQ(target_break(there + (unsigned long)after_init_2), 1);
	target_soft(there + (unsigned long)after_init_3);
	hard_check_stop(target_go(), STOP_WATCH, there + (unsigned long)after_init_1);
	hard_check_stop(target_go(), STOP_BREAK, there + (unsigned long)after_init_2);
	hard_check_stop(target_go(), STOP_BREAK, there + (unsigned long)after_init_3);
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- 28 ---- */

GUEST64(fresh, "mov $0x180000, %esp\nfresh_0: int $0x45\nfresh_1: nop; hlt");
LABEL(fresh_0); LABEL(fresh_1);

static void step_into_a_handler_on_a_fresh_stack(void)
{
	hard_start(MODE_LONG, PROG(fresh));
	target_step(0);
	if (on_kvm()) {
		EXPECT(target_step(0).rip, handler_at(MODE_LONG, 0), AT(fresh, fresh_1) + 1,
		       "a step over INT n runs the whole handler");
	} else {
		hard_check_stop(target_step(0), STOP_STEP, handler_at(MODE_LONG, 0));
		CHECK_EQ(*GUEST_PTR(target_vm(), FRESH_STACK - 40, u64), AT(fresh, fresh_1));
	}
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
}

static void stop_before_a_handler_on_a_fresh_stack(void)
{
	hard_start(MODE_LONG, PROG(fresh));
	REQUIRE_EQ(target_break(handler_at(MODE_LONG, 0)), 0);
	hard_check_stop(target_go(), STOP_BREAK, handler_at(MODE_LONG, 0));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
}

/* ---- 30 ---- */

GUEST64(endless_db,
	"mov $" "0x180000 - 16" ", %eax; mov %rax, %dr0\n"
	"mov $0x90001, %eax; mov %rax, %dr7\n"
	"movl $1, 0x180000 - 16\n"
	"hlt");

/* each delivery writes to the watched stack: #DB after #DB, on one stack (IST1) */
static void put_ist(struct vm *vm)
{
	*GUEST_PTR(vm, GUEST_TSS + 0x24, u64) = FRESH_STACK;
	GUEST_PTR(vm, GUEST_IDT, u64)[2] |= 1ULL << 32;
}

static void endless_db(void)
{
	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(endless_db),
				      .prepare = put_ist });
	CHECK(target_interrupt());
}

/* In ring 3, with its handler in ring 3 on an unaligned stack: #AC after #AC. */
GUEST32(endless_ac, "mov 0xc041, %eax\nhlt");

static void put_user_ac(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu[0];
	struct kvm_segment user = {
		.limit = 0xffffffff, .selector = SEL_USER_DATA | 3, .type = 3,
		.present = 1, .dpl = 3, .db = 1, .s = 1, .g = 1,
	};
	struct kvm_sregs s;
	struct kvm_regs r;

	get_sregs(v, &s);
	s.ds = s.es = s.ss = s.cs = user;
	s.cs.selector = SEL_USER32 | 3;
	s.cs.type = 11;
	s.cr0 |= CR0_AM;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	get_regs(v, &r);
	r.rsp -= 2;
	r.rflags |= RFLAGS_AC;
	set_regs(v, &r);
	*GUEST_PTR(vm, GUEST_IDT + 17 * 8 + 2, u16) = SEL_USER32 | 3;
}

static void endless_ac(void)
{
	target_start(&(struct setup){ .mode = MODE_PAGED32, .prog = PROG(endless_ac),
				      .prepare = put_user_ac });
	EXPECT(target_interrupt(), true, false, "an internal error");
}

const struct test hard_events[] = {
	HARD_ROW(11, "an interrupt is held and not lost", interrupt_is_held),
	HARD_ROW(11, "an NMI is held and not lost", nmi_is_held),
	HARD_ROW(11, "both are held in each mode", held_in_each_mode),
	HARD_ROW(12, "INIT keeps the debugger's breakpoints", init_keeps_breakpoints),
	HARD_ROW(28, "a step into a handler on a fresh stack",
		 step_into_a_handler_on_a_fresh_stack),
	HARD_ROW(28, "a breakpoint in a handler on a fresh stack",
		 stop_before_a_handler_on_a_fresh_stack),
	HARD_ROW(30, "endless #DB", endless_db),
	HARD_ROW(30, "endless #AC", endless_ac),
};
const unsigned int hard_events_nr = ARRAY_SIZE(hard_events);
