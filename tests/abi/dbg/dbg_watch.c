// SPDX-License-Identifier: GPL-2.0-only
/* Data watchpoints, and the guest's own debug registers beside them. */
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define WHY_WATCH	VMXDBG_WHY_WATCH

static u32 watch(struct dbg *d, u32 type, u64 addr, u64 len)
{
	return session_must_add(d->fd, (struct vmxdbg_bp){
			.type = type, .addr = addr, .len = len });
}

static void check_watch(struct vmxdbg_event e, u32 id, u64 addr)
{
	CHECK_EQ(e.nr_bps, 1);
	CHECK_EQ(e.bps[0], id);
	CHECK_EQ(e.addr, addr);
}

#define VALUES	(VMXDBG_ACCESS_GPA | VMXDBG_ACCESS_VALUES)

/*
 * Check the details that a debug register can give: all but the instruction, and
 * whether it was a read.
 */
static void check_values(struct vmxdbg_event e, u32 size, u32 access, u64 was, u64 is)
{
	CHECK_EQ(e.gpa, e.addr);
	CHECK_EQ(e.size, size);
	CHECK_EQ(e.access, access | VALUES);
	CHECK_EQ(e.old_value, was);
	CHECK_EQ(e.new_value, is);
	CHECK_EQ(e.insn, 0);
}

/* writes of each length, with reads and writes beside them that are no hits */
GUEST64(writes,
	"movb $1, 0xc040\n"
	"writes_1: movw $2, 0xc048\n"
	"writes_2: movl $3, 0xc050\n"
	"writes_4: movq $4, 0xc058\n"
	"writes_8: mov 0xc040, %rax; mov 0xc048, %rax; mov 0xc050, %rax; mov 0xc058, %rax\n"
	"writes_read: movb $1, 0xc041; movb $1, 0xc04a; movb $1, 0xc054; movb $1, 0xc060\n"
	"hlt");
LABEL(writes_1); LABEL(writes_2); LABEL(writes_4); LABEL(writes_8);

static void write_of_each_length(void)
{
	static const struct { u8 len; u16 addr; const u8 *after; } w[] = {
		{ 1, 0xc040, writes_1 }, { 2, 0xc048, writes_2 },
		{ 4, 0xc050, writes_4 }, { 8, 0xc058, writes_8 },
	};
	struct vmxdbg_event e;
	struct dbg d;
	unsigned int i;
	u32 ids[4];

	dbg_start(&d, MODE_LONG, PROG(writes), NULL);
	memset(d.vmm.vm.mem + 0xc040, 0x77, 0x20);
	for (i = 0; i < 4; i++)
		ids[i] = watch(&d, VMXDBG_BP_WRITE, w[i].addr, w[i].len);
	for (i = 0; i < 4; i++) {
		e = resume_to(&d, WHY_WATCH, AT(writes, w[i].after));
		check_watch(e, ids[i], w[i].addr);
		check_values(e, w[i].len, VMXDBG_ACCESS_WRITE,
			     0x7777777777777777 >> (64 - 8 * w[i].len), i + 1);
		CHECK_EQ(d.vmm.vm.mem[w[i].addr], i + 1);	/* the access has happened */
	}
	dbg_finish(&d);
}

GUEST64(reads,
	"mov 0xc040, %eax\n"
	"reads_1: incl 0xc040\n"
	"reads_2: mov 0xc042, %al\n"
	"reads_3: mov 0xc044, %al\n"
	"hlt");
LABEL(reads_1); LABEL(reads_2); LABEL(reads_3);

static void access_is_reads_and_writes(void)
{
	const u8 *const stops[] = { reads_1, reads_2, reads_3 };
	const u32 either = VMXDBG_ACCESS_READ | VMXDBG_ACCESS_WRITE;
	struct vmxdbg_event e;
	struct dbg d;
	unsigned int i;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(reads), NULL);
	id = watch(&d, VMXDBG_BP_ACCESS, 0xc040, 4);
	for (i = 0; i < ARRAY_SIZE(stops); i++) {
		e = resume_to(&d, WHY_WATCH, AT(reads, stops[i]));
		check_watch(e, id, 0xc040);
		check_values(e, 4, i == 1 ? VMXDBG_ACCESS_WRITE : either, i > 1, i > 0);
	}
	dbg_finish(&d);
}

static void write_watch_ignores_reads(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(reads), NULL);
	watch(&d, VMXDBG_BP_WRITE, 0xc040, 4);
	resume_to(&d, WHY_WATCH, AT(reads, reads_2));
	dbg_finish(&d);
}

static void a_fifth_is_watched_all_the_same(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 ids[4], fifth;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(writes), NULL);
	for (i = 0; i < 4; i++)
		ids[i] = watch(&d, VMXDBG_BP_WRITE, 0xd000 + 8 * i, 8);
	fifth = watch(&d, VMXDBG_BP_WRITE, 0xc040, 1);
	e = resume_to(&d, WHY_WATCH, AT(writes, writes_1));
	check_watch(e, fifth, 0xc040);
	CHECK(e.access & VMXDBG_ACCESS_GPA);
	/*
	 * a register is free now: the next watchpoint takes it, the fifth stays where
	 * it is
	 */
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, ids[2]));
	ids[2] = watch(&d, VMXDBG_BP_WRITE, 0xc048, 2);
	check_watch(resume_to(&d, WHY_WATCH, AT(writes, writes_2)), ids[2], 0xc048);
	dbg_finish(&d);
}

GUEST64(moves, "mov $0xc040, %esi; mov $0xc048, %edi\nmoves_1: movsq\nmoves_2: hlt");
LABEL(moves_1); LABEL(moves_2);

static void two_hit_by_one_instruction(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 from, to;

	dbg_start(&d, MODE_LONG, PROG(moves), NULL);
	from = watch(&d, VMXDBG_BP_ACCESS, 0xc040, 8);
	to = watch(&d, VMXDBG_BP_WRITE, 0xc048, 8);
	e = resume_to(&d, WHY_WATCH, AT(moves, moves_2));
	CHECK_EQ(e.nr_bps, 2);
	CHECK((e.bps[0] == from && e.bps[1] == to) || (e.bps[0] == to && e.bps[1] == from));
	CHECK(e.addr == 0xc040 || e.addr == 0xc048);
	CHECK_EQ(e.dr6 & 0x4000, 0);
	dbg_finish(&d);
}

static void step_and_watch_in_one_stop(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(writes), NULL);
	watch(&d, VMXDBG_BP_WRITE, 0xc040, 1);
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_STEP | WHY_WATCH);
	CHECK_EQ(e.rip, AT(writes, writes_1));
	CHECK_EQ(e.addr, 0xc040);
	/* a stop after a step knows the instruction */
	CHECK_EQ(e.insn, GUEST_CODE);
	CHECK_EQ(e.new_value, 1);
	/* the access is not reported twice */
	CHECK_EQ(dbg_step(&d, 0), AT(writes, writes_2));
}

GUEST64(fill, "mov $0xc030, %edi; mov $8, %ecx; mov $0x5a5a5a5a, %eax\nfill_1: rep stosl\nfill_2: hlt");
LABEL(fill_1); LABEL(fill_2);

/* the stop is at the very iteration that wrote */
static void rep_string_stops_at_its_iteration(void)
{
	struct kvm_regs regs;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(fill), NULL);
	watch(&d, VMXDBG_BP_WRITE, 0xc038, 4);
	resume_to(&d, WHY_WATCH, AT(fill, fill_1));
	regs = session_get_regs(d.fd, 0);
	CHECK_EQ(regs.rcx, 5);
	CHECK_EQ(regs.rdi, 0xc03c);
	CHECK_EQ(DATA32(&d.vmm.vm, 14), 0x5a5a5a5a);
	CHECK_EQ(DATA32(&d.vmm.vm, 15), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 19), 0x5a5a5a5a);
}

/* accesses that the module emulates: string input, and MOVS from MMIO to memory */
GUEST64(string_in,
	"mov $0xc040, %edi; mov $0x10, %edx\ninsb\nstring_in_1: nop\n"
	"mov $0xd0000000, %esi; mov $0xc044, %edi\nmovsl\nstring_in_2: nop\nhlt");
LABEL(string_in_1); LABEL(string_in_2);

static void watch_of_emulated_string_input(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(string_in), NULL);
	id = watch(&d, VMXDBG_BP_WRITE, 0xc040, 1);
	check_watch(resume_to(&d, WHY_WATCH, AT(string_in, string_in_1)), id, 0xc040);
	CHECK_EQ(d.vmm.vm.mem[0xc040], 0x5a);
	dbg_finish(&d);
}

static void watch_of_emulated_move_from_mmio(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(string_in), NULL);
	id = watch(&d, VMXDBG_BP_WRITE, 0xc044, 4);
	check_watch(resume_to(&d, WHY_WATCH, AT(string_in, string_in_2)), id, 0xc044);
	dbg_finish(&d);
}

GUEST64(to_mmio, "mov $0xd0000000, %ebx; mov %eax, (%rbx)\nto_mmio_1: nop; hlt");
LABEL(to_mmio_1);

static void watch_on_mmio(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(to_mmio), NULL);
	id = watch(&d, VMXDBG_BP_WRITE, GUEST_MMIO, 4);
	check_watch(resume_to(&d, WHY_WATCH, AT(to_mmio, to_mmio_1)), id, GUEST_MMIO);
	CHECK_EQ(d.vmm.shared->vcpu[0].mmios, 1);
	dbg_finish(&d);
}

/* ---- beside the guest's own ---- */

GUEST64(own,
	"movw $" GADDR(own, own_db) ", 0x1000 + 1 * 16\n"
	"mov $0xc040, %eax; mov %rax, %dr0\n"
	"mov $0xc048, %eax; mov %rax, %dr1\n"
	"mov $0xdd0005, %eax; mov %rax, %dr7\n"		/* each watches writes of 4 bytes */
	"movl $1, 0xc040\n"
	"movl $1, 0xc048\n"
	"movl $1, 0xc050\n"
	"own_1: mov %dr7, %rax; mov %rax, 0xc018; mov %dr0, %rax; mov %rax, 0xc020\n"
	"hlt\n"
	"own_db: mov 0xc000, %eax; mov %dr6, %rbx; mov %rbx, 0xc100(, %rax, 8)\n"
	"incl 0xc000; mov $0xffff0ff0, %ebx; mov %rbx, %dr6; iretq");
LABEL(own_1);

static void check_own(struct vm *vm)
{
	CHECK_EQ(DATA32(vm, 0), 2);
	CHECK_EQ(*GUEST_PTR(vm, 0xc100, u64), 0xffff0ff1);
	CHECK_EQ(*GUEST_PTR(vm, 0xc108, u64), 0xffff0ff2);
	CHECK_EQ(DATA64(vm, 3), 0xdd0405);
	CHECK_EQ(DATA64(vm, 4), 0xc040);
}

static void the_guests_breakpoints_go_on_working(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(own), NULL);
	id = watch(&d, VMXDBG_BP_WRITE, 0xc050, 4);
	check_watch(resume_to(&d, WHY_WATCH, AT(own, own_1)), id, 0xc050);
	dbg_finish(&d);
	check_own(&d.vmm.vm);
}

static void the_guest_keeps_its_debug_registers(void)
{
	struct kvm_debugregs before, after;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(own), NULL);
	watch(&d, VMXDBG_BP_WRITE, 0xd000, 4);
	watch(&d, VMXDBG_BP_WRITE, 0xd004, 4);
	dbg_finish(&d);
	check_own(&d.vmm.vm);
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_DEBUG, sizeof(before), &before));
	CHECK_EQ(before.db[0], 0xc040);
	CHECK_EQ(before.db[1], 0xc048);
	CHECK_EQ(before.dr7, 0xdd0405);
	close(d.fd);
	d.fd = CHECK_OK(attach(d.dev, 0, d.vmm.id));
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_DEBUG, sizeof(after), &after));
	CHECK(!memcmp(&before, &after, sizeof(after)));
}

/* guest and debugger watch one address: each gets its hit */
static void both_watch_one_address(void)
{
	struct dbg d;
	unsigned int hits = 0;
	struct vmxdbg_event e;

	dbg_start(&d, MODE_LONG, PROG(own), NULL);
	watch(&d, VMXDBG_BP_WRITE, 0xc040, 4);
	CHECK_OK(session_resume(d.fd, 0, 0));
	while (event_within(d.fd, 300, &e)) {
		CHECK_EQ(e.why, WHY_WATCH);
		hits++;
		CHECK_OK(session_resume(d.fd, 0, 0));
	}
	vmm_wait_done(&d.vmm);
	CHECK_EQ(hits, 1);
	check_own(&d.vmm.vm);
}

/* the guest disables its own watchpoints; the debugger's stay */
GUEST64(clear, "xor %eax, %eax; mov %rax, %dr7; mov %rax, %dr0; movl $1, 0xc040\nclear_1: hlt");
LABEL(clear_1);

static void the_guest_cannot_clear_the_debuggers(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(clear), NULL);
	id = watch(&d, VMXDBG_BP_WRITE, 0xc040, 4);
	check_watch(resume_to(&d, WHY_WATCH, AT(clear, clear_1)), id, 0xc040);
	dbg_finish(&d);
}

GUEST64(each, "mov $20, %ecx\n1: incl 0xc040(, %rdi, 8)\neach_1: loop 1b; hlt");
LABEL(each_1);

static void vcpu_mask(void)
{
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_WRITE, .len = 8, .addr = 0xc040,
				.vcpu_mask = 1 };
	struct vmxdbg_event e;
	struct dbg d;
	u32 hits[2] = { 0 };

	dbg_start(&d, MODE_LONG, PROG(each), &(struct vmm_options){ .vcpus = 2 });
	CHECK(session_add_bp(d.fd, bp) > 0);
	bp.addr = 0xc048;	/* the word of vCPU 1, watched on vCPU 0: no hit */
	CHECK(session_add_bp(d.fd, bp) > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	while (event_within(d.fd, 300, &e)) {
		CHECK_EQ(e.why, WHY_WATCH);
		CHECK_EQ(e.rip, AT(each, each_1));
		REQUIRE(e.vcpu < 2);
		hits[e.vcpu]++;
		CHECK_OK(session_resume(d.fd, e.vcpu, 0));
	}
	vmm_wait_done(&d.vmm);
	CHECK_EQ(hits[0], 20);
	CHECK_EQ(hits[1], 0);
}

static const struct test tests[] = {
	TEST(write_of_each_length),
	TEST(access_is_reads_and_writes),
	TEST(write_watch_ignores_reads),
	TEST(a_fifth_is_watched_all_the_same),
	TEST(two_hit_by_one_instruction),
	TEST(step_and_watch_in_one_stop),
	TEST(rep_string_stops_at_its_iteration),
	TEST(watch_of_emulated_string_input),
	TEST(watch_of_emulated_move_from_mmio),
	TEST(watch_on_mmio),
	TEST(the_guests_breakpoints_go_on_working),
	TEST(the_guest_keeps_its_debug_registers),
	TEST(both_watch_one_address),
	TEST(the_guest_cannot_clear_the_debuggers),
	TEST(vcpu_mask),
};

TAP_MAIN(tests)
