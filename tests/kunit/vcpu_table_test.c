// SPDX-License-Identifier: GPL-2.0-only
/* The table of vCPUs by id, and sets of vCPUs. Their pointers are never followed here. */
#include <kunit/test.h>

#include "../../kmod/lib/vcpu_set.c"
#include "../../kmod/lib/vcpu_table.c"

/* ids around the bounds of blocks, some of which stay empty; the last id */
static const u32 sparse[] = { 0, 1, 63, 64, 65, 127, 128, 299, 1023, 4032, VCPU_IDS - 1 };

static struct vcpu *pointer_of(u32 id)
{
	return (struct vcpu *)(0x1000UL + 16 * id);
}

static void add_all(struct kunit *test, struct vcpu_table *table, const u32 *ids, u32 nr)
{
	while (nr--)
		KUNIT_ASSERT_EQ(test, vcpu_table_add(table, ids[nr], pointer_of(ids[nr])), 0);
}

static void finds_those_that_exist(struct kunit *test)
{
	struct vcpu_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);
	u32 id, i = 0;

	KUNIT_ASSERT_NOT_NULL(test, table);
	add_all(test, table, sparse, ARRAY_SIZE(sparse));
	KUNIT_EXPECT_EQ(test, vcpu_table_nr(table), (u32)ARRAY_SIZE(sparse));
	KUNIT_EXPECT_EQ(test, vcpu_table_first(table), 1ULL << 63 | 3);
	for (id = 0; id < VCPU_IDS + 200; id++) {
		bool is = i < ARRAY_SIZE(sparse) && sparse[i] == id;

		KUNIT_EXPECT_PTR_EQ(test, vcpu_table_find(table, id),
				    is ? pointer_of(id) : NULL);
		i += is;
	}
	KUNIT_EXPECT_PTR_EQ(test, vcpu_table_find(table, ~0U), (struct vcpu *)NULL);
	vcpu_table_free(table);
}

/* from each id on, the next one that exists */
static void walks_in_order(struct kunit *test)
{
	struct vcpu_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);
	unsigned int from, id, i = 0;
	struct vcpu *vcpu;

	KUNIT_ASSERT_NOT_NULL(test, table);
	add_all(test, table, sparse, ARRAY_SIZE(sparse));
	for (from = 0; from < VCPU_IDS; from++) {
		while (sparse[i] < from)
			i++;
		id = from;
		KUNIT_EXPECT_PTR_EQ(test, vcpu_table_next(table, &id), pointer_of(sparse[i]));
		KUNIT_EXPECT_EQ(test, id, sparse[i]);
	}
	for (id = VCPU_IDS; id < VCPU_IDS + 65; id++)
		KUNIT_EXPECT_PTR_EQ(test, vcpu_table_next(table, &id), (struct vcpu *)NULL);
	i = 0;
	for (id = 0; (vcpu = vcpu_table_next(table, &id)); id++)
		KUNIT_EXPECT_EQ(test, id, sparse[i++]);
	KUNIT_EXPECT_EQ(test, i, (unsigned int)ARRAY_SIZE(sparse));
	vcpu_table_free(table);
}

static void walks_without_ids(struct kunit *test)
{
	struct vcpu_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);
	struct vcpu_walk walk;
	struct vcpu *vcpu;
	unsigned int i = 0;

	KUNIT_ASSERT_NOT_NULL(test, table);
	walk = vcpu_walk_begin(table);
	KUNIT_EXPECT_PTR_EQ(test, vcpu_walk_next(table, &walk), (struct vcpu *)NULL);
	KUNIT_EXPECT_TRUE(test, vcpu_table_is_small(table));
	add_all(test, table, sparse, 3);
	for (walk = vcpu_walk_begin(table); (vcpu = vcpu_walk_next(table, &walk)); i++)
		KUNIT_EXPECT_PTR_EQ(test, vcpu, pointer_of(sparse[i]));
	KUNIT_EXPECT_EQ(test, i, 3U);
	KUNIT_EXPECT_TRUE(test, vcpu_table_is_small(table));
	add_all(test, table, &sparse[3], ARRAY_SIZE(sparse) - 3);
	KUNIT_EXPECT_FALSE(test, vcpu_table_is_small(table));
	for (i = 0, walk = vcpu_walk_begin(table); (vcpu = vcpu_walk_next(table, &walk)); i++)
		KUNIT_EXPECT_PTR_EQ(test, vcpu, pointer_of(sparse[i]));
	KUNIT_EXPECT_EQ(test, i, (unsigned int)ARRAY_SIZE(sparse));
	vcpu_table_free(table);
}

static void may_be_empty_or_begin_late(struct kunit *test)
{
	struct vcpu_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);
	unsigned int id = 0;

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_EXPECT_PTR_EQ(test, vcpu_table_next(table, &id), (struct vcpu *)NULL);
	KUNIT_EXPECT_EQ(test, vcpu_table_nr(table), 0U);
	KUNIT_ASSERT_EQ(test, vcpu_table_add(table, 299, pointer_of(299)), 0);
	KUNIT_EXPECT_PTR_EQ(test, vcpu_table_next(table, &id), pointer_of(299));
	KUNIT_EXPECT_EQ(test, id, 299U);
	KUNIT_EXPECT_EQ(test, vcpu_table_first(table), 0ULL);
	vcpu_table_free(table);
}

static void says_whether_all_of_a_word_exist(struct kunit *test)
{
	struct vcpu_table *table = kunit_kzalloc(test, sizeof(*table), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, table);
	add_all(test, table, sparse, ARRAY_SIZE(sparse));
	KUNIT_EXPECT_TRUE(test, vcpu_table_has(table, 0, 0));
	KUNIT_EXPECT_TRUE(test, vcpu_table_has(table, 0, 1ULL << 63 | 3));
	KUNIT_EXPECT_FALSE(test, vcpu_table_has(table, 0, 4));
	KUNIT_EXPECT_TRUE(test, vcpu_table_has(table, 1, 1ULL << 63 | 2));
	KUNIT_EXPECT_FALSE(test, vcpu_table_has(table, 1, 4));
	KUNIT_EXPECT_TRUE(test, vcpu_table_has(table, 3, 0));		/* no such block */
	KUNIT_EXPECT_FALSE(test, vcpu_table_has(table, 3, 1));
	KUNIT_EXPECT_TRUE(test, vcpu_table_has(table, VCPU_WORDS - 1, 1ULL << 63));
	vcpu_table_free(table);
}

/* ---- sets ---- */

static void a_set_has_its_own(struct kunit *test)
{
	static const u64 words[] = { 5, 0, 1ULL << 63, 0, 0 };
	struct vcpu_set *set = vcpu_set_new(words, ARRAY_SIZE(words));
	u32 id;

	KUNIT_ASSERT_NOT_NULL(test, set);
	KUNIT_EXPECT_EQ(test, set->nr, 3U);	/* without those at the end that are zero */
	for (id = 0; id < VCPU_IDS; id++)
		KUNIT_EXPECT_EQ(test, vcpu_set_has(set, id),
				id == 0 || id == 2 || id == 191);
	vcpu_set_free(set);
}

static void no_set_has_every_vcpu(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, vcpu_set_has(NULL, 0));
	KUNIT_EXPECT_TRUE(test, vcpu_set_has(NULL, VCPU_IDS - 1));
	vcpu_set_free(NULL);
}

static struct kunit_case vcpu_table_cases[] = {
	KUNIT_CASE(finds_those_that_exist),
	KUNIT_CASE(walks_in_order),
	KUNIT_CASE(walks_without_ids),
	KUNIT_CASE(may_be_empty_or_begin_late),
	KUNIT_CASE(says_whether_all_of_a_word_exist),
	KUNIT_CASE(a_set_has_its_own),
	KUNIT_CASE(no_set_has_every_vcpu),
	{ }
};

static struct kunit_suite vcpu_table_suite = {
	.name = "vmxdbg-vcpu-table",
	.test_cases = vcpu_table_cases,
};

kunit_test_suite(vcpu_table_suite);
