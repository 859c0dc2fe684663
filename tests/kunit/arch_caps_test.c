// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "lib/arch_caps.c"

static void host_without_the_msr_has_every_flaw(struct kunit *test)
{
	const struct arch_caps_facts facts = { };

	KUNIT_EXPECT_EQ(test, arch_caps_for_guests(&facts), ARCH_CAPS_PSCHANGE_NO);
}

static void bits_with_an_msr_of_their_own_stay_with_the_host(struct kunit *test)
{
	const struct arch_caps_facts facts = { .msr = ~0ULL };
	u64 caps = arch_caps_for_guests(&facts);

	KUNIT_EXPECT_EQ(test, caps, 0x400000001d1ae07fULL);
	KUNIT_EXPECT_FALSE(test, caps & BIT_ULL(7));	/* TSX_CTRL */
	KUNIT_EXPECT_FALSE(test, caps & BIT_ULL(8));	/* TAA_NO */
	KUNIT_EXPECT_FALSE(test, caps & BIT_ULL(18));	/* FB_CLEAR_CTRL */
	KUNIT_EXPECT_FALSE(test, caps & ARCH_CAPS_GDS_CTRL);
}

/* Each row: a fact, and the bit that follows */
static const struct {
	size_t fact;
	u64 bit;
} rows[] = {
#define ROW(fact, bit)	{ offsetof(struct arch_caps_facts, fact), bit }
	ROW(sound.meltdown, BIT_ULL(0)), ROW(sound.ssb, BIT_ULL(4)),
	ROW(sound.mds, BIT_ULL(5)), ROW(sound.gds, BIT_ULL(26)),
	ROW(sound.rfds, BIT_ULL(27)), ROW(sound.its, BIT_ULL(62)),
	ROW(l1d_is_flushed, BIT_ULL(3)),
};

static void flaws_that_the_cpu_does_not_have(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arch_caps_facts facts = { };

		*(bool *)((void *)&facts + rows[i].fact) = true;
		KUNIT_EXPECT_EQ_MSG(test, arch_caps_for_guests(&facts),
				    ARCH_CAPS_PSCHANGE_NO | rows[i].bit, "row %u", i);
	}
}

static void gather_data_sampling_is_closed_unless_software_opens_it(struct kunit *test)
{
	struct arch_caps_facts facts = { .msr = ARCH_CAPS_GDS_CTRL };

	KUNIT_EXPECT_TRUE(test, arch_caps_for_guests(&facts) & ARCH_CAPS_GDS_NO);
	facts.mcu_opt = BIT_ULL(4);
	KUNIT_EXPECT_FALSE(test, arch_caps_for_guests(&facts) & ARCH_CAPS_GDS_NO);
}

static struct kunit_case arch_caps_cases[] = {
	KUNIT_CASE(host_without_the_msr_has_every_flaw),
	KUNIT_CASE(bits_with_an_msr_of_their_own_stay_with_the_host),
	KUNIT_CASE(flaws_that_the_cpu_does_not_have),
	KUNIT_CASE(gather_data_sampling_is_closed_unless_software_opens_it),
	{ }
};

static struct kunit_suite arch_caps_suite = {
	.name = "vmxdbg-arch-caps",
	.test_cases = arch_caps_cases,
};

kunit_test_suite(arch_caps_suite);
