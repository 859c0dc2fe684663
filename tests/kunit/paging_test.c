// SPDX-License-Identifier: GPL-2.0-only
/* The meaning of page table entries, for each kind of paging. */
#include <kunit/test.h>

#include "../../kmod/lib/paging.c"

#define P	1ULL
#define PS	0x80ULL
#define FLAGS	0x67ULL		/* accessed, dirty, user, writable, present */
#define NX	BIT_ULL(63)
#define KINDS	(PAGING_LONG + 1)

static void of_each_mode(struct kunit *test)
{
	static const struct {
		u64 cr0, cr4, efer;
		u8 paging;
	} rows[] = {
		{ 0, 0, 0, PAGING_NONE },
		{ X86_CR0_PE, X86_CR4_PAE | X86_CR4_PSE, EFER_LME, PAGING_NONE },
		{ X86_CR0_PG, 0, 0, PAGING_32 },
		{ X86_CR0_PG, X86_CR4_PSE, 0, PAGING_32_PSE },
		{ X86_CR0_PG, X86_CR4_PAE, 0, PAGING_PAE },
		{ X86_CR0_PG, X86_CR4_PAE | X86_CR4_PSE, 0, PAGING_PAE },
		{ X86_CR0_PG, X86_CR4_PAE, EFER_LME, PAGING_PAE },
		{ X86_CR0_PG, X86_CR4_PAE, EFER_LME | EFER_LMA, PAGING_LONG },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct walk_mode mode = { .cr0 = rows[i].cr0, .cr4 = rows[i].cr4,
					  .efer = rows[i].efer };

		KUNIT_EXPECT_EQ(test, (u8)paging_of(&mode), rows[i].paging);
	}
}

/* PCID, PWT and PCD, the no-flush bit and reserved bits do not change the root */
static void roots(struct kunit *test)
{
	static const u64 want[KINDS] = {
		0, 0xdeadb000, 0xdeadb000, 0xdeadbee0, 0x00034567deadb000,
	};
	unsigned int i;

	for (i = 0; i < KINDS; i++)
		KUNIT_EXPECT_EQ(test, paging_root(i, 0x80034567deadbeef), want[i]);
}

/* The tables of each level together cover linear memory without a gap. */
static void extents(struct kunit *test)
{
	static const u8 bits[KINDS] = { 32, 32, 32, 32, 48 };
	/* entries of the top table; all others fill a page */
	static const u16 top[KINDS] = { 1, 1024, 1024, 4, 512 };
	unsigned int i, level;

	for (i = 0; i < KINDS; i++) {
		u8 levels = paging_levels(i);

		KUNIT_EXPECT_EQ(test, (u64)top[i] << paging_shift(i, levels),
				BIT_ULL(bits[i]));
		KUNIT_EXPECT_EQ(test, paging_extent(i, levels), BIT_ULL(bits[i]));
		if (i != PAGING_NONE)
			KUNIT_EXPECT_EQ(test, (u64)paging_shift(i, 1), 12ULL);
		for (level = 1; level < levels; level++) {
			KUNIT_EXPECT_EQ(test, paging_extent(i, level),
					BIT_ULL(paging_shift(i, level + 1)));
			KUNIT_EXPECT_EQ(test, paging_extent(i, level),
					(u64)PAGE_SIZE / paging_entry_size(i)
					<< paging_shift(i, level));
		}
	}
}

static const struct {
	u8 paging, level;
	u64 entry;
	bool leaf;
	u64 target;
} leads[] = {
	{ PAGING_NONE, 1, PAGING_NONE_ENTRY, true, 0 },
	/* at the last level bit 7 is PAT */
	{ PAGING_32, 1, 0x12345000 | PS | FLAGS, true, 0x12345000 },
	{ PAGING_32_PSE, 1, 0x12345000 | PS | FLAGS, true, 0x12345000 },
	{ PAGING_PAE, 1, NX | 0x9876543000 | PS | FLAGS, true, 0x9876543000 },
	{ PAGING_LONG, 1, NX | 0x9876543210000 | PS | FLAGS, true, 0x9876543210000 },
	/* large pages: bit 12 is PAT, and PSE-36 adds address bits */
	{ PAGING_32, 2, 0x12345000 | PS | FLAGS, false, 0x12345000 },
	{ PAGING_32_PSE, 2, 0x12345000 | FLAGS, false, 0x12345000 },
	{ PAGING_32_PSE, 2, 0x12401000 | PS | FLAGS, true, 0x12400000 },
	{ PAGING_32_PSE, 2, 0x12402000 | PS | FLAGS, true, 0x0112400000 },
	{ PAGING_32_PSE, 2, 0x125fe000 | PS | FLAGS, true, 0xff12400000 },
	{ PAGING_PAE, 2, 0x9876401000 | PS | FLAGS, true, 0x9876400000 },
	{ PAGING_PAE, 2, NX | 0x9876543000 | FLAGS, false, 0x9876543000 },
	{ PAGING_LONG, 2, 0x9876401000 | PS | FLAGS, true, 0x9876400000 },
	{ PAGING_LONG, 3, NX | 0x9840001000 | PS | FLAGS, true, 0x9840000000 },
	{ PAGING_LONG, 3, 0x9876543000 | FLAGS, false, 0x9876543000 },
	/* a page too large: reserved, which the walk reports */
	{ PAGING_PAE, 3, 0x12345000 | PS | P, false, 0x12345000 },
	{ PAGING_LONG, 4, 0x9876543000 | PS | FLAGS, false, 0x9876543000 },
};

static void where_entries_lead(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(leads); i++) {
		u8 paging = leads[i].paging, level = leads[i].level;
		u64 entry = leads[i].entry;

		KUNIT_EXPECT_TRUE(test, paging_is_present(entry));
		KUNIT_EXPECT_EQ_MSG(test, paging_is_leaf(paging, level, entry),
				    leads[i].leaf, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, paging_target(paging, level, entry),
				    leads[i].target, "row %u", i);
	}
}

static void what_is_another_place(struct kunit *test)
{
	const u64 entry = 0x12345000 | P;

	KUNIT_EXPECT_FALSE(test, paging_is_present(entry & ~P));
	/*
	 * no difference: rights, accessed and dirty, and the guest's bits of an entry
	 * that is not present
	 */
	KUNIT_EXPECT_FALSE(test, paging_differs(entry, entry | FLAGS | NX | 0xe00));
	KUNIT_EXPECT_FALSE(test, paging_differs(0, ~P));
	KUNIT_EXPECT_TRUE(test, paging_differs(entry, entry & ~P));
	KUNIT_EXPECT_TRUE(test, paging_differs(0, entry));
	KUNIT_EXPECT_TRUE(test, paging_differs(entry, entry + 0x1000));
	KUNIT_EXPECT_TRUE(test, paging_differs(entry, entry | BIT_ULL(51)));
	KUNIT_EXPECT_TRUE(test, paging_differs(entry, entry | PS));
}

static struct kunit_case paging_cases[] = {
	KUNIT_CASE(of_each_mode),
	KUNIT_CASE(roots),
	KUNIT_CASE(extents),
	KUNIT_CASE(where_entries_lead),
	KUNIT_CASE(what_is_another_place),
	{ }
};

static struct kunit_suite paging_suite = {
	.name = "vmxdbg-paging",
	.test_cases = paging_cases,
};

kunit_test_suite(paging_suite);
