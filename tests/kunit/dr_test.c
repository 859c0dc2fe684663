// SPDX-License-Identifier: GPL-2.0-only
/* Debug registers shared between a debugger and a guest. */
#include <kunit/test.h>

#include "../../kmod/lib/dr.c"

static const u64 guest_dr[DR_COUNT] = { 0x1000, 0x2000, 0x3000, 0x4000 };

static const struct dr_want wants[DR_COUNT] = {
	{ .addr = 0xa000, .len = 1, .type = DR_EXEC },
	{ .addr = 0xb000, .len = 2, .type = DR_WRITE },
	{ .addr = 0xc000, .len = 4, .type = DR_ACCESS },
	{ .addr = 0xd000, .len = 8, .type = DR_WRITE },
};

static void want_is_checked(struct kunit *test)
{
	static const struct {
		u64 addr;
		u8 len, type;
		bool valid;
	} rows[] = {
		{ 0x1000, 1, DR_EXEC, true }, { 0x1003, 1, DR_EXEC, true },
		{ 0x1000, 2, DR_EXEC, false }, { 0x1000, 8, DR_EXEC, false },
		{ 0x1001, 1, DR_WRITE, true }, { 0x1002, 2, DR_WRITE, true },
		{ 0x1004, 4, DR_ACCESS, true }, { 0x1008, 8, DR_ACCESS, true },
		{ 0x1001, 2, DR_WRITE, false }, { 0x1002, 4, DR_WRITE, false },
		{ 0x1004, 8, DR_ACCESS, false },
		{ 0x1000, 0, DR_WRITE, false }, { 0x1000, 3, DR_WRITE, false },
		{ 0x1000, 16, DR_WRITE, false }, { 0x1000, 255, DR_WRITE, false },
		{ 0x1000, 1, DR_IO, false }, { 0x1000, 1, 4, false },
		{ 0x8000000000000000ULL, 8, DR_WRITE, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dr_want want = { .addr = rows[i].addr, .len = rows[i].len,
					.type = rows[i].type };

		KUNIT_EXPECT_EQ_MSG(test, dr_want_valid(&want), rows[i].valid,
				    "row %u", i);
	}
}

static void nothing_wanted_arms_nothing(struct kunit *test)
{
	struct dr_plan plan;

	dr_plan_make(&plan, NULL, 0, guest_dr, 0xffff0700, DR_FIRST_DEBUGGER);
	KUNIT_EXPECT_EQ(test, plan.dr7, 0x400ULL);
	KUNIT_EXPECT_FALSE(test, dr_plan_active(&plan));
	KUNIT_EXPECT_EQ(test, plan.guest_unarmed, 0);
}

static void guest_alone_gets_its_own_registers(struct kunit *test)
{
	/* L0, G3, LE, GE; a field in the disabled DR1 too */
	const u64 dr7 = 0xd0570781;
	struct dr_plan plan;
	unsigned int i;

	dr_plan_make(&plan, NULL, 0, guest_dr, dr7 | BIT_ULL(13), DR_FIRST_DEBUGGER);
	KUNIT_EXPECT_EQ(test, plan.dr7, dr7);
	KUNIT_EXPECT_TRUE(test, dr_plan_active(&plan));
	for (i = 0; i < DR_COUNT; i++) {
		KUNIT_EXPECT_EQ(test, plan.dr[i], guest_dr[i]);
		KUNIT_EXPECT_EQ(test, plan.slot[i].owner, DR_GUEST);
		KUNIT_EXPECT_EQ(test, plan.slot[i].index, i);
	}
}

static void execution_in_the_plan(struct kunit *test)
{
	const struct dr_want want = { .addr = 0x2000, .len = 1, .type = DR_EXEC };
	const u64 guest[DR_COUNT] = { 0x3000, 0x4000, 0x5000, 0 };
	struct dr_plan plan;

	/* the guest's DR0 is for execution, DR1 for writes, DR2 is disabled */
	dr_plan_make(&plan, &want, 1, guest, 0x00100405, DR_FIRST_GUEST);
	KUNIT_EXPECT_TRUE(test, dr_plan_exec_at(&plan, 0x2000));
	KUNIT_EXPECT_TRUE(test, dr_plan_exec_at(&plan, 0x3000));
	KUNIT_EXPECT_FALSE(test, dr_plan_exec_at(&plan, 0x4000));
	KUNIT_EXPECT_FALSE(test, dr_plan_exec_at(&plan, 0x5000));
	KUNIT_EXPECT_FALSE(test, dr_plan_exec_at(&plan, 0));
	dr_plan_make(&plan, NULL, 0, guest, 0x400, DR_FIRST_GUEST);
	KUNIT_EXPECT_FALSE(test, dr_plan_exec_at(&plan, 0x3000));
}

static void debugger_alone_gets_four(struct kunit *test)
{
	struct dr_plan plan;
	unsigned int i;

	dr_plan_make(&plan, wants, 4, guest_dr, 0x400, DR_FIRST_DEBUGGER);
	/* LEN and RW: exec 0, write 2 bytes 5, access 4 bytes f, write 8 bytes 9 */
	KUNIT_EXPECT_EQ(test, plan.dr7, 0x9f5004aaULL);
	for (i = 0; i < DR_COUNT; i++) {
		KUNIT_EXPECT_EQ(test, plan.dr[i], wants[i].addr);
		KUNIT_EXPECT_EQ(test, plan.slot[i].owner, DR_DEBUGGER);
		KUNIT_EXPECT_EQ(test, plan.slot[i].index, i);
	}
}

static void debugger_evades_what_the_guest_arms(struct kunit *test)
{
	struct dr_plan plan;

	/* the guest has DR0 (write 4) and DR2 (exec) */
	dr_plan_make(&plan, wants, 2, guest_dr, 0x000d0421, DR_FIRST_DEBUGGER);
	KUNIT_EXPECT_EQ(test, plan.dr[0], 0x1000ULL);
	KUNIT_EXPECT_EQ(test, plan.dr[1], 0xa000ULL);
	KUNIT_EXPECT_EQ(test, plan.dr[2], 0x3000ULL);
	KUNIT_EXPECT_EQ(test, plan.dr[3], 0xb000ULL);
	KUNIT_EXPECT_EQ(test, plan.dr7, 0x500d04a9ULL);
	KUNIT_EXPECT_EQ(test, plan.guest_unarmed, 0);
}

static void debugger_comes_first_when_there_are_too_many(struct kunit *test)
{
	struct dr_plan plan;

	/* the guest arms DR1 to DR3: 2 wants take the free DR0 and DR1 */
	dr_plan_make(&plan, wants, 2, guest_dr, 0x04a8, DR_FIRST_DEBUGGER);
	KUNIT_EXPECT_EQ(test, plan.slot[0].owner, DR_DEBUGGER);
	KUNIT_EXPECT_EQ(test, plan.slot[1].owner, DR_DEBUGGER);
	KUNIT_EXPECT_EQ(test, plan.dr[2], 0x3000ULL);
	KUNIT_EXPECT_EQ(test, plan.dr[3], 0x4000ULL);
	KUNIT_EXPECT_EQ(test, plan.guest_unarmed, BIT(1));

	dr_plan_make(&plan, wants, 4, guest_dr, 0x04ff, DR_FIRST_DEBUGGER);
	KUNIT_EXPECT_EQ(test, plan.guest_unarmed, 0xf);
	KUNIT_EXPECT_EQ(test, plan.dr7, 0x9f5004aaULL);
}

static void guest_comes_first_when_told_to(struct kunit *test)
{
	struct dr_plan plan;

	/* the guest arms DR1 to DR3: one want has DR0, and three have nothing */
	dr_plan_make(&plan, wants, 4, guest_dr, 0x04a8, DR_FIRST_GUEST);
	KUNIT_EXPECT_EQ(test, plan.slot[0].owner, DR_DEBUGGER);
	KUNIT_EXPECT_EQ(test, plan.slot[0].index, 0);
	KUNIT_EXPECT_EQ(test, plan.debugger, BIT(0));
	KUNIT_EXPECT_EQ(test, plan.guest_unarmed, 0);
	KUNIT_EXPECT_EQ(test, plan.want_unarmed, 0xe);

	dr_plan_make(&plan, wants, 1, guest_dr, 0x04ff, DR_FIRST_GUEST);
	KUNIT_EXPECT_EQ(test, plan.dr7, 0x04ffULL);
	KUNIT_EXPECT_EQ(test, plan.debugger, 0);
	KUNIT_EXPECT_EQ(test, plan.want_unarmed, BIT(0));
}

/*
 * Checks the properties of a plan, for every set of guest registers and number of
 * wants.
 */
static void every_plan_serves_all(struct kunit *test, enum dr_first first)
{
	unsigned int armed, nr, i;

	for (armed = 0; armed < 256; armed++) {
		for (nr = 0; nr <= DR_COUNT; nr++) {
			unsigned int mine = 0, guests = 0, wanted = 0;
			struct dr_plan plan;

			dr_plan_make(&plan, wants, nr, guest_dr, 0x400 | armed, first);
			for (i = 0; i < DR_COUNT; i++) {
				bool on = armed >> (2 * i) & 3;

				wanted |= on << i;
				if (plan.slot[i].owner == DR_DEBUGGER)
					mine |= BIT(plan.slot[i].index);
				else if (plan.slot[i].owner == DR_GUEST && on)
					guests |= BIT(plan.slot[i].index);
				KUNIT_EXPECT_EQ(test, dr7_enabled(plan.dr7, i),
						plan.slot[i].owner == DR_DEBUGGER ||
						(plan.slot[i].owner == DR_GUEST && on));
			}
			KUNIT_EXPECT_EQ(test, mine | plan.want_unarmed, BIT(nr) - 1);
			KUNIT_EXPECT_EQ(test, mine & plan.want_unarmed, 0U);
			KUNIT_EXPECT_EQ(test, guests | plan.guest_unarmed, wanted);
			KUNIT_EXPECT_EQ(test, guests & plan.guest_unarmed, 0U);
			/* all are armed if there is room */
			if (hweight8(wanted) + nr <= DR_COUNT)
				KUNIT_EXPECT_EQ(test, plan.guest_unarmed | plan.want_unarmed, 0);
			/* the owner with priority has all of its registers armed */
			KUNIT_EXPECT_EQ(test, first == DR_FIRST_GUEST ? plan.guest_unarmed :
								    plan.want_unarmed, 0);
		}
	}
}

static void every_plan_serves_all_or_says_whom_not(struct kunit *test)
{
	every_plan_serves_all(test, DR_FIRST_DEBUGGER);
	every_plan_serves_all(test, DR_FIRST_GUEST);
}

static void hits_are_split(struct kunit *test)
{
	/* guest: DR0, DR2 armed; debugger: want 0 in slot 1, want 1 in slot 3 */
	const u64 dr7 = 0x000d0421;
	static const struct {
		u64 qual;
		u8 debugger;
		u64 guest;
	} rows[] = {
		{ 0x0, 0, 0 },
		{ 0x1, 0, 0x1 },
		{ 0x2, BIT(0), 0 },
		{ 0x8, BIT(1), 0 },
		{ 0xa, BIT(0) | BIT(1), 0 },
		{ 0xf, BIT(0) | BIT(1), 0x5 },
		{ 0x4002, BIT(0), 0x4000 },
		{ 0x4004, 0, 0x4004 },
		{ 0x2000, 0, 0x2000 },
		{ 0x10801, 0, 0x10801 },
	};
	struct dr_plan plan;
	unsigned int i;

	dr_plan_make(&plan, wants, 2, guest_dr, dr7, DR_FIRST_DEBUGGER);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dr_hits hits = dr_split_hits(&plan, rows[i].qual, dr7);

		KUNIT_EXPECT_EQ_MSG(test, hits.debugger, rows[i].debugger, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, hits.guest, rows[i].guest, "row %u", i);
	}
}

static void disabled_match_shows_only_beside_a_reason(struct kunit *test)
{
	/* the guest arms DR0; its DR1 is disabled; the debugger has the others */
	struct dr_plan plan = {
		.dr7 = 0x400 | 0x1 | 0x80,
		.slot = { { DR_GUEST, 0 }, { DR_GUEST, 1 }, { DR_FREE, 0 },
			  { DR_DEBUGGER, 0 } },
	};

	KUNIT_EXPECT_EQ(test, dr_split_hits(&plan, 0x3, 0x401).guest, 0x3ULL);
	KUNIT_EXPECT_EQ(test, dr_split_hits(&plan, 0x4002, 0x401).guest, 0x4002ULL);
	/* the debugger's hit is no reason for a #DB in the guest */
	KUNIT_EXPECT_EQ(test, dr_split_hits(&plan, 0xa, 0x401).guest, 0ULL);
	KUNIT_EXPECT_EQ(test, dr_split_hits(&plan, 0xa, 0x401).debugger, 1);
	/* a slot without an owner */
	KUNIT_EXPECT_EQ(test, dr_split_hits(&plan, 0x5, 0x401).guest, 0x1ULL);
}

static void dr6_after_an_exception(struct kunit *test)
{
	static const struct {
		u64 dr6, payload, after;
	} rows[] = {
		{ 0xffff0ff0, 0x0, 0xffff0ff0 },
		{ 0xffff0ff0, 0x1, 0xffff0ff1 },
		{ 0xffff0ff0, 0x4000, 0xffff4ff0 },
		{ 0xffff0ff0, 0x2000, 0xffff2ff0 },
		{ 0xffff0ff0, 0x8000, 0xffff8ff0 },
		/* B0 to B3 are set anew, BS and BD and BT accumulate */
		{ 0xffff0fff, 0x4, 0xffff0ff4 },
		{ 0xffff4ff0, 0x2, 0xffff4ff2 },
		{ 0xffffeff3, 0x0, 0xffffeff0 },
		/* RTM is cleared by its event, and set by the next */
		{ 0xffff0ff0, 0x10001, 0xfffe0ff1 },
		{ 0xfffe0ff0, 0x4000, 0xffff4ff0 },
		/* BLD is cleared by its event, and stays cleared */
		{ 0xffff0ff0, 0x800, 0xffff07f0 },
		{ 0xffff07f0, 0x4000, 0xffff47f0 },
		/* bit 12 of a payload is no bit of DR6 */
		{ 0xffff0ff0, 0x1001, 0xffff0ff1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, dr6_deliver(rows[i].dr6, rows[i].payload),
				    rows[i].after, "row %u", i);
}

static void upper_halves_may_not_be_written(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, dr6_write_ok(0xffffffff));
	KUNIT_EXPECT_FALSE(test, dr6_write_ok(0x100000000ULL));
	KUNIT_EXPECT_FALSE(test, dr6_write_ok(0x8000000000000000ULL));
	KUNIT_EXPECT_TRUE(test, dr7_write_ok(0xffffffff));
	KUNIT_EXPECT_FALSE(test, dr7_write_ok(0x100000000ULL));
}

static void fixed_bits_are_forced(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, dr6_normalize(0), 0xffff0ff0ULL);
	KUNIT_EXPECT_EQ(test, dr6_normalize(0xffffffff), 0xffffefffULL);
	KUNIT_EXPECT_EQ(test, dr7_normalize(0), 0x400ULL);
	KUNIT_EXPECT_EQ(test, dr7_normalize(0xffffffff), 0xffff2fffULL);
	KUNIT_EXPECT_EQ(test, dr7_normalize(~0ULL), 0xffff2fffULL);
}

static void enabled_is_local_or_global(struct kunit *test)
{
	unsigned int nr, bit;

	for (bit = 0; bit < 32; bit++) {
		KUNIT_EXPECT_EQ(test, dr7_any_enabled(BIT(bit)), bit < 8);
		for (nr = 0; nr < DR_COUNT; nr++)
			KUNIT_EXPECT_EQ(test, dr7_enabled(BIT(bit), nr), bit / 2 == nr);
	}
}

/* Decoding a register gives the want that dr_plan_make() got. */
static void dr_want_decode_undoes_the_plan(struct kunit *test)
{
	static const struct dr_want wants[] = {
		{ .addr = 0x1000, .len = 1, .type = DR_EXEC },
		{ .addr = 0x2002, .len = 2, .type = DR_WRITE },
		{ .addr = 0x3004, .len = 4, .type = DR_ACCESS },
		{ .addr = 0x4008, .len = 8, .type = DR_WRITE },
	};
	const u64 guest_dr[DR_COUNT] = { };
	struct dr_plan plan;
	struct dr_want want;
	unsigned int i, n;

	dr_plan_make(&plan, wants, ARRAY_SIZE(wants), guest_dr, 0x400, DR_FIRST_DEBUGGER);
	for (i = 0; i < DR_COUNT; i++) {
		n = plan.slot[i].index;
		KUNIT_ASSERT_TRUE(test, dr_want_decode(&want, plan.dr[i], plan.dr7, i));
		KUNIT_EXPECT_EQ(test, want.addr, wants[n].addr);
		KUNIT_EXPECT_EQ(test, want.len, wants[n].len);
		KUNIT_EXPECT_EQ(test, want.type, wants[n].type);
	}
	/* the processor ignores address bits below the length */
	KUNIT_EXPECT_TRUE(test, dr_want_decode(&want, 0x1003, 0xd0001, 0));
	KUNIT_EXPECT_EQ(test, want.addr, 0x1000ULL);
	/* I/O, and execution of more than one byte, give no want */
	KUNIT_EXPECT_FALSE(test, dr_want_decode(&want, 0x1000, 0x20001, 0));
	KUNIT_EXPECT_FALSE(test, dr_want_decode(&want, 0x1000, 0x40001, 0));
}

static void dr_access_hits_any_byte_in_common(struct kunit *test)
{
	/* DR0: writes to 4 bytes; DR1: accesses to the last byte there is;
	 * DR2: writes, not enabled; DR3: execution
	 */
	const struct dr_plan plan = {
		.dr = { 0x1004, ~0ULL, 0x1004, 0x1004 },
		.dr7 = 0x01 | 0x04 | 0x40 | 0xdULL << 16 | 0x3ULL << 20 | 0xdULL << 24,
	};

	KUNIT_EXPECT_EQ(test, dr_access_hits(&plan, 0x1003, 1, true), 0ULL);
	KUNIT_EXPECT_EQ(test, dr_access_hits(&plan, 0x1003, 2, true), 1ULL);
	KUNIT_EXPECT_EQ(test, dr_access_hits(&plan, 0x1007, 8, true), 1ULL);
	KUNIT_EXPECT_EQ(test, dr_access_hits(&plan, 0x1008, 8, true), 0ULL);
	KUNIT_EXPECT_EQ(test, dr_access_hits(&plan, 0x1000, 0x100, true), 1ULL);
	KUNIT_EXPECT_EQ(test, dr_access_hits(&plan, 0x1004, 4, false), 0ULL);
	KUNIT_EXPECT_EQ(test, dr_access_hits(&plan, ~0ULL - 3, 4, false), 2ULL);
	KUNIT_EXPECT_EQ(test, dr_access_hits(&plan, ~0ULL - 3, 3, false), 0ULL);
}

static void hits_that_wait_go_with_their_owners(struct kunit *test)
{
	const struct dr_want a = { .addr = 0x1000, .id = 7, .len = 1, .type = DR_WRITE };
	const struct dr_want b = { .addr = 0x2000, .id = 9, .len = 1, .type = DR_WRITE };
	const struct dr_want both[] = { a, b };
	const u32 before[DR_COUNT] = { 7, 9 }, after[DR_COUNT] = { 9 };
	struct dr_plan from, to;

	/* the guest has DR2 armed; the debugger's are in 0 and 1, then one in 0 */
	dr_plan_make(&from, both, 2, guest_dr, 0x20, DR_FIRST_DEBUGGER);
	dr_plan_make(&to, &b, 1, guest_dr, 0x20, DR_FIRST_DEBUGGER);
	KUNIT_EXPECT_EQ(test, dr_plan_carry(&from, before, &to, after, 0x2), 0x1ULL);
	KUNIT_EXPECT_EQ(test, dr_plan_carry(&from, before, &to, after, 0x1), 0ULL);
	KUNIT_EXPECT_EQ(test, dr_plan_carry(&from, before, &to, after, 0x4), 0x4ULL);
	KUNIT_EXPECT_EQ(test, dr_plan_carry(&from, before, &to, after, 0x7), 0x5ULL);
	KUNIT_EXPECT_EQ(test, dr_plan_carry(&from, before, &from, before, 0xf), 0xfULL);

	/* the hit with id 7 is of a removed want; the guest's hits are never lost */
	KUNIT_EXPECT_EQ(test, dr_plan_lost(&from, before, &to, after, 0x7), 0x1ULL);
	KUNIT_EXPECT_EQ(test, dr_plan_lost(&from, before, &from, before, 0xf), 0ULL);
}

static void exec_hits_are_of_armed_ones(struct kunit *test)
{
	/* DR0 execute, DR1 write, DR2 execute and not enabled */
	const u64 guest_dr7 = 0x00100405;
	struct dr_plan plan;

	dr_plan_make(&plan, NULL, 0, guest_dr, guest_dr7, DR_FIRST_DEBUGGER);
	KUNIT_EXPECT_TRUE(test, dr_exec_hits(&plan, BIT(0)));
	KUNIT_EXPECT_FALSE(test, dr_exec_hits(&plan, BIT(1)));
	KUNIT_EXPECT_FALSE(test, dr_exec_hits(&plan, BIT(2)));
	KUNIT_EXPECT_TRUE(test, dr_exec_hits(&plan, BIT(0) | BIT(1)));
	KUNIT_EXPECT_FALSE(test, dr_exec_hits(&plan, DR6_BS));
}

static struct kunit_case dr_cases[] = {
	KUNIT_CASE(want_is_checked),
	KUNIT_CASE(nothing_wanted_arms_nothing),
	KUNIT_CASE(guest_alone_gets_its_own_registers),
	KUNIT_CASE(execution_in_the_plan),
	KUNIT_CASE(debugger_alone_gets_four),
	KUNIT_CASE(debugger_evades_what_the_guest_arms),
	KUNIT_CASE(debugger_comes_first_when_there_are_too_many),
	KUNIT_CASE(guest_comes_first_when_told_to),
	KUNIT_CASE(every_plan_serves_all_or_says_whom_not),
	KUNIT_CASE(hits_are_split),
	KUNIT_CASE(exec_hits_are_of_armed_ones),
	KUNIT_CASE(hits_that_wait_go_with_their_owners),
	KUNIT_CASE(disabled_match_shows_only_beside_a_reason),
	KUNIT_CASE(dr6_after_an_exception),
	KUNIT_CASE(upper_halves_may_not_be_written),
	KUNIT_CASE(fixed_bits_are_forced),
	KUNIT_CASE(enabled_is_local_or_global),
	KUNIT_CASE(dr_want_decode_undoes_the_plan),
	KUNIT_CASE(dr_access_hits_any_byte_in_common),
	{}
};

static struct kunit_suite dr_suite = {
	.name = "vmxdbg-dr",
	.test_cases = dr_cases,
};

kunit_test_suite(dr_suite);
