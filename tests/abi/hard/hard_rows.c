// SPDX-License-Identifier: GPL-2.0-only
/* The hard cases that are more than where a step ends. */
#include <string.h>

#include "hard.h"

#define RFLAGS_TF	0x100
#define RFLAGS_AC	(1U << 18)
#define CR0_AM		(1U << 18)
#define DR6_ONES	0xffff0ff0
#define DR6_BD		(1U << 13)
#define DR6_BS		(1U << 14)
#define MAX_STEPS	300
#define FRESH_STACK	0x180000	/* a page that nobody has touched */

/* long mode: a vector's gate to a label of the guest */
#define GATE(guest, label, vector) \
	"movw $" GADDR(guest, label) ", 0x1000 + " #vector " * 16\n"

/*
 * A #DB handler in long mode: counts at 0xc000, keeps DR6 and the frame's rip
 * and flags of each at 0xc100 + 32 * n, and clears DR6.
 */
#define DB_LOG(label)							\
	label ": push %rax; push %rbx\n"				\
	"mov 0xc000, %ebx; shl $5, %ebx\n"				\
	"mov %dr6, %rax; mov %rax, 0xc100(%rbx)\n"			\
	"mov 16(%rsp), %rax; mov %rax, 0xc108(%rbx)\n"			\
	"mov 32(%rsp), %rax; mov %rax, 0xc110(%rbx)\n"			\
	"mov $0xffff0ff0, %eax; mov %rax, %dr6\n"			\
	"incl 0xc000\n"							\
	"pop %rbx; pop %rax; iretq\n"

struct seen {
	u64 dr6, rip, flags, unused;
};

static struct seen seen(unsigned int n)
{
	return *(struct seen *)(target_vm()->mem + 0xc100 + 32 * n);
}

static u32 count(void)
{
	return DATA32(target_vm(), 0);
}

static void start(int mode, struct prog prog)
{
	target_start(&(struct setup){ .mode = mode, .prog = prog });
}

static void check_stop(struct stop got, u32 what, u64 rip)
{
	bool ok = CHECK_EQ(got.what, what);

	if (!(ok & CHECK_EQ(got.rip, rip)))
		tap_fail("another stop");
}

/* Step after step, until its HLT. Return: how many. */
static unsigned int step_to_end(void)
{
	struct stop stop = { 0 };
	unsigned int n;

	for (n = 0; n < MAX_STEPS; n++) {
		stop = target_step(0);
		if (stop.what & (STOP_END | STOP_LOST) ||
		    (stop.what & STOP_STEP &&
		     target_vm()->mem[stop.rip] == 0xf4))
			break;
		if (on_kvm() && stop.what == STOP_DEBUG)
			break;
	}
	return n;
}

/* ---- the same, whether debugged or not ---- */

enum how { ALONE, STEPPED, BESIDE };

struct result {
	u8 data[0x1000];
	bool ended;
};

/*
 * What a guest leaves in its memory: alone, stepped to its end, or beside two
 * breakpoints of the debugger's that it never meets.
 */
static struct result result_of(int mode, struct prog prog, void (*prepare)(struct vm *),
			       enum how how)
{
	static struct result r;
	struct stop stop = { 0 };

	target_start(&(struct setup){ .mode = mode, .prog = prog, .prepare = prepare });
	if (how == BESIDE) {
		REQUIRE(target_watch(0xe800, 4, false) >= 0);
		REQUIRE(target_break(0xe900) >= 0);
	}
	if (how == STEPPED)
		step_to_end();
	else
		stop = target_go();
	r.ended = how == STEPPED || stop.what == STOP_END;
	memcpy(r.data, target_vm()->mem + GUEST_DATA, sizeof(r.data));
	target_end();
	return r;
}

static bool same_data(int mode, struct prog prog, void (*prepare)(struct vm *), enum how how)
{
	struct result alone = result_of(mode, prog, prepare, ALONE);
	struct result other = result_of(mode, prog, prepare, how);
	unsigned int i;

	REQUIRE(alone.ended);
	if (!other.ended)
		return false;
	for (i = 0; i < sizeof(alone.data); i += 8) {
		u64 a = *(u64 *)(alone.data + i), b = *(u64 *)(other.data + i);

		if (a == b)
			continue;
		tap_note("at %#x: %#llx alone, %#llx debugged", GUEST_DATA + i,
			 (unsigned long long)a, (unsigned long long)b);
		return false;
	}
	return true;
}

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

	start(MODE_LONG, PROG(shadow));
	for (i = 0; i < 6; i++)
		target_step(STEP_IRQS);
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
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

static void put_syscall(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu[0];
	struct kvm_sregs s;

	set_msr(v, 0xc0000081, (u64)SEL_CODE64 << 32 | (u64)SEL_USER32 << 48);
	set_msr(v, 0xc0000082, HANDLER);
	get_sregs(v, &s);
	s.efer |= 1;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	/* HANDLER ends there: nobody returns */
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
	check_stop(stop, STOP_WATCH, AT(ss_nop, ss_nop_1));
	CHECK_EQ(target_go().what, STOP_END);
}

/*
 * On a CPU the hit is reported at the handler's first instruction, Bochs forgets
 * it; in both cases the handler runs, once.
 */
static void ss_watch_then(struct prog prog)
{
	struct stop stop;

	ss_watch(prog, NULL, &stop);
	if (stop.what != STOP_END) {
		check_stop(stop, STOP_WATCH, handler_at(MODE_LONG, 0));
		CHECK_EQ(target_go().what, STOP_END);
	}
	CHECK_EQ(count(), 1);
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
	/* one #DB of both, and the ICEBP's is still to be delivered */
	check_stop(stop, STOP_WATCH, AT(ss_icebp, ss_icebp_1) - 1);
	if (on_kvm()) {
		EXPECT(target_go().what, STOP_END, STOP_DEBUG, "ICEBP without a reason");
		return;
	}
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
}

static void watched_mov_ss_then_syscall(void)
{
	struct stop stop;

	ss_watch(PROG(ss_syscall), put_syscall, &stop);
	check_stop(stop, STOP_WATCH, handler_at(MODE_LONG, 0));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
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
	start(MODE_LONG, PROG(own_icebp));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
	CHECK_EQ(seen(0).dr6, DR6_ONES);
	CHECK_EQ(seen(0).rip, AT(own_icebp, own_icebp_1));
	target_end();
	EXPECT(same_data(MODE_LONG, PROG(own_icebp), NULL, STEPPED), true, false,
	       "reported without a reason, and loops");
	EXPECT(same_data(MODE_LONG, PROG(own_icebp), NULL, BESIDE), true, false,
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
	start(MODE_LONG, PROG(tf_in_shadow));
	target_step(0);
	check_stop(target_step(0), STOP_STEP, AT(tf_in_shadow, tf_in_shadow_1));
	set_tf();
	/* a CPU cannot be here with TF but for a trap that is due */
	CHECK_EQ(target_go().what, STOP_END);
	EXPECT(count(), 1, 0, "the guest's TF goes with the debugger's");
	if (on_kvm())
		return;
	CHECK_EQ(seen(0).rip, AT(tf_in_shadow, tf_in_shadow_1));
	CHECK_EQ(seen(0).dr6, DR6_ONES | DR6_BS);
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
	put_syscall(vm);
	set_msr(&vm->vcpu[0], 0xc0000082, AT(images, images_syscall));
}

static void tf_never_reaches_the_guest(void)
{
	unsigned int i;

	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(images),
				      .prepare = put_images_syscall });
	step_to_end();
	/* KVM's step over INT n runs on, so that it ends before the others */
	for (i = 0; i < 4; i++)
		EXPECT(DATA64(target_vm(), i) & RFLAGS_TF, 0, i < 2 ? RFLAGS_TF : 0,
		       "TF is in PUSHF's and the frames' image");
	target_end();
	EXPECT(same_data(MODE_LONG, PROG(images), put_images_syscall, STEPPED), true, false,
	       "TF in the images");
}

GUEST64(r11, "nop; syscall\nr11_kernel: nop; mov %r11, 0xc000; nop; hlt");
LABEL(r11_kernel);

static void put_r11(struct vm *vm)
{
	put_syscall(vm);
	set_msr(&vm->vcpu[0], 0xc0000082, AT(r11, r11_kernel));
}

static void tf_never_reaches_r11(void)
{
	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(r11),
				      .prepare = put_r11 });
	step_to_end();
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
	EXPECT(same_data(MODE_REAL, PROG(images16), NULL, STEPPED), true, false,
	       "TF in the images");
}

static void tf_never_reaches_protected_mode(void)
{
	EXPECT(same_data(MODE_FLAT32, PROG(images32), NULL, STEPPED), true, false,
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

		EXPECT(same_data(mode, own_tf_of(mode), NULL, STEPPED), true, false,
		       "the guest's own TF is lost");
	}
}

static void own_tf_over_emulated_instructions(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(each_mode); i++) {
		start(each_mode[i], own_tf_of(each_mode[i]));
		CHECK_EQ(target_go().what, STOP_END);
		CHECK_EQ(count(), OWN_TF_TRAPS);
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
	put_syscall(vm);
	set_msr(&vm->vcpu[0], 0xc0000082, AT(fmask, fmask_kernel));
	set_msr(&vm->vcpu[0], 0xc0000084, RFLAGS_TF);
}

static void syscall_with_fmask_tf(void)
{
	unsigned int i;

	target_start(&(struct setup){ .mode = MODE_LONG, .prog = PROG(fmask),
				      .prepare = put_fmask });
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(DATA64(target_vm(), 2) & RFLAGS_TF, 0);
	/* Bochs still traps at LSTAR itself; behind it, nobody may */
	for (i = 0; i < count(); i++)
		CHECK(seen(i).rip <= AT(fmask, fmask_kernel));
	target_end();
	EXPECT(same_data(MODE_LONG, PROG(fmask), put_fmask, STEPPED), true, false,
	       "the guest's own TF is lost");
}

/* ---- 8 ---- */

GUEST64(out_7e, "nop; out %al, $0x7e\nout_7e_1: nop; hlt");
LABEL(out_7e_1);

static void step_out_to_port_7e(void)
{
	start(MODE_LONG, PROG(out_7e));
	target_step(0);
	check_stop(target_step(0), STOP_STEP, AT(out_7e, out_7e_1));
	CHECK_EQ(target_go().what, STOP_END);
	EXPECT(target_outs(), 1, 0, "the step takes the place of the exit");
}

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

/* KVM takes an interrupt of KVM_INTERRUPT at once, KVM_GUESTDBG_BLOCKIRQ or not. */
static void check_held(u16 port)
{
	bool held;
	unsigned int i;

	start(MODE_LONG, PROG(held));
	target_vm()->mem[AT(held, held_0) + 1] = port;
	for (i = 0; i < 10 && target_step(0).rip != AT(held, held_0); i++)
		;
	check_stop(target_step(0), STOP_STEP, AT(held, held_1));
	check_stop(target_step(0), STOP_STEP, AT(held, held_2));
	check_stop(target_step(0), STOP_STEP, AT(held, held_3));
	held = port == VMM_NMI_PORT || !on_kvm();
	CHECK_EQ(count(), !held);
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
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

	start(mode, prog);
	for (i = 0; i < 6; i++)
		CHECK_EQ(target_step(0).what, STOP_STEP);
	EXPECT(count(), 0, !kvm_holds, "an interrupt of KVM_INTERRUPT is not held");
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
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
	check_stop(target_go(), STOP_WATCH, there + (unsigned long)after_init_1);
	check_stop(target_go(), STOP_BREAK, there + (unsigned long)after_init_2);
	check_stop(target_go(), STOP_BREAK, there + (unsigned long)after_init_3);
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- 13 to 16: debug registers of both ---- */

/* DR0 and DR1 are at one place, DR1 not enabled; DR6 is cleared only at the end */
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

/* A register that is not enabled need not be in a CPU's DR6: not when ours is there. */
static void put_no_dr1(struct vm *vm)
{
	memset(vm->mem + AT(dr6, dr6_1), 0x90, 3);
}

static void dr6_as_a_cpu_has_it(void)
{
	u32 n;

	start(MODE_LONG, PROG(dr6));
	CHECK_EQ(target_go().what, STOP_END);
	n = count();
	CHECK_EQ(seen(0).dr6, DR6_ONES | 3);
	CHECK_EQ(seen(1).dr6, DR6_ONES | DR6_BS);
	CHECK_EQ(seen(2).dr6, DR6_ONES | DR6_BS | 3);
	CHECK_EQ(seen(n - 1).dr6, DR6_ONES | DR6_BS | 3);
	CHECK_EQ(DATA64(target_vm(), 2), 0xffffefff);
	CHECK_EQ(DATA64(target_vm(), 3), DR6_ONES);
	CHECK_EQ(DATA64(target_vm(), 4), 0xffff07ff);
	CHECK_EQ(DATA64(target_vm(), 5), 0x400);
	target_end();
	EXPECT(same_data(MODE_LONG, PROG(dr6), put_no_dr1, BESIDE), true, false,
	       "the guest's breakpoints never fire beside the debugger's");
	EXPECT(same_data(MODE_LONG, PROG(dr6), NULL, STEPPED), true, false,
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
	start(MODE_LONG, PROG(gd));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
	CHECK_EQ(seen(0).dr6, DR6_ONES | DR6_BD);
	CHECK_EQ(seen(0).rip, AT(gd, gd_1));
	CHECK_EQ(DATA64(target_vm(), 3), 0x400);
	target_end();
	EXPECT(same_data(MODE_LONG, PROG(gd), NULL, BESIDE), true, false, "GD is ignored");
	EXPECT(same_data(MODE_LONG, PROG(gd), NULL, STEPPED), true, false, "GD is lost");
}

/* two of the guest's, one for data and one for execution */
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
	/* RF in the frame: go on past the breakpoint */
	"both_db: orl $0x10000, 16(%rsp)\n"
	DB_LOG("both_log"));
LABEL(both_0); LABEL(both_1); LABEL(both_2); LABEL(both_3); LABEL(both_4);

static void check_both(void)
{
	CHECK_EQ(count(), 2);
	CHECK_EQ(seen(0).dr6, DR6_ONES | 1);
	CHECK_EQ(seen(0).rip, AT(both, both_1));
	CHECK_EQ(seen(1).dr6, DR6_ONES | 8);
	CHECK_EQ(seen(1).rip, AT(both, both_2));
	CHECK_EQ(DATA64(target_vm(), 2), 0xd0441);
	CHECK_EQ(DATA64(target_vm(), 3), 0xc040);
	CHECK_EQ(DATA64(target_vm(), 4), AT(both, both_2));
}

static void four_in_all_at_different_places(void)
{
	start(MODE_LONG, PROG(both));
	REQUIRE_EQ(target_watch(0xc048, 4, false), 0);
	REQUIRE_EQ(target_break(AT(both, both_3)), 1);
	check_stop(target_go(), STOP_WATCH, AT(both, both_2));
	check_stop(target_go(), STOP_BREAK, AT(both, both_3));
	CHECK_EQ(target_go().what, STOP_END);
	if (on_kvm())
		EXPECT(count(), 2, 0, "the guest's never fire beside the debugger's");
	else
		check_both();
}

/* the same places: each gets its own */
static void four_in_all_at_the_same_places(void)
{
	start(MODE_LONG, PROG(both));
	REQUIRE_EQ(target_watch(0xc040, 4, false), 0);
	REQUIRE_EQ(target_break(AT(both, both_2)), 1);
	check_stop(target_go(), STOP_WATCH, AT(both, both_1));
	check_stop(target_go(), STOP_BREAK, AT(both, both_2));
	CHECK_EQ(target_go().what, STOP_END);
	if (on_kvm())
		EXPECT(count(), 2, 0, "the guest's never fire beside the debugger's");
	else
		check_both();
}

static void debug_registers_when_the_debugger_has_gone(void)
{
	struct kvm_debugregs d;

	start(MODE_LONG, PROG(both));
	REQUIRE_EQ(target_break(AT(both, both_0)), 0);
	REQUIRE_EQ(target_watch(0xe800, 4, false), 1);
	REQUIRE_EQ(target_watch(0xe808, 4, false), 2);
	check_stop(target_go(), STOP_BREAK, AT(both, both_0));
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
		check_stop(target_go(), STOP_BREAK, AT(loop, loop_1));
		CHECK_EQ(count(), i);
		/* a step off it is no hit either; Bochs alone does not see to RF */
		if (i == 2 && !on_kvm())
			check_stop(target_step(0), STOP_STEP, AT(loop, loop_2));
	}
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 5);
}

static void execute_breakpoint_hits_once_a_round(void)
{
	start(MODE_LONG, PROG(loop));
	REQUIRE_EQ(target_break(AT(loop, loop_1)), 0);
	check_rounds();
}

static void soft_breakpoint_hits_once_a_round(void)
{
	start(MODE_LONG, PROG(loop));
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

	start(MODE_LONG, PROG(emulated));
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

	start(MODE_LONG, PROG(write));
	REQUIRE_EQ(target_watch(0xc040, 4, false), 0);
	target_step(0);
	stop = target_step(0);
	check_stop(stop, STOP_STEP | STOP_WATCH, AT(write, write_1));
	CHECK_EQ(stop.hits, 1);
	/* once: nothing is left for the next */
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
	start(MODE_LONG, PROG(own_int3));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 4);
	CHECK_EQ(seen(0).rip, AT(own_int3, own_int3_1));
	CHECK_EQ(seen(1).rip, AT(own_int3, own_int3_2));
	CHECK_EQ(seen(2).rip, AT(own_int3, own_int3_3));
	CHECK_EQ(seen(3).rip, AT(own_int3, own_int3_4));
	target_end();
	CHECK(same_data(MODE_LONG, PROG(own_int3), NULL, BESIDE));
	CHECK(same_data(MODE_LONG, PROG(own_int3), NULL, STEPPED));
}

GUEST64(sum,
	"lea sum_begin(%rip), %rsi; mov $sum_end - sum_begin, %ecx; xor %eax, %eax; xor %edx, %edx\n"
	"1: movb (%rsi), %dl; rol $1, %eax; add %edx, %eax; inc %rsi; loop 1b\n"
	"mov %eax, 0xc008\n"
	"sum_1: nop; hlt");
LABEL(sum_1);

/* an inserted int3 is the VMM's: only a session's can be hidden */
static void checksum_of_code_with_a_breakpoint(void)
{
	u32 alone, with;

	start(MODE_LONG, PROG(sum));
	CHECK_EQ(target_go().what, STOP_END);
	alone = DATA32(target_vm(), 2);
	target_end();
	start(MODE_LONG, PROG(sum));
	target_soft(AT(sum, sum_1));
	check_stop(target_go(), STOP_BREAK, AT(sum, sum_1));
	with = DATA32(target_vm(), 2);
	CHECK_EQ(with == alone, target_hides());
}

/* ---- 26 ---- */

static void fifth_debug_register(void)
{
	unsigned int i;

	start(MODE_LONG, PROG(write));
	for (i = 0; i < 4; i++)
		REQUIRE_EQ(target_watch(0xe800 + 8 * i, 8, false), i);
	if (!target_is_session())
		CHECK_EQ(target_watch(0xc040, 4, false), -ENOSPC);
	target_clear();
	REQUIRE_EQ(target_watch(0xc040, 4, false), 0);
	check_stop(target_go(), STOP_WATCH, AT(write, write_1));
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- 28 ---- */

GUEST64(fresh, "mov $0x180000, %esp\nfresh_0: int $0x45\nfresh_1: nop; hlt");
LABEL(fresh_0); LABEL(fresh_1);

static void step_into_a_handler_on_a_fresh_stack(void)
{
	start(MODE_LONG, PROG(fresh));
	target_step(0);
	if (on_kvm()) {
		EXPECT(target_step(0).rip, handler_at(MODE_LONG, 0), AT(fresh, fresh_1) + 1,
		       "a step over INT n runs the whole handler");
	} else {
		check_stop(target_step(0), STOP_STEP, handler_at(MODE_LONG, 0));
		CHECK_EQ(*GUEST_PTR(target_vm(), FRESH_STACK - 40, u64), AT(fresh, fresh_1));
	}
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
}

static void stop_before_a_handler_on_a_fresh_stack(void)
{
	start(MODE_LONG, PROG(fresh));
	REQUIRE_EQ(target_break(handler_at(MODE_LONG, 0)), 0);
	check_stop(target_go(), STOP_BREAK, handler_at(MODE_LONG, 0));
	CHECK_EQ(target_go().what, STOP_END);
	CHECK_EQ(count(), 1);
}

/* ---- 30 ---- */

GUEST64(endless_db,
	"mov $" "0x180000 - 16" ", %eax; mov %rax, %dr0\n"
	"mov $0x90001, %eax; mov %rax, %dr7\n"
	"movl $1, 0x180000 - 16\n"
	"hlt");

/* each delivery writes to the watched stack: #DB upon #DB, on one stack (IST1) */
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

/* In ring 3, its handler too, on a stack that is not aligned: #AC upon #AC. */
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

	start(MODE_LONG, PROG(rep_watch));
	REQUIRE_EQ(target_watch(0xc038, 4, false), 0);
	REQUIRE_EQ(target_watch(0xc063, 1, false), 1);
	check_stop(target_go(), STOP_WATCH, AT(rep_watch, rep_watch_1));
	target_get_regs(&regs);
	CHECK_EQ(regs.rcx, 5);
	CHECK_EQ(regs.rdi, 0xc03c);
	if (on_kvm()) {
		EXPECT(target_go().what, STOP_WATCH, STOP_END, "INS hits nothing");
		return;
	}
	check_stop(target_go(), STOP_WATCH, AT(rep_watch, rep_watch_2));
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

	start(mode, prog);
	REQUIRE_EQ(target_watch(0xc040, 1, false), 0);
	REQUIRE_EQ(target_break(at + 1), 1);
	target_soft(at + 2);
	check_stop(target_go(), STOP_WATCH, at);
	check_stop(target_go(), STOP_BREAK, at + 1);
	check_stop(target_go(), STOP_BREAK, at + 2);
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
	start(MODE_LONG, PROG(last));
	REQUIRE_EQ(target_watch(GUEST_RAM - 1, 1, false), 0);
	check_stop(target_go(), STOP_WATCH, AT(last, last_1));
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
	put_syscall(vm);
	set_msr(&vm->vcpu[0], 0xc0000082, AT(user, user_kernel));
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
		check_stop(target_go(), STOP_BREAK, AT(user, at[i]));
	check_stop(target_go(), STOP_BREAK, AT(user, user_int));
	CHECK_EQ(target_go().what, STOP_END);
}

/* ---- KVM's others ---- */

GUEST64(line, "nop\nline_1: nop\nline_2: nop\nline_3: nop; hlt");
LABEL(line_1); LABEL(line_2);

static void registers_set_between_steps(void)
{
	struct kvm_regs regs;

	start(MODE_LONG, PROG(line));
	check_stop(target_step(0), STOP_STEP, AT(line, line_1));
	target_get_regs(&regs);
	regs.rbx = 1;
	target_set_regs(&regs);
	check_stop(target_step(0), STOP_STEP, AT(line, line_2));
}

#define ROW(row, what, fn) { "hard case " #row ": " what, fn, 0, NULL, NULL }
const struct test hard_rows[] = {
	ROW(1, "an interrupt waits for the end of STI's shadow",
	    interrupt_waits_for_the_end_of_the_shadow),
	ROW(2, "watched MOV SS", watched_mov_ss),
	ROW(2, "watched MOV SS, then INT3", watched_mov_ss_then_int3),
	ROW(2, "watched MOV SS, then INT 1", watched_mov_ss_then_int1),
	ROW(2, "watched MOV SS, then ICEBP", watched_mov_ss_then_icebp),
	ROW(2, "watched MOV SS, then SYSCALL", watched_mov_ss_then_syscall),
	ROW(3, "ICEBP is the guest's", icebp_is_the_guests),
	ROW(4, "TF set in a shadow", tf_set_in_a_shadow),
	ROW(5, "TF never reaches the guest", tf_never_reaches_the_guest),
	ROW(5, "TF never reaches SYSCALL's r11", tf_never_reaches_r11),
	ROW(5, "TF never reaches the guest, real mode", tf_never_reaches_real_mode),
	ROW(5, "TF never reaches the guest, protected mode", tf_never_reaches_protected_mode),
	ROW(6, "a guest that steps itself is stepped", own_tf_while_stepped),
	ROW(7, "SYSCALL with FMASK.TF", syscall_with_fmask_tf),
	ROW(8, "step OUT to port 0x7e", step_out_to_port_7e),
	ROW(10, "the guest's own TF over emulated instructions",
	    own_tf_over_emulated_instructions),
	ROW(11, "an interrupt is held and not lost", interrupt_is_held),
	ROW(11, "an NMI is held and not lost", nmi_is_held),
	ROW(11, "both are held in each mode", held_in_each_mode),
	ROW(12, "INIT keeps the debugger's breakpoints", init_keeps_breakpoints),
	ROW(13, "DR6 as a CPU has it", dr6_as_a_cpu_has_it),
	ROW(14, "GD beside the debugger's breakpoints", gd_beside_the_debuggers),
	ROW(15, "guest's and debugger's, four in all", four_in_all_at_different_places),
	ROW(15, "guest's and debugger's at the same places", four_in_all_at_the_same_places),
	ROW(16, "the guest's registers when the debugger has gone",
	    debug_registers_when_the_debugger_has_gone),
	ROW(17, "an execute breakpoint hits once a round", execute_breakpoint_hits_once_a_round),
	ROW(17, "a software breakpoint hits once a round", soft_breakpoint_hits_once_a_round),
	ROW(18, "watchpoints and emulated accesses", watchpoints_and_emulated_accesses),
	ROW(19, "a step and a watchpoint in one", step_and_watchpoint_in_one),
	ROW(20, "INT3 is the guest's", int3_is_the_guests),
	ROW(21, "the guest sums up its code", checksum_of_code_with_a_breakpoint),
	ROW(26, "the fifth debug register", fifth_debug_register),
	ROW(28, "a step into a handler on a fresh stack", step_into_a_handler_on_a_fresh_stack),
	ROW(28, "a breakpoint in a handler on a fresh stack",
	    stop_before_a_handler_on_a_fresh_stack),
	ROW(30, "endless #DB", endless_db),
	ROW(30, "endless #AC", endless_ac),
	ROW(31, "a watchpoint in REP", watchpoint_in_rep),
	ROW(32, "breakpoints in each mode", break_in_each_mode),
	ROW(34, "a watchpoint on the last byte of RAM", watchpoint_on_the_last_byte_of_ram),
	ROW(36, "breakpoints across rings and CR3", break_across_rings),
	{ "registers set between steps", registers_set_between_steps, 0, NULL, NULL },
};
const unsigned int hard_rows_nr = ARRAY_SIZE(hard_rows);
