// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steps: where each ends, and that the guest cannot notice them. The steps of guest
 * NAME end at the labels NAME_1, NAME_2 and so on.
 */
#include <string.h>

#include "vmm.h"

#define HANDLER(guest, label, vector)						\
	"movw $" GADDR(guest, label) ", 0x1000 + " #vector " * 16\n"

GUEST64(plain,
	"nop\nplain_1: mov $5, %ecx\nplain_2: push %rcx\nplain_3: call plain_5\n"
	"plain_4: hlt\nplain_5: pop %rax\nplain_6: jmp plain_7\nnop\nplain_7: hlt");
GUEST64(emulated,
	"xor %eax, %eax\nemulated_1: cpuid\nemulated_2: mov $0xc0000082, %ecx\n"
	"emulated_3: rdmsr\nemulated_4: wrmsr\nemulated_5: mov %cr0, %rax\n"
	"emulated_6: mov %rax, %cr0\nemulated_7: mov %cr3, %rax\nemulated_8: mov %rax, %cr3\n"
	"emulated_9: mov %dr0, %rax\nemulated_a: mov %rax, %dr0\nemulated_b: rdtsc\n"
	"emulated_c: mov %cr8, %rax\nemulated_d: mov %rax, %cr8\nemulated_e: wbinvd\n"
	"emulated_f: invlpg 0xc000\nemulated_g: hlt");
GUEST64(port,
	"out %al, $0x10\nport_1: in $0x10, %al\nport_2: mov $0x20, %edx\n"
	"port_3: out %eax, %dx\nport_4: in %dx, %eax\nport_5: nop\nport_6: hlt");
GUEST64(mmio,
	"mov $0xd0000000, %ebx\nmmio_1: mov %eax, (%rbx)\nmmio_2: mov (%rbx), %eax\n"
	"mmio_3: add %eax, (%rbx)\nmmio_4: movb $1, (%rbx)\nmmio_5: nop\nmmio_6: hlt");
GUEST64(halts, "nop\nhalts_1: hlt\nhalts_2: nop\nhalts_3: hlt\nhalts_4: nop\nhalts_5: hlt");
GUEST64(sti_shadow, "sti\nsti_shadow_1: nop\nsti_shadow_2: cli\nsti_shadow_3: sti\n"
	"sti_shadow_4: cpuid\nsti_shadow_5: cli\nsti_shadow_6: hlt");
GUEST64(ss_shadow, "mov %ss, %eax\nss_shadow_1: mov %eax, %ss\nss_shadow_2: nop\n"
	"ss_shadow_3: mov %eax, %ss\nss_shadow_4: cpuid\nss_shadow_5: hlt");
GUEST64(int_n,
	HANDLER(int_n, int_n_2, 0x80)
	"int_n_1: int $0x80\nint_n_4: hlt\n"
	"int_n_2: nop\nint_n_3: iretq");
GUEST64(int_3,
	HANDLER(int_3, int_3_2, 3)
	"int_3_1: int3\nint_3_4: hlt\n"
	"int_3_2: nop\nint_3_3: iretq");
GUEST64(fault,
	HANDLER(fault, fault_2, 6)
	"fault_1: ud2\n"
	"fault_2: incl 0xc000\nfault_3: hlt");
GUEST64(page_fault,
	HANDLER(page_fault, page_fault_3, 14)
	"page_fault_1: movq $0, 0x26000 + 0x100 * 8\n"
	"page_fault_2: mov 0x100000, %eax\n"
	"page_fault_3: mov %cr2, %rax\npage_fault_4: hlt");
GUEST64(msr_fault,
	HANDLER(msr_fault, msr_fault_3, 13)
	"msr_fault_1: mov $0xdead0000, %ecx\nmsr_fault_2: rdmsr\n"
	"msr_fault_3: nop\nmsr_fault_4: hlt");
GUEST64(icebp,
	HANDLER(icebp, icebp_2, 1)
	"icebp_1: .byte 0xf1\nicebp_4: hlt\n"
	"icebp_2: nop\nicebp_3: iretq");
/* one step per iteration: rip stays until the last */
GUEST64(rep, "mov $0xc100, %esi\nrep_1: mov $0xc200, %edi\nrep_2: mov $3, %ecx\n"
	"rep_3: rep movsb\nrep_4: hlt");
GUEST64(to_user,
	"push $0x33\nto_user_1: push $0xe000\nto_user_2: push $0x102 - 0x100\n"
	"to_user_3: push $0x3b\nto_user_4: push $" GADDR(to_user, to_user_6) "\n"
	"to_user_5: iretq\nto_user_6: nop\nto_user_7: jmp to_user_8\nto_user_8: hlt");

GUEST16(real, "mov $5, %ax\nreal_1: push %ax\nreal_2: pop %bx\nreal_3: out %al, $0x10\n"
	"real_4: int $0x80\nreal_6: sti\nreal_7: nop\nreal_8: hlt\nreal_5: iret");
GUEST32(flat, "mov $5, %eax\nflat_1: push %eax\nflat_2: pop %ebx\nflat_3: cpuid\n"
	"flat_4: call flat_6\nflat_5: hlt\nflat_6: ret");

/* the way from real mode to long mode, one instruction at a time */
GUEST16(up,
	"lgdtl 0xc100\nup_1: mov %cr0, %eax\nup_2: or $1, %eax\nup_3: mov %eax, %cr0\n"
	"up_4: ljmpl $0x18, $" GADDR(up, up_5) "\n"
	".code32\nup_5: mov %cr4, %eax\nup_6: or $0x20, %eax\nup_7: mov %eax, %cr4\n"
	"up_8: mov $0x20000, %eax\nup_9: mov %eax, %cr3\nup_a: mov $0xc0000080, %ecx\n"
	"up_b: rdmsr\nup_c: or $0x100, %eax\nup_d: wrmsr\nup_e: mov %cr0, %eax\n"
	"up_f: or $0x80000000, %eax\nup_g: mov %eax, %cr0\nup_h: ljmpl $8, $" GADDR(up, up_i) "\n"
	".code64\nup_i: nop\nup_j: hlt\n.code16");

LABEL(plain_1); LABEL(plain_2); LABEL(plain_3); LABEL(plain_5); LABEL(plain_6); LABEL(plain_7);
LABEL(emulated_1); LABEL(emulated_2); LABEL(emulated_3); LABEL(emulated_4); LABEL(emulated_5);
LABEL(emulated_6); LABEL(emulated_7); LABEL(emulated_8); LABEL(emulated_9); LABEL(emulated_a);
LABEL(emulated_b); LABEL(emulated_c); LABEL(emulated_d); LABEL(emulated_e); LABEL(emulated_f);
LABEL(emulated_g);
LABEL(port_1); LABEL(port_2); LABEL(port_3); LABEL(port_4); LABEL(port_5); LABEL(port_6);
LABEL(mmio_1); LABEL(mmio_2); LABEL(mmio_3); LABEL(mmio_4); LABEL(mmio_5); LABEL(mmio_6);
LABEL(halts_1); LABEL(halts_2); LABEL(halts_3); LABEL(halts_4); LABEL(halts_5);
LABEL(sti_shadow_1); LABEL(sti_shadow_2); LABEL(sti_shadow_3); LABEL(sti_shadow_4);
LABEL(sti_shadow_5); LABEL(sti_shadow_6);
LABEL(ss_shadow_1); LABEL(ss_shadow_2); LABEL(ss_shadow_3); LABEL(ss_shadow_4);
LABEL(ss_shadow_5);
LABEL(int_n_1); LABEL(int_n_2); LABEL(int_n_3); LABEL(int_n_4);
LABEL(int_3_1); LABEL(int_3_2); LABEL(int_3_3); LABEL(int_3_4);
LABEL(fault_1); LABEL(fault_2); LABEL(fault_3);
LABEL(page_fault_1); LABEL(page_fault_2); LABEL(page_fault_3); LABEL(page_fault_4);
LABEL(msr_fault_1); LABEL(msr_fault_2); LABEL(msr_fault_3); LABEL(msr_fault_4);
LABEL(icebp_1); LABEL(icebp_2); LABEL(icebp_3); LABEL(icebp_4);
LABEL(rep_1); LABEL(rep_2); LABEL(rep_3); LABEL(rep_4);
LABEL(to_user_1); LABEL(to_user_2); LABEL(to_user_3); LABEL(to_user_4); LABEL(to_user_5);
LABEL(to_user_6); LABEL(to_user_7); LABEL(to_user_8);
LABEL(real_1); LABEL(real_2); LABEL(real_3); LABEL(real_4); LABEL(real_5); LABEL(real_6);
LABEL(real_7); LABEL(real_8);
LABEL(flat_1); LABEL(flat_2); LABEL(flat_3); LABEL(flat_4); LABEL(flat_6); LABEL(flat_5);
LABEL(up_1); LABEL(up_2); LABEL(up_3); LABEL(up_4); LABEL(up_5); LABEL(up_6); LABEL(up_7);
LABEL(up_8); LABEL(up_9); LABEL(up_a); LABEL(up_b); LABEL(up_c); LABEL(up_d); LABEL(up_e);
LABEL(up_f); LABEL(up_g); LABEL(up_h); LABEL(up_i); LABEL(up_j);

#define STOPS 20

static const struct {
	const char *name;
	enum guest_mode mode;
	const u8 *begin, *end;
	const u8 *stops[STOPS];		/* ends with NULL */
} lines[] = {
#define LINE(name, mode, ...) { #name, mode, name##_begin, name##_end, { __VA_ARGS__ } }
	LINE(plain, MODE_LONG, plain_1, plain_2, plain_3, plain_5, plain_6, plain_7),
	LINE(emulated, MODE_LONG, emulated_1, emulated_2, emulated_3, emulated_4, emulated_5,
	     emulated_6, emulated_7, emulated_8, emulated_9, emulated_a, emulated_b, emulated_c,
	     emulated_d, emulated_e, emulated_f, emulated_g),
	LINE(port, MODE_LONG, port_1, port_2, port_3, port_4, port_5, port_6),
	LINE(mmio, MODE_LONG, mmio_1, mmio_2, mmio_3, mmio_4, mmio_5, mmio_6),
	LINE(halts, MODE_LONG, halts_1, halts_2, halts_3, halts_4, halts_5),
	LINE(sti_shadow, MODE_LONG, sti_shadow_1, sti_shadow_2, sti_shadow_3, sti_shadow_4,
	     sti_shadow_5, sti_shadow_6),
	LINE(ss_shadow, MODE_LONG, ss_shadow_1, ss_shadow_2, ss_shadow_3, ss_shadow_4,
	     ss_shadow_5),
	LINE(int_n, MODE_LONG, int_n_1, int_n_2, int_n_3, int_n_4),
	LINE(int_3, MODE_LONG, int_3_1, int_3_2, int_3_3, int_3_4),
	LINE(fault, MODE_LONG, fault_1, fault_2, fault_3),
	LINE(page_fault, MODE_LONG, page_fault_1, page_fault_2, page_fault_3, page_fault_4),
	LINE(msr_fault, MODE_LONG, msr_fault_1, msr_fault_2, msr_fault_3, msr_fault_4),
	LINE(icebp, MODE_LONG, icebp_1, icebp_2, icebp_3, icebp_4),
	LINE(rep, MODE_LONG, rep_1, rep_2, rep_3, rep_3, rep_3, rep_4),
	LINE(to_user, MODE_LONG, to_user_1, to_user_2, to_user_3, to_user_4, to_user_5,
	     to_user_6, to_user_7, to_user_8),
	LINE(real, MODE_REAL, real_1, real_2, real_3, real_4, real_5, real_6, real_7, real_8),
	LINE(flat, MODE_FLAT32, flat_1, flat_2, flat_3, flat_4, flat_6, flat_5),
	LINE(up, MODE_REAL, up_1, up_2, up_3, up_4, up_5, up_6, up_7, up_8, up_9, up_a, up_b,
	     up_c, up_d, up_e, up_f, up_g, up_h, up_i, up_j),
};

/* Store what the guest needs in memory beside its code. */
static void put_data(struct vm *vm, enum guest_mode mode, unsigned int i)
{
	if (lines[i].stops[0] == up_1) {
		vm_tables(vm, MODE_LONG);
		*GUEST_PTR(vm, 0xc100, u32) = 0x4f | GUEST_GDT << 16;
	} else if (mode == MODE_REAL) {
		vm_gate(vm, MODE_REAL, 0x80, AT(real, real_5));
	}
}

static void step_line(unsigned int i)
{
	const struct vmm_options o = { .halts = 100 };
	const u8 *const *stop;
	struct dbg d;
	bool ok = true;

	dbg_start(&d, lines[i].mode, (struct prog){ lines[i].begin, lines[i].end }, &o);
	put_data(&d.vmm.vm, lines[i].mode, i);
	for (stop = lines[i].stops; ok && stop < lines[i].stops + STOPS && *stop; stop++) {
		u64 want = GUEST_CODE + (*stop - lines[i].begin);

		ok = CHECK_EQ(dbg_step(&d, 0), want);
		ok &= CHECK_EQ(session_get_regs(d.fd, 0).rip, want);
		ok &= CHECK_EQ(session_get_regs(d.fd, 0).rflags & 0x100, 0);
	}
	if (!ok)
		tap_note("guest %s, step %zu", lines[i].name, stop - lines[i].stops);
}

#define STEP_TEST(n, name) static void steps_##name(void) { step_line(n); }
STEP_TEST(0, plain)
STEP_TEST(1, emulated)
STEP_TEST(2, port)
STEP_TEST(3, mmio)
STEP_TEST(4, halts)
STEP_TEST(5, sti_shadow)
STEP_TEST(6, ss_shadow)
STEP_TEST(7, int_n)
STEP_TEST(8, int_3)
STEP_TEST(9, fault)
STEP_TEST(10, page_fault)
STEP_TEST(11, msr_fault)
STEP_TEST(12, icebp)
STEP_TEST(13, rep)
STEP_TEST(14, to_user)
STEP_TEST(15, real)
STEP_TEST(16, flat)
STEP_TEST(17, up)

/* ---- what the guest sees ---- */

GUEST64(flags_seen,
	HANDLER(flags_seen, flags_seen_int, 0x80)
	HANDLER(flags_seen, flags_seen_ud, 6)
	"pushf; pop %rax; mov %rax, 0xc000\n"
	"int $0x80\n"
	"ud2\n"
	"flags_seen_int: mov 16(%rsp), %rax; mov %rax, 0xc008; iretq\n"
	"flags_seen_ud: mov 16(%rsp), %rax; mov %rax, 0xc010\n"
	"mov $0xc0000080, %ecx; rdmsr; or $1, %eax; wrmsr\n"
	"syscall\n"
	"flags_seen_syscall: mov %r11, 0xc018\n"
	"mov %dr6, %rax; mov %rax, 0xc020; mov %dr7, %rax; mov %rax, 0xc028; hlt");
LABEL(flags_seen_syscall);

static void set_syscall_msrs(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu[0];

	set_msr(v, 0xc0000081, (u64)SEL_CODE64 << 32);
	set_msr(v, 0xc0000082, AT(flags_seen, flags_seen_syscall));
}

static void guest_sees_no_trace_of_steps(void)
{
	const struct vmm_options o = { .prepare = set_syscall_msrs };
	struct vmm_vcpu *state;
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(flags_seen), &o);
	state = &d.vmm.shared->vcpu[0];
	for (i = 0; i < 100; i++) {
		u64 rip = session_get_regs(d.fd, 0).rip;

		if (d.vmm.vm.mem[rip] == 0xf4)
			break;
		dbg_step(&d, 0);
	}
	dbg_finish(&d);
	CHECK_EQ(state->debug_exits, 0);
	for (i = 0; i < 4; i++)
		CHECK_EQ(DATA64(&d.vmm.vm, i) & 0x100, 0);
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 2);
	CHECK_EQ(DATA64(&d.vmm.vm, 4), 0xffff0ff0);
	CHECK_EQ(DATA64(&d.vmm.vm, 5), 0x400);
}

GUEST64(own_tf,
	HANDLER(own_tf, own_tf_db, 1)
	"pushf; orl $0x100, (%rsp); popf\n"
	"nop\n"
	"cpuid\n"
	"own_tf_2: out %al, $0x10\n"
	"pushf; andl $~0x100, (%rsp); popf; hlt\n"
	"own_tf_db: incl 0xc000; push %rax; mov %dr6, %rax; or %eax, 0xc008\n"
	"mov $0xffff0ff0, %eax; mov %rax, %dr6; pop %rax; iretq");

/* traps after nop, cpuid, out, pushf, and, popf */
#define OWN_TF_TRAPS	6

static void guest_that_steps_itself(void)
{
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(own_tf), NULL);
	for (i = 0; i < 200; i++) {
		if (d.vmm.vm.mem[session_get_regs(d.fd, 0).rip] == 0xf4)
			break;
		dbg_step(&d, 0);
	}
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), OWN_TF_TRAPS);
	CHECK_EQ(DATA32(&d.vmm.vm, 2) & 0x400f, 0x4000);
}

/* ---- interrupts ---- */

GUEST64(irqs,
	HANDLER(irqs, irqs_handler, 0x45)
	"mov $0x45, %al\n"
	"sti; nop\n"
	"irqs_0: out %al, $0x7b\n"
	"irqs_1: nop\n"
	"irqs_2: nop\n"
	"irqs_3: cli; hlt\n"
	"irqs_handler: incl 0xc000; mov (%rsp), %rbx; mov %rbx, 0xc008; iretq");
LABEL(irqs_0); LABEL(irqs_1); LABEL(irqs_2); LABEL(irqs_3); LABEL(irqs_handler);

static void go_to_irqs_0(struct dbg *d)
{
	unsigned int i;

	dbg_start(d, MODE_LONG, PROG(irqs), NULL);
	for (i = 0; i < 10 && dbg_step(d, 0) != AT(irqs, irqs_0); i++)
		;
	CHECK_EQ(session_get_regs(d->fd, 0).rip, AT(irqs, irqs_0));
}

static void pending_interrupt_is_held_and_not_lost(void)
{
	struct dbg d;

	go_to_irqs_0(&d);
	CHECK_EQ(dbg_step(&d, 0), AT(irqs, irqs_1));
	CHECK_EQ(dbg_step(&d, 0), AT(irqs, irqs_2));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	CHECK_EQ(DATA64(&d.vmm.vm, 1), AT(irqs, irqs_2));
}

static void pending_interrupt_is_let_in_when_asked(void)
{
	struct dbg d;

	go_to_irqs_0(&d);
	CHECK_EQ(dbg_step(&d, 0), AT(irqs, irqs_1));
	CHECK_EQ(dbg_step(&d, VMXDBG_RESUME_IRQS), AT(irqs, irqs_handler));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	CHECK_EQ(DATA64(&d.vmm.vm, 1), AT(irqs, irqs_1));
}

/* ---- ranges ---- */

GUEST64(ranges,
	"mov $1000, %ecx\n"
	"range_loop: incl 0xc000; cpuid; mov 0xc000, %ecx; neg %ecx; add $100, %ecx\n"
	"jnz range_loop\n"
	"range_end: nop; call range_sub\n"
	"range_back: hlt\n"
	"range_sub: ret");
LABEL(range_loop); LABEL(range_end); LABEL(range_back); LABEL(range_sub);

static void range_step_is_one_stop(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(ranges), NULL);
	CHECK_OK(session_resume_range(d.fd, 0, GUEST_CODE, AT(ranges, range_end)));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_STEP);
	CHECK_EQ(e.rip, AT(ranges, range_end));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 100);
	/* a call leaves the range */
	CHECK_OK(session_resume_range(d.fd, 0, AT(ranges, range_end), AT(ranges, range_back)));
	e = next_event(d.fd);
	CHECK_EQ(e.rip, AT(ranges, range_sub));
}

static void range_step_from_outside_is_one_step(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(ranges), NULL);
	CHECK_OK(session_resume_range(d.fd, 0, 0x100, 0x200));
	e = next_event(d.fd);
	CHECK_EQ(e.rip, AT(ranges, range_loop));
}

static void stop_ends_a_range_step(void)
{
	const u64 jump = AT(ranges, range_loop) + 7;
	struct vmxdbg_event e;
	struct dbg d;
	u64 rip;

	dbg_start(&d, MODE_LONG, PROG(ranges), NULL);
	*GUEST_PTR(&d.vmm.vm, jump, u16) = 0xf7eb;	/* jmp range_loop */
	CHECK_OK(session_resume_range(d.fd, 0, GUEST_CODE, AT(ranges, range_end)));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 10));
	CHECK_OK(session_stop(d.fd, 0));
	rip = session_get_regs(d.fd, 0).rip;
	CHECK(rip == AT(ranges, range_loop) || rip == jump);
	/*
	 * the step has ended, with or without an event, and no event comes after a
	 * resume
	 */
	event_within(d.fd, 0, &e);
	CHECK_EQ(session_vcpu(d.fd, 0).state, VMXDBG_VCPU_STOPPED);
}

static void registers_set_between_steps(void)
{
	struct kvm_regs regs;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(plain), NULL);
	dbg_step(&d, 0);
	regs = session_get_regs(d.fd, 0);
	regs.rip = AT(plain, plain_5);
	session_set_regs(d.fd, 0, &regs);
	CHECK_EQ(dbg_step(&d, 0), AT(plain, plain_6));
}

GUEST64(spinners, "1: incq 0xc000(, %rdi, 8); jmp 1b");

static void one_vcpu_steps_while_the_other_stands(void)
{
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(spinners), &(struct vmm_options){ .vcpus = 2 });
	for (i = 0; i < 20; i++)
		dbg_step(&d, 0);
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 10);
	CHECK_EQ(DATA64(&d.vmm.vm, 1), 0);
}

static void signals_do_not_end_a_step(void)
{
	struct dbg d;
	u64 rip = 0;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(spinners), NULL);
	REQUIRE(wait_for(&d.vmm.shared->vcpu[0].tid, 1));
	for (i = 0; i < 20; i++) {
		CHECK_OK(tgkill_vmm(&d.vmm, 0));
		rip = dbg_step(&d, 0);
		CHECK_EQ(rip, GUEST_CODE + (i & 1 ? 0 : 8));
	}
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 10);
}

static const struct test tests[] = {
	TEST(steps_plain),
	TEST(steps_emulated),
	TEST(steps_port),
	TEST(steps_mmio),
	TEST(steps_halts),
	TEST(steps_sti_shadow),
	TEST(steps_ss_shadow),
	TEST(steps_int_n),
	TEST(steps_int_3),
	TEST(steps_fault),
	TEST(steps_page_fault),
	TEST(steps_msr_fault),
	TEST(steps_icebp),
	TEST(steps_rep),
	TEST(steps_to_user),
	TEST(steps_real),
	TEST(steps_flat),
	TEST(steps_up),
	TEST(guest_sees_no_trace_of_steps),
	TEST(guest_that_steps_itself),
	TEST(pending_interrupt_is_held_and_not_lost),
	TEST(pending_interrupt_is_let_in_when_asked),
	TEST(range_step_is_one_stop),
	TEST(range_step_from_outside_is_one_step),
	TEST(stop_ends_a_range_step),
	TEST(registers_set_between_steps),
	TEST(one_vcpu_steps_while_the_other_stands),
	TEST(signals_do_not_end_a_step),
};

TAP_MAIN(tests)
