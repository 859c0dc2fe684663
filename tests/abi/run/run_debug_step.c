// SPDX-License-Identifier: GPL-2.0-only
/* In-band debugging: single steps with KVM_SET_GUEST_DEBUG. */
#include "guest_debug.h"

/* Run once, which must end with a single step. Return: the rip. */
static u64 step(struct vcpu *v)
{
	vcpu_run_to(v, KVM_EXIT_DEBUG);
	CHECK_EQ(v->run->debug.arch.exception, DB);
	CHECK(v->run->debug.arch.dr6 & DR6_BS);
	CHECK_EQ(v->run->debug.arch.pc, get_rip(v));
	return v->run->debug.arch.pc;
}

GUEST64(line,
	"line_0: nop\n"
	"line_1: mov $5, %ecx\n"
	"line_2: xor %eax, %eax\n"
	"line_3: cpuid\n"
	"line_4: mov $0xc0000082, %ecx\n"
	"line_5: rdmsr\n"
	"line_6: push %rax\n"
	"line_7: call line_9\n"
	"line_8: hlt\n"
	"line_9: ret");
LABEL(line_1); LABEL(line_2); LABEL(line_3); LABEL(line_4); LABEL(line_5);
LABEL(line_6); LABEL(line_7); LABEL(line_8); LABEL(line_9);

static void step_gives_each_instruction(void)
{
	const u8 *const stops[] = { line_1, line_2, line_3, line_4, line_5, line_6, line_7,
				    line_9, line_8 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(line));
	unsigned int i;

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	for (i = 0; i < ARRAY_SIZE(stops); i++)
		if (!CHECK_EQ(step(v), AT(line, stops[i])))
			tap_note("step %u", i);
}

static void stepping_turned_off(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(line));
	struct kvm_regs regs;

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	step(v);
	CHECK_OK(guest_debug(v, 0, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rflags & 0x100, 0);
}

GUEST16(line16, "nop\nline16_1: mov $3, %ax\nline16_2: push %ax\nline16_3: pop %bx\nline16_4: hlt");
LABEL(line16_1); LABEL(line16_2); LABEL(line16_3); LABEL(line16_4);

static void step_in_real_mode(void)
{
	const u8 *const stops[] = { line16_1, line16_2, line16_3, line16_4 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_REAL, PROG(line16));
	unsigned int i;

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	for (i = 0; i < ARRAY_SIZE(stops); i++)
		CHECK_EQ(step(v), AT(line16, stops[i]));
}

GUEST64(step_io, "out %al, $0x10\nstep_io_1: in $0x10, %al\nstep_io_2: nop\nstep_io_3: hlt");
LABEL(step_io_1); LABEL(step_io_2);

static void step_over_port_io(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(step_io));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(step(v), AT(step_io, step_io_1));
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(step(v), AT(step_io, step_io_2));
}

GUEST64(step_mmio, "mov %eax, 0xd0000000\nstep_mmio_1: mov 0xd0000000, %eax\nstep_mmio_2: nop; nop; hlt");
LABEL(step_mmio_1); LABEL(step_mmio_2);

/* does the step end right after the MMIO instruction at which it began? */
static bool step_ends_at(struct vcpu *v, u64 rip)
{
	vcpu_run_to(v, KVM_EXIT_MMIO);
	return vcpu_run(v) == KVM_EXIT_DEBUG && v->run->debug.arch.pc == rip;
}

static void step_over_mmio(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(step_mmio));
	bool ok;

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	ok = step_ends_at(v, AT(step_mmio, step_mmio_1));
	KNOWN_DIFFERENCE(ok, "a step over MMIO loses the stop");
	if (ok)
		KNOWN_DIFFERENCE(step_ends_at(v, AT(step_mmio, step_mmio_2)),
				 "a step over MMIO loses the stop");
}

GUEST64(step_pushf, "pushf\nstep_pushf_1: pop %rax\nstep_pushf_2: hlt");

static void pushf_shows_no_tf_while_stepped(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(step_pushf));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	step(v);
	step(v);
	get_regs(v, &regs);
	KNOWN_DIFFERENCE(!(regs.rax & 0x100), "TF leaks into PUSHF's image");
	CHECK_EQ(regs.rflags & 0x100, 0);
}

GUEST64(step_int,
	"movw $" GADDR(step_int, step_int_handler) ", 0x1000 + 0x80 * 16\n"
	"step_int_1: int $0x80\n"
	"step_int_2: hlt\n"
	"step_int_handler: mov 16(%rsp), %rbx\n"
	"step_int_4: iretq");
LABEL(step_int_1); LABEL(step_int_2); LABEL(step_int_handler);

static void step_into_int_n(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(step_int));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	CHECK_EQ(step(v), AT(step_int, step_int_1));
	KNOWN_DIFFERENCE(vcpu_run(v) == KVM_EXIT_DEBUG &&
			 v->run->debug.arch.pc == AT(step_int, step_int_handler),
			 "a step over INT n runs the whole handler");
	if (on_kvm())
		return;
	step(v);
	get_regs(v, &regs);
	CHECK_EQ(regs.rbx & 0x100, 0);
	CHECK_EQ(step(v), AT(step_int, step_int_2));
}

static void set_regs_between_steps(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(line));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	step(v);
	get_regs(v, &regs);
	regs.rbx = 1;
	set_regs(v, &regs);
	KNOWN_DIFFERENCE(vcpu_run(v) == KVM_EXIT_DEBUG &&
			 v->run->debug.arch.pc == AT(line, line_2),
			 "KVM_SET_REGS between steps drops the step");
}

GUEST64(step_own_tf,
	"movw $" GADDR(step_own_tf, step_own_tf_db) ", 0x1000 + 1 * 16\n"
	"pushf; orl $0x100, (%rsp); popf\n"
	"nop\n"
	"step_own_tf_1: nop\n"
	"pushf; andl $~0x100, (%rsp); popf; hlt\n"
	DB_HANDLER("step_own_tf_db"));
LABEL(step_own_tf_1);

static void guest_that_steps_itself_is_stepped(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(step_own_tf));
	unsigned int n = 0;

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	while (n++ < 200 && vcpu_run(v) == KVM_EXIT_DEBUG)
		;
	if (v->run->exit_reason == KVM_EXIT_IO)
		tap_note("trap %d after %u steps", vcpu_trap(v), n);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_HLT);
	KNOWN_DIFFERENCE(db_count(&vm) == 5 &&
			 db_seen(&vm, 0).rip == AT(step_own_tf, step_own_tf_1),
			 "the guest's own TF is lost while it is stepped");
}

GUEST64(step_sti,
	"movw $" GADDR(step_sti, step_sti_handler) ", 0x1000 + 0x45 * 16\n"
	"step_sti_0: sti\n"
	"step_sti_1: nop\n"
	"step_sti_2: nop\n"
	"cli; hlt\n"
	"step_sti_handler: iretq");
LABEL(step_sti_0); LABEL(step_sti_1); LABEL(step_sti_2);

static void step_over_sti(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(step_sti));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	CHECK_EQ(step(v), AT(step_sti, step_sti_0));
	CHECK_EQ(step(v), AT(step_sti, step_sti_1));
	CHECK_EQ(step(v), AT(step_sti, step_sti_2));
}

GUEST64(step_hlt, "hlt\nstep_hlt_1: nop\nstep_hlt_2: hlt");
LABEL(step_hlt_2);

/* The VMM must learn that the guest halts: HLT is the exit, and ends the step. */
static void step_over_hlt(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(step_hlt));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(step(v), AT(step_hlt, step_hlt_2));
}

GUEST64(step_ss, "mov %ss, %eax\nstep_ss_0: mov %eax, %ss\nstep_ss_1: nop\nstep_ss_2: nop; hlt");
LABEL(step_ss_0); LABEL(step_ss_1); LABEL(step_ss_2);

static void step_over_mov_ss(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(step_ss));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	CHECK_EQ(step(v), AT(step_ss, step_ss_0));
	/* a TF trap waits for the end of the shadow, the monitor trap flag does not */
	KNOWN_DIFFERENCE(step(v) == AT(step_ss, step_ss_1), "steps with TF, which MOV SS holds");
}

static const struct test tests[] = {
	TEST(step_gives_each_instruction),
	TEST(stepping_turned_off),
	TEST(step_in_real_mode),
	TEST(step_over_port_io),
	TEST(step_over_mmio),
	TEST(pushf_shows_no_tf_while_stepped),
	TEST(step_into_int_n),
	TEST(set_regs_between_steps),
	TEST(guest_that_steps_itself_is_stepped),
	TEST(step_over_sti),
	TEST(step_over_hlt),
	TEST(step_over_mov_ss),
};

TAP_MAIN(tests)
