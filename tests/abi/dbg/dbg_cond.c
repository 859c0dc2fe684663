// SPDX-License-Identifier: GPL-2.0-only
/* Conditions: bytecode that decides whether a hit counts. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../kunit/bytecode_code.h"
#include "vmm.h"

#define WHY_BP		VMXDBG_WHY_BREAKPOINT
#define REG_RAX		0
#define REG_RBX		1
#define REG_RIP		16
#define UNMAPPED	0x400000000000ULL	/* canonical, but not in the page tables */
#define UNTOUCHED	0x180000		/* RAM that the VMM has never accessed */
#define ALIAS		0x170000		/* another linear address of GUEST_DATA */

/* 0xc000 counts the rounds */
GUEST64(rounds,
	"mov $10, %ebx\n"
	"rounds_here: incl 0xc000\n"
	"rounds_next: dec %ebx; jnz rounds_here\n"
	"hlt");
GUEST64(nops, "nop; nops_here: nop; hlt");
/* every vCPU counts at 0xc000 + 8 * its number, which it computes from its stack */
GUEST64(each,
	"mov $0xf000, %ebx; sub %esp, %ebx; shr $10, %ebx; mov $100, %ecx\n"
	"each_here: incq 0xc000(, %rbx, 8); dec %ecx; jnz each_here\n"
	"hlt");
/* the linear page at 0x170000 maps 0x171000 and 0x170000 by turns; 10 rounds */
GUEST64(turns,
	"mov $10, %ebx\n"
	"1: xorq $0x1000, 0x26000 + 8 * 0x170; invlpg 0x170000\n"
	"turns_here: mov 0x170000, %eax; add %eax, 0xc000; dec %ebx; jnz 1b\n"
	"hlt");
LABEL(turns_here);
LABEL(rounds_here); LABEL(rounds_next); LABEL(nops_here); LABEL(each_here);

struct code {
	const u8 *bytes;
	u32 len;
};

#define CODE(...) ((struct code){ (const u8[]){ __VA_ARGS__ }, sizeof((u8[]){ __VA_ARGS__ }) })

static long add_if(struct dbg *d, struct vmxdbg_bp bp, struct vmxdbg_options options,
		   struct code code)
{
	options.cond = (u64)code.bytes;
	options.cond_len = code.len;
	bp.options = (u64)&options;
	bp.len = bp.len ? bp.len : 1;
	return session_add_bp(d->fd, bp);
}

static u32 stop_if(struct dbg *d, u64 addr, struct code code)
{
	long id = add_if(d, (struct vmxdbg_bp){ .addr = addr }, (struct vmxdbg_options){ 0 },
			 code);

	if (id <= 0)
		tap_fail("VMXDBG_ADD_BP: %s", strerror(-id));
	return id;
}

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

static void false_ones_do_not_stop(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = stop_if(&d, AT(rounds, rounds_here), CODE(CONST8(0), END));
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 10);
	CHECK_EQ(hits_of(&d, id), 0);
}

static void over_a_register(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = stop_if(&d, AT(rounds, rounds_here), CODE(REG(REG_RBX), CONST8(4), EQUAL, END));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(session_get_regs(d.fd, 0).rbx, 4);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 6);
	CHECK_EQ(hits_of(&d, id), 1);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 1);
}

static void over_memory(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	stop_if(&d, AT(rounds, rounds_here), CODE(CONST16(0xc000), REF32, CONST8(7), EQUAL, END));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 7);
	dbg_finish(&d);
}

/* by linear address the counter, by physical address the page that its alias hides */
static void linear_and_physical_memory(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	GUEST_PTR(&d.vmm.vm, GUEST_PT, u64)[ALIAS >> 12] = GUEST_DATA | 7;
	*GUEST_PTR(&d.vmm.vm, ALIAS, u32) = 0x1234;
	stop_if(&d, AT(rounds, rounds_here),
		CODE(CONST32(ALIAS), REF32, CONST8(3), EQUAL,
		     CONST8(1), SETV(VMXDBG_VAR_PHYSICAL), POP,
		     CONST32(ALIAS), REF32, CONST16(0x1234), EQUAL,
		     BIT_AND, END));
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
	dbg_finish(&d);
}

static void counts_if_equal(struct dbg *d, unsigned int nr, u64 value)
{
	long id = add_if(d, (struct vmxdbg_bp){ .addr = AT(nops, nops_here) },
			 (struct vmxdbg_options){ .action = VMXDBG_ACTION_COUNT },
			 CODE(REG(nr), CONST64(value), EQUAL, END));

	CHECK_EQ(id, nr + 1);
}

/*
 * the registers in gdb's order, as vmxdbgd sends them; object ids are these numbers
 * and 1
 */
static void count_registers(struct dbg *d, const struct kvm_regs *r,
			    const struct kvm_sregs *s, const struct kvm_debugregs *dr)
{
	const u64 general[] = {
		r->rax, r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp, r->rsp, r->r8, r->r9,
		r->r10, r->r11, r->r12, r->r13, r->r14, r->r15, AT(nops, nops_here), r->rflags,
		s->cs.selector, s->ss.selector, s->ds.selector, s->es.selector,
		s->fs.selector, s->gs.selector,
	};
	const u64 system[] = {
		s->fs.base, s->gs.base, s->cr0, s->cr2, s->cr3, s->cr4, s->cr8, s->efer,
		dr->db[0], dr->db[1], dr->db[2], dr->db[3], dr->dr6, dr->dr7,
		s->gdt.base, s->gdt.limit, s->idt.base, s->idt.limit,
		s->ldt.selector, s->tr.selector,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(general); i++)
		counts_if_equal(d, i, general[i]);
	/* objects that only make the next ids equal gdb's numbers */
	for (; i < 57; i++)
		CHECK_EQ(stop_if(d, AT(nops, nops_here), CODE(CONST8(0), END)), i + 1);
	for (i = 0; i < ARRAY_SIZE(system); i++)
		counts_if_equal(d, 57 + i, system[i]);
}

static void over_every_register(void)
{
	struct kvm_debugregs debug = { .db = { 1, 2, 3, 4 }, .dr6 = 0xffff0ff0, .dr7 = 0x400 };
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	u64 *gpr = (u64 *)&regs;
	unsigned int i;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(nops), NULL);
	regs = session_get_regs(d.fd, 0);
	for (i = 0; i < 16; i++)
		if (&gpr[i] != (u64 *)&regs.rsp)
			gpr[i] = 0x1111111111111111ULL * (i + 1);
	session_set_regs(d.fd, 0, &regs);
	CHECK_EQ(session_regs(d.fd, false, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs), 0);
	sregs.fs.base = 0x10;
	sregs.gs.base = 0x123456789;
	sregs.cr2 = 0x987;
	CHECK_EQ(session_regs(d.fd, true, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs), 0);
	CHECK_EQ(session_regs(d.fd, true, 0, VMXDBG_REGS_DEBUG, sizeof(debug), &debug), 0);
	count_registers(&d, &regs, &sregs, &debug);
	dbg_finish(&d);
	for (i = 0; i < 77; i++) {
		if (!CHECK_EQ(hits_of(&d, i + 1), i < 24 || i >= 57))
			tap_note("register %u", i);
	}
}

/* a translation that was used before is not valid any more */
static void over_memory_that_moves(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(turns), NULL);
	*GUEST_PTR(&d.vmm.vm, ALIAS, u32) = 1;
	*GUEST_PTR(&d.vmm.vm, ALIAS + 0x1000, u32) = 100;
	id = stop_if(&d, AT(turns, turns_here), CODE(CONST32(ALIAS), REF32, CONST8(1), EQUAL, END));
	resume_to(&d, WHY_BP, AT(turns, turns_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 100);
	resume_to(&d, WHY_BP, AT(turns, turns_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 201);
	CHECK_EQ(hits_of(&d, id), 2);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 505);
}

static void over_the_hit_count(void)
{
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = add_if(&d, (struct vmxdbg_bp){ .addr = AT(rounds, rounds_here) },
		    (struct vmxdbg_options){ .action = VMXDBG_ACTION_COUNT },
		    CODE(GETV(VMXDBG_VAR_HITS), CONST8(3), LESS_U, END));
	CHECK(id > 0);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 3);
}

/* the ignore count skips hits whose condition is true */
static void before_the_ignore_count(void)
{
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = add_if(&d, (struct vmxdbg_bp){ .addr = AT(rounds, rounds_here) },
		    (struct vmxdbg_options){ .ignore = 2 },
		    CODE(REG(REG_RBX), CONST8(1), BIT_AND, END));
	CHECK(id > 0);
	/* the hits with rbx 9 and 7 are ignored */
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(session_get_regs(d.fd, 0).rbx, 5);
	CHECK_EQ(hits_of(&d, id), 3);
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(session_get_regs(d.fd, 0).rbx, 3);
}

static void of_a_breakpoint_in_a_register(void)
{
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = add_if(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_HARD,
					    .addr = AT(rounds, rounds_here) },
		    (struct vmxdbg_options){ 0 }, CODE(REG(REG_RBX), CONST8(2), EQUAL, END));
	CHECK(id > 0);
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 8);
	dbg_finish(&d);
}

/* a condition reads memory as the access left it, and can use the address */
static void of_a_watchpoint(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = add_if(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_WRITE, .addr = 0xc000, .len = 4 },
		    (struct vmxdbg_options){ 0 },
		    CODE(GETV(VMXDBG_VAR_ADDR), REF32, CONST8(5), EQUAL, END));
	CHECK(id > 0);
	e = resume_to(&d, VMXDBG_WHY_WATCH, AT(rounds, rounds_next));
	CHECK_EQ(e.addr, 0xc000);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 5);
	CHECK_EQ(hits_of(&d, id), 1);
	dbg_finish(&d);
}

static void of_one_vcpu(void)
{
	const struct vmm_options four = { .vcpus = 4 };
	struct vmxdbg_event e;
	struct dbg d;
	u32 by_code, i;
	long by_mask;

	dbg_start(&d, MODE_LONG, PROG(each), &four);
	by_code = stop_if(&d, AT(each, each_here),
			  CODE(GETV(VMXDBG_VAR_VCPU), CONST8(2), EQUAL, END));
	by_mask = add_if(&d, (struct vmxdbg_bp){ .addr = AT(each, each_here), .vcpu_mask = 10 },
			 (struct vmxdbg_options){ .action = VMXDBG_ACTION_COUNT },
			 CODE(CONST8(1), END));
	CHECK(by_mask > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	for (i = 1; i <= 100; i++) {
		e = next_event(d.fd);
		CHECK_EQ(e.vcpu, 2);
		CHECK_EQ(e.bps[0], by_code);
		CHECK_OK(session_resume(d.fd, 2, 0));
	}
	vmm_wait_done(&d.vmm);
	for (i = 0; i < 4; i++)
		CHECK_EQ(DATA64(&d.vmm.vm, i), 100);
	CHECK_EQ(hits_of(&d, by_code), 100);
	CHECK_EQ(hits_of(&d, by_mask), 200);
}

static void fails(struct dbg *d, u32 id, u32 error)
{
	struct vmxdbg_event e = resume_to(d, WHY_BP | VMXDBG_WHY_ERROR, AT(rounds, rounds_here));

	CHECK_EQ(e.error, error);
	CHECK_EQ(e.nr_bps, 1);
	CHECK_EQ(e.bps[0], id);
}

/*
 * resuming from a failed condition works as from any stop: the next hit is in the
 * next round
 */
static void faults_stop_with_an_error(void)
{
	static const struct {
		u8 code[16];
		u32 len, error;
	} rows[] = {
#define ROW(error, ...) { { __VA_ARGS__ }, sizeof((u8[]){ __VA_ARGS__ }), error }
		ROW(VMXDBG_ERROR_MEMORY, CONST64(UNMAPPED), REF8, END),
		ROW(VMXDBG_ERROR_MEMORY, CONST64(1ULL << 62), REF8, END),
		ROW(VMXDBG_ERROR_MEMORY, CONST32(GUEST_MMIO), REF64, END),
		ROW(VMXDBG_ERROR_MEMORY, CONST8(1), SETV(VMXDBG_VAR_PHYSICAL),
		    CONST64(1ULL << 62), REF8, END),
		ROW(VMXDBG_ERROR_MEMORY, CONST32(GUEST_RAM - 1), REF16, END),
		ROW(VMXDBG_ERROR_DIVIDE, CONST8(1), CONST8(0), DIV_U, END),
		ROW(VMXDBG_ERROR_BUDGET, GOTO(0)),
	};
	unsigned int i;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tap_note("row %u", i);
		id = stop_if(&d, AT(rounds, rounds_here),
			     (struct code){ rows[i].code, rows[i].len });
		fails(&d, id, rows[i].error);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
		CHECK_EQ(hits_of(&d, id), 0);
		CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	}
	dbg_finish(&d);
}

/* the object whose condition fails is reported first, before others that hit there */
static void a_fault_beside_others(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 id, plain;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	plain = stop_if(&d, AT(rounds, rounds_here), CODE(CONST8(1), END));
	id = stop_if(&d, AT(rounds, rounds_here), CODE(GOTO(0)));
	stop_if(&d, AT(rounds, rounds_here), CODE(CONST8(1), END));
	e = resume_to(&d, WHY_BP | VMXDBG_WHY_ERROR, AT(rounds, rounds_here));
	CHECK_EQ(e.nr_bps, 3);
	CHECK_EQ(e.bps[0], id);
	CHECK_EQ(hits_of(&d, plain), 1);
	CHECK_EQ(hits_of(&d, id), 0);
}

/*
 * the VMM's page tables have no entry for the page yet; no hit is counted twice for
 * that
 */
static void memory_that_has_to_be_faulted_in(void)
{
	struct dbg d;
	u32 id, before;
	long after;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	*GUEST_PTR(&d.vmm.vm, UNTOUCHED, u32) = 77;
	*GUEST_PTR(&d.vmm.vm, UNTOUCHED + 0x2000, u32) = 1;
	before = stop_if(&d, AT(rounds, rounds_here), CODE(CONST8(1), END));
	id = stop_if(&d, AT(rounds, rounds_here),
		     CODE(CONST32(UNTOUCHED), REF32, CONST8(77), EQUAL,
			  CONST32(UNTOUCHED + 0x2000), REF32, BIT_AND, END));
	after = add_if(&d, (struct vmxdbg_bp){ .addr = AT(rounds, rounds_here) },
		       (struct vmxdbg_options){ .action = VMXDBG_ACTION_COUNT },
		       CODE(CONST8(1), END));
	CHECK(after > 0);
	CHECK_EQ(resume_to(&d, WHY_BP, AT(rounds, rounds_here)).nr_bps, 2);
	CHECK_EQ(hits_of(&d, before), 1);
	CHECK_EQ(hits_of(&d, id), 1);
	CHECK_EQ(hits_of(&d, after), 1);
}

#define CROWD	100

/*
 * More objects than fit at one place. Each needs a page of its own that the VMM has
 * not touched, and each counts once a round. One in four stops.
 */
static void crowd(u32 type, u64 addr, u64 len, u32 why, u64 rip)
{
	struct dbg d;
	long id[CROWD];
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	for (i = 0; i < CROWD; i++) {
		u32 page = UNTOUCHED + 0x1000 * i;
		struct vmxdbg_options o = { .action = i % 4 ? VMXDBG_ACTION_COUNT :
							       VMXDBG_ACTION_STOP };

		id[i] = add_if(&d, (struct vmxdbg_bp){ .type = type, .addr = addr, .len = len },
			       o, CODE(CONST32(page), REF32, CONST8(0), EQUAL, END));
		CHECK(id[i] > 0);
	}
	for (i = 0; i < 10; i++)
		CHECK_EQ(resume_to(&d, why, rip).nr_bps, VMXDBG_EVENT_BPS);
	dbg_finish(&d);
	for (i = 0; i < CROWD; i++)
		if (!CHECK_EQ(hits_of(&d, id[i]), 10))
			break;
	close(d.fd);
	vmm_kill(&d.vmm);
	close(d.dev);
}

static void a_crowd_at_one_place(void)
{
	crowd(VMXDBG_BP_SOFT, AT(rounds, rounds_here), 1, WHY_BP, AT(rounds, rounds_here));
	crowd(VMXDBG_BP_EXEC, AT(rounds, rounds_here), 1, WHY_BP, AT(rounds, rounds_here));
	crowd(VMXDBG_BP_WRITE, 0xc001, 3, VMXDBG_WHY_WATCH, AT(rounds, rounds_next));
}

/* 1200 rounds of a loop, which is most of the budget of one condition; then true */
#define LONG_CODE CODE(CONST16(1200), CONST8(1), SUB, DUP, IF_GOTO(3), LOG_NOT, END)

/* A thread with real-time priority that counts how often it gets the CPU. */
struct urgent {
	pthread_t id;
	volatile bool stop;
	volatile u32 nr;
	unsigned int sleep_us;
};

#define SLEEP_US	100
#define SLEEPS		16

/*
 * Sleep ten times as long as a wakeup takes: where that is long, on a kernel that checks
 * itself, the thread would leave no time for another.
 */
static unsigned int affordable_sleep(void)
{
	struct timespec start, end;
	unsigned int i, us;

	CHECK_OK(clock_gettime(CLOCK_MONOTONIC, &start));
	for (i = 0; i < SLEEPS; i++)
		usleep(SLEEP_US);
	CHECK_OK(clock_gettime(CLOCK_MONOTONIC, &end));
	us = ((end.tv_sec - start.tv_sec) * 1000000 +
	      (end.tv_nsec - start.tv_nsec) / 1000) / SLEEPS;
	return us > 2 * SLEEP_US ? 10 * (us - SLEEP_US) : SLEEP_US;
}

static void *wake_often(void *arg)
{
	struct sched_param prio = { .sched_priority = 50 };
	struct urgent *u = arg;

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &prio);
	for (; !u->stop; u->nr++)
		usleep(u->sleep_us);
	return NULL;
}

static void use_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	CHECK_OK(sched_setaffinity(0, sizeof(set), &set));
}

/*
 * the conditions at one place take long in all: others get the CPU in between, and no
 * object counts twice for that
 */
static void many_long_ones_at_one_place(void)
{
	struct urgent urgent = { .sleep_us = affordable_sleep() };
	u32 before, last = 0;
	long id[CROWD];
	unsigned int i;
	struct dbg d;

	use_one_cpu();
	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	for (i = 0; i < CROWD; i++) {
		id[i] = add_if(&d, (struct vmxdbg_bp){ .addr = AT(rounds, rounds_here) },
			       (struct vmxdbg_options){ .action = i ? VMXDBG_ACTION_COUNT :
								  VMXDBG_ACTION_STOP },
			       LONG_CODE);
		CHECK(id[i] > 0);
	}
	pthread_create(&urgent.id, NULL, wake_often, &urgent);
	for (i = 0; i < 3; i++) {
		before = urgent.nr;
		CHECK_EQ(resume_to(&d, WHY_BP, AT(rounds, rounds_here)).nr_bps, 1);
		last = urgent.nr - before;
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
	}
	tap_note("%u conditions, and another thread, with sleeps of %u us, ran %u times",
		 CROWD, urgent.sleep_us, last);
	CHECK(last >= CROWD / 10);
	urgent.stop = true;
	pthread_join(urgent.id, NULL);
	for (i = 0; i < CROWD; i++)
		if (!CHECK_EQ(hits_of(&d, id[i]), 3))
			break;
}

/* a condition that has failed is not evaluated again after the pause of a hit point */
static void many_that_fail_at_one_place(void)
{
	struct vmxdbg_event e;
	unsigned int i;
	struct dbg d;
	u32 id = 0;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	for (i = 0; i < CROWD; i++)
		id = stop_if(&d, AT(rounds, rounds_here), CODE(GOTO(0)));
	e = resume_to(&d, WHY_BP | VMXDBG_WHY_ERROR, AT(rounds, rounds_here));
	CHECK_EQ(e.error, VMXDBG_ERROR_BUDGET);
	CHECK_EQ(e.nr_bps, VMXDBG_EVENT_BPS);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	CHECK_EQ(hits_of(&d, id), 0);
}

/* a step to a breakpoint whose condition is false is only a step */
static void steps_pass_over_false_ones(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = stop_if(&d, AT(rounds, rounds_here), CODE(REG(REG_RBX), CONST8(9), EQUAL, END));
	CHECK_EQ(dbg_step(&d, 0), AT(rounds, rounds_here));
	CHECK_EQ(dbg_step(&d, 0), AT(rounds, rounds_next));
	CHECK_EQ(hits_of(&d, id), 0);
	resume_to(&d, WHY_BP, AT(rounds, rounds_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
}

static void bad_bytecode_is_refused(void)
{
	const struct vmxdbg_bp bp = { .addr = AT(rounds, rounds_here) };
	const struct vmxdbg_options none = { 0 };
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	CHECK_EQ(add_if(&d, bp, none, CODE(END)), -EINVAL);
	CHECK_EQ(add_if(&d, bp, none, CODE(ADD, END)), -EINVAL);
	CHECK_EQ(add_if(&d, bp, none, CODE(CONST8(1))), -EINVAL);
	CHECK_EQ(add_if(&d, bp, none, CODE(GOTO(1), END)), -EINVAL);
	CHECK_EQ(add_if(&d, bp, none, CODE(0x34, END)), -EINVAL);
	CHECK_EQ(add_if(&d, bp, none, CODE(REG(30), END)), -EINVAL);
	CHECK_EQ(add_if(&d, bp, none, CODE(CONST8(1), TRACE_QUICK(1), END)), -EINVAL);
	CHECK_EQ(add_if(&d, bp, none, (struct code){ bad_pointer(), 4 }), -EFAULT);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 10);
}

static const struct test tests[] = {
	TEST(false_ones_do_not_stop),
	TEST(over_a_register),
	TEST(over_memory),
	TEST(linear_and_physical_memory),
	TEST(over_every_register),
	TEST(over_memory_that_moves),
	TEST(over_the_hit_count),
	TEST(before_the_ignore_count),
	TEST(of_a_breakpoint_in_a_register),
	TEST(of_a_watchpoint),
	TEST(of_one_vcpu),
	TEST(faults_stop_with_an_error),
	TEST(a_fault_beside_others),
	TEST(memory_that_has_to_be_faulted_in),
	TEST(a_crowd_at_one_place),
	TEST(many_long_ones_at_one_place),
	TEST(many_that_fail_at_one_place),
	TEST(steps_pass_over_false_ones),
	TEST(bad_bytecode_is_refused),
};

TAP_MAIN(tests)
