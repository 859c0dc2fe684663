// SPDX-License-Identifier: GPL-2.0-only
/* EPT entries against the bit layout of SDM vol. 3, tables 29-1 to 29-7. */
#include <kunit/test.h>

#include "../../kmod/lib/ept_entry.h"

static void index_takes_nine_bits_per_level(struct kunit *test)
{
	u64 gpa = 0x123ULL << 39 | 0x0abULL << 30 | 0x1ffULL << 21 |
		  0x005ULL << 12 | 0xfff;

	KUNIT_EXPECT_EQ(test, ept_index(gpa, 4), 0x123U);
	KUNIT_EXPECT_EQ(test, ept_index(gpa, 3), 0x0abU);
	KUNIT_EXPECT_EQ(test, ept_index(gpa, 2), 0x1ffU);
	KUNIT_EXPECT_EQ(test, ept_index(gpa, 1), 0x005U);
}

static void level_covers_page_sizes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ept_level_size(1), 0x1000ULL);
	KUNIT_EXPECT_EQ(test, ept_level_size(2), 0x200000ULL);
	KUNIT_EXPECT_EQ(test, ept_level_size(3), 0x40000000ULL);
	KUNIT_EXPECT_EQ(test, ept_level_size(4), 0x8000000000ULL);
}

static void any_permission_makes_an_entry_present(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, ept_present(EPT_R));
	KUNIT_EXPECT_TRUE(test, ept_present(EPT_W));
	KUNIT_EXPECT_TRUE(test, ept_present(EPT_X));
	KUNIT_EXPECT_FALSE(test, ept_present(0));
	KUNIT_EXPECT_TRUE(test, ept_present(EPT_HELD));
	KUNIT_EXPECT_FALSE(test, ept_present(~(EPT_RWX | EPT_HELD)));
}

static void leaf_is_level_one_or_large(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, ept_leaf(EPT_R, 1));
	KUNIT_EXPECT_FALSE(test, ept_leaf(EPT_R, 2));
	KUNIT_EXPECT_TRUE(test, ept_leaf(EPT_R | EPT_LARGE, 2));
	KUNIT_EXPECT_TRUE(test, ept_leaf(EPT_R | EPT_LARGE, 3));
}

static void table_entry_permits_all_and_has_no_type(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ept_make_table(0x12345678000ULL), 0x12345678007ULL);
	KUNIT_EXPECT_EQ(test, ept_make_table(0xfff0012345678fffULL),
			0x12345678007ULL);
}

static void leaf_is_write_back_with_the_permissions_asked_for(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ept_make_leaf(0x7654321000ULL, 1, EPT_R),
			0x7654321071ULL);
	KUNIT_EXPECT_EQ(test, ept_make_leaf(0x7654321000ULL, 1, EPT_X),
			0x7654321074ULL);
	KUNIT_EXPECT_EQ(test, ept_make_leaf(0x7654200000ULL, 2, EPT_RWX),
			0x76542000f7ULL);
	KUNIT_EXPECT_EQ(test, ept_make_leaf(0x80000000ULL, 3, EPT_R | EPT_X),
			0x800000f5ULL);
	/* only R, W, X and the software bits of the permissions reach the entry */
	KUNIT_EXPECT_EQ(test, ept_make_leaf(0x1000, 1, ~EPT_UNCACHED),
			0x1077ULL | EPT_HOST_W | EPT_HELD | EPT_FOREIGN);
	KUNIT_EXPECT_EQ(test, ept_make_leaf(0x1000, 1, EPT_RWX | EPT_UNCACHED),
			0x1007ULL | EPT_UNCACHED);
}

static void leaf_has_a_memory_type(struct kunit *test)
{
	u64 uncached = ept_make_leaf(0x5000, 1, EPT_RWX | EPT_UNCACHED);

	KUNIT_EXPECT_EQ(test, ept_memory_type(ept_make_leaf(0x5000, 1, EPT_RWX)), 6U);
	KUNIT_EXPECT_EQ(test, ept_memory_type(ept_make_leaf(~0ULL, 3, EPT_RWX)), 6U);
	KUNIT_EXPECT_EQ(test, ept_memory_type(uncached), 0U);
	KUNIT_EXPECT_EQ(test, ept_memory_type(ept_deny(uncached, EPT_RWX, true)), 0U);
}

static void leaf_address_is_cut_to_its_page(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ept_make_leaf(0x765432f123ULL, 2, EPT_R),
			0x76542000f1ULL);
	KUNIT_EXPECT_EQ(test, ept_make_leaf(0xbfffffffULL, 3, EPT_R),
			0x800000f1ULL);
}

static void split_maps_the_same_memory_with_the_same_permissions(struct kunit *test)
{
	static const u64 prots[] = { EPT_R, EPT_X, EPT_R | EPT_W, EPT_RWX };
	unsigned int i, p;
	int level;

	for (level = 2; level <= 3; level++) {
		for (p = 0; p < ARRAY_SIZE(prots); p++) {
			u64 large = ept_make_leaf(0x40000000, level, prots[p]);

			for (i = 0; i < EPT_ENTRIES; i++) {
				u64 hpa = 0x40000000 +
					  i * (level == 2 ? 0x1000ULL : 0x200000ULL);
				u64 small = ept_split_leaf(large, level, i);

				KUNIT_EXPECT_EQ(test, small & EPT_ADDR, hpa);
				KUNIT_EXPECT_EQ(test, small & EPT_RWX, prots[p]);
				KUNIT_EXPECT_EQ(test, !!(small & EPT_LARGE), level == 3);
				KUNIT_EXPECT_EQ(test, small & (7ULL << 3), EPT_MT_WB);
			}
		}
	}
}

static void base_is_where_the_page_begins(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ept_base(0x12345678, 1), 0x12345000ULL);
	KUNIT_EXPECT_EQ(test, ept_base(0x12345678, 2), 0x12200000ULL);
	KUNIT_EXPECT_EQ(test, ept_base(0x52345678, 3), 0x40000000ULL);
}

static void large_page_has_to_fit_its_slot(struct kunit *test)
{
	static const struct {
		u64 slot_gpa, slot_size, slot_hva, gpa;
		int level;
		bool fits;
	} cases[] = {
		{ 0x200000, 0x200000, 0x7f0000000000, 0x3ff000, 2, true },
		{ 0x200000, 0x200000, 0x7f0000000000, 0x200000, 3, false },
		{ 0x200000, 0x1ff000, 0x7f0000000000, 0x200000, 2, false },
		{ 0x201000, 0x3ff000, 0x7f0000001000, 0x300000, 2, false },
		{ 0x201000, 0x3ff000, 0x7f0000001000, 0x400000, 2, true },
		{ 0x201000, 0x3ff000, 0x7f0000002000, 0x400000, 2, false },
		{ 0, 0x80000000, 0x7f0040000000, 0x7fffffff, 3, true },
		{ 0, 0x80000000, 0x7f0000200000, 0x7fffffff, 3, false },
		{ 0, 0x80000000, 0x7f0000200000, 0x7fffffff, 2, true },
		{ 0x1000, 0x1000, 0x7f0000005000, 0x1000, 1, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test, ept_fits(cases[i].slot_gpa, cases[i].slot_size,
						   cases[i].slot_hva, cases[i].gpa,
						   cases[i].level),
				    cases[i].fits, "case %u", i);
}

static void pointer_is_write_back_with_four_levels(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ept_pointer(0x123456000ULL, false), 0x12345601eULL);
	KUNIT_EXPECT_EQ(test, ept_pointer(0x123456000ULL, true), 0x12345605eULL);
}

static struct kunit_case ept_entry_cases[] = {
	KUNIT_CASE(index_takes_nine_bits_per_level),
	KUNIT_CASE(level_covers_page_sizes),
	KUNIT_CASE(any_permission_makes_an_entry_present),
	KUNIT_CASE(leaf_is_level_one_or_large),
	KUNIT_CASE(table_entry_permits_all_and_has_no_type),
	KUNIT_CASE(leaf_is_write_back_with_the_permissions_asked_for),
	KUNIT_CASE(leaf_has_a_memory_type),
	KUNIT_CASE(leaf_address_is_cut_to_its_page),
	KUNIT_CASE(split_maps_the_same_memory_with_the_same_permissions),
	KUNIT_CASE(base_is_where_the_page_begins),
	KUNIT_CASE(large_page_has_to_fit_its_slot),
	KUNIT_CASE(pointer_is_write_back_with_four_levels),
	{}
};

static struct kunit_suite ept_entry_suite = {
	.name = "vmxdbg-ept-entry",
	.test_cases = ept_entry_cases,
};

kunit_test_suite(ept_entry_suite);
