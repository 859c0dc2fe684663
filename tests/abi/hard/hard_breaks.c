// SPDX-License-Identifier: GPL-2.0-only
/* The hard cases of breakpoints, watchpoints and debug registers. */
#include <string.h>

#include "hard.h"

/* ---- 13 to 16: debug registers of both ---- */

/* DR0 and DR1 have one address, DR1 is not enabled; DR6 is cleared only at the end */
GUEST64(dr6,
	GATE(dr6, dr6_db, 1)
	"mov $0xc040, %eax; mov %rax, %dr0\n"
	"dr6_1: mov %rax, %dr1\n"
	"mov $0xdd0001, %eax; mov %rax, %dr7\n"
	"movl $1, 0xc040\n"			/* B0, and B1 beside it */
	"pushf; orl $0x100, (%rsp); popf\n"
	"nop\n"					/* BS */
	"movl $2, 0xc040\n"			/* BS and B0 */
	"pushf; andl $~0x100, (%rsp); popf\n"
	"movl $3, 0xc040\n"			/* BS stays */
	"mov $0xffffffff, %eax; mov %rax, %dr6; mov %dr6, %rbx; mov %rbx, 0xc010\n"
	"xor %eax, %eax; mov %rax, %dr6; mov %dr6, %rbx; mov %rbx, 0xc018\n"
	"mov $0xffff07ff, %eax; mov %rax, %dr7; mov %dr7, %rbx; mov %rbx, 0xc020\n"
	"xor %eax, %eax; mov %rax, %dr7; mov %dr7, %rbx; mov %rbx, 0xc028\n"
	"nop; hlt\n"
	"dr6_db: push %rax; push %rbx; mov 0xc000, %ebx; shl $5, %ebx\n"
	"mov %dr6, %rax; mov %rax, 0xc100(%rbx); mov 16(%rsp), %rax; mov %rax, 0xc108(%rbx)\n"
	"incl 0xc000; pop %rbx; pop %rax; iretq");

LABEL(dr6_1);

/*
 * A CPU need not set DR6's bit of a disabled register, and does not while the
 * debugger uses that register: leave DR1 out.
 */
static void put_no_dr1(struct vm *vm)
{
	memset(vm->mem + AT(dr6, dr6_1), 0x90, 3);
}

static void dr6_as_a_cpu_has_it(void)
{
	u32 n;

	hard_start(MODE_LONG, PROG(dr6));
	CHECK_EQ(target_go().what, STOP_END);
	n = hard_count();
	CHECK_EQ(hard_seen(0).dr6, DR6_ONES | 3);
	CHECK_EQ(hard_seen(1).dr6, DR6_ONES | DR6_BS);
	CHECK_EQ(hard_seen(2).dr6, DR6_ONES | DR6_BS | 3);
	CHECK_EQ(hard_seen(n - 1).dr6, DR6_ONES | DR6_BS | 3);
	CHECK_EQ(DATA64(target_vm(), 2), 0xffffefff);
	CHECK_EQ(DATA64(target_vm(), 3), DR6_ONES);
	CHECK_EQ(DATA64(target_vm(), 4), 0xffff07ff);
	CHECK_EQ(DATA64(target_vm(), 5), 0x400);
	target_end();
	EXPECT(hard_same_data(MODE_LONG, PROG(dr6), put_no_dr1, BESIDE), true, false,
	       "the guest's breakpoints never fire beside the debugger's");
	EXPECT(hard_same_data(MODE_LONG, PROG(dr6), NULL, STEPPED), true, false,
	       "the guest's own #DBs are lost while it is stepped");
}

GUEST64(gd,
	GATE(gd, gd_db, 1)
	"mov $0x2000, %eax; mov %rax, %dr7\n"
	"gd_1: mov %dr0, %rax\n"
	"mov $0x1234, %eax; mov %rax, %dr3; mov %dr3, %rbx; mov %rbx, 0xc010\n"
	"mov %dr7, %rbx; mov %rbx, 0xc018\n"
	"nop; hlt\n"
	DB_LOG("gd_db"));
LABEL(gd_1);

static void gd_beside_the_debuggers(void)
{
	hard_start(MODE_LONG, PROG(gd));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
	CHECK_EQ(hard_seen(0).dr6, DR6_ONES | DR6_BD);
	CHECK_EQ(hard_seen(0).rip, AT(gd, gd_1));
	CHECK_EQ(DATA64(target_vm(), 3), 0x400);
	target_end();
	EXPECT(hard_same_data(MODE_LONG, PROG(gd), NULL, BESIDE), true, false, "GD is ignored");
	EXPECT(hard_same_data(MODE_LONG, PROG(gd), NULL, STEPPED), true, false, "GD is lost");
}

/* the guest has two breakpoints, one for data and one for execution */
GUEST64(both,
	GATE(both, both_db, 1)
	"mov $0xc040, %eax; mov %rax, %dr0\n"
	"mov $" GADDR(both, both_2) ", %eax; mov %rax, %dr3\n"
	"mov $0xd0041, %eax; mov %rax, %dr7\n"
	"both_0: movl $1, 0xc040\n"
	"both_1: movl $1, 0xc048\n"
	"both_2: nop\n"
	"both_3: nop\n"
	"both_4: mov %dr7, %rax; mov %rax, 0xc010; mov %dr0, %rax; mov %rax, 0xc018\n"
	"mov %dr3, %rax; mov %rax, 0xc020; nop; hlt\n"
	/* set RF in the frame, to go on past the breakpoint */
	"both_db: orl $0x10000, 16(%rsp)\n"
	DB_LOG("both_log"));
LABEL(both_0); LABEL(both_1); LABEL(both_2); LABEL(both_3); LABEL(both_4);

static void check_both(void)
{
	CHECK_EQ(hard_count(), 2);
	CHECK_EQ(hard_seen(0).dr6, DR6_ONES | 1);
	CHECK_EQ(hard_seen(0).rip, AT(both, both_1));
	CHECK_EQ(hard_seen(1).dr6, DR6_ONES | 8);
	CHECK_EQ(hard_seen(1).rip, AT(both, both_2));
	CHECK_EQ(DATA64(target_vm(), 2), 0xd0441);
	CHECK_EQ(DATA64(target_vm(), 3), 0xc040);
	CHECK_EQ(DATA64(target_vm(), 4), AT(both, both_2));
}

static void four_in_all_at_different_places(void)
{
	hard_start(MODE_LONG, PROG(both));
	REQUIRE_EQ(target_watch(0xc048, 4, false), 0);
	REQUIRE_EQ(target_break(AT(both, both_3)), 1);
	hard_check_stop(target_go(), STOP_WATCH, AT(both, both_2));
	hard_check_stop(target_go(), STOP_BREAK, AT(both, both_3));
	CHECK_EQ(target_go().what, STOP_END);
	if (on_kvm())
		EXPECT(hard_count(), 2, 0, "the guest's never fire beside the debugger's");
	else
		check_both();
}

/* guest and debugger use the same places: each gets its own hits */
static void four_in_all_at_the_same_places(void)
{
	hard_start(MODE_LONG, PROG(both));
	REQUIRE_EQ(target_watch(0xc040, 4, false), 0);
	REQUIRE_EQ(target_break(AT(both, both_2)), 1);
	hard_check_stop(target_go(), STOP_WATCH, AT(both, both_1));
	hard_check_stop(target_go(), STOP_BREAK, AT(both, both_2));
	CHECK_EQ(target_go().what, STOP_END);
	if (on_kvm())
		EXPECT(hard_count(), 2, 0, "the guest's never fire beside the debugger's");
	else
		check_both();
}

static void debug_registers_when_the_debugger_has_gone(void)
{
	struct kvm_debugregs d;

	hard_start(MODE_LONG, PROG(both));
	REQUIRE_EQ(target_break(AT(both, both_0)), 0);
	REQUIRE_EQ(target_watch(0xe800, 4, false), 1);
	REQUIRE_EQ(target_watch(0xe808, 4, false), 2);
	hard_check_stop(target_go(), STOP_BREAK, AT(both, both_0));
	target_clear();
	target_get_debugregs(&d);
	CHECK_EQ(d.db[0], 0xc040);
	CHECK_EQ(d.db[1], 0);
	CHECK_EQ(d.db[2], 0);
	CHECK_EQ(d.db[3], AT(both, both_2));
	CHECK_EQ(d.dr7, 0xd0441);
	CHECK_EQ(target_go().what, STOP_END);
	check_both();
}

/* ---- 17 ---- */

GUEST64(loop, "mov $5, %ecx\nloop_1: incl 0xc000\nloop_2: loop loop_1\nhlt");
LABEL(loop_1); LABEL(loop_2);

static void check_rounds(void)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		hard_check_stop(target_go(), STOP_BREAK, AT(loop, loop_1));
		CHECK_EQ(hard_count(), i);
		/*
		 * a step from it is no hit either; neither Bochs nor KVM sets RF for
		 * it
		 */
		if (i == 2 && !on_kvm())
			hard_check_stop(target_step(0), STOP_STEP, AT(loop, loop_2));
	}
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 5);
}

static void execute_breakpoint_hits_once_a_round(void)
{
	hard_start(MODE_LONG, PROG(loop));
	REQUIRE_EQ(target_break(AT(loop, loop_1)), 0);
	check_rounds();
}

static void soft_breakpoint_hits_once_a_round(void)
{
	hard_start(MODE_LONG, PROG(loop));
	target_soft(AT(loop, loop_1));
	check_rounds();
}

/* ---- 18 ---- */

GUEST64(emulated,
	"mov $0xd0000000, %ebx; mov $0xc040, %edi; mov $0x10, %edx\n"
	"mov %eax, (%rbx)\nemulated_1: nop\n"
	"insb\nemulated_2: nop\n"
	"mov $0xd0000000, %esi; mov $0xc048, %edi; movsl\nemulated_3: nop\n"
	"mov $0xc050, %esi; outsl\nemulated_4: nop\n"
	"push (%rbx)\nemulated_5: nop; hlt");
LABEL(emulated_1); LABEL(emulated_2); LABEL(emulated_3); LABEL(emulated_4); LABEL(emulated_5);

static void watch_emulated(u64 addr, unsigned int len, bool reads, const u8 *after)
{
	struct stop stop;

	hard_start(MODE_LONG, PROG(emulated));
	REQUIRE_EQ(target_watch(addr, len, reads), 0);
	stop = target_go();
	EXPECT(stop.what, STOP_WATCH, STOP_END, "accesses that are emulated hit nothing");
	if (!on_kvm()) {
		CHECK_EQ(stop.rip, AT(emulated, after));
		CHECK_EQ(target_go().what, STOP_END);
	}
	target_end();
}

static void watchpoints_and_emulated_accesses(void)
{
	watch_emulated(0xd0000000, 4, false, emulated_1);
	watch_emulated(0xc040, 1, false, emulated_2);
	watch_emulated(0xc048, 4, false, emulated_3);
	watch_emulated(0xc050, 4, true, emulated_4);
	watch_emulated(GUEST_STACK - 8, 8, false, emulated_5);
}

/* ---- 19 ---- */

GUEST64(write, "nop; movl $1, 0xc040\nwrite_1: nop\nwrite_2: hlt");
LABEL(write_1);

static void step_and_watchpoint_in_one(void)
{
	struct stop stop;

	hard_start(MODE_LONG, PROG(write));
	REQUIRE_EQ(target_watch(0xc040, 4, false), 0);
	target_step(0);
	stop = target_step(0);
	hard_check_stop(stop, STOP_STEP | STOP_WATCH, AT(write, write_1));
	CHECK_EQ(stop.hits, 1);
	/* reported once: the next step is only a step */
	CHECK_EQ(target_step(0).what, STOP_STEP);
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- 20, 21 ---- */

GUEST64(own_int3,
	GATE(own_int3, own_int3_bp, 3)
	"int3\n"
	"own_int3_1: .byte 0xcd, 3\n"
	"own_int3_2: .byte 0xf3; int3\n"
	"own_int3_3: .byte 0x66; int3\n"
	"own_int3_4: nop; hlt\n"
	"own_int3_bp: mov 0xc000, %eax; shl $5, %eax; mov (%rsp), %rbx\n"
	"mov %rbx, 0xc108(%rax); incl 0xc000; iretq");
LABEL(own_int3_1); LABEL(own_int3_2); LABEL(own_int3_3); LABEL(own_int3_4);

static void int3_is_the_guests(void)
{
	hard_start(MODE_LONG, PROG(own_int3));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 4);
	CHECK_EQ(hard_seen(0).rip, AT(own_int3, own_int3_1));
	CHECK_EQ(hard_seen(1).rip, AT(own_int3, own_int3_2));
	CHECK_EQ(hard_seen(2).rip, AT(own_int3, own_int3_3));
	CHECK_EQ(hard_seen(3).rip, AT(own_int3, own_int3_4));
	target_end();
	CHECK(hard_same_data(MODE_LONG, PROG(own_int3), NULL, BESIDE));
	CHECK(hard_same_data(MODE_LONG, PROG(own_int3), NULL, STEPPED));
}

GUEST64(sum,
	"lea sum_begin(%rip), %rsi; mov $sum_end - sum_begin, %ecx; xor %eax, %eax; xor %edx, %edx\n"
	"1: movb (%rsi), %dl; rol $1, %eax; add %edx, %eax; inc %rsi; loop 1b\n"
	"mov %eax, 0xc008\n"
	"sum_1: nop; hlt");
LABEL(sum_1);

/* the int3 of a VMM is in memory: only a session can hide one */
static void checksum_of_code_with_a_breakpoint(void)
{
	u32 alone, with;

	hard_start(MODE_LONG, PROG(sum));
	CHECK_EQ(target_go().what, STOP_END);
	alone = DATA32(target_vm(), 2);
	target_end();
	hard_start(MODE_LONG, PROG(sum));
	target_soft(AT(sum, sum_1));
	hard_check_stop(target_go(), STOP_BREAK, AT(sum, sum_1));
	with = DATA32(target_vm(), 2);
	CHECK_EQ(with == alone, target_hides());
}

/* ---- 26 ---- */

static void fifth_debug_register(void)
{
	unsigned int i;

	hard_start(MODE_LONG, PROG(write));
	for (i = 0; i < 4; i++)
		REQUIRE_EQ(target_watch(0xe800 + 8 * i, 8, false), i);
	if (!target_is_session())
		CHECK_EQ(target_watch(0xc040, 4, false), -ENOSPC);
	target_clear();
	REQUIRE_EQ(target_watch(0xc040, 4, false), 0);
	hard_check_stop(target_go(), STOP_WATCH, AT(write, write_1));
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- 31 ---- */

GUEST64(rep_watch,
	"mov $0xc030, %edi; mov $8, %ecx; mov $0x5a5a5a5a, %eax\n"
	"rep_watch_1: rep stosl\n"
	"mov $0xc060, %edi; mov $8, %ecx; mov $0x10, %edx\n"
	"rep_watch_2: rep insb\nhlt");
LABEL(rep_watch_1); LABEL(rep_watch_2);

static void watchpoint_in_rep(void)
{
	struct kvm_regs regs;

	hard_start(MODE_LONG, PROG(rep_watch));
	REQUIRE_EQ(target_watch(0xc038, 4, false), 0);
	REQUIRE_EQ(target_watch(0xc063, 1, false), 1);
	hard_check_stop(target_go(), STOP_WATCH, AT(rep_watch, rep_watch_1));
	target_get_regs(&regs);
	CHECK_EQ(regs.rcx, 5);
	CHECK_EQ(regs.rdi, 0xc03c);
	if (on_kvm()) {
		EXPECT(target_go().what, STOP_WATCH, STOP_END, "INS hits nothing");
		return;
	}
	hard_check_stop(target_go(), STOP_WATCH, AT(rep_watch, rep_watch_2));
	target_get_regs(&regs);
	CHECK_EQ(regs.rcx, 4);
	CHECK_EQ(regs.rdi, 0xc064);
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- 32 ---- */

#define BREAKS(g)	"movb $1, 0xc040\n" #g "_1: nop\n" #g "_2: nop\n" #g "_3: nop\n hlt"
GUEST16(breaks16, BREAKS(breaks16));
GUEST32(breaks32, BREAKS(breaks32));
GUEST64(breaks64, BREAKS(breaks64));
LABEL(breaks16_1); LABEL(breaks32_1); LABEL(breaks64_1);

static void break_in(int mode, struct prog prog, const u8 *first)
{
	u64 at = GUEST_CODE + (u64)(first - prog.begin);

	hard_start(mode, prog);
	REQUIRE_EQ(target_watch(0xc040, 1, false), 0);
	REQUIRE_EQ(target_break(at + 1), 1);
	target_soft(at + 2);
	hard_check_stop(target_go(), STOP_WATCH, at);
	hard_check_stop(target_go(), STOP_BREAK, at + 1);
	hard_check_stop(target_go(), STOP_BREAK, at + 2);
	CHECK_EQ(target_go().what, STOP_END);
	target_end();
}

static void break_in_each_mode(void)
{
	break_in(MODE_REAL, PROG(breaks16), breaks16_1);
	break_in(MODE_VM86, PROG(breaks16), breaks16_1);
	break_in(MODE_FLAT32, PROG(breaks32), breaks32_1);
	break_in(MODE_PAGED32, PROG(breaks32), breaks32_1);
	break_in(MODE_PAE, PROG(breaks32), breaks32_1);
	break_in(MODE_LONG, PROG(breaks64), breaks64_1);
}

/* ---- 34 ---- */

GUEST64(last, "movb $1, 0x1fffff\nlast_1: nop; movb $1, 0x1ffffe; hlt");
LABEL(last_1);

static void watchpoint_on_the_last_byte_of_ram(void)
{
	hard_start(MODE_LONG, PROG(last));
	REQUIRE_EQ(target_watch(GUEST_RAM - 1, 1, false), 0);
	hard_check_stop(target_go(), STOP_WATCH, AT(last, last_1));
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- 36 ---- */

GUEST64(user,
	"mov %cr3, %rax; mov %rax, %cr3\n"
	"user_0: push $0x33; push $0xe000; push $2; push $0x3b; push $" GADDR(user, user_1) "; iretq\n"
	"user_1: nop; mov $" GADDR(user, user_2) ", %ebx; syscall; nop\n"
	"user_2: nop; int $0x80; jmp user_2\n"
	"user_kernel: mov $2, %r11d; mov %rbx, %rcx; sysretq\n"
	"user_int: hlt");
LABEL(user_0); LABEL(user_1); LABEL(user_2); LABEL(user_kernel); LABEL(user_int);

static void put_user(struct vm *vm)
{
	hard_syscall(vm, AT(user, user_kernel));
	vm_gate(vm, MODE_LONG, 0x80, AT(user, user_int));
}

static void break_across_rings(void)
{
	const u8 *const at[] = { user_0, user_1, user_kernel, user_2 };
	unsigned int i;

	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(user),
				      .prepare = put_user });
	for (i = 0; i < ARRAY_SIZE(at); i++)
		REQUIRE_EQ(target_break(AT(user, at[i])), i);
	target_soft(AT(user, user_int));
	for (i = 0; i < ARRAY_SIZE(at); i++)
		hard_check_stop(target_go(), STOP_BREAK, AT(user, at[i]));
	hard_check_stop(target_go(), STOP_BREAK, AT(user, user_int));
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- KVM's others ---- */

GUEST64(line, "nop\nline_1: nop\nline_2: nop\nline_3: nop; hlt");
LABEL(line_1); LABEL(line_2);

static void registers_set_between_steps(void)
{
	struct kvm_regs regs;

	hard_start(MODE_LONG, PROG(line));
	hard_check_stop(target_step(0), STOP_STEP, AT(line, line_1));
	target_get_regs(&regs);
	regs.rbx = 1;
	target_set_regs(&regs);
	hard_check_stop(target_step(0), STOP_STEP, AT(line, line_2));
}

const struct test hard_breaks[] = {
	HARD_ROW(13, "DR6 as a CPU has it", dr6_as_a_cpu_has_it),
	HARD_ROW(14, "GD beside the debugger's breakpoints", gd_beside_the_debuggers),
	HARD_ROW(15, "guest's and debugger's, four in all", four_in_all_at_different_places),
	HARD_ROW(15, "guest's and debugger's at the same places", four_in_all_at_the_same_places),
	HARD_ROW(16, "the guest's registers when the debugger has gone",
		 debug_registers_when_the_debugger_has_gone),
	HARD_ROW(17, "an execute breakpoint hits once a round",
		 execute_breakpoint_hits_once_a_round),
	HARD_ROW(17, "a software breakpoint hits once a round",
		 soft_breakpoint_hits_once_a_round),
	HARD_ROW(18, "watchpoints and emulated accesses", watchpoints_and_emulated_accesses),
	HARD_ROW(19, "a step and a watchpoint in one", step_and_watchpoint_in_one),
	HARD_ROW(20, "INT3 is the guest's", int3_is_the_guests),
	HARD_ROW(21, "the guest sums up its code", checksum_of_code_with_a_breakpoint),
	HARD_ROW(26, "the fifth debug register", fifth_debug_register),
	HARD_ROW(31, "a watchpoint in REP", watchpoint_in_rep),
	HARD_ROW(32, "breakpoints in each mode", break_in_each_mode),
	HARD_ROW(34, "a watchpoint on the last byte of RAM", watchpoint_on_the_last_byte_of_ram),
	HARD_ROW(36, "breakpoints across rings and CR3", break_across_rings),
	{ "registers set between steps", registers_set_between_steps, 0, NULL, NULL },
};
const unsigned int hard_breaks_nr = ARRAY_SIZE(hard_breaks);
