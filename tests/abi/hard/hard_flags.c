// SPDX-License-Identifier: GPL-2.0-only
/* The hard cases of TF, and of the shadows of STI and MOV SS. */
#include "hard.h"

/* ---- 1 ---- */

GUEST64(shadow,
	GATE(shadow, shadow_irq, 0x45)
	"mov $0x45, %al; out %al, $0x7b\n"
	"sti\n"
	"shadow_1: nop\n"
	"shadow_2: nop\n"
	"cli; hlt\n"
	"shadow_irq: mov (%rsp), %rbx; mov %rbx, 0xc008; incl 0xc000; iretq");
LABEL(shadow_1); LABEL(shadow_2);

static void interrupt_waits_for_the_end_of_the_shadow(void)
{
	unsigned int i;

	hard_start(MODE_LONG, PROG(shadow));
	for (i = 0; i < 6; i++)
		target_step(STEP_IRQS);
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
	EXPECT(DATA64(target_vm(), 1), AT(shadow, shadow_2), AT(shadow, shadow_1),
	       "stepped with TF, whose shadow has to go");
}

/* ---- 2: a watchpoint met by MOV SS, which holds it for one instruction ---- */

GUEST64(ss_nop, "movw $0x10, 0xc040; mov 0xc040, %ss\nnop\nss_nop_1: nop; hlt");
GUEST64(ss_int3, "movw $0x10, 0xc040; mov 0xc040, %ss\nint3\nss_int3_1: nop; hlt");
GUEST64(ss_int1, "movw $0x10, 0xc040; mov 0xc040, %ss\nint $1\nss_int1_1: nop; hlt");
GUEST64(ss_icebp, "movw $0x10, 0xc040; mov 0xc040, %ss\n.byte 0xf1\nss_icebp_1: nop; hlt");
GUEST64(ss_syscall, "movw $0x10, 0xc040; mov 0xc040, %ss\nsyscall\nss_syscall_1: nop; hlt");
LABEL(ss_nop_1); LABEL(ss_int3_1); LABEL(ss_int1_1); LABEL(ss_icebp_1); LABEL(ss_syscall_1);

/* SYSCALL into HANDLER, whose second instruction is the guest's end: HLT. */
static void put_syscall(struct vm *vm)
{
	hard_syscall(vm, HANDLER);
	vm->mem[handler_at(MODE_LONG, 1)] = 0xf4;
}

static void ss_watch(struct prog prog, void (*prepare)(struct vm *), struct stop *stop)
{
	target_start(&(struct setup){ .mode = MODE_LONG, .prog = prog, .prepare = prepare });
	REQUIRE_EQ(target_watch(0xc040, 2, true), 0);
	*stop = target_go();		/* the write that puts the selector there */
	CHECK_EQ(stop->what, STOP_WATCH);
	*stop = target_go();
}

static void watched_mov_ss(void)
{
	struct stop stop;

	ss_watch(PROG(ss_nop), NULL, &stop);
	hard_check_stop(stop, STOP_WATCH, AT(ss_nop, ss_nop_1));
	CHECK_EQ(target_go().what, STOP_END);
}

/*
 * A CPU reports the hit at the handler's first instruction, Bochs loses it; in each
 * case the handler runs once.
 */
static void ss_watch_then(struct prog prog)
{
	struct stop stop;

	ss_watch(prog, NULL, &stop);
	if (stop.what != STOP_END) {
		hard_check_stop(stop, STOP_WATCH, handler_at(MODE_LONG, 0));
		CHECK_EQ(target_go().what, STOP_END);
	}
	CHECK_EQ(hard_count(), 1);
}

static void watched_mov_ss_then_int3(void)
{
	ss_watch_then(PROG(ss_int3));
}

static void watched_mov_ss_then_int1(void)
{
	ss_watch_then(PROG(ss_int1));
}

static void watched_mov_ss_then_icebp(void)
{
	struct stop stop;

	ss_watch(PROG(ss_icebp), NULL, &stop);
	/* one #DB for both causes, and the ICEBP's is still to be delivered */
	hard_check_stop(stop, STOP_WATCH, AT(ss_icebp, ss_icebp_1) - 1);
	if (on_kvm()) {
		EXPECT(target_go().what, STOP_END, STOP_DEBUG, "ICEBP without a reason");
		return;
	}
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
}

static void watched_mov_ss_then_syscall(void)
{
	struct stop stop;

	ss_watch(PROG(ss_syscall), put_syscall, &stop);
	hard_check_stop(stop, STOP_WATCH, handler_at(MODE_LONG, 0));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
}

/* ---- 3 ---- */

GUEST64(own_icebp,
	GATE(own_icebp, own_icebp_db, 1)
	".byte 0xf1\n"
	"own_icebp_1: nop; hlt\n"
	DB_LOG("own_icebp_db"));
LABEL(own_icebp_1);

static void icebp_is_the_guests(void)
{
	hard_start(MODE_LONG, PROG(own_icebp));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(hard_count(), 1);
	CHECK_EQ(hard_seen(0).dr6, DR6_ONES);
	CHECK_EQ(hard_seen(0).rip, AT(own_icebp, own_icebp_1));
	target_end();
	EXPECT(hard_same_data(MODE_LONG, PROG(own_icebp), NULL, STEPPED), true, false,
	       "reported without a reason, and loops");
	EXPECT(hard_same_data(MODE_LONG, PROG(own_icebp), NULL, BESIDE), true, false,
	       "reported without a reason, and loops");
}

/* ---- 4 ---- */

GUEST64(tf_in_shadow,
	GATE(tf_in_shadow, tf_in_shadow_db, 1)
	"sti\n"
	"tf_in_shadow_1: nop\n"
	"nop\n"
	"cli; hlt\n"
	"tf_in_shadow_db: andl $~0x100, 16(%rsp)\n"
	DB_LOG("tf_in_shadow_log"));
LABEL(tf_in_shadow_1);

static void set_tf(void)
{
	struct kvm_regs regs;

	target_get_regs(&regs);
	regs.rflags |= RFLAGS_TF;
	target_set_regs(&regs);
}

static void tf_set_in_a_shadow(void)
{
	hard_start(MODE_LONG, PROG(tf_in_shadow));
	target_step(0);
	hard_check_stop(target_step(0), STOP_STEP, AT(tf_in_shadow, tf_in_shadow_1));
	set_tf();
	/* with TF set here, a CPU has a trap pending */
	CHECK_EQ(target_go().what, STOP_END);
	EXPECT(hard_count(), 1, 0, "the guest's TF goes with the debugger's");
	if (on_kvm())
		return;
	CHECK_EQ(hard_seen(0).rip, AT(tf_in_shadow, tf_in_shadow_1));
	CHECK_EQ(hard_seen(0).dr6, DR6_ONES | DR6_BS);
}

/* ---- 5 ---- */

GUEST64(images,
	GATE(images, images_int, 0x80)
	GATE(images, images_ud, 6)
	"pushf; pop %rax; mov %rax, 0xc000\n"
	"int $0x80\n"
	"ud2\n"
	"images_int: mov 16(%rsp), %rax; mov %rax, 0xc008; iretq\n"
	"images_ud: mov 16(%rsp), %rax; mov %rax, 0xc010\n"
	"syscall\n"
	"images_syscall: mov %r11, 0xc018; nop; hlt");
LABEL(images_syscall);

static void put_images_syscall(struct vm *vm)
{
	hard_syscall(vm, AT(images, images_syscall));
}

static void tf_never_reaches_the_guest(void)
{
	unsigned int i;

	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(images),
				      .prepare = put_images_syscall });
	hard_step_to_end();
	/* KVM's step over INT n runs the handler, so it ends before the others */
	for (i = 0; i < 4; i++)
		EXPECT(DATA64(target_vm(), i) & RFLAGS_TF, 0, i < 2 ? RFLAGS_TF : 0,
		       "TF is in PUSHF's and the frames' image");
	target_end();
	EXPECT(hard_same_data(MODE_LONG, PROG(images), put_images_syscall, STEPPED), true, false,
	       "TF in the images");
}

GUEST64(r11, "nop; syscall\nr11_kernel: nop; mov %r11, 0xc000; nop; hlt");
LABEL(r11_kernel);

static void put_r11(struct vm *vm)
{
	hard_syscall(vm, AT(r11, r11_kernel));
}

static void tf_never_reaches_r11(void)
{
	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(r11),
				      .prepare = put_r11 });
	hard_step_to_end();
	EXPECT(DATA64(target_vm(), 0), 2, 2 | RFLAGS_TF, "TF is in SYSCALL's r11");
}

GUEST16(images16,
	"movw $" GADDR(images16, images16_int) ", 0x80 * 4\n"
	"pushf; pop %ax; mov %ax, 0xc000\nint $0x80\nnop; hlt\n"
	"images16_int: mov %sp, %bp; mov 4(%bp), %ax; mov %ax, 0xc008; iret");
GUEST32(images32,
	"movw $" GADDR(images32, images32_int) ", 0x1000 + 0x80 * 8\n"
	"pushf; pop %eax; mov %eax, 0xc000\nint $0x80\nnop; hlt\n"
	"images32_int: mov 8(%esp), %eax; mov %eax, 0xc008; iret");

static void tf_never_reaches_real_mode(void)
{
	EXPECT(hard_same_data(MODE_REAL, PROG(images16), NULL, STEPPED), true, false,
	       "TF in the images");
}

static void tf_never_reaches_protected_mode(void)
{
	EXPECT(hard_same_data(MODE_FLAT32, PROG(images32), NULL, STEPPED), true, false,
	       "TF in the images");
}

/* ---- 6, 10: the guest's own TF, over instructions that are emulated too ---- */

#define OWN_TF(a)							\
	"pushf; pop %" a "; or $0x100, %" a "; push %" a "; popf\n"	\
	"nop; cpuid; in $0x10, %al; out %al, $0x10; rdtsc\n"		\
	"pushf; pop %" a "; and $~0x100, %" a "; push %" a "; popf\n"	\
	"nop; hlt"
#define OWN_TF_TRAPS	10
GUEST16(own_tf16, OWN_TF("ax"));
GUEST32(own_tf32, OWN_TF("eax"));
GUEST64(own_tf64, OWN_TF("rax"));

static struct prog own_tf_of(int mode)
{
	if (mode == MODE_REAL || mode == MODE_VM86)
		return PROG(own_tf16);
	return mode == MODE_LONG ? PROG(own_tf64) : PROG(own_tf32);
}

static const int each_mode[] = { MODE_REAL, MODE_VM86, MODE_FLAT32, MODE_PAE, MODE_LONG };

static void own_tf_while_stepped(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(each_mode); i++) {
		int mode = each_mode[i];

		EXPECT(hard_same_data(mode, own_tf_of(mode), NULL, STEPPED), true, false,
		       "the guest's own TF is lost");
	}
}

static void own_tf_over_emulated_instructions(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(each_mode); i++) {
		hard_start(each_mode[i], own_tf_of(each_mode[i]));
		CHECK_EQ(target_go().what, STOP_END);
		CHECK_EQ(hard_count(), OWN_TF_TRAPS);
		target_end();
	}
}

/* ---- 7 ---- */

GUEST64(fmask,
	GATE(fmask, fmask_db, 1)
	"pushf; orl $0x100, (%rsp); popf\n"
	"nop\n"
	"syscall\n"
	"fmask_kernel: nop; nop; pushf; pop %rax; mov %rax, 0xc010; nop; hlt\n"
	DB_LOG("fmask_db"));
LABEL(fmask_kernel);

static void put_fmask(struct vm *vm)
{
	hard_syscall(vm, AT(fmask, fmask_kernel));
	set_msr(&vm->vcpu[0], 0xc0000084, RFLAGS_TF);
}

static void syscall_with_fmask_tf(void)
{
	unsigned int i;

	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(fmask),
				      .prepare = put_fmask });
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(DATA64(target_vm(), 2) & RFLAGS_TF, 0);
	/* Bochs still traps at LSTAR itself; behind it there must be no trap */
	for (i = 0; i < hard_count(); i++)
		CHECK(hard_seen(i).rip <= AT(fmask, fmask_kernel));
	target_end();
	EXPECT(hard_same_data(MODE_LONG, PROG(fmask), put_fmask, STEPPED), true, false,
	       "the guest's own TF is lost");
}

/* ---- 8 ---- */

GUEST64(out_7e, "nop; out %al, $0x7e\nout_7e_1: nop; hlt");
LABEL(out_7e_1);

static void step_out_to_port_7e(void)
{
	hard_start(MODE_LONG, PROG(out_7e));
	target_step(0);
	hard_check_stop(target_step(0), STOP_STEP, AT(out_7e, out_7e_1));
	CHECK_EQ(target_go().what, STOP_END);
	EXPECT(target_outs(), 1, 0, "the step takes the place of the exit");
}

const struct test hard_flags[] = {
	HARD_ROW(1, "an interrupt waits for the end of STI's shadow",
		 interrupt_waits_for_the_end_of_the_shadow),
	HARD_ROW(2, "watched MOV SS", watched_mov_ss),
	HARD_ROW(2, "watched MOV SS, then INT3", watched_mov_ss_then_int3),
	HARD_ROW(2, "watched MOV SS, then INT 1", watched_mov_ss_then_int1),
	HARD_ROW(2, "watched MOV SS, then ICEBP", watched_mov_ss_then_icebp),
	HARD_ROW(2, "watched MOV SS, then SYSCALL", watched_mov_ss_then_syscall),
	HARD_ROW(3, "ICEBP is the guest's", icebp_is_the_guests),
	HARD_ROW(4, "TF set in a shadow", tf_set_in_a_shadow),
	HARD_ROW(5, "TF never reaches the guest", tf_never_reaches_the_guest),
	HARD_ROW(5, "TF never reaches SYSCALL's r11", tf_never_reaches_r11),
	HARD_ROW(5, "TF never reaches the guest, real mode", tf_never_reaches_real_mode),
	HARD_ROW(5, "TF never reaches the guest, protected mode",
		 tf_never_reaches_protected_mode),
	HARD_ROW(6, "a guest that steps itself is stepped", own_tf_while_stepped),
	HARD_ROW(7, "SYSCALL with FMASK.TF", syscall_with_fmask_tf),
	HARD_ROW(8, "step OUT to port 0x7e", step_out_to_port_7e),
	HARD_ROW(10, "the guest's own TF over emulated instructions",
		 own_tf_over_emulated_instructions),
};
const unsigned int hard_flags_nr = ARRAY_SIZE(hard_flags);
