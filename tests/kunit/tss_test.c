// SPDX-License-Identifier: GPL-2.0-only
/* Task-state segments, and the segments that a task may load. */
#include <kunit/test.h>

#include "../../kmod/lib/tss.c"

#define DESC(base, limit, flags)					\
	(((limit) & 0xffffULL) | ((base) & 0xffffffULL) << 16 |		\
	 (u64)((flags) & 0xf0ff) << 40 | ((limit) & 0xf0000ULL) << 32 |	\
	 ((base) & 0xff000000ULL) << 32)

static void descriptor_fields(struct kunit *test)
{
	u64 desc = DESC(0x12345678, 0xabcde, 0xc09b);

	KUNIT_EXPECT_EQ(test, desc_base(desc), 0x12345678);
	KUNIT_EXPECT_EQ(test, desc_limit(desc), 0xabcdefff);
	KUNIT_EXPECT_EQ(test, desc_ar(desc), 0xc09b);
	KUNIT_EXPECT_EQ(test, desc_limit(DESC(0, 0xabcde, 0x409b)), 0xabcde);
}

static void tss_is_checked(struct kunit *test)
{
	static const struct {
		const char *what;
		u64 desc;
		bool back;
		u8 vector;
	} rows[] = {
		{ "32-bit", DESC(0, 0x67, 0x89), false, 0 },
		{ "32-bit, return", DESC(0, 0x67, 0x8b), true, 0 },
		{ "16-bit", DESC(0, 0x2b, 0x81), false, 0 },
		{ "16-bit, return", DESC(0, 0x2b, 0x83), true, 0 },
		{ "busy", DESC(0, 0x67, 0x8b), false, X86_TRAP_GP },
		{ "free, return", DESC(0, 0x67, 0x89), true, X86_TRAP_TS },
		{ "LDT", DESC(0, 0x67, 0x82), false, X86_TRAP_GP },
		{ "LDT, return", DESC(0, 0x67, 0x82), true, X86_TRAP_TS },
		{ "task gate", DESC(0, 0x67, 0x85), false, X86_TRAP_GP },
		{ "data", DESC(0, 0x67, 0x91), false, X86_TRAP_GP },
		{ "absent", DESC(0, 0x67, 0x09), false, X86_TRAP_NP },
		{ "absent, return", DESC(0, 0x67, 0x0b), true, X86_TRAP_TS },
		{ "short", DESC(0, 0x66, 0x89), false, X86_TRAP_TS },
		{ "short 16-bit", DESC(0, 0x2a, 0x81), false, X86_TRAP_TS },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, tss_check(rows[i].desc, rows[i].back),
				    rows[i].vector, "%s", rows[i].what);
}

static void segments_are_checked(struct kunit *test)
{
	static const struct {
		enum task_seg seg;
		u16 selector;
		u8 cpl;
		u32 flags;
		u8 vector;
	} rows[] = {
		{ TASK_CS, 0x08, 0, 0x9b, 0 },
		{ TASK_CS, 0x0b, 3, 0xfb, 0 },
		{ TASK_CS, 0x0b, 3, 0x9b, X86_TRAP_TS },	/* DPL 0 for RPL 3 */
		{ TASK_CS, 0x0b, 3, 0x9f, 0 },			/* conforming */
		{ TASK_CS, 0x08, 0, 0xff, X86_TRAP_TS },	/* DPL above RPL */
		{ TASK_CS, 0x08, 0, 0x93, X86_TRAP_TS },	/* data */
		{ TASK_CS, 0x08, 0, 0x8b, X86_TRAP_TS },	/* a TSS */
		{ TASK_CS, 0x08, 0, 0x1b, X86_TRAP_NP },
		{ TASK_SS, 0x10, 0, 0x93, 0 },
		{ TASK_SS, 0x10, 0, 0x97, 0 },			/* grows down */
		{ TASK_SS, 0x10, 0, 0x91, X86_TRAP_TS },	/* read-only */
		{ TASK_SS, 0x13, 0, 0x93, X86_TRAP_TS },	/* RPL */
		{ TASK_SS, 0x13, 3, 0x93, X86_TRAP_TS },	/* DPL */
		{ TASK_SS, 0x10, 0, 0x9b, X86_TRAP_TS },	/* code */
		{ TASK_SS, 0x10, 0, 0x13, X86_TRAP_SS },
		{ TASK_DS, 0x10, 0, 0x91, 0 },
		{ TASK_DS, 0x10, 0, 0xf3, 0 },
		{ TASK_DS, 0x10, 3, 0x93, X86_TRAP_TS },
		{ TASK_DS, 0x13, 0, 0x93, X86_TRAP_TS },
		{ TASK_ES, 0x10, 0, 0x9b, 0 },			/* readable code */
		{ TASK_FS, 0x10, 0, 0x99, X86_TRAP_TS },	/* only executable */
		{ TASK_GS, 0x13, 3, 0x9f, 0 },			/* conforming */
		{ TASK_DS, 0x10, 0, 0x13, X86_TRAP_NP },
		{ TASK_LDTR, 0x10, 0, 0x82, 0 },
		{ TASK_LDTR, 0x10, 0, 0x89, X86_TRAP_TS },
		{ TASK_LDTR, 0x10, 0, 0x92, X86_TRAP_TS },
		{ TASK_LDTR, 0x10, 0, 0x02, X86_TRAP_TS },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    task_seg_check(rows[i].seg, rows[i].selector,
						   DESC(0, 0xffff, rows[i].flags),
						   rows[i].cpl),
				    rows[i].vector, "row %u", i);
}

/* Segments that MOV, LLDT, LTR, far JMP and CALL load (SDM vol. 2) */
static void loads_are_checked(struct kunit *test)
{
	static const struct {
		enum task_seg seg;
		u16 selector;
		u16 flags;		/* of the descriptor: type, DPL, P; 2000h L, 4000h D */
		u8 cpl;
		bool lma;
		u8 vector;
	} rows[] = {
		{ TASK_DS, 0x10, 0x92, 0, false, 0 },
		{ TASK_DS, 0x13, 0x92, 0, false, X86_TRAP_GP },
		{ TASK_DS, 0x10, 0xf2, 3, false, 0 },
		{ TASK_DS, 0x10, 0xd2, 3, false, X86_TRAP_GP },
		{ TASK_DS, 0x13, 0x9e, 3, false, 0 },
		{ TASK_DS, 0x10, 0x98, 0, false, X86_TRAP_GP },
		{ TASK_DS, 0x10, 0x12, 0, false, X86_TRAP_NP },
		{ TASK_DS, 0x10, 0x82, 0, false, X86_TRAP_GP },
		{ TASK_SS, 0x10, 0x92, 0, true, 0 },
		{ TASK_SS, 0x13, 0xf2, 3, true, 0 },
		{ TASK_SS, 0x10, 0xf2, 3, true, X86_TRAP_GP },
		{ TASK_SS, 0x13, 0x92, 3, true, X86_TRAP_GP },
		{ TASK_SS, 0x10, 0x90, 0, true, X86_TRAP_GP },
		{ TASK_SS, 0x10, 0x12, 0, true, X86_TRAP_SS },
		{ TASK_CS, 0x10, 0x209a, 0, true, 0 },
		{ TASK_CS, 0x10, 0x609a, 0, true, X86_TRAP_GP },
		{ TASK_CS, 0x10, 0x609a, 0, false, 0 },
		{ TASK_CS, 0x13, 0x9a, 0, false, X86_TRAP_GP },
		{ TASK_CS, 0x10, 0xfa, 3, false, 0 },
		{ TASK_CS, 0x10, 0x9a, 3, false, X86_TRAP_GP },
		{ TASK_CS, 0x13, 0x9e, 3, false, 0 },
		{ TASK_CS, 0x10, 0xfe, 0, false, X86_TRAP_GP },
		{ TASK_CS, 0x10, 0x92, 0, false, X86_TRAP_GP },
		{ TASK_CS, 0x10, 0x8c, 0, false, X86_TRAP_GP },
		{ TASK_CS, 0x10, 0x1a, 0, false, X86_TRAP_NP },
		{ TASK_LDTR, 0x10, 0x82, 0, true, 0 },
		{ TASK_LDTR, 0x10, 0x89, 0, true, X86_TRAP_GP },
		{ TASK_LDTR, 0x10, 0x02, 0, true, X86_TRAP_NP },
		{ TASK_TR, 0x10, 0x89, 0, true, 0 },
		{ TASK_TR, 0x10, 0x81, 0, true, X86_TRAP_GP },
		{ TASK_TR, 0x10, 0x81, 0, false, 0 },
		{ TASK_TR, 0x10, 0x8b, 0, true, X86_TRAP_GP },
		{ TASK_TR, 0x10, 0x92, 0, false, X86_TRAP_GP },
		{ TASK_TR, 0x10, 0x09, 0, true, X86_TRAP_NP },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    seg_load_check(rows[i].seg, rows[i].selector,
						   (u64)rows[i].flags << 40,
						   rows[i].cpl, rows[i].lma),
				    rows[i].vector, "row %u", i);
}

/* Loading gives what was stored, and a store touches the saved part only. */
static void round_trip(struct kunit *test, bool wide)
{
	struct task_state in = { .eip = 0x1234, .eflags = 0x202 }, out = { };
	unsigned int i, offset, len;
	u8 image[TSS_SIZE_32];

	for (i = 0; i < 8; i++)
		in.gpr[i] = 0x100 + i;
	for (i = 0; i <= TASK_GS; i++)
		in.sel[i] = 8 * i + 8;
	memset(image, 0xee, sizeof(image));
	tss_store(image, wide, &in);
	tss_saved_part(wide, &offset, &len);
	for (i = 0; i < sizeof(image); i++)
		if (i < offset || i >= offset + len)
			KUNIT_EXPECT_EQ_MSG(test, image[i], 0xee, "byte %u", i);
	tss_load(image, wide, &out);
	KUNIT_EXPECT_EQ(test, out.eip, in.eip);
	KUNIT_EXPECT_EQ(test, out.eflags, in.eflags);
	KUNIT_EXPECT_EQ(test, memcmp(out.gpr, in.gpr, sizeof(in.gpr)), 0);
	for (i = 0; i <= (wide ? TASK_GS : TASK_DS); i++)
		KUNIT_EXPECT_EQ_MSG(test, out.sel[i], in.sel[i], "segment %u", i);
}

static void wide_tss_round_trip(struct kunit *test)
{
	round_trip(test, true);
}

static void narrow_tss_round_trip(struct kunit *test)
{
	round_trip(test, false);
}

static void fields_are_where_the_manual_says(struct kunit *test)
{
	struct task_state state = { };
	u8 image[TSS_SIZE_32];
	unsigned int i;

	for (i = 0; i < sizeof(image); i++)
		image[i] = i;
	tss_load(image, true, &state);
	KUNIT_EXPECT_EQ(test, state.cr3, 0x1f1e1d1c);
	KUNIT_EXPECT_EQ(test, state.eip, 0x23222120);
	KUNIT_EXPECT_EQ(test, state.gpr[4], 0x3b3a3938);	/* ESP */
	KUNIT_EXPECT_EQ(test, state.sel[TASK_CS], 0x4d4c);
	KUNIT_EXPECT_EQ(test, state.sel[TASK_LDTR], 0x6160);
	KUNIT_EXPECT_FALSE(test, state.trap);
	image[100] = 1;
	tss_load(image, true, &state);
	KUNIT_EXPECT_TRUE(test, state.trap);
	tss_load(image, false, &state);
	KUNIT_EXPECT_EQ(test, state.cr3, 0x1f1e1d1c);		/* a 16-bit TSS has none */
	KUNIT_EXPECT_EQ(test, state.eip, 0x0f0e);
	KUNIT_EXPECT_EQ(test, state.gpr[4], 0x1b1a);
	KUNIT_EXPECT_EQ(test, state.sel[TASK_CS], 0x2524);
	KUNIT_EXPECT_EQ(test, state.sel[TASK_LDTR], 0x2b2a);
	KUNIT_EXPECT_FALSE(test, state.trap);
}

static void stacks_have_limits(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, task_stack_fits(0xc093, U32_MAX, 0x1000, 4));
	KUNIT_EXPECT_TRUE(test, task_stack_fits(0x93, 0xfff, 0xffc, 4));
	KUNIT_EXPECT_FALSE(test, task_stack_fits(0x93, 0xfff, 0xffd, 4));
	KUNIT_EXPECT_FALSE(test, task_stack_fits(0xc093, U32_MAX, 0xfffffffe, 4));
	/* in a segment that grows down, valid offsets are above the limit */
	KUNIT_EXPECT_TRUE(test, task_stack_fits(0x97, 0xfff, 0x1000, 4));
	KUNIT_EXPECT_FALSE(test, task_stack_fits(0x97, 0xfff, 0xffc, 4));
	KUNIT_EXPECT_FALSE(test, task_stack_fits(0x97, 0xfff, 0xfffe, 4));
}

static struct kunit_case tss_cases[] = {
	KUNIT_CASE(descriptor_fields),
	KUNIT_CASE(tss_is_checked),
	KUNIT_CASE(segments_are_checked),
	KUNIT_CASE(loads_are_checked),
	KUNIT_CASE(wide_tss_round_trip),
	KUNIT_CASE(narrow_tss_round_trip),
	KUNIT_CASE(fields_are_where_the_manual_says),
	KUNIT_CASE(stacks_have_limits),
	{}
};

static struct kunit_suite tss_suite = {
	.name = "vmxdbg-tss",
	.test_cases = tss_cases,
};

kunit_test_suite(tss_suite);
