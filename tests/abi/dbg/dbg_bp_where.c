// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints in special places: on REP, int3 and instructions that exit, in each
 * mode, through aliases and in other address spaces, across pages.
 */
#include <unistd.h>

#include "vmm.h"

#define ALIAS		0x100000
#define PML4_B		0x29000		/* a second address space, the same mappings */
#define WHY_BP		VMXDBG_WHY_BREAKPOINT

static void start(struct dbg *d, enum guest_mode mode, struct prog prog)
{
	dbg_start(d, mode, prog, NULL);
}

static u32 add(struct dbg *d, u32 type, u64 addr)
{
	return session_must_add(d->fd, (struct vmxdbg_bp){
			.type = type, .addr = addr, .len = 1 });
}

/* ---- REP ---- */

GUEST64(rep,
	"mov $3, %ebx\n"
	"rep_round: mov $0xc100, %edi; mov $5, %ecx; mov $0x11, %eax\n"
	"rep_here: rep stosb\n"
	"rep_next: dec %ebx; jnz rep_round\n"
	"mov $0xc200, %esi; mov $0xc300, %edi; mov $4, %ecx\n"
	"rep_string: repe cmpsb\n"
	"rep_in: mov $0xc400, %edi; mov $0x10, %edx; mov $4, %ecx\n"
	"rep_ins: rep insb\n"
	"rep_self: jmp rep_self");
LABEL(rep_here); LABEL(rep_next); LABEL(rep_string); LABEL(rep_ins); LABEL(rep_self);

static void once_for_all_iterations(u32 type)
{
	struct kvm_regs regs;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(rep));
	add(&d, type, AT(rep, rep_here));
	add(&d, type, AT(rep, rep_string));
	add(&d, type, AT(rep, rep_ins));
	for (i = 0; i < 3; i++) {
		resume_to(&d, WHY_BP, AT(rep, rep_here));
		CHECK_EQ(session_get_regs(d.fd, 0).rcx, 5);
	}
	resume_to(&d, WHY_BP, AT(rep, rep_string));
	regs = session_get_regs(d.fd, 0);
	CHECK_EQ(regs.rcx, 4);
	CHECK_EQ(regs.rdi, 0xc300);
	resume_to(&d, WHY_BP, AT(rep, rep_ins));
	CHECK_EQ(session_get_regs(d.fd, 0).rcx, 4);
	/* each execution of a jump to itself is a hit */
	add(&d, type, AT(rep, rep_self));
	for (i = 0; i < 3; i++)
		resume_to(&d, WHY_BP, AT(rep, rep_self));
}

static void rep_is_hit_once(void)
{
	once_for_all_iterations(VMXDBG_BP_SOFT);
	once_for_all_iterations(VMXDBG_BP_HARD);
}

/* The interrupt waits until STI, and arrives after the first iteration. */
GUEST64(rep_irq,
	"movw $" GADDR(rep_irq, rep_irq_handler) ", 0x1000 + 0x40 * 16\n"
	"mov $3, %ebx\n"
	"rep_irq_round: cli; mov $0x40, %eax; out %al, $0x7b\n"
	"mov $0xc100, %edi; mov $5, %ecx; sti\n"
	"rep_irq_here: rep stosb\n"
	"rep_irq_next: dec %ebx; jnz rep_irq_round\n"
	"hlt\n"
	"rep_irq_handler: incl 0xc000; mov %ecx, 0xc004; iretq");
LABEL(rep_irq_here); LABEL(rep_irq_next);

static void rep_is_hit_once_with_interrupts(void)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(rep_irq));
	add(&d, VMXDBG_BP_SOFT, AT(rep_irq, rep_irq_here));
	for (i = 0; i < 3; i++) {
		resume_to(&d, WHY_BP, AT(rep_irq, rep_irq_here));
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
		CHECK_EQ(session_get_regs(d.fd, 0).rcx, 5);
	}
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
	tap_note("interrupted with %u iterations to go", DATA32(&d.vmm.vm, 1));
	CHECK(DATA32(&d.vmm.vm, 1) > 0);
}

/* A step is one iteration. Resuming from there is no new hit. */
static void rep_is_hit_once_while_stepped(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(rep));
	add(&d, VMXDBG_BP_SOFT, AT(rep, rep_here));
	resume_to(&d, WHY_BP, AT(rep, rep_here));
	CHECK_EQ(dbg_step(&d, 0), AT(rep, rep_here));
	CHECK_EQ(session_get_regs(d.fd, 0).rcx, 4);
	CHECK_EQ(dbg_step(&d, 0), AT(rep, rep_here));
	CHECK_EQ(session_get_regs(d.fd, 0).rcx, 3);
	resume_to(&d, WHY_BP, AT(rep, rep_here));
	CHECK_EQ(session_get_regs(d.fd, 0).rcx, 5);
	CHECK_EQ(session_get_regs(d.fd, 0).rbx, 2);
}

/* ---- whose int3 ---- */

GUEST64(own_int3,
	"movw $" GADDR(own_int3, own_int3_handler) ", 0x1000 + 3 * 16\n"
	"own_int3_here: int3\n"
	"own_int3_after: nop; int3\n"
	"hlt\n"
	"own_int3_handler: mov 0xc000, %eax; mov (%rsp), %rbx; mov %rbx, 0xc100(, %rax, 8)\n"
	"incl 0xc000; iretq");
LABEL(own_int3_here); LABEL(own_int3_after);

static void guests_int3_on_a_hooked_page(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(own_int3));
	add(&d, VMXDBG_BP_SOFT, AT(own_int3, own_int3_after));
	resume_to(&d, WHY_BP, AT(own_int3, own_int3_after));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0xc100, u64), AT(own_int3, own_int3_after));
}

static void breakpoint_on_the_guests_int3(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(own_int3));
	add(&d, VMXDBG_BP_SOFT, AT(own_int3, own_int3_here));
	resume_to(&d, WHY_BP, AT(own_int3, own_int3_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0xc100, u64), AT(own_int3, own_int3_after));
}

/* ---- modes, pages, address spaces ---- */

GUEST16(real, "mov $3, %cx\nreal_here: incw 0xc000\nloop real_here\nhlt");
GUEST32(flat, "mov $3, %ecx\nflat_here: incl 0xc000\nloop flat_here\nhlt");
LABEL(real_here); LABEL(flat_here);

static void in_mode(enum guest_mode mode, struct prog prog, u64 here)
{
	struct dbg d;
	unsigned int i;

	start(&d, mode, prog);
	add(&d, VMXDBG_BP_SOFT, here);
	for (i = 0; i < 3; i++) {
		resume_to(&d, WHY_BP, here);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
	}
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
}

static void in_real_mode(void)
{
	in_mode(MODE_REAL, PROG(real), AT(real, real_here));
}

static void in_flat_32_bit_mode(void)
{
	in_mode(MODE_FLAT32, PROG(flat), AT(flat, flat_here));
}

static void in_paged_32_bit_mode(void)
{
	in_mode(MODE_PAGED32, PROG(flat), AT(flat, flat_here));
}

static void in_pae_mode(void)
{
	in_mode(MODE_PAE, PROG(flat), AT(flat, flat_here));
}

/* one subroutine, called by its own address, by its alias, and by its own again */
GUEST64(aliased,
	"movq $0x8007, 0x26000 + 0x100 * 8; invlpg 0x100000\n"
	"mov $aliased_sub - aliased_begin + 0x8000, %ebx\n"
	"mov $aliased_sub - aliased_begin + 0x100000, %edx\n"
	"call *%rbx; call *%rdx; call *%rbx\n"
	"hlt\n"
	"aliased_sub: incl 0xc000; ret");
LABEL(aliased_sub);

static void linear_breakpoint_does_not_hit_through_an_alias(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(aliased));
	add(&d, VMXDBG_BP_SOFT, AT(aliased, aliased_sub));
	resume_to(&d, WHY_BP, AT(aliased, aliased_sub));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	resume_to(&d, WHY_BP, AT(aliased, aliased_sub));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
}

static void physical_breakpoint_hits_through_each_alias(void)
{
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL };
	u64 alias = AT(aliased, aliased_sub) - GUEST_CODE + ALIAS;
	struct dbg d;

	start(&d, MODE_LONG, PROG(aliased));
	bp.addr = AT(aliased, aliased_sub);
	CHECK(session_add_bp(d.fd, bp) > 0);
	resume_to(&d, WHY_BP, AT(aliased, aliased_sub));
	resume_to(&d, WHY_BP, alias);
	resume_to(&d, WHY_BP, AT(aliased, aliased_sub));
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
}

GUEST64(spaces,
	"mov $0x20000, %eax; mov $0x29000, %ebx; mov $4, %ecx\n"
	"spaces_here: incl 0xc000\n"
	"xchg %rax, %rbx; mov %rax, %cr3\n"
	"loop spaces_here; hlt");
LABEL(spaces_here);

static void cr3_filter(void)
{
	static const u32 types[] = { VMXDBG_BP_SOFT, VMXDBG_BP_HARD };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct vmxdbg_bp bp = { .type = types[i], .len = 1, .flags = VMXDBG_BP_CR3,
					.addr = AT(spaces, spaces_here), .cr3 = PML4_B };
		struct dbg d;

		start(&d, MODE_LONG, PROG(spaces));
		*GUEST_PTR(&d.vmm.vm, PML4_B, u64) = GUEST_PDPT | 7;
		CHECK(session_add_bp(d.fd, bp) > 0);
		resume_to(&d, WHY_BP, AT(spaces, spaces_here));
		CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
		resume_to(&d, WHY_BP, AT(spaces, spaces_here));
		CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
		dbg_finish(&d);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), 4);
		close(d.fd);
		vmm_kill(&d.vmm);
	}
}

/* the guest later maps the page at ALIAS to the page of its code */
GUEST64(mapper,
	"nop\n"
	"movq $0x8007, 0x26000 + 0x100 * 8; invlpg 0x100000\n"
	"mov $mapper_sub - mapper_begin + 0x100000, %edx\n"
	"call *%rdx; call *%rdx; hlt\n"
	"mapper_sub: incl 0xc000; ret");
LABEL(mapper_sub);

static void pending_breakpoint_on_an_unmapped_page(void)
{
	u64 at = AT(mapper, mapper_sub) - GUEST_CODE + ALIAS;
	struct dbg d;

	start(&d, MODE_LONG, PROG(mapper));
	GUEST_PTR(&d.vmm.vm, GUEST_PT, u64)[0x100] = 0;
	add(&d, VMXDBG_BP_SOFT, at);
	resume_to(&d, WHY_BP, at);
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
}

/* an instruction whose first byte is the last one of a page */
GUEST64(crossing,
	"mov $2, %ebx\n"
	"1: jmp crossing_here\n"
	"crossing_back: dec %ebx; jnz 1b; hlt\n"
	".org crossing_begin + 0xfff\n"
	"crossing_here: incl 0xc000\n"
	"jmp crossing_back");
LABEL(crossing_here);

static void instruction_across_a_page_boundary(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(crossing));
	CHECK_EQ(AT(crossing, crossing_here), 0x8fff);
	add(&d, VMXDBG_BP_SOFT, 0x8fff);
	resume_to(&d, WHY_BP, 0x8fff);
	resume_to(&d, WHY_BP, 0x8fff);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
}

static void both_halves_hooked(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(crossing));
	add(&d, VMXDBG_BP_SOFT, 0x8fff);
	add(&d, VMXDBG_BP_SOFT, AT(crossing, crossing_here) + 7);
	resume_to(&d, WHY_BP, 0x8fff);
	resume_to(&d, WHY_BP, 0x9006);
	resume_to(&d, WHY_BP, 0x8fff);
	resume_to(&d, WHY_BP, 0x9006);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
}

/* instructions that cause a VM exit in any case */
GUEST64(exiting,
	"mov $2, %ebx\n"
	"exiting_cpuid: cpuid\n"
	"mov $2, %ebx\n"
	"exiting_out: out %al, $0x10\n"
	"exiting_in: in $0x10, %al\n"
	"mov $0xd0000000, %edi\n"
	"exiting_mmio: mov %eax, (%rdi)\n"
	"exiting_string: stosl\n"
	"exiting_call: call exiting_sub\n"
	"exiting_hlt: hlt\n"
	"exiting_sub: ret");
LABEL(exiting_cpuid); LABEL(exiting_out); LABEL(exiting_in); LABEL(exiting_mmio);
LABEL(exiting_string); LABEL(exiting_call); LABEL(exiting_hlt); LABEL(exiting_sub);

static void on_instructions_that_exit(void)
{
	static const u8 *const places[] = { exiting_cpuid, exiting_out, exiting_in, exiting_mmio,
		exiting_string, exiting_call, exiting_sub, exiting_hlt };
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(exiting));
	for (i = 0; i < ARRAY_SIZE(places); i++)
		add(&d, VMXDBG_BP_SOFT, AT(exiting, places[i]));
	for (i = 0; i < ARRAY_SIZE(places); i++)
		resume_to(&d, WHY_BP, AT(exiting, places[i]));
	dbg_finish(&d);
	CHECK_EQ(d.vmm.shared->vcpu[0].outs, 1);
	CHECK_EQ(d.vmm.shared->vcpu[0].ins, 1);
	CHECK_EQ(d.vmm.shared->vcpu[0].mmios, 2);
}

/* ---- inside of an instruction ---- */

GUEST64(inside,
	"inside_store: movl $0x11223344, 0xc000\n"
	"inside_move: mov $0x12345678, %ecx\n"
	"inside_fpu: fninit\n"
	"jmp inside_across\n"
	".org inside_begin + 0xffd\n"
	"inside_across: incl 0xc004\n"
	"inside_last: hlt");
LABEL(inside_store); LABEL(inside_move); LABEL(inside_fpu); LABEL(inside_across);
LABEL(inside_last);

/* Return: 0 or the error. The breakpoint is deleted again. */
static int try_point(struct dbg *d, u32 type, u32 flags, u64 addr, u64 cr3)
{
	long id = session_add_bp(d->fd, (struct vmxdbg_bp){
			.type = type, .flags = flags, .addr = addr, .len = 1, .cr3 = cr3 });

	if (id < 0)
		return id;
	CHECK_OK(ioctl(d->fd, VMXDBG_DEL_BP, id));
	return 0;
}

/* vCPU 0 is at @rip, with an instruction of @len bytes. */
static void only_at_the_start(struct dbg *d, u64 rip, unsigned int len)
{
	unsigned int i;

	CHECK_EQ(session_get_regs(d->fd, 0).rip, rip);
	for (i = 0; i <= len; i++) {
		int want = i && i < len ? -EINVAL : 0;

		if (!CHECK_EQ(try_point(d, VMXDBG_BP_SOFT, 0, rip + i, 0), want) ||
		    !CHECK_EQ(try_point(d, VMXDBG_BP_SOFT, VMXDBG_BP_PHYSICAL, rip + i, 0), want))
			tap_note("byte %u of %u at %#llx", i, len, (unsigned long long)rip);
	}
	CHECK_EQ(try_point(d, VMXDBG_BP_SOFT, 0, rip - 1, 0), 0);
}

static void inside_of_the_next_instruction(void)
{
	u64 fpu = AT(inside, inside_fpu), across = AT(inside, inside_across);
	struct dbg d;

	start(&d, MODE_LONG, PROG(inside));
	only_at_the_start(&d, GUEST_CODE, inside_move - inside_store);
	/* a debug register, another kind of object, and another address space */
	CHECK_EQ(try_point(&d, VMXDBG_BP_HARD, 0, GUEST_CODE + 1, 0), 0);
	CHECK_EQ(try_point(&d, VMXDBG_BP_EXEC, 0, GUEST_CODE + 1, 0), 0);
	CHECK_EQ(try_point(&d, VMXDBG_BP_SOFT, VMXDBG_BP_CR3, GUEST_CODE + 1, GUEST_PML4), -EINVAL);
	CHECK_EQ(try_point(&d, VMXDBG_BP_SOFT, VMXDBG_BP_CR3, GUEST_CODE + 1, PML4_B), 0);
	CHECK_EQ(dbg_step(&d, 0), AT(inside, inside_move));
	only_at_the_start(&d, AT(inside, inside_move), inside_fpu - inside_move);
	/* an instruction that the module cannot decode */
	CHECK_EQ(dbg_step(&d, 0), fpu);
	CHECK_EQ(try_point(&d, VMXDBG_BP_SOFT, 0, fpu + 1, 0), 0);
	add(&d, VMXDBG_BP_SOFT, across);
	resume_to(&d, WHY_BP, across);
	only_at_the_start(&d, across, inside_last - inside_across);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0x11223344);
	CHECK_EQ(DATA32(&d.vmm.vm, 1), 1);
}

GUEST16(inside16, "movl $0x11223344, %ds:0xc000; hlt");

static void inside_of_an_instruction_of_16_bits(void)
{
	struct dbg d;

	start(&d, MODE_REAL, PROG(inside16));
	only_at_the_start(&d, GUEST_CODE, inside16_end - inside16_begin - 1);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0x11223344);
}

static const struct test tests[] = {
	TEST(rep_is_hit_once),
	TEST(rep_is_hit_once_with_interrupts),
	TEST(rep_is_hit_once_while_stepped),
	TEST(guests_int3_on_a_hooked_page),
	TEST(breakpoint_on_the_guests_int3),
	TEST(in_real_mode),
	TEST(in_flat_32_bit_mode),
	TEST(in_paged_32_bit_mode),
	TEST(in_pae_mode),
	TEST_HARD(33, linear_breakpoint_does_not_hit_through_an_alias),
	TEST_HARD(33, physical_breakpoint_hits_through_each_alias),
	TEST_HARD(22, cr3_filter),
	TEST_HARD(33, pending_breakpoint_on_an_unmapped_page),
	TEST_HARD(34, instruction_across_a_page_boundary),
	TEST(both_halves_hooked),
	TEST(on_instructions_that_exit),
	TEST(inside_of_the_next_instruction),
	TEST(inside_of_an_instruction_of_16_bits),
};

TAP_MAIN(tests)
