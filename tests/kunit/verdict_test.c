// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts about the objects of one hit, however many. */
#include <kunit/test.h>

#include "../../kmod/lib/verdict.c"

#define MANY	1000U

/* ids that differ in the low bits only, or are equal there */
static const u32 steps[] = { 1, 16, 4096 };

static void expect(struct kunit *test, struct verdicts *v, u32 id, enum verdict verdict)
{
	u8 *known = verdicts_find(v, id);

	KUNIT_ASSERT_NOT_NULL(test, known);
	KUNIT_EXPECT_EQ(test, *known, (u8)verdict);
}

static void knows_each_of_many(struct kunit *test)
{
	struct verdicts v = { };
	unsigned int s, i;

	for (s = 0; s < ARRAY_SIZE(steps); s++) {
		verdicts_clear(&v);
		for (i = 1; i <= MANY; i++) {
			KUNIT_EXPECT_PTR_EQ(test, verdicts_find(&v, i * steps[s]), (u8 *)NULL);
			if (verdicts_full(&v))
				KUNIT_ASSERT_EQ(test, verdicts_grow(&v), 0);
			verdicts_add(&v, i * steps[s], i % 3);
		}
		for (i = 1; i <= MANY; i++)
			expect(test, &v, i * steps[s], i % 3);
	}
	verdicts_free(&v);
}

/* a later verdict replaces the first one */
static void can_be_changed(struct kunit *test)
{
	struct verdicts v = { };

	verdicts_clear(&v);
	verdicts_add(&v, 7, VERDICT_RECORD);
	*verdicts_find(&v, 7) = VERDICT_GO;
	expect(test, &v, 7, VERDICT_GO);
}

static void forgets_when_cleared(struct kunit *test)
{
	struct verdicts v = { .stamp = ~0U - 2 };
	unsigned int round, i;

	/* also when the generation number wraps */
	for (round = 0; round < 6; round++) {
		verdicts_clear(&v);
		for (i = 0; i < 4; i++)
			KUNIT_EXPECT_PTR_EQ(test, verdicts_find(&v, i), (u8 *)NULL);
		for (i = 0; i < 4; i++)
			verdicts_add(&v, (round + i) % 4, VERDICT_STOP);
		KUNIT_EXPECT_FALSE(test, verdicts_full(&v));
	}
}

static struct kunit_case verdict_cases[] = {
	KUNIT_CASE(knows_each_of_many),
	KUNIT_CASE(can_be_changed),
	KUNIT_CASE(forgets_when_cleared),
	{ }
};

static struct kunit_suite verdict_suite = {
	.name = "vmxdbg-verdict",
	.test_cases = verdict_cases,
};

kunit_test_suite(verdict_suite);
