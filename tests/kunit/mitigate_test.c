// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>

#include "lib/mitigate.c"

#define ALL_FLAWS	(BIT(FLAWS) - 1)

/* Facts of a CPU that has every flaw, and microcode against each */
static const struct mitigate_facts repaired = {
	.flaws = ALL_FLAWS, .has_tsx = true, .has_md_clear = true, .has_fb_clear = true,
	.has_rfds_clear = true, .has_flush_l1d = true, .has_ibpb = true, .ibrs = true,
	.bhi_dis_s = true, .ibpb_to_user = true,
};

/* Facts of a CPU that has every flaw, and its first microcode */
static const struct mitigate_facts open = { .flaws = ALL_FLAWS, .has_tsx = true };

static void sound_cpu_needs_nothing(struct kunit *test)
{
	struct mitigate_facts facts = repaired;
	struct mitigate_plan plan;
	enum flaw flaw;

	facts.flaws = 0;
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_FALSE(test, plan.guarded || plan.verw || plan.ibpb || plan.l1d_msr ||
			   plan.l1d_fill || plan.ibpb_to_user);
	KUNIT_EXPECT_EQ(test, plan.lacking, 0U);
	for (flaw = 0; flaw < FLAWS; flaw++)
		KUNIT_EXPECT_STREQ(test, plan.how[flaw], "this CPU does not have it");
}

static void mitigations_off_means_nothing_is_done_or_refused(struct kunit *test)
{
	struct mitigate_facts facts = open;
	struct mitigate_plan plan;

	facts.off = true;
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_FALSE(test, plan.guarded || plan.l1d_fill);
	KUNIT_EXPECT_EQ(test, plan.lacking, 0U);
	KUNIT_EXPECT_STREQ(test, plan.how[FLAW_L1TF],
			   "open: the host runs with mitigations=off");
}

static void new_microcode_closes_every_flaw(struct kunit *test)
{
	struct mitigate_plan plan;

	mitigate_decide(&repaired, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking, 0U);
	KUNIT_EXPECT_TRUE(test, plan.guarded && plan.verw && plan.ibpb && plan.l1d_msr &&
			  plan.ibpb_to_user);
	KUNIT_EXPECT_FALSE(test, plan.l1d_fill);
}

static void flaws_without_microcode_are_open(struct kunit *test)
{
	struct mitigate_plan plan;

	mitigate_decide(&open, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking,
			(u32)(BIT(FLAW_SPECTRE_V2) | BIT(FLAW_MDS) | BIT(FLAW_TAA) |
			      BIT(FLAW_MMIO_STALE_DATA) | BIT(FLAW_RFDS) | BIT(FLAW_VMSCAPE)));
	KUNIT_EXPECT_FALSE(test, plan.verw || plan.ibpb);
	KUNIT_EXPECT_TRUE(test, plan.l1d_fill);
}

static void accepted_flaws_do_not_count_as_open(struct kunit *test)
{
	struct mitigate_facts facts = open;
	struct mitigate_plan plan;

	facts.flaws = BIT(FLAW_MDS) | BIT(FLAW_TAA);
	facts.accepted = BIT(FLAW_MDS);
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking, (u32)BIT(FLAW_TAA));
	facts.accepted |= BIT(FLAW_TAA);
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking, 0U);
	KUNIT_EXPECT_STREQ(test, plan.how[FLAW_MDS],
			   "open: the microcode has nothing against it");
}

/* Each row: one flaw and one fact, and the action that follows */
static const struct {
	enum flaw flaw;
	size_t fact, action;
} actions[] = {
#define ACTION(flaw, fact, action) \
	{ flaw, offsetof(struct mitigate_facts, fact), offsetof(struct mitigate_plan, action) }
	ACTION(FLAW_SPECTRE_V2, has_ibpb, ibpb),
	ACTION(FLAW_L1TF, has_flush_l1d, l1d_msr),
	ACTION(FLAW_MDS, has_md_clear, verw),
	ACTION(FLAW_MMIO_STALE_DATA, has_fb_clear, verw),
	ACTION(FLAW_RFDS, has_rfds_clear, verw),
};

static bool *bool_at(void *p, size_t at)
{
	return p + at;
}

static void each_flaw_has_its_action(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		const char *name = flaw_names[actions[i].flaw];
		struct mitigate_facts facts = { .flaws = BIT(actions[i].flaw) };
		struct mitigate_plan plan;

		mitigate_decide(&facts, &plan);
		KUNIT_EXPECT_FALSE_MSG(test, *bool_at(&plan, actions[i].action), "%s", name);
		*bool_at(&facts, actions[i].fact) = true;
		mitigate_decide(&facts, &plan);
		KUNIT_EXPECT_TRUE_MSG(test, *bool_at(&plan, actions[i].action), "%s", name);
		KUNIT_EXPECT_TRUE_MSG(test, plan.guarded, "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, plan.lacking, 0U, "%s", name);
		facts.flaws = 0;
		mitigate_decide(&facts, &plan);
		KUNIT_EXPECT_FALSE_MSG(test, *bool_at(&plan, actions[i].action), "%s", name);
	}
}

static void taa_needs_tsx(struct kunit *test)
{
	struct mitigate_facts facts = { .flaws = BIT(FLAW_TAA) };
	struct mitigate_plan plan;

	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking, 0U);
	facts.has_tsx = true;
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking, (u32)BIT(FLAW_TAA));
}

static void md_clear_does_not_count_without_mds(struct kunit *test)
{
	struct mitigate_facts facts = {
		.flaws = BIT(FLAW_TAA) | BIT(FLAW_MMIO_STALE_DATA), .has_tsx = true,
		.has_md_clear = true, .has_flush_l1d = true,
	};
	struct mitigate_plan plan;

	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking, 0U);
	facts.mds_no = true;
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking, (u32)facts.flaws);
	KUNIT_EXPECT_FALSE(test, plan.verw);
	facts.tsx_ctrl = true;
	facts.has_fb_clear = true;
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.lacking, 0U);
	KUNIT_EXPECT_TRUE(test, plan.verw);
}

static void smt_leaves_shared_buffers_open(struct kunit *test)
{
	u32 shared = BIT(FLAW_L1TF) | BIT(FLAW_MDS) | BIT(FLAW_TAA) |
		     BIT(FLAW_MMIO_STALE_DATA);
	struct mitigate_facts facts = repaired;
	struct mitigate_plan plan;

	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.smt_open, 0U);
	facts.smt = true;
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.smt_open, shared);
	facts.off = true;
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_EQ(test, plan.smt_open, 0U);
}

static void unknown_flaws_are_said_to_be(struct kunit *test)
{
	struct mitigate_facts facts = { .unknown = BIT(FLAW_BHI) };
	struct mitigate_plan plan;

	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_STREQ(test, plan.how[FLAW_BHI], "this kernel does not look for it");
	KUNIT_EXPECT_STREQ(test, plan.how[FLAW_MDS], "this CPU does not have it");
	KUNIT_EXPECT_FALSE(test, plan.guarded);
}

static void hypervisor_below_flushes_l1d(struct kunit *test)
{
	struct mitigate_facts facts = repaired;
	struct mitigate_plan plan;

	facts.skips_l1d = true;
	mitigate_decide(&facts, &plan);
	KUNIT_EXPECT_FALSE(test, plan.l1d_msr || plan.l1d_fill);
}

static void lists_of_flaws(struct kunit *test)
{
	u32 flaws;

	KUNIT_EXPECT_EQ(test, mitigate_parse("", &flaws), 0);
	KUNIT_EXPECT_EQ(test, flaws, 0U);
	KUNIT_EXPECT_EQ(test, mitigate_parse("mds,l1tf", &flaws), 0);
	KUNIT_EXPECT_EQ(test, flaws, (u32)(BIT(FLAW_MDS) | BIT(FLAW_L1TF)));
	KUNIT_EXPECT_EQ(test, mitigate_parse("all", &flaws), 0);
	KUNIT_EXPECT_EQ(test, flaws, (u32)ALL_FLAWS);
	KUNIT_EXPECT_EQ(test, mitigate_parse("md", &flaws), -EINVAL);
	KUNIT_EXPECT_EQ(test, mitigate_parse("mdss", &flaws), -EINVAL);
	KUNIT_EXPECT_EQ(test, mitigate_parse("mds,,l1tf", &flaws), -EINVAL);
	KUNIT_EXPECT_EQ(test, mitigate_parse("mds,all", &flaws), -EINVAL);
}

static struct kunit_case mitigate_cases[] = {
	KUNIT_CASE(sound_cpu_needs_nothing),
	KUNIT_CASE(mitigations_off_means_nothing_is_done_or_refused),
	KUNIT_CASE(new_microcode_closes_every_flaw),
	KUNIT_CASE(flaws_without_microcode_are_open),
	KUNIT_CASE(accepted_flaws_do_not_count_as_open),
	KUNIT_CASE(each_flaw_has_its_action),
	KUNIT_CASE(taa_needs_tsx),
	KUNIT_CASE(md_clear_does_not_count_without_mds),
	KUNIT_CASE(smt_leaves_shared_buffers_open),
	KUNIT_CASE(unknown_flaws_are_said_to_be),
	KUNIT_CASE(hypervisor_below_flushes_l1d),
	KUNIT_CASE(lists_of_flaws),
	{ }
};

static struct kunit_suite mitigate_suite = {
	.name = "vmxdbg-mitigate",
	.test_cases = mitigate_cases,
};

kunit_test_suite(mitigate_suite);
