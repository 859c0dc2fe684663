// SPDX-License-Identifier: GPL-2.0-only
/* Watchpoints that no debug register can hold, of any kind, length and address. */
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm.h"

#define WHY_WATCH	VMXDBG_WHY_WATCH
#define READ		VMXDBG_ACCESS_READ
#define WRITE		VMXDBG_ACCESS_WRITE
#define KNOWN		(VMXDBG_ACCESS_GPA | VMXDBG_ACCESS_VALUES)

static u32 add(struct dbg *d, u32 type, u64 addr, u64 len, u32 flags)
{
	return session_must_add(d->fd, (struct vmxdbg_bp){
			.type = type, .addr = addr, .len = len, .flags = flags });
}

/* one test has several guests */
static void dbg_stop(struct dbg *d)
{
	close(d->fd);
	vmm_kill(&d->vmm);
	close(d->dev);
}

/* by linear and by physical address, which are equal here */
static const u32 ways[] = { 0, VMXDBG_BP_PHYSICAL };

GUEST64(one,
	"mov 0xc040, %eax\n"
	"one_read: movl $0x55667788, 0xc040\n"
	"one_write: addl $1, 0xc040\n"
	"one_both: mov 0xc044, %eax; movl $1, 0xc044; movl $1, 0xc03c; mov 0xc03c, %eax\n"
	"hlt");
LABEL(one_read); LABEL(one_write); LABEL(one_both);

static void check_one(struct vmxdbg_event e, u32 id, u64 insn, u32 access, u64 was, u64 is)
{
	CHECK_EQ(e.nr_bps, 1);
	CHECK_EQ(e.bps[0], id);
	CHECK_EQ(e.addr, 0xc040);
	CHECK_EQ(e.gpa, 0xc040);
	CHECK_EQ(e.insn, insn);
	CHECK_EQ(e.access, access | KNOWN);
	CHECK_EQ(e.size, 4);
	CHECK_EQ(e.old_value, was);
	CHECK_EQ(e.new_value, is);
	CHECK_EQ(e.dr6, 0);
}

/* three bytes in the middle of four, which no debug register can watch */
static void each_kind(u32 type)
{
	bool reads = type != VMXDBG_BP_WRITE, writes = type != VMXDBG_BP_READ;
	struct vmxdbg_event e;
	struct dbg d;
	unsigned int i;
	u32 id;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		dbg_start(&d, MODE_LONG, PROG(one), NULL);
		DATA32(&d.vmm.vm, 16) = 0x11223344;
		id = add(&d, type, 0xc041, 3, ways[i]);
		if (reads) {
			e = resume_to(&d, WHY_WATCH, AT(one, one_read));
			check_one(e, id, GUEST_CODE, READ, 0x11223344, 0x11223344);
		}
		if (writes) {
			e = resume_to(&d, WHY_WATCH, AT(one, one_write));
			check_one(e, id, AT(one, one_read), WRITE, 0x11223344, 0x55667788);
		}
		e = resume_to(&d, WHY_WATCH, AT(one, one_both));
		check_one(e, id, AT(one, one_write), READ | WRITE, 0x55667788, 0x55667789);
		dbg_finish(&d);
		CHECK_EQ(DATA32(&d.vmm.vm, 16), 0x55667789);
		CHECK_EQ(DATA32(&d.vmm.vm, 15), 1);
		CHECK_EQ(DATA32(&d.vmm.vm, 17), 1);
		dbg_stop(&d);
	}
}

static void write_watch(void)
{
	each_kind(VMXDBG_BP_WRITE);
}

static void read_watch(void)
{
	each_kind(VMXDBG_BP_READ);
}

static void access_watch(void)
{
	each_kind(VMXDBG_BP_ACCESS);
}

/* The processor has translated the page, for reads, in the view that shows watches. */
GUEST64(late,
	"mov 0xc040, %eax\n"
	"movl $1, 0x100001\n"
	"late_second: mov 0xc040, %eax\n"
	"late_over: hlt");
LABEL(late_second); LABEL(late_over);

static void of_a_page_in_use(void)
{
	struct dbg d;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		dbg_start(&d, MODE_LONG, PROG(late), NULL);
		add(&d, VMXDBG_BP_WRITE, 0x100001, 3, ways[i]);
		resume_to(&d, WHY_WATCH, AT(late, late_second));
		add(&d, VMXDBG_BP_READ, 0xc041, 3, ways[i]);
		resume_to(&d, WHY_WATCH, AT(late, late_over));
		dbg_finish(&d);
		dbg_stop(&d);
	}
}

/* ---- what one instruction may do ---- */

GUEST64(several,
	"mov $0xc000, %esi; mov $0x100000, %edi\n"
	"several_movs: movsq\n"
	"several_cmps: cmpsb\n"
	"several_push: push 0xc020\n"
	"several_reg: push %rax\n"
	"several_call: call 1f\n"
	"several_cross: movq $-1, 0xcffc\n"
	"several_lock: lock incl 0x100020\n"
	"hlt\n"
	"1: ret");
LABEL(several_movs); LABEL(several_cmps); LABEL(several_push); LABEL(several_reg);
LABEL(several_call); LABEL(several_cross); LABEL(several_lock);

/*
 * an instruction accesses two watched places: both are reported, whichever faulted
 * first
 */
static void both_ends_of_a_move(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 from, to;

	dbg_start(&d, MODE_LONG, PROG(several), NULL);
	from = add(&d, VMXDBG_BP_READ, 0xc001, 3, 0);
	to = add(&d, VMXDBG_BP_WRITE, 0x100001, 3, 0);
	e = resume_to(&d, WHY_WATCH, AT(several, several_cmps));
	CHECK_EQ(e.insn, AT(several, several_movs));
	CHECK_EQ(e.nr_bps, 2);
	CHECK((e.bps[0] == from && e.bps[1] == to) || (e.bps[0] == to && e.bps[1] == from));
	dbg_finish(&d);
}

static void stops_once(u32 type, u64 addr, u64 len, u64 insn, u64 rip, u64 at, u32 size)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(several), NULL);
	id = add(&d, type, addr, len, 0);
	e = resume_to(&d, WHY_WATCH, rip);
	CHECK_EQ(e.bps[0], id);
	CHECK_EQ(e.nr_bps, 1);
	CHECK_EQ(e.insn, insn);
	CHECK_EQ(e.addr, at);
	CHECK_EQ(e.size, size);
	dbg_finish(&d);
	dbg_stop(&d);
}

static void operands_of_every_kind(void)
{
	u64 top = GUEST_STACK;

	/* the operands of CMPS; the second on the page that the first read */
	stops_once(VMXDBG_BP_READ, 0xc008, 1, AT(several, several_cmps),
		   AT(several, several_push), 0xc008, 1);
	stops_once(VMXDBG_BP_READ, 0x100008, 1, AT(several, several_cmps),
		   AT(several, several_push), 0x100008, 1);
	/* PUSH of memory: the operand, and the stack */
	stops_once(VMXDBG_BP_READ, 0xc023, 3, AT(several, several_push),
		   AT(several, several_reg), 0xc020, 8);
	stops_once(VMXDBG_BP_WRITE, top - 7, 3, AT(several, several_push),
		   AT(several, several_reg), top - 8, 8);
	/* PUSH of a register is not decoded, so there is no size */
	stops_once(VMXDBG_BP_WRITE, top - 15, 3, AT(several, several_reg),
		   AT(several, several_call), top - 16, 0);
	/* a write across two pages: the watched part is reported */
	stops_once(VMXDBG_BP_WRITE, 0xcffd, 3, AT(several, several_cross),
		   AT(several, several_lock), 0xcffc, 4);
	stops_once(VMXDBG_BP_WRITE, 0xd001, 3, AT(several, several_cross),
		   AT(several, several_lock), 0xd000, 4);
	/* one access that hits on both pages stops once */
	stops_once(VMXDBG_BP_WRITE, 0xcfff, 2, AT(several, several_cross),
		   AT(several, several_lock), 0xcffc, 4);
}

/*
 * a write across two pages faults on the second one: nothing is written to the first
 * before
 */
GUEST64(fault,
	"movw $" GADDR(fault, fault_pf) ", 0x1000 + 14 * 16\n"
	"andb $0xfe, 0x26068; invlpg 0xd000\n"
	"fault_write: movq $-1, 0xcffc\n"
	"fault_over: hlt\n"
	"fault_pf: orb $1, 0x26068; incl 0xc000; add $8, %rsp; iretq");
LABEL(fault_write); LABEL(fault_over);

static void a_page_fault_in_between(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(fault), NULL);
	add(&d, VMXDBG_BP_WRITE, 0xcffd, 3, 0);
	e = resume_to(&d, WHY_WATCH, AT(fault, fault_over));
	CHECK_EQ(e.insn, AT(fault, fault_write));
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
}

/* the processor's own accesses to page tables */
GUEST64(walks, "mov %cr3, %rax\nwalks_1: hlt");
LABEL(walks_1);

static void page_walks(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(walks), NULL);
	id = add(&d, VMXDBG_BP_READ, GUEST_PT + 8 * (GUEST_CODE >> 12), 8, VMXDBG_BP_PHYSICAL);
	e = resume_to(&d, WHY_WATCH, AT(walks, walks_1));
	CHECK(e.access & VMXDBG_ACCESS_WALK);
	CHECK(e.access & READ);
	CHECK_EQ(e.gpa, GUEST_PT + 8 * (GUEST_CODE >> 12));
	CHECK_EQ(e.addr, 0);
	/* remove the watchpoint, or the page walk of each fetch is a hit */
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	dbg_finish(&d);
}

/* ---- execution ---- */

GUEST64(line,
	"nop\nline_1: mov 0xc000, %eax\nline_2: inc %eax\nline_3: mov %eax, 0xc000\n"
	"line_4: loop line_1; hlt");
LABEL(line_1); LABEL(line_2); LABEL(line_3); LABEL(line_4);

static void execution_of_a_range(void)
{
	const u64 stops[] = { AT(line, line_1), AT(line, line_2), AT(line, line_3) };
	struct dbg d;
	unsigned int i, round, way;

	for (way = 0; way < ARRAY_SIZE(ways); way++) {
		struct kvm_regs regs;

		dbg_start(&d, MODE_LONG, PROG(line), NULL);
		regs = session_get_regs(d.fd, 0);
		regs.rcx = 3;
		session_set_regs(d.fd, 0, &regs);
		add(&d, VMXDBG_BP_EXEC, stops[0], AT(line, line_4) - stops[0], ways[way]);
		for (round = 0; round < 3; round++)
			for (i = 0; i < ARRAY_SIZE(stops); i++)
				resume_to(&d, VMXDBG_WHY_BREAKPOINT, stops[i]);
		dbg_finish(&d);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
		dbg_stop(&d);
	}
}

/* A REP is one execution, so a watch for execution hits once. */
GUEST64(reps,
	"mov $3, %ebx\n"
	"reps_1: mov $0x9000, %edi; mov $5, %ecx\n"
	"reps_2: rep stosb\n"
	"reps_3: dec %ebx; jnz reps_1; hlt");
LABEL(reps_2);

static u64 hits_of(struct dbg *d, u32 id);

static void execution_of_rep(void)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };
	struct dbg d;
	u32 stops;
	long id;

	dbg_start(&d, MODE_LONG, PROG(reps), NULL);
	id = session_add_bp(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_EXEC, .addr = AT(reps, reps_2), .len = 1,
		.options = (unsigned long)&count });
	CHECK(id > 0);
	stops = add(&d, VMXDBG_BP_EXEC, AT(reps, reps_2), 1, 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(reps, reps_2));
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(reps, reps_2));
	CHECK_EQ(session_get_regs(d.fd, 0).rbx, 2);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, stops));
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 3);
}

static void beside_breakpoints(void)
{
	struct vmxdbg_event e;
	struct kvm_regs regs;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(line), NULL);
	regs = session_get_regs(d.fd, 0);
	regs.rcx = 2;
	session_set_regs(d.fd, 0, &regs);
	id = add(&d, VMXDBG_BP_ACCESS, 0xc000, 3, 0);
	add(&d, VMXDBG_BP_SOFT, AT(line, line_1), 1, 0);
	add(&d, VMXDBG_BP_SOFT, AT(line, line_3), 1, 0);
	add(&d, VMXDBG_BP_ACCESS, GUEST_CODE, 0x1000, 0);
	while (regs.rcx--) {
		resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(line, line_1));
		/* the step over the breakpoint sees the write */
		e = resume_to(&d, WHY_WATCH, AT(line, line_2));
		CHECK_EQ(e.bps[0], id);
		resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(line, line_3));
		e = resume_to(&d, WHY_WATCH, AT(line, line_4));
		CHECK_EQ(e.bps[0], id);
	}
	dbg_finish(&d);
}

/*
 * The instruction under a breakpoint ends on another page that has breakpoints, and
 * from which nothing was fetched yet.
 */
GUEST64(cross,
	".org cross_begin + 0xffc\n"
	"cross_1: lock; incl 0xc100\n"
	"cross_2: incl 0xc200; hlt");
LABEL(cross_1); LABEL(cross_2);

static void passed_onto_a_page_with_breakpoints(void)
{
	struct kvm_regs regs;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(cross), NULL);
	regs = session_get_regs(d.fd, 0);
	regs.rip = AT(cross, cross_1);
	session_set_regs(d.fd, 0, &regs);
	add(&d, VMXDBG_BP_SOFT, AT(cross, cross_1), 1, 0);
	add(&d, VMXDBG_BP_SOFT, AT(cross, cross_2), 1, 0);
	add(&d, VMXDBG_BP_WRITE, 0xc100, 3, 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(cross, cross_1));
	resume_to(&d, WHY_WATCH, AT(cross, cross_2));
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(cross, cross_2));
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0x40), 1);
	CHECK_EQ(DATA32(&d.vmm.vm, 0x80), 1);
}

/* ---- number and length ---- */

GUEST64(walker,
	"mov $0x100000, %esi; mov $400, %ecx\n"
	"walker_1: incl (%rsi)\n"
	"walker_2: add $0x10, %esi; loop walker_1; hlt");
LABEL(walker_1); LABEL(walker_2);

/*
 * one write in four is to a watched word, on several pages: each stops once, and no
 * other write does
 */
static void a_hundred_watchpoints(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 id[100];
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(walker), NULL);
	for (i = 0; i < 100; i++)
		id[i] = add(&d, VMXDBG_BP_WRITE, 0x100000 + 64 * i, 4, 0);
	for (i = 0; i < 100; i++) {
		e = resume_to(&d, WHY_WATCH, AT(walker, walker_2));
		CHECK_EQ(e.nr_bps, 1);
		CHECK_EQ(e.bps[0], id[i]);
		CHECK_EQ(e.addr, 0x100000 + 64 * i);
	}
	dbg_finish(&d);
}

/*
 * most of the range has no memory; the guest's part of it is watched, and the rest
 * costs nothing
 */
static void a_range_of_gigabytes(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	unsigned int i;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(walker), NULL);
	id = add(&d, VMXDBG_BP_WRITE, 0x101008, 64ULL << 30, VMXDBG_BP_PHYSICAL);
	for (i = 257; i < 400; i++) {
		e = resume_to(&d, WHY_WATCH, AT(walker, walker_2));
		CHECK_EQ(e.bps[0], id);
		CHECK_EQ(e.addr, 0x100000 + 16 * i);
	}
	dbg_finish(&d);
}

/* nothing is mapped at the address, or only a part: the rest may be mapped later */
static void no_memory_there(void)
{
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_READ, .addr = 0xffffff8000000000,
				.len = 4 };
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(one), NULL);
	CHECK(session_add_bp(d.fd, bp) > 0);
	/* this one fits a debug register */
	bp.type = VMXDBG_BP_WRITE;
	CHECK(session_add_bp(d.fd, bp) > 0);
	/* the last mapped byte, and one more */
	bp = (struct vmxdbg_bp){ .type = VMXDBG_BP_READ, .addr = 0xffffffff, .len = 2 };
	CHECK(session_add_bp(d.fd, bp) > 0);
	bp.addr = GUEST_RAM - 1;
	CHECK(session_add_bp(d.fd, bp) > 0);
	/* an address space that does not exist */
	bp.flags = VMXDBG_BP_CR3;
	bp.cr3 = 0x7654321000;
	CHECK(session_add_bp(d.fd, bp) > 0);
	dbg_finish(&d);
}

/* ---- what is not watched costs nothing ---- */

#define LOOPS(name, insn)						\
	GUEST64(name, "mov $1000, %ecx\n1: " insn " 0xc000; loop 1b\n"	\
		      "mov $1000, %ecx\n1: " insn " 0xd000; loop 1b; hlt")

LOOPS(served, "incl");
LOOPS(stepped, "roll");

static long exits_of(struct prog loops, bool watch, u64 addr)
{
	long before;
	struct dbg d;

	dbg_start(&d, MODE_LONG, loops, NULL);
	if (watch)
		add(&d, VMXDBG_BP_WRITE, addr, 3, 0);
	DATA32(&d.vmm.vm, 0) = 0x80000001;
	before = stat_of("exits");
	dbg_finish(&d);
	before = stat_of("exits") - before;
	CHECK_EQ(DATA32(&d.vmm.vm, 0),
		 loops.begin == served_begin ? 0x80000001 + 1000 : 0x00000180);
	dbg_stop(&d);
	return before;
}

static void misses_cost(struct prog loops, long exits)
{
	long plain = exits_of(loops, false, 0), far = exits_of(loops, true, 0xe001);
	long near = exits_of(loops, true, 0xd801);
	/* host interrupts and first touches of pages are exits too */
	long others = 100 * tap_patience();

	tap_note("exits: %ld without, %ld elsewhere, %ld on one page of two", plain, far,
		 near);
	CHECK(far < plain + others);
	CHECK(near >= exits && near < plain + exits + others);
}

static void misses_cost_an_exit(void)
{
	misses_cost(PROG(served), 1000);
}

/* the guest must make the access itself, in a step */
static void misses_cost_two_exits(void)
{
	misses_cost(PROG(stepped), 2000);
}

/* ---- SMP (hard case 24) ---- */

#define SMP_ROUNDS	"500"

GUEST64(smp,
	"mov $" SMP_ROUNDS ", %ecx\n"
	"1: lock incl 0xc040; lock incl 0xd041; lock incl 0xc0a0\n"
	"loop 1b; hlt");

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object obj = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &obj));
	return obj.hits;
}

static void two_vcpus_none_lost_none_doubled(void)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_WRITE, .addr = 0xc041, .len = 3,
				.options = (unsigned long)&count };
	struct dbg d;
	long a, b;

	dbg_start(&d, MODE_LONG, PROG(smp), &(struct vmm_options){ .vcpus = 2 });
	a = session_add_bp(d.fd, bp);
	bp.addr = 0xd040;
	bp.type = VMXDBG_BP_ACCESS;
	b = session_add_bp(d.fd, bp);
	CHECK(a > 0 && b > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	vmm_wait_done(&d.vmm);
	CHECK_EQ(hits_of(&d, a), 1000);
	CHECK_EQ(hits_of(&d, b), 1000);
	CHECK_EQ(DATA32(&d.vmm.vm, 16), 1000);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0xd041, u32), 1000);
	CHECK_EQ(DATA32(&d.vmm.vm, 40), 1000);
}

/* ---- modes ---- */

GUEST16(mode16, "mov $0xc040, %bx; incw 1(%bx); mode16_1: hlt");
GUEST32(mode32, "mov $0xc040, %ebx; incw 1(%ebx); mode32_1: hlt");
LABEL(mode16_1); LABEL(mode32_1);

static void each_mode(void)
{
	enum guest_mode mode;
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	for (mode = MODE_REAL; mode < MODE_LONG; mode++) {
		bool real = mode == MODE_REAL;

		dbg_start(&d, mode, real ? PROG(mode16) : PROG(mode32), NULL);
		id = add(&d, VMXDBG_BP_WRITE, 0xc042, 3, 0);
		e = resume_to(&d, WHY_WATCH, real ? AT(mode16, mode16_1) :
						    AT(mode32, mode32_1));
		CHECK_EQ(e.bps[0], id);
		CHECK_EQ(e.addr, 0xc041);
		CHECK_EQ(e.size, 2);
		CHECK_EQ(e.access, READ | WRITE | KNOWN);
		dbg_finish(&d);
		dbg_stop(&d);
	}
}

/* ---- accesses that the module makes (hard case 18) ---- */

GUEST64(io,
	"mov $0xc040, %edi; mov $0x10, %edx; mov $4, %ecx\n"
	"io_1: rep insb\n"
	"mov $0xd0000000, %ebx; mov $0xc050, %edi\n"
	"mov (%rbx), %eax\nio_2: mov %rbx, %rsi\nio_3: movsl\nio_4: mov $0xc060, %esi\n"
	"outsb\nio_5: hlt");
LABEL(io_1); LABEL(io_2); LABEL(io_3); LABEL(io_4); LABEL(io_5);

static void emulated_accesses(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(io), NULL);
	add(&d, VMXDBG_BP_WRITE, 0xc042, 1, VMXDBG_BP_PHYSICAL);
	add(&d, VMXDBG_BP_READ, GUEST_MMIO + 1, 1, VMXDBG_BP_PHYSICAL);
	add(&d, VMXDBG_BP_WRITE, 0xc051, 2, 0);
	add(&d, VMXDBG_BP_READ, 0xc060, 1, 0);
	d.vmm.vm.mem[0xc042] = 0x11;
	DATA32(&d.vmm.vm, 20) = 0x22222222;
	d.vmm.vm.mem[0xc060] = 0x33;
	e = resume_to(&d, WHY_WATCH, AT(io, io_1));
	CHECK_EQ(e.addr, 0xc042);
	CHECK_EQ(e.size, 1);
	CHECK_EQ(e.access, WRITE | KNOWN);
	CHECK_EQ(e.old_value, 0x11);
	CHECK_EQ(e.new_value, 0x5a);
	CHECK_EQ(session_get_regs(d.fd, 0).rcx, 1);
	e = resume_to(&d, WHY_WATCH, AT(io, io_2));
	CHECK_EQ(e.gpa, GUEST_MMIO);
	CHECK_EQ(e.access & (READ | WRITE), READ);
	/* reported is the memory access, if that one of the two is known first */
	e = resume_to(&d, WHY_WATCH, AT(io, io_4));
	CHECK_EQ(e.insn, AT(io, io_3));
	CHECK_EQ(e.nr_bps, 2);
	CHECK_EQ(e.addr, 0xc050);
	CHECK_EQ(e.access, WRITE | KNOWN);
	CHECK_EQ(e.old_value, 0x22222222);
	CHECK_EQ(e.new_value, DATA32(&d.vmm.vm, 20));
	e = resume_to(&d, WHY_WATCH, AT(io, io_5));
	CHECK_EQ(e.access, READ | KNOWN);
	CHECK_EQ(e.old_value, 0x33);
	CHECK_EQ(e.new_value, 0x33);
	dbg_finish(&d);
}

/*
 * A jump to a task saves registers, loads registers, and sets a descriptor's busy
 * flag.
 */
#define SEL_TASK	0x50
#define TASK_TSS	0x100000

GUEST32(task, "mov $0x1234, %ebx\ntask_1: ljmp $0x50, $0\nhlt\ntask_2: nop; hlt");
LABEL(task_1); LABEL(task_2);

static void task_switches(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	struct kvm_sregs sregs;
	volatile u64 *gdt;
	volatile u32 *tss;

	dbg_start(&d, MODE_FLAT32, PROG(task), NULL);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs));
	sregs.gdt.limit = SEL_TASK + 7;
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs));
	gdt = GUEST_PTR(&d.vmm.vm, GUEST_GDT, u64);
	gdt[SEL_TSS / 8] |= 2ULL << 40;
	gdt[SEL_TASK / 8] = 0x0000891000000067;
	tss = GUEST_PTR(&d.vmm.vm, TASK_TSS, u32);
	tss[8] = AT(task, task_2);
	tss[9] = 2;
	tss[14] = GUEST_STACK;
	tss[19] = SEL_CODE32;
	tss[18] = SEL_DATA;
	tss[20] = SEL_DATA;
	tss[21] = SEL_DATA;
	*GUEST_PTR(&d.vmm.vm, GUEST_TSS + 0x34, u32) = 0x77;
	add(&d, VMXDBG_BP_WRITE, GUEST_TSS + 0x34, 4, VMXDBG_BP_PHYSICAL);	/* EBX in the old TSS */
	add(&d, VMXDBG_BP_READ, TASK_TSS + 0x20, 4, VMXDBG_BP_PHYSICAL);
	add(&d, VMXDBG_BP_WRITE, GUEST_GDT + SEL_TASK + 5, 1, VMXDBG_BP_PHYSICAL);
	e = resume_to(&d, WHY_WATCH, AT(task, task_2));
	CHECK_EQ(e.nr_bps, 3);
	CHECK_EQ(e.insn, AT(task, task_1));
	/* the first access is reported, which reads all of the new TSS */
	CHECK_EQ(e.addr, TASK_TSS);
	CHECK_EQ(e.size, 0x68);
	CHECK_EQ(e.access, READ | KNOWN);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, GUEST_TSS + 0x34, u32), 0x1234);
	dbg_finish(&d);
}

/* RSP is 0x180000: frames go below it, five words from 0x17ffd8 on. */
GUEST64(event,
	"mov $0x180000, %esp; sti; nop\n"
	"mov $0x45, %al; out %al, $0x7b\n"		/* the VMM injects it */
	"1: mov 0xc000, %eax; test %eax, %eax; jz 1b\n"
	"out %al, $0x7d\n"				/* the VMM sends an NMI */
	"1: mov 0xc004, %eax; test %eax, %eax; jz 1b; hlt\n"
	"event_irq: incl 0xc000; iretq\n"
	"event_nmi: incl 0xc004; iretq");
LABEL(event_irq); LABEL(event_nmi);

static void prepare_event(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, 0x45, AT(event, event_irq));
	vm_gate(vm, MODE_LONG, 2, AT(event, event_nmi));
}

/* @irq and @nmi: whether the delivery of each hits */
static void check_events(u32 type, u64 addr, u64 len, bool irq, bool nmi)
{
	struct vmm_options options = { .prepare = prepare_event };
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(event), &options);
	id = add(&d, type, addr, len, VMXDBG_BP_PHYSICAL);
	if (irq) {
		e = resume_to(&d, WHY_WATCH, AT(event, event_irq));
		CHECK_EQ(e.bps[0], id);
	}
	if (nmi) {
		e = resume_to(&d, WHY_WATCH, AT(event, event_nmi));
		CHECK_EQ(e.bps[0], id);
	}
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	CHECK_EQ(DATA32(&d.vmm.vm, 1), 1);
	dbg_stop(&d);
}

/* Deliveries hit, and the IRETs that read the frame do not. */
static void frames_of_events(void)
{
	check_events(VMXDBG_BP_WRITE, 0x17ffd8, 3, true, true);
	check_events(VMXDBG_BP_WRITE, 0x17fff9, 3, true, true);
}

static void beside_the_frame_of_an_event(void)
{
	check_events(VMXDBG_BP_WRITE, 0x17ffd5, 3, false, false);
	check_events(VMXDBG_BP_WRITE, 0x17f100, 3, false, false);
}

/* A gate has 16 bytes. */
static void gates_of_events(void)
{
	check_events(VMXDBG_BP_READ, GUEST_IDT + 16 * 2 + 1, 3, false, true);
	check_events(VMXDBG_BP_READ, GUEST_IDT + 16 * 0x45 + 1, 3, true, false);
	check_events(VMXDBG_BP_READ, GUEST_IDT + 16 * 0x44 + 1, 3, false, false);
}

static const struct test tests[] = {
	TEST(write_watch),
	TEST(read_watch),
	TEST(access_watch),
	TEST(of_a_page_in_use),
	TEST(both_ends_of_a_move),
	TEST(operands_of_every_kind),
	TEST(a_page_fault_in_between),
	TEST(page_walks),
	TEST(execution_of_a_range),
	TEST(execution_of_rep),
	TEST(beside_breakpoints),
	TEST(passed_onto_a_page_with_breakpoints),
	TEST(a_hundred_watchpoints),
	TEST(a_range_of_gigabytes),
	TEST(no_memory_there),
	TEST(misses_cost_an_exit),
	TEST(misses_cost_two_exits),
	TEST(two_vcpus_none_lost_none_doubled),
	TEST(each_mode),
	TEST(emulated_accesses),
	TEST(task_switches),
	TEST(frames_of_events),
	TEST(beside_the_frame_of_an_event),
	TEST(gates_of_events),
};

TAP_MAIN(tests)
