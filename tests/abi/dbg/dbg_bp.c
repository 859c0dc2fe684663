// SPDX-License-Identifier: GPL-2.0-only
/*
 * Execution breakpoints: hooks on pages, and debug registers. Breakpoints in special
 * places are in dbg_bp_where.c.
 */
#include <poll.h>
#include <string.h>

#include "vmm.h"

#define WHY_BP		VMXDBG_WHY_BREAKPOINT

/*
 * Each round the guest sums up its own code; 0xc000 counts rounds, 0xc008 keeps
 * the first sum, and 0xc010 counts the rounds with another.
 */
#define CHECKSUM(name)							\
	"lea " #name "_begin(%rip), %rsi; mov $" #name "_end - " #name "_begin, %ecx\n" \
	"xor %eax, %eax; xor %edx, %edx\n"				\
	"8: movzbl (%rsi), %edx; rol $1, %eax; add %edx, %eax; inc %rsi; loop 8b\n" \
	"cmpq $0, 0xc008; jne 9f; mov %rax, 0xc008\n"			\
	"9: cmp %rax, 0xc008; setne %dl; movzbl %dl, %edx; add %rdx, 0xc010\n" \
	"incq 0xc000\n"

GUEST64(rounds,
	"mov $5, %ebx\n"
	"rounds_here: incq 0xc018\n"
	"rounds_2: nop\n"
	CHECKSUM(rounds)
	"rounds_3: dec %ebx; jnz rounds_here\n"
	"hlt");
LABEL(rounds_here); LABEL(rounds_2); LABEL(rounds_3);

static void check_rounds(struct dbg *d)
{
	CHECK_EQ(DATA64(&d->vmm.vm, 0), 5);
	if (session_hides(d->fd))
		CHECK_EQ(DATA64(&d->vmm.vm, 2), 0);	/* the sum never changed */
	CHECK_EQ(DATA64(&d->vmm.vm, 3), 5);
}

static void start(struct dbg *d, enum guest_mode mode, struct prog prog)
{
	dbg_start(d, mode, prog, NULL);
}

static u32 add(struct dbg *d, u32 type, u64 addr)
{
	return session_must_add(d->fd, (struct vmxdbg_bp){
			.type = type, .addr = addr, .len = 1 });
}

static void hits_each_round(u32 type)
{
	struct vmxdbg_event e;
	struct dbg d;
	u8 before[64], byte;
	unsigned int i;
	u32 id;

	start(&d, MODE_LONG, PROG(rounds));
	memcpy(before, d.vmm.vm.mem + GUEST_CODE, sizeof(before));
	id = add(&d, type, AT(rounds, rounds_here));
	for (i = 0; i < 5; i++) {
		e = resume_to(&d, WHY_BP, AT(rounds, rounds_here));
		CHECK_EQ(e.nr_bps, 1);
		CHECK_EQ(e.bps[0], id);
		CHECK_EQ(e.addr, 0);
		CHECK_EQ(DATA64(&d.vmm.vm, 3), i);	/* the instruction has not executed */
		CHECK_EQ(session_get_regs(d.fd, 0).rip, AT(rounds, rounds_here));
		CHECK_EQ(session_get_regs(d.fd, 0).rflags & 0x10100, 0);
	}
	/* no int3 is visible: not to the guest, not in its RAM, not to the debugger */
	CHECK(!memcmp(before, d.vmm.vm.mem + GUEST_CODE, sizeof(before)));
	CHECK_EQ(session_read(d.fd, 0, 0, AT(rounds, rounds_here), &byte, 1), 1);
	CHECK_EQ(byte, *rounds_here);
	dbg_finish(&d);
	check_rounds(&d);
}

static void soft_hits_each_round(void)
{
	hits_each_round(VMXDBG_BP_SOFT);
}

static void hard_hits_each_round(void)
{
	hits_each_round(VMXDBG_BP_HARD);
}

/*
 * a breakpoint without a free debug register becomes a hook, which the guest cannot
 * see either
 */
static void more_hard_ones_than_registers(void)
{
	struct dbg d;
	unsigned int i;
	u32 fifth, sixth;

	start(&d, MODE_LONG, PROG(rounds));
	for (i = 0; i < 4; i++)
		add(&d, VMXDBG_BP_HARD, 0x9000 + i);
	fifth = add(&d, VMXDBG_BP_HARD, AT(rounds, rounds_here));
	sixth = add(&d, VMXDBG_BP_HARD, AT(rounds, rounds_3));
	for (i = 0; i < 2; i++) {
		CHECK_EQ(resume_to(&d, WHY_BP, AT(rounds, rounds_here)).bps[0], fifth);
		resume_to(&d, WHY_BP, AT(rounds, rounds_3));
	}
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, fifth));
	resume_to(&d, WHY_BP, AT(rounds, rounds_3));
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, sixth));
	dbg_finish(&d);
	check_rounds(&d);
	/* a hook needs the page tables of vCPU 0, which must be stopped for that */
	CHECK_EQ(session_add(d.fd, VMXDBG_BP_HARD, AT(rounds, rounds_2), 1), -ENOSPC);
}

static void deleted_ones_do_not_hit(void)
{
	struct dbg d;
	u32 soft, hard;

	start(&d, MODE_LONG, PROG(rounds));
	soft = add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_here));
	hard = add(&d, VMXDBG_BP_HARD, AT(rounds, rounds_3));
	CHECK(soft != hard);
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	resume_to(&d, WHY_BP, AT(rounds, rounds_3));
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, soft));
	resume_to(&d, WHY_BP, AT(rounds, rounds_3));
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, hard));
	CHECK_ERR(ioctl(d.fd, VMXDBG_DEL_BP, hard), ENOENT);
	CHECK_ERR(ioctl(d.fd, VMXDBG_DEL_BP, 0), ENOENT);
	dbg_finish(&d);
	check_rounds(&d);
}

static void several_on_one_page(void)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(rounds));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_here));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_2));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_3));
	for (i = 0; i < 5; i++) {
		resume_to(&d, WHY_BP, AT(rounds, rounds_here));
		resume_to(&d, WHY_BP, AT(rounds, rounds_2));
		resume_to(&d, WHY_BP, AT(rounds, rounds_3));
	}
	dbg_finish(&d);
	check_rounds(&d);
}

static void two_at_one_place(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 soft, hard;

	start(&d, MODE_LONG, PROG(rounds));
	soft = add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_here));
	hard = add(&d, VMXDBG_BP_HARD, AT(rounds, rounds_here));
	/* one stop or two: neither breakpoint is missed, and neither hits for ever */
	e = resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK(e.bps[0] == soft || e.bps[0] == hard);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, hard));
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 0);
	e = resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(e.bps[0], soft);
}

static void at_the_rip_where_it_is_added(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	start(&d, MODE_LONG, PROG(rounds));
	/*
	 * nothing was reported here yet, so the breakpoint hits before the first
	 * instruction
	 */
	add(&d, VMXDBG_BP_SOFT, GUEST_CODE);
	e = resume_to(&d, WHY_BP, GUEST_CODE);
	CHECK_EQ(e.nr_bps, 1);
	dbg_finish(&d);
	check_rounds(&d);
}

static void step_from_a_breakpoint(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(rounds));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_here));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(dbg_step(&d, 0), AT(rounds, rounds_2));
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 1);
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
}

static void step_from_one_breakpoint_to_the_next(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	start(&d, MODE_LONG, PROG(rounds));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_here));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_2));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP));
	e = next_event(d.fd);
	CHECK(e.why & VMXDBG_WHY_STEP);
	CHECK_EQ(e.rip, AT(rounds, rounds_2));
	/* the hit is reported once, with the step or by the next resume */
	if (!(e.why & WHY_BP))
		resume_to(&d, WHY_BP, AT(rounds, rounds_2));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 1);
}

/* the debugger moves rip away from the breakpoint and back: it hits again */
static void rip_moved_back_onto_it(void)
{
	struct kvm_regs regs;
	struct dbg d;

	start(&d, MODE_LONG, PROG(rounds));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_here));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	regs = session_get_regs(d.fd, 0);
	regs.rip = AT(rounds, rounds_2);
	session_set_regs(d.fd, 0, &regs);
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 0);
	CHECK_EQ(DATA64(&d.vmm.vm, 2), 0);
}

/* RF, which a hit at the first breakpoint sets, must not skip the second one. */
static void rip_moved_onto_another(void)
{
	struct kvm_regs regs;
	struct dbg d;

	start(&d, MODE_LONG, PROG(rounds));
	add(&d, VMXDBG_BP_HARD, AT(rounds, rounds_here));
	add(&d, VMXDBG_BP_HARD, AT(rounds, rounds_2));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	regs = session_get_regs(d.fd, 0);
	regs.rip = AT(rounds, rounds_2);
	session_set_regs(d.fd, 0, &regs);
	resume_to(&d, WHY_BP, AT(rounds, rounds_2));
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 0);
}

/* Resuming a vCPU by its number drops its unread event, and the breakpoint hits again. */
static void dropped_unread(u32 type)
{
	struct pollfd p = { .events = POLLIN };
	struct vmxdbg_event e;
	struct dbg d;

	start(&d, MODE_LONG, PROG(rounds));
	add(&d, type, AT(rounds, rounds_here));
	CHECK_OK(session_resume(d.fd, 0, 0));
	p.fd = d.fd;
	REQUIRE_EQ(poll(&p, 1, 4000), 1);
	CHECK_OK(session_resume(d.fd, 0, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.why, WHY_BP);
	CHECK_EQ(e.rip, AT(rounds, rounds_here));
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 0);
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 1);
}

static void hard_dropped_unread_hits_again(void)
{
	dropped_unread(VMXDBG_BP_HARD);
}

static void soft_dropped_unread_hits_again(void)
{
	dropped_unread(VMXDBG_BP_SOFT);
}

/* ---- code that changes ---- */

GUEST64(rewriter,
	"mov $3, %ecx\n"
	"rewriter_here: mov $1, %eax\n"
	"add %eax, 0xc000\n"
	"incb rewriter_here + 1 - rewriter_begin + 0x8000\n"	/* mov $2, $3 */
	"rewriter_loop: loop rewriter_here\n"
	"hlt");
LABEL(rewriter_here);

static void guest_rewrites_hooked_code(void)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(rewriter));
	add(&d, VMXDBG_BP_SOFT, AT(rewriter, rewriter_here));
	for (i = 0; i < 3; i++)
		resume_to(&d, WHY_BP, AT(rewriter, rewriter_here));
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1 + 2 + 3);
}

GUEST64(replacer,
	"mov $2, %ecx\n"
	"replacer_here: nop; nop; incl 0xc000\n"
	"movb $0xf9, replacer_here - replacer_begin + 0x8000\n"	/* stc, on the int3 itself */
	"loop replacer_here\n"
	"setc 0xc004\n"
	"movzbl replacer_here - replacer_begin + 0x8000, %eax; mov %eax, 0xc008\n"
	"hlt");
LABEL(replacer_here);

static void guest_rewrites_the_byte_of_the_breakpoint(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(replacer));
	add(&d, VMXDBG_BP_SOFT, AT(replacer, replacer_here));
	resume_to(&d, WHY_BP, AT(replacer, replacer_here));
	resume_to(&d, WHY_BP, AT(replacer, replacer_here));
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
	CHECK_EQ(d.vmm.vm.mem[0xc004], 1);
	CHECK_EQ(DATA32(&d.vmm.vm, 2), session_hides(d.fd) ? 0xf9 : 0xcc);
}

static void debugger_writes_over_hooked_code(void)
{
	struct dbg d;
	u8 inc[8];

	start(&d, MODE_LONG, PROG(rounds));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_here));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	/* incq 0xc018 becomes incq 0xc020 */
	CHECK_EQ(session_read(d.fd, 0, 0, AT(rounds, rounds_here), inc, 8), 8);
	inc[4] = 0x20;
	CHECK_EQ(session_write(d.fd, 0, 0, AT(rounds, rounds_here), inc, 8), 8);
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(DATA64(&d.vmm.vm, 4), 1);
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 0);
}

/* writes of the VMM, as of a device's DMA, reach the page too */
static void vmm_writes_over_hooked_code(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(rounds));
	add(&d, VMXDBG_BP_SOFT, AT(rounds, rounds_2));
	resume_to(&d, WHY_BP, AT(rounds, rounds_2));
	CHECK_EQ(DATA64(&d.vmm.vm, 3), 1);
	d.vmm.vm.mem[AT(rounds, rounds_here) + 4] = 0x20;
	resume_to(&d, WHY_BP, AT(rounds, rounds_2));
	/* how soon a copy follows such a write is not promised; see abi.rst */
	tap_note("write from outside the guest: %s",
		 DATA64(&d.vmm.vm, 4) ? "followed at once" : "not followed yet");
	CHECK_EQ(DATA64(&d.vmm.vm, 3) + DATA64(&d.vmm.vm, 4), 2);
}

GUEST64(page_data,
	"mov $3, %ecx\n"
	"page_data_here: incl page_data_word - page_data_begin + 0x8000\n"
	"lock; incl page_data_word - page_data_begin + 0x8000\n"
	"loop page_data_here\n"
	"mov page_data_word - page_data_begin + 0x8000, %eax; mov %eax, 0xc000\n"
	"mov $0x8000, %esi; mov $0xc100, %edi; mov $0x40, %ecx; rep movsb\n"
	"hlt\n"
	".align 8\npage_data_word: .long 10");
LABEL(page_data_here); LABEL(page_data_word);

static void data_on_a_hooked_page(void)
{
	u8 expected[0x40];
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(page_data));
	memcpy(expected, d.vmm.vm.mem + GUEST_CODE, sizeof(expected));
	add(&d, VMXDBG_BP_SOFT, AT(page_data, page_data_here));
	for (i = 0; i < 3; i++)
		resume_to(&d, WHY_BP, AT(page_data, page_data_here));
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 16);
	if (!session_hides(d.fd))
		expected[AT(page_data, page_data_here) - GUEST_CODE] = 0xcc;
	expected[AT(page_data, page_data_word) - GUEST_CODE] = 16;
	CHECK(!memcmp(d.vmm.vm.mem + 0xc100, expected, sizeof(expected)));
}

/* ---- vCPUs ---- */

GUEST64(both,
	"mov $50, %ecx\n"
	"both_here: lock; incl 0xc000\n"
	"loop both_here; hlt");
LABEL(both_here);

static void run_both(struct dbg *d, u64 mask, u32 hits[2])
{
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_SOFT, .len = 1, .vcpu_mask = mask,
				.addr = AT(both, both_here) };
	struct vmxdbg_event e;

	dbg_start(d, MODE_LONG, PROG(both), &(struct vmm_options){ .vcpus = 2 });
	CHECK(session_add_bp(d->fd, bp) > 0);
	CHECK_OK(session_resume(d->fd, VMXDBG_ALL_VCPUS, 0));
	while (event_within(d->fd, 300, &e)) {
		CHECK_EQ(e.why, WHY_BP);
		CHECK_EQ(e.rip, AT(both, both_here));
		REQUIRE(e.vcpu < 2);
		hits[e.vcpu]++;
		CHECK_OK(session_resume(d->fd, e.vcpu, 0));
	}
	vmm_wait_done(&d->vmm);
	CHECK_EQ(DATA32(&d->vmm.vm, 0), 100);
}

static void two_vcpus_none_lost_none_doubled(void)
{
	u32 hits[2] = { 0 };
	struct dbg d;

	run_both(&d, 0, hits);
	CHECK_EQ(hits[0], 50);
	CHECK_EQ(hits[1], 50);
}

static void vcpu_mask(void)
{
	u32 hits[2] = { 0 };
	struct dbg d;

	run_both(&d, 2, hits);
	CHECK_EQ(hits[0], 0);
	CHECK_EQ(hits[1], 50);
}

/* ---- limits and arguments ---- */

static void as_many_as_info_says(void)
{
	struct vmxdbg_info info;
	struct dbg d;
	unsigned int i;

	if (debug_kernel())
		tap_skip("so many take minutes on a debugging kernel");
	start(&d, MODE_LONG, PROG(rounds));
	CHECK_OK(ioctl(d.fd, VMXDBG_GET_INFO, &info));
	for (i = 0; i < info.max_breakpoints; i++)
		if (!CHECK(session_add(d.fd, VMXDBG_BP_SOFT, 0x80000 + i, 1) > 0))
			break;
	CHECK_EQ(session_add(d.fd, VMXDBG_BP_SOFT, AT(rounds, rounds_here), 1), -ENOSPC);
	dbg_finish(&d);
	check_rounds(&d);
}

static void no_memory_there(void)
{
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL,
				.addr = GUEST_MMIO };
	struct dbg d;

	start(&d, MODE_LONG, PROG(rounds));
	CHECK_EQ(session_add_bp(d.fd, bp), -ENXIO);
	bp.addr = GUEST_RAM;
	CHECK_EQ(session_add_bp(d.fd, bp), -ENXIO);
	bp.addr = GUEST_RAM - 1;
	CHECK(session_add_bp(d.fd, bp) > 0);
}

static const struct vmxdbg_bp bad_bps[] = {
	{ .type = 6, .addr = 0x8000, .len = 1 },
	{ .type = VMXDBG_BP_SOFT, .addr = 0x8000, .len = 0 },
	{ .type = VMXDBG_BP_SOFT, .addr = 0x8000, .len = 2 },
	{ .type = VMXDBG_BP_HARD, .addr = 0x8000, .len = 2 },
	{ .type = VMXDBG_BP_HARD, .addr = 0x8000, .len = 1, .flags = VMXDBG_BP_PHYSICAL },
	{ .type = VMXDBG_BP_SOFT, .addr = 0x8000, .len = 1, .flags = 4 },
	{ .type = VMXDBG_BP_SOFT, .addr = 0x8000, .len = 1, .cr3 = 0x20000 },
	{ .type = VMXDBG_BP_SOFT, .addr = 0x8000, .len = 1, .flags = VMXDBG_BP_CR3,
	  .cr3 = 0x20001 },
	{ .type = VMXDBG_BP_SOFT, .addr = 0x8000, .len = 1, .reserved = { 0, 0, 1 } },
	{ .type = VMXDBG_BP_WRITE, .addr = 0x8000, .len = 0 },
	{ .type = VMXDBG_BP_EXEC, .addr = 0x8000, .len = 0 },
	/* beyond the end of the lower half, of all addresses, of physical memory */
	{ .type = VMXDBG_BP_WRITE, .addr = 0x7ffffffffffe, .len = 3 },
	{ .type = VMXDBG_BP_WRITE, .addr = -2ULL, .len = 3 },
	{ .type = VMXDBG_BP_READ, .addr = 1ULL << 63, .len = 1 },
	{ .type = VMXDBG_BP_READ, .addr = 0xffffffffffff, .len = 2,
	  .flags = VMXDBG_BP_PHYSICAL },
	{ .type = VMXDBG_BP_WRITE, .addr = 0x8000, .len = 4, .vcpu = 1,
	  .flags = VMXDBG_BP_PHYSICAL },
};

static void malformed_ones(void)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(rounds));
	for (i = 0; i < ARRAY_SIZE(bad_bps); i++)
		if (!CHECK_EQ(session_add_bp(d.fd, bad_bps[i]), -EINVAL))
			tap_note("breakpoint %u of bad_bps", i);
	CHECK_EQ(session_add_bp(d.fd, (struct vmxdbg_bp){ .type = VMXDBG_BP_SOFT, .len = 1,
				.addr = 0x8000, .vcpu = 3 }), -ENOENT);
	CHECK_ERR(ioctl(d.fd, VMXDBG_ADD_BP, bad_pointer()), EFAULT);
	dbg_finish(&d);
	check_rounds(&d);
}

static const struct test tests[] = {
	TEST(soft_hits_each_round),
	TEST(hard_hits_each_round),
	TEST(more_hard_ones_than_registers),
	TEST(deleted_ones_do_not_hit),
	TEST(several_on_one_page),
	TEST(two_at_one_place),
	TEST(at_the_rip_where_it_is_added),
	TEST(step_from_a_breakpoint),
	TEST(step_from_one_breakpoint_to_the_next),
	TEST(rip_moved_back_onto_it),
	TEST_HARD(17, rip_moved_onto_another),
	TEST_HARD(17, hard_dropped_unread_hits_again),
	TEST_HARD(17, soft_dropped_unread_hits_again),
	TEST_HARD(21, guest_rewrites_hooked_code),
	TEST_HARD(21, guest_rewrites_the_byte_of_the_breakpoint),
	TEST(debugger_writes_over_hooked_code),
	TEST(vmm_writes_over_hooked_code),
	TEST(data_on_a_hooked_page),
	TEST(two_vcpus_none_lost_none_doubled),
	TEST(vcpu_mask),
	TEST(as_many_as_info_says),
	TEST_HARD(34, no_memory_there),
	TEST(malformed_ones),
};

TAP_MAIN(tests)
