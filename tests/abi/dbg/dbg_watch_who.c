// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses that a watchpoint sees: of the iterations of a REP, of page walks, of the
 * VMM and of the session, in a debug register or not.
 */
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define WHY_WATCH	VMXDBG_WHY_WATCH
#define WALK		VMXDBG_ACCESS_WALK
#define READ		VMXDBG_ACCESS_READ
#define WRITE		VMXDBG_ACCESS_WRITE

enum place { IN_REGISTER, LINEAR, PHYSICAL, PLACES };

/* Watch @len bytes, which fit a debug register; with LINEAR one more, which does not. */
static void watch(struct dbg *d, u32 type, enum place place, u64 addr, u64 len)
{
	struct vmxdbg_bp bp = { .type = type, .addr = addr, .len = len };
	long id;

	if (place == LINEAR)
		bp.len++;
	if (place == PHYSICAL)
		bp.flags = VMXDBG_BP_PHYSICAL;
	id = session_add_bp(d->fd, bp);
	if (id <= 0)
		tap_fail("place %u: %s", place, strerror(-id));
}

static void dbg_stop(struct dbg *d)
{
	close(d->fd);
	vmm_kill(&d->vmm);
	close(d->dev);
}

static void each_place(void (*one)(enum place place))
{
	enum place place;

	for (place = 0; place < PLACES; place++) {
		tap_note("place %u", place);
		one(place);
	}
}

GUEST64(fill,
	"mov $0xc030, %edi; mov $8, %ecx; mov $0x5a5a5a5a, %eax\n"
	"fill_1: rep stosq\n"
	"hlt");
LABEL(fill_1);

static void check_fill(struct dbg *d, u64 left)
{
	struct kvm_regs regs;

	resume_to(d, WHY_WATCH, AT(fill, fill_1));
	regs = session_get_regs(d->fd, 0);
	CHECK_EQ(regs.rcx, left);
	CHECK_EQ(regs.rdi, 0xc030 + 8 * (8 - left));
	CHECK_EQ(DATA64(&d->vmm.vm, 13 - left), 0x5a5a5a5a);
	CHECK_EQ(DATA64(&d->vmm.vm, 14 - left), 0);
}

static void fill_at(enum place place)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(fill), NULL);
	watch(&d, VMXDBG_BP_WRITE, place, 0xc038, 8);
	check_fill(&d, 6);
	if (place == LINEAR)
		check_fill(&d, 5);
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, 13), 0x5a5a5a5a);
	dbg_stop(&d);
}

static void each_iteration_of_a_rep(void)
{
	each_place(fill_at);
}

/* The processor reads the entry and marks it; then the guest reads and writes it. */
#define ENTRY	(GUEST_PD + 0x1000)	/* maps 2 MiB at 1 GiB */
#define MARKS	0x60			/* accessed, dirty */
GUEST64(walk,
	"nop\n"
	"walk_data: movl $1, 0x4000d000\n"
	"walk_done: lock orl $0, 0x23000\n"
	"walk_own: hlt");
LABEL(walk_data); LABEL(walk_done); LABEL(walk_own);

static void walk_at(u32 type, u32 access, u64 entry, enum place place)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(walk), NULL);
	*GUEST_PTR(&d.vmm.vm, ENTRY, u64) = entry;
	watch(&d, type, place, ENTRY, 8);
	if (place != IN_REGISTER) {
		e = resume_to(&d, WHY_WATCH, AT(walk, walk_done));
		CHECK_EQ(e.insn, AT(walk, walk_data));
		CHECK_EQ(e.gpa, ENTRY);
		CHECK_EQ(e.addr, 0);
		CHECK_EQ(e.size, 8);
		CHECK_EQ(e.access & (WALK | access), WALK | access);
		CHECK_EQ(e.old_value, entry);
		CHECK_EQ(e.new_value, entry | MARKS);
	}
	e = resume_to(&d, WHY_WATCH, AT(walk, walk_own));
	CHECK_EQ(e.addr, ENTRY);
	CHECK(!(e.access & WALK));
	dbg_finish(&d);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, ENTRY, u64), entry | MARKS);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0xd000, u32), 1);
	dbg_stop(&d);
}

static void walk_that_reads(enum place place)
{
	walk_at(VMXDBG_BP_ACCESS, READ, 0x87 | MARKS, place);	/* a large page at 0 */
}

static void walk_that_marks(enum place place)
{
	walk_at(VMXDBG_BP_WRITE, WRITE, 0x87, place);
}

static void page_walks_but_in_a_register(void)
{
	each_place(walk_that_reads);
}

static void marks_of_page_walks_but_in_a_register(void)
{
	each_place(walk_that_marks);
}

GUEST64(wait,
	"1: cmpl $0, 0xc080; je 1b\n"
	"wait_over: incl 0xc040\n"
	"wait_hit: hlt");
LABEL(wait_over); LABEL(wait_hit);

/* The guest runs while the VMM and the session access the word. */
static void wait_at(enum place place)
{
	struct vmxdbg_event e;
	u32 number = 8;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(wait), NULL);
	watch(&d, VMXDBG_BP_WRITE, place, 0xc040, 4);
	CHECK_OK(session_resume(d.fd, 0, 0));
	DATA32(&d.vmm.vm, 16) = 7;	/* a write of the VMM */
	CHECK_EQ(session_write(d.fd, 0, VMXDBG_MEM_PHYSICAL, 0xc040, &number, 4), 4);
	DATA32(&d.vmm.vm, 32) = 1;
	e = next_event(d.fd);
	CHECK_EQ(e.why, WHY_WATCH);
	CHECK_EQ(e.rip, AT(wait, wait_hit));
	CHECK_EQ(e.new_value, 9);
	if (place != IN_REGISTER) {
		CHECK_EQ(e.insn, AT(wait, wait_over));
		CHECK_EQ(e.old_value, 8);
	}
	dbg_finish(&d);
	dbg_stop(&d);
}

static void not_the_vmm_nor_the_session(void)
{
	each_place(wait_at);
}

static const struct test tests[] = {
	TEST(each_iteration_of_a_rep),
	TEST(page_walks_but_in_a_register),
	TEST(marks_of_page_walks_but_in_a_register),
	TEST(not_the_vmm_nor_the_session),
};

TAP_MAIN(tests)
