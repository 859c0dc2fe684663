// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watched ranges: the rights that they remove, the large pages that they split, and
 * the accesses that hit them.
 */
#include <kunit/test.h>

#include "../../kmod/insn/watch_guess.c"
#include "../../kmod/lib/watch_tree.c"

#define BASE	0x40000000ULL
#define LARGE	0x200000ULL

static void put(struct rb_root_cached *tree, struct watch *w, struct watch_piece *piece,
		u32 access, u64 first, u64 len)
{
	*w = (struct watch){ .access = access, .obj = (void *)w };
	*piece = (struct watch_piece){ .first = first, .last = first + len - 1,
				       .gva = first + 0x1000, .watch = w };
	watch_tree_insert(tree, piece);
}

static void denies_what_is_watched(struct kunit *test)
{
	struct rb_root_cached tree = RB_ROOT_CACHED;
	struct watch_piece p[3];
	struct watch w[3];

	put(&tree, &w[0], &p[0], VMXDBG_ACCESS_WRITE, BASE + 0x10, 4);
	put(&tree, &w[1], &p[1], VMXDBG_ACCESS_READ, BASE + 0x1000, 0x2000);
	put(&tree, &w[2], &p[2], VMXDBG_ACCESS_FETCH, BASE + 0x2ff0, 0x20);
	KUNIT_EXPECT_EQ(test, watch_denies(&tree, BASE, BASE + 0xfff), EPT_W);
	KUNIT_EXPECT_EQ(test, watch_denies(&tree, BASE + 0x1000, BASE + 0x1fff),
			EPT_R | EPT_W);
	KUNIT_EXPECT_EQ(test, watch_denies(&tree, BASE + 0x2000, BASE + 0x2fff), EPT_RWX);
	KUNIT_EXPECT_EQ(test, watch_denies(&tree, BASE + 0x3000, BASE + 0x3fff), EPT_X);
	KUNIT_EXPECT_EQ(test, watch_denies(&tree, BASE + 0x4000, ~0ULL), 0ULL);
	watch_tree_remove(&tree, &p[1]);
	KUNIT_EXPECT_EQ(test, watch_denies(&tree, BASE + 0x1000, BASE + 0x1fff), 0ULL);
}

static void splits_where_it_begins_or_ends(struct kunit *test)
{
	struct rb_root_cached tree = RB_ROOT_CACHED;
	struct watch_piece piece;
	struct watch w;
	u64 last = LARGE - 1;

	put(&tree, &w, &piece, VMXDBG_ACCESS_WRITE, BASE + 0x1000, 3 * LARGE - 0x1000);
	KUNIT_EXPECT_TRUE(test, watch_splits(&tree, BASE, BASE + last));
	KUNIT_EXPECT_FALSE(test, watch_splits(&tree, BASE + LARGE, BASE + LARGE + last));
	KUNIT_EXPECT_FALSE(test, watch_splits(&tree, BASE + 2 * LARGE,
					      BASE + 2 * LARGE + last));
	KUNIT_EXPECT_FALSE(test, watch_splits(&tree, BASE + 3 * LARGE,
					      BASE + 3 * LARGE + last));
}

static unsigned int meeting(struct rb_root_cached *tree, u64 gpa, u64 gva, u32 size,
			    u32 access)
{
	struct watch_access a = { .gpa = gpa, .gva = gva, .size = size, .access = access };
	struct dbg_object *obj[4];

	return watch_find(tree, &a, obj, ARRAY_SIZE(obj), 0);
}

static void any_byte_in_common_meets(struct kunit *test)
{
	struct rb_root_cached tree = RB_ROOT_CACHED;
	u32 write = VMXDBG_ACCESS_WRITE;
	struct watch_piece piece;
	struct watch w;
	u64 gva = BASE + 0x1000;

	put(&tree, &w, &piece, write, BASE + 8, 3);
	KUNIT_EXPECT_EQ(test, meeting(&tree, BASE + 4, gva + 4, 4, write), 0U);
	KUNIT_EXPECT_EQ(test, meeting(&tree, BASE + 4, gva + 4, 5, write), 1U);
	KUNIT_EXPECT_EQ(test, meeting(&tree, BASE + 10, gva + 10, 1, write), 1U);
	KUNIT_EXPECT_EQ(test, meeting(&tree, BASE + 11, gva + 11, 1, write), 0U);
	KUNIT_EXPECT_EQ(test, meeting(&tree, BASE + 8, gva + 8, 1, VMXDBG_ACCESS_READ), 0U);
}

static void an_alias_meets_physical_watches_alone(struct kunit *test)
{
	struct rb_root_cached tree = RB_ROOT_CACHED;
	u32 write = VMXDBG_ACCESS_WRITE;
	struct watch_piece piece;
	struct watch w;

	put(&tree, &w, &piece, write, BASE + 8, 3);
	KUNIT_EXPECT_EQ(test, meeting(&tree, BASE + 8, 0x7008, 1, write), 0U);
	KUNIT_EXPECT_EQ(test, meeting(&tree, BASE + 8, 0, 8, write | VMXDBG_ACCESS_WALK),
			1U);
	w.physical = true;
	KUNIT_EXPECT_EQ(test, meeting(&tree, BASE + 8, 0x7008, 1, write), 1U);
}

static void more_than_fit_are_found_in_turns(struct kunit *test)
{
	struct watch_access a = { .gpa = BASE, .size = 1, .gva = BASE + 0x1000,
				  .access = VMXDBG_ACCESS_WRITE };
	struct rb_root_cached tree = RB_ROOT_CACHED;
	struct watch_piece p[5];
	struct dbg_object *obj[2];
	struct watch w[5];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w); i++)
		put(&tree, &w[i], &p[i], VMXDBG_ACCESS_WRITE, BASE, i + 1);
	KUNIT_EXPECT_EQ(test, watch_find(&tree, &a, obj, 2, 0), 2U);
	KUNIT_EXPECT_EQ(test, watch_find(&tree, &a, obj, 2, 2), 2U);
	KUNIT_EXPECT_EQ(test, watch_find(&tree, &a, obj, 2, 4), 1U);
	KUNIT_EXPECT_EQ(test, watch_find(&tree, &a, obj, 2, 5), 0U);
}

static void the_stack_is_known(struct kunit *test)
{
	static const struct { u8 bytes[3], len, bits, size; } row[] = {
		{ { 0x50 }, 1, 64, 8 }, { { 0x66, 0x50 }, 2, 64, 2 },
		{ { 0x41, 0x50 }, 2, 64, 8 }, { { 0x50 }, 1, 32, 4 },
		{ { 0x66, 0x50 }, 2, 32, 2 }, { { 0x50 }, 1, 16, 2 },
		{ { 0x66, 0x50 }, 2, 16, 4 }, { { 0xc3 }, 1, 64, 8 },
		{ { 0xcb }, 1, 32, 8 }, { { 0xcf }, 1, 64, 40 },
		{ { 0x60 }, 1, 32, 32 }, { { 0x0f, 0xa0 }, 2, 64, 8 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++)
		KUNIT_EXPECT_EQ_MSG(test, row[i].size,
				    watch_guess(row[i].bytes, row[i].len, row[i].bits).size,
				    "row %u", i);
	KUNIT_EXPECT_TRUE(test, watch_guess(row[10].bytes, 1, 32).down);
}

/* Instructions with a ModRM operand in memory; tests/fuzz/insn_diff.c compares them all. */
static void vectors_and_x87_are_known(struct kunit *test)
{
	static const struct { u8 bytes[6], len, bits; u16 size; } row[] = {
		{ { 0xd9, 0x07 }, 2, 64, 4 },			/* fld m32 */
		{ { 0xdd, 0x07 }, 2, 64, 8 },			/* fld m64 */
		{ { 0xdb, 0x2f }, 2, 64, 10 },			/* fld m80 */
		{ { 0xdf, 0x07 }, 2, 64, 2 },			/* fild m16 */
		{ { 0xdd, 0x37 }, 2, 64, 108 },			/* fnsave */
		{ { 0x66, 0xdd, 0x37 }, 3, 32, 94 },
		{ { 0xd9, 0x37 }, 2, 16, 14 },			/* fnstenv */
		{ { 0xf3, 0x0f, 0x58, 0x07 }, 4, 64, 4 },	/* addss */
		{ { 0xf2, 0x41, 0x0f, 0x59, 0x07 }, 5, 64, 8 },	/* mulsd */
		{ { 0xf2, 0x48, 0x0f, 0x2a, 0x07 }, 5, 64, 8 },	/* cvtsi2sd m64 */
		{ { 0xf2, 0x0f, 0x2a, 0x07 }, 4, 64, 4 },	/* cvtsi2sd m32 */
		{ { 0x48, 0xf2, 0x0f, 0x2a, 0x07 }, 5, 64, 4 },	/* REX does not count */
		{ { 0x0f, 0xfe, 0x07 }, 3, 64, 8 },		/* paddd of MMX */
		{ { 0x66, 0x0f, 0xfe, 0x07 }, 4, 64, 16 },	/* paddd of SSE */
		{ { 0xc5, 0xfd, 0xfe, 0x07 }, 4, 64, 32 },	/* vpaddd of 256 bits */
		{ { 0xc4, 0xe2, 0x7d, 0x18, 0x07 }, 5, 64, 32 },	/* at most */
		{ { 0xc5, 0x07 }, 2, 32, 10 },			/* lds */
		{ { 0x62, 0xf1, 0x7c, 0x48, 0x58, 0x07 }, 6, 64, 64 },
		{ { 0x0f, 0xae, 0x07 }, 3, 64, 512 },		/* fxsave */
		{ { 0x0f, 0xae, 0x1f }, 3, 64, 4 },		/* stmxcsr */
		{ { 0x0f, 0xae, 0x27 }, 3, 64, 4096 },		/* xsave */
		{ { 0xd7 }, 1, 64, 8 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++)
		KUNIT_EXPECT_EQ_MSG(test, row[i].size,
				    watch_guess(row[i].bytes, row[i].len, row[i].bits).size,
				    "row %u", i);
}

static void permissions_go_with_what_they_want(struct kunit *test)
{
	u64 leaf = BASE | EPT_RWX | EPT_HOST_W;

	KUNIT_EXPECT_EQ(test, ept_deny(leaf, 0, true), leaf);
	KUNIT_EXPECT_EQ(test, ept_deny(leaf, EPT_W, true), leaf & ~EPT_W);
	KUNIT_EXPECT_EQ(test, ept_deny(leaf, EPT_R, true), leaf & ~(EPT_R | EPT_W));
	KUNIT_EXPECT_EQ(test, ept_deny(leaf, EPT_R, false), (leaf & ~EPT_RWX) | EPT_HELD);
	KUNIT_EXPECT_EQ(test, ept_deny(leaf, EPT_R | EPT_X, true),
			(leaf & ~EPT_RWX) | EPT_HELD);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(denies_what_is_watched),
	KUNIT_CASE(splits_where_it_begins_or_ends),
	KUNIT_CASE(any_byte_in_common_meets),
	KUNIT_CASE(an_alias_meets_physical_watches_alone),
	KUNIT_CASE(more_than_fit_are_found_in_turns),
	KUNIT_CASE(the_stack_is_known),
	KUNIT_CASE(vectors_and_x87_are_known),
	KUNIT_CASE(permissions_go_with_what_they_want),
	{ }
};

static struct kunit_suite suite = {
	.name = "vmxdbg-watch",
	.test_cases = cases,
};

kunit_test_suite(suite);
