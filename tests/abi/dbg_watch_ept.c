// SPDX-License-Identifier: GPL-2.0-only
/* Watchpoints that no debug register can hold: of any kind, length and place. */
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define WHY_WATCH	VMXDBG_WHY_WATCH
#define READ		VMXDBG_ACCESS_READ
#define WRITE		VMXDBG_ACCESS_WRITE
#define KNOWN		(VMXDBG_ACCESS_GPA | VMXDBG_ACCESS_VALUES)

static u32 add(struct dbg *d, u32 type, u64 addr, u64 len, u32 flags)
{
	long id = session_add_bp(d->fd, (struct vmxdbg_bp){
		.type = type, .addr = addr, .len = len, .flags = flags });

	if (id <= 0)
		tap_fail("watchpoint at %#llx: %s", (unsigned long long)addr, strerror(-id));
	return id;
}

/* one test has several guests */
static void dbg_stop(struct dbg *d)
{
	close(d->fd);
	vmm_kill(&d->vmm);
	close(d->dev);
}

/* linear, or physical, which is the same here */
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

/* three bytes in the middle of four, so that no debug register can have them */
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

static const struct test tests[] = {
	TEST(write_watch),
	TEST(read_watch),
	TEST(access_watch),
};

TAP_MAIN(tests)
