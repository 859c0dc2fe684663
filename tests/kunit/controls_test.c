// SPDX-License-Identifier: GPL-2.0-only
/* Controls from the capability MSRs of a processor like Haswell. */
#include <kunit/test.h>

#include "../../kmod/lib/controls.c"

#define CAP(forced, allowed)	((u64)(allowed) << 32 | (forced))

/* The TRUE_ MSRs: of the default-1 class they force only what must be 1. */
static const struct vmx_msrs haswell = {
	.cpu_has_vmx = true,
	.cpu_has_xsave = true,
	.cpu_has_global_ctrl = true,
	.feature_control = 0x5,
	.basic = 0x00da040000000012ULL,
	.pin = CAP(0x00000016, 0x0000007f),
	.proc = CAP(0x04006172, 0xfff9fffe),
	.proc2 = CAP(0, 0x00007cff),
	.exit = CAP(0x00036dfb, 0x007fffff),
	.entry = CAP(0x000011fb, 0x0000ffff),
	.ept_vpid = 0x00000f0106734141ULL,
	.misc = 0x300481e5,
};

static void adjust_adds_what_is_forced(struct kunit *test)
{
	u32 word;

	KUNIT_EXPECT_EQ(test, vmx_adjust(0x01, 0, CAP(0x16, 0xff), &word), 0U);
	KUNIT_EXPECT_EQ(test, word, 0x17U);
}

static void adjust_takes_optional_bits_only_where_they_are(struct kunit *test)
{
	u32 word;

	KUNIT_EXPECT_EQ(test, vmx_adjust(0, 0x30, CAP(0, 0x1f), &word), 0U);
	KUNIT_EXPECT_EQ(test, word, 0x10U);
}

static void adjust_names_the_lowest_bit_that_lacks(struct kunit *test)
{
	u32 word;

	KUNIT_EXPECT_EQ(test, vmx_adjust(0xf0, 0, CAP(0, 0x9f), &word), 0x20U);
	KUNIT_EXPECT_EQ(test, vmx_adjust(0x80000000, 0, CAP(0, 0), &word),
			0x80000000U);
}

/* Compares with literal words, so that errors in the tables of controls.c show. */
static void words_for_haswell(struct kunit *test)
{
	struct vmx_controls ctl;
	const char *missing = "nothing";

	KUNIT_ASSERT_EQ(test, vmx_controls_make(&haswell, &ctl, &missing), 0);
	KUNIT_EXPECT_EQ(test, ctl.pin, 0x0000003fU);
	KUNIT_EXPECT_EQ(test, ctl.proc, 0xb5b86dfaU);
	KUNIT_EXPECT_EQ(test, ctl.proc2, 0x000014eaU);
	KUNIT_EXPECT_EQ(test, ctl.exit, 0x003f7fffU);
	KUNIT_EXPECT_EQ(test, ctl.entry, 0x0000f1ffU);
	KUNIT_EXPECT_EQ(test, ctl.revision, 0x12U);
	KUNIT_EXPECT_TRUE(test, ctl.exec_only);
	KUNIT_EXPECT_TRUE(test, ctl.ept_2m);
	KUNIT_EXPECT_TRUE(test, ctl.ept_1g);
	KUNIT_EXPECT_TRUE(test, ctl.ept_ad);
	KUNIT_EXPECT_TRUE(test, ctl.vpid);
	KUNIT_EXPECT_TRUE(test, ctl.invept_single);
	KUNIT_EXPECT_TRUE(test, ctl.invvpid_single);
	KUNIT_EXPECT_TRUE(test, ctl.pat);
	KUNIT_EXPECT_TRUE(test, ctl.perf);
	KUNIT_EXPECT_TRUE(test, ctl.tpr_shadow);
}

/* A processor without the TRUE_ MSRs forces CR3 exiting. */
static void old_processor_forcing_cr3_exits_is_refused(struct kunit *test)
{
	struct vmx_msrs msrs = haswell;
	struct vmx_controls ctl;
	const char *missing = "nothing";

	msrs.proc = CAP(0x0401e172, 0xfff9fffe);
	KUNIT_EXPECT_EQ(test, vmx_controls_make(&msrs, &ctl, &missing), -EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, missing ?: "nothing", "CR3 loads without exits");
}

static void everything_runtime_may_toggle_starts_clear(struct kunit *test)
{
	struct vmx_controls ctl;
	const char *missing = "nothing";

	KUNIT_ASSERT_EQ(test, vmx_controls_make(&haswell, &ctl, &missing), 0);
	KUNIT_EXPECT_FALSE(test, ctl.proc & (1U << 2));		/* interrupt window */
	KUNIT_EXPECT_FALSE(test, ctl.proc & (1U << 22));	/* NMI window */
	KUNIT_EXPECT_FALSE(test, ctl.proc & (1U << 27));	/* MTF */
	KUNIT_EXPECT_FALSE(test, ctl.entry & (1U << 9));	/* IA-32e mode */
	KUNIT_EXPECT_FALSE(test, ctl.exit & (1U << 15));	/* acknowledge */
	KUNIT_EXPECT_FALSE(test, ctl.proc2 & (1U << 20));	/* XSAVES */
}

#define AT(member)	offsetof(struct vmx_msrs, member)
#define ALLOW(bit)	BIT_ULL(32 + (bit))
#define FORCE(bit)	BIT_ULL(bit)

/* Each row clears one bit of one MSR, and the controls are refused. */
static const struct refusal {
	size_t msr;
	u64 clear, set;
	int ret;
	const char *missing;
} refusals[] = {
	{ AT(feature_control), 0x1, 0, -EACCES, "a locked IA32_FEATURE_CONTROL" },
	{ AT(feature_control), 0x4, 0, -EACCES, "VMX enabled by the firmware" },
	{ AT(feature_control), 0x4, 0x2, -EACCES, "VMX enabled by the firmware" },
	{ AT(basic), 15ULL << 50, 0, -EOPNOTSUPP, "a write-back VMCS" },
	{ AT(basic), 0, BIT_ULL(48), -EOPNOTSUPP, "a VMCS above 4 GiB" },
	{ AT(basic), BIT_ULL(54), 0, -EOPNOTSUPP,
	  "instruction information for INS and OUTS" },
	{ AT(basic), 0, 0x1001ULL << 32, -EOPNOTSUPP, "a VMCS that fits into a page" },
	{ AT(pin), ALLOW(0), 0, -EOPNOTSUPP, "external-interrupt exiting" },
	{ AT(pin), ALLOW(3), 0, -EOPNOTSUPP, "NMI exiting" },
	{ AT(pin), ALLOW(5), 0, -EOPNOTSUPP, "virtual NMIs" },
	{ AT(proc), ALLOW(2), 0, -EOPNOTSUPP, "interrupt-window exiting" },
	{ AT(proc), 0, FORCE(2), -EOPNOTSUPP, "interrupt-window exiting" },
	{ AT(proc), ALLOW(3), 0, -EOPNOTSUPP, "TSC offsetting" },
	{ AT(proc), ALLOW(7), 0, -EOPNOTSUPP, "HLT exiting" },
	{ AT(proc), 0, FORCE(9), -EOPNOTSUPP, "INVLPG without exits" },
	{ AT(proc), ALLOW(10), 0, -EOPNOTSUPP, "MWAIT exiting" },
	{ AT(proc), ALLOW(11), 0, -EOPNOTSUPP, "RDPMC exiting" },
	{ AT(proc), 0, FORCE(15), -EOPNOTSUPP, "CR3 loads without exits" },
	{ AT(proc), 0, FORCE(16), -EOPNOTSUPP, "CR3 stores without exits" },
	{ AT(proc), ALLOW(19), 0, -EOPNOTSUPP, "CR8-load exiting" },
	{ AT(proc), ALLOW(20), 0, -EOPNOTSUPP, "CR8-store exiting" },
	{ AT(proc), ALLOW(22), 0, -EOPNOTSUPP, "NMI-window exiting" },
	{ AT(proc), ALLOW(23), 0, -EOPNOTSUPP, "MOV-DR exiting" },
	{ AT(proc), ALLOW(24), 0, -EOPNOTSUPP, "unconditional I/O exiting" },
	{ AT(proc), ALLOW(27), 0, -EOPNOTSUPP, "the monitor trap flag" },
	{ AT(proc), ALLOW(28), 0, -EOPNOTSUPP, "MSR bitmaps" },
	{ AT(proc), ALLOW(29), 0, -EOPNOTSUPP, "MONITOR exiting" },
	{ AT(proc), ALLOW(31), 0, -EOPNOTSUPP, "secondary controls" },
	{ AT(proc2), ALLOW(1), 0, -EOPNOTSUPP, "EPT" },
	{ AT(proc2), ALLOW(7), 0, -EOPNOTSUPP, "unrestricted guest" },
	{ AT(exit), ALLOW(2), 0, -EOPNOTSUPP, "saving of debug controls" },
	{ AT(exit), ALLOW(9), 0, -EOPNOTSUPP, "64-bit hosts" },
	{ AT(exit), 0, FORCE(15), -EOPNOTSUPP, "exits that leave interrupts pending" },
	{ AT(exit), ALLOW(20), 0, -EOPNOTSUPP, "saving of EFER" },
	{ AT(exit), ALLOW(21), 0, -EOPNOTSUPP, "loading of EFER on exit" },
	{ AT(entry), ALLOW(2), 0, -EOPNOTSUPP, "loading of debug controls" },
	{ AT(entry), ALLOW(9), 0, -EOPNOTSUPP, "64-bit guests" },
	{ AT(entry), ALLOW(15), 0, -EOPNOTSUPP, "loading of EFER on entry" },
	{ AT(ept_vpid), BIT_ULL(6), 0, -EOPNOTSUPP, "4-level EPT" },
	{ AT(ept_vpid), BIT_ULL(14), 0, -EOPNOTSUPP, "write-back EPT tables" },
	{ AT(ept_vpid), BIT_ULL(20), 0, -EOPNOTSUPP, "INVEPT" },
	{ AT(ept_vpid), 3ULL << 25, 0, -EOPNOTSUPP, "INVEPT" },
};

static struct vmx_msrs with(size_t msr, u64 clear, u64 set)
{
	struct vmx_msrs msrs = haswell;
	u64 *val = (void *)&msrs + msr;

	*val = (*val & ~clear) | set;
	return msrs;
}

static void each_missing_feature_is_named(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct refusal *r = &refusals[i];
		struct vmx_msrs msrs = with(r->msr, r->clear, r->set);
		struct vmx_controls ctl;
		const char *missing = "nothing";

		KUNIT_EXPECT_EQ_MSG(test, vmx_controls_make(&msrs, &ctl, &missing),
				    r->ret, "%s", r->missing);
		KUNIT_EXPECT_STREQ(test, missing ?: "nothing", r->missing);
	}
}

static void no_vmx_comes_before_everything(struct kunit *test)
{
	struct vmx_msrs msrs = {};
	struct vmx_controls ctl;
	const char *missing = "nothing";

	KUNIT_EXPECT_EQ(test, vmx_controls_make(&msrs, &ctl, &missing), -ENODEV);
	KUNIT_EXPECT_STREQ(test, missing ?: "nothing", "VMX");
}

static void xsave_is_required(struct kunit *test)
{
	struct vmx_msrs msrs = haswell;
	struct vmx_controls ctl;
	const char *missing = "nothing";

	msrs.cpu_has_xsave = false;
	KUNIT_EXPECT_EQ(test, vmx_controls_make(&msrs, &ctl, &missing), -EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, missing ?: "nothing", "XSAVE");
}

/* Make controls without an optional feature: nothing fails. */
static struct vmx_controls make_without(struct kunit *test, size_t msr, u64 clear)
{
	struct vmx_msrs msrs = with(msr, clear, 0);
	struct vmx_controls ctl;
	const char *missing = "nothing";

	KUNIT_EXPECT_EQ_MSG(test, vmx_controls_make(&msrs, &ctl, &missing), 0,
			    "%s", missing);
	return ctl;
}

static void pat_is_all_or_nothing(struct kunit *test)
{
	static const struct {
		size_t msr;
		u64 clear;
	} parts[] = {
		{ AT(exit), ALLOW(18) }, { AT(exit), ALLOW(19) },
		{ AT(entry), ALLOW(14) },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		struct vmx_controls ctl = make_without(test, parts[i].msr,
						       parts[i].clear);

		KUNIT_EXPECT_FALSE(test, ctl.pat);
		KUNIT_EXPECT_EQ(test, ctl.exit & (3U << 18), 0U);
		KUNIT_EXPECT_EQ(test, ctl.entry & (1U << 14), 0U);
	}
}

static void perf_is_all_or_nothing(struct kunit *test)
{
	static const struct {
		size_t msr;
		u64 clear;
	} parts[] = {
		{ AT(exit), ALLOW(12) }, { AT(entry), ALLOW(13) },
	};
	struct vmx_msrs without = haswell;
	struct vmx_controls ctl;
	const char *missing;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		ctl = make_without(test, parts[i].msr, parts[i].clear);
		KUNIT_EXPECT_FALSE(test, ctl.perf);
		KUNIT_EXPECT_EQ(test, ctl.exit & (1U << 12), 0U);
		KUNIT_EXPECT_EQ(test, ctl.entry & (1U << 13), 0U);
	}
	without.cpu_has_global_ctrl = false;
	KUNIT_ASSERT_EQ(test, vmx_controls_make(&without, &ctl, &missing), 0);
	KUNIT_EXPECT_FALSE(test, ctl.perf);
	KUNIT_EXPECT_EQ(test, (ctl.exit >> 12 | ctl.entry >> 13) & 1, 0U);
}

/* Without the shadow, or where CR8 exits all the same, nothing is shadowed. */
static void tpr_shadow_is_optional(struct kunit *test)
{
	static const struct {
		u64 clear, set;
	} rows[] = {
		{ ALLOW(21), 0 }, { 0, FORCE(19) }, { 0, FORCE(20) },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vmx_msrs msrs = with(AT(proc), rows[i].clear, rows[i].set);
		const char *missing = "nothing";
		struct vmx_controls ctl;

		KUNIT_ASSERT_EQ(test, vmx_controls_make(&msrs, &ctl, &missing), 0);
		KUNIT_EXPECT_FALSE_MSG(test, ctl.tpr_shadow, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, ctl.proc & (1U << 21), 0U, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, ctl.proc >> 19 & 3, 3U, "row %u", i);
	}
}

static void vpid_is_not_used_where_it_cannot_be_flushed(struct kunit *test)
{
	static const struct {
		size_t msr;
		u64 clear;
	} parts[] = {
		{ AT(proc2), ALLOW(5) }, { AT(ept_vpid), BIT_ULL(32) },
		{ AT(ept_vpid), 3ULL << 41 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		struct vmx_controls ctl = make_without(test, parts[i].msr,
						       parts[i].clear);

		KUNIT_EXPECT_FALSE(test, ctl.vpid);
		KUNIT_EXPECT_FALSE(test, ctl.invvpid_single);
		KUNIT_EXPECT_EQ(test, ctl.proc2 & (1U << 5), 0U);
	}
}

static void ept_extras_are_optional(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, make_without(test, AT(ept_vpid), BIT_ULL(0)).exec_only);
	KUNIT_EXPECT_FALSE(test, make_without(test, AT(ept_vpid), BIT_ULL(16)).ept_2m);
	KUNIT_EXPECT_FALSE(test, make_without(test, AT(ept_vpid), BIT_ULL(17)).ept_1g);
	KUNIT_EXPECT_FALSE(test, make_without(test, AT(ept_vpid), BIT_ULL(21)).ept_ad);
	KUNIT_EXPECT_FALSE(test,
			   make_without(test, AT(ept_vpid), BIT_ULL(25)).invept_single);
	KUNIT_EXPECT_TRUE(test,
			  make_without(test, AT(ept_vpid), BIT_ULL(26)).invept_single);
	KUNIT_EXPECT_TRUE(test, make_without(test, AT(ept_vpid), BIT_ULL(41)).vpid);
	KUNIT_EXPECT_FALSE(test,
			   make_without(test, AT(ept_vpid), BIT_ULL(41)).invvpid_single);
}

/* ---- processors that differ ---- */

/* Make the controls for Haswell and @other in one host. Both must be able to use them. */
static struct vmx_controls make_both(struct kunit *test, const struct vmx_msrs *other)
{
	struct vmx_msrs msrs = haswell;
	struct vmx_controls ctl;
	const char *missing = "nothing";

	vmx_msrs_merge(&msrs, other);
	KUNIT_ASSERT_EQ(test, vmx_controls_make(&msrs, &ctl, &missing), 0);
	KUNIT_EXPECT_STREQ(test, vmx_controls_lacking(&ctl, &haswell) ?: "nothing", "nothing");
	KUNIT_EXPECT_STREQ(test, vmx_controls_lacking(&ctl, other) ?: "nothing", "nothing");
	return ctl;
}

/* Differences that mean nothing to the module: timer rate, PT, VMFUNC, PML, CR4 bits... */
static void unused_features_may_differ(struct kunit *test)
{
	static const struct {
		size_t msr;
		u64 clear, set;
	} rows[] = {
		{ AT(misc), 0x1f, 0x03 }, { AT(misc), 0, BIT_ULL(14) },
		{ AT(misc), BIT_ULL(30) | BIT_ULL(29), 0 },
		{ AT(proc2), ALLOW(13) | ALLOW(14), ALLOW(17) | ALLOW(20) | ALLOW(26) },
		{ AT(pin), ALLOW(6), ALLOW(7) }, { AT(ept_vpid), BIT_ULL(8), BIT_ULL(22) },
		{ AT(exit), ALLOW(22), ALLOW(25) }, { AT(entry), 0, ALLOW(18) },
		{ AT(cr4_fixed1), 0, BIT_ULL(22) }, { AT(basic), 0, BIT_ULL(56) },
	};
	const char *missing = "nothing";
	struct vmx_controls alone;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, vmx_controls_make(&haswell, &alone, &missing), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vmx_msrs other = with(rows[i].msr, rows[i].clear, rows[i].set);
		struct vmx_controls both = make_both(test, &other);

		KUNIT_EXPECT_EQ_MSG(test, both.proc, alone.proc, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, both.proc2, alone.proc2, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, both.exit, alone.exit, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, both.cr3_targets, alone.cr3_targets, "row %u", i);
		KUNIT_EXPECT_STREQ_MSG(test, vmx_controls_lacking(&alone, &other) ?: "nothing",
				       "nothing", "row %u", i);
	}
}

static void guests_have_what_all_processors_have(struct kunit *test)
{
	struct vmx_msrs other = with(AT(ept_vpid), BIT_ULL(0) | BIT_ULL(17), 0);
	struct vmx_controls ctl;

	ctl = make_both(test, &other);
	KUNIT_EXPECT_FALSE(test, ctl.exec_only);
	KUNIT_EXPECT_FALSE(test, ctl.ept_1g);
	KUNIT_EXPECT_TRUE(test, ctl.ept_2m);
	other = with(AT(proc2), ALLOW(3), 0);
	KUNIT_EXPECT_FALSE(test, make_both(test, &other).proc2 & BIT(3));	/* RDTSCP */
	other = with(AT(entry), ALLOW(14), 0);
	KUNIT_EXPECT_FALSE(test, make_both(test, &other).pat);
	other = with(AT(proc), ALLOW(21), 0);
	KUNIT_EXPECT_FALSE(test, make_both(test, &other).tpr_shadow);
	other = with(AT(proc), 0, FORCE(19));		/* CR8-load exiting */
	KUNIT_EXPECT_FALSE(test, make_both(test, &other).tpr_shadow);
	other = haswell;
	other.cpu_has_global_ctrl = false;
	KUNIT_EXPECT_FALSE(test, make_both(test, &other).perf);
	other = with(AT(misc), 0x1ff0000, 2 << 16);
	KUNIT_EXPECT_EQ(test, make_both(test, &other).cr3_targets, 2);
	other = with(AT(proc2), ALLOW(2), 0);	/* descriptor-table exiting */
	KUNIT_EXPECT_EQ(test, make_both(test, &other).proc2_allowed, 0U);
	/* A control that one processor forces is set for all. */
	other = with(AT(proc), 0, FORCE(7) | FORCE(11));
	KUNIT_EXPECT_EQ(test, make_both(test, &other).proc & 0x880, 0x880U);
}

/* Each row: a CPU that comes online later, and the feature of Haswell's controls it lacks */
static const struct refusal unfit[] = {
	{ AT(basic), 0x1f, 0x13, 0, "the VMCS format of the other CPUs" },
	{ AT(feature_control), 0x4, 0, 0, "VMX enabled by the firmware" },
	{ AT(pin), ALLOW(5), 0, 0, "virtual NMIs" },
	{ AT(pin), 0, FORCE(7), 0, "a control" },
	{ AT(proc), ALLOW(27), 0, 0, "the monitor trap flag" },
	{ AT(proc), ALLOW(12), 0, 0, "a control" },		/* RDTSC exiting */
	{ AT(proc), 0, FORCE(15), 0, "CR3 loads without exits" },
	{ AT(proc), ALLOW(21), 0, 0, "the TPR shadow" },
	{ AT(proc), 0, FORCE(20), 0, "CR8 without exits" },
	{ AT(proc2), ALLOW(3), 0, 0, "RDTSCP" },
	{ AT(proc2), ALLOW(5), 0, 0, "VPID" },
	{ AT(exit), ALLOW(19), 0, 0, "PAT" },
	{ AT(exit), ALLOW(12), 0, 0, "loading of IA32_PERF_GLOBAL_CTRL on exit" },
	{ AT(ept_vpid), BIT_ULL(0), 0, 0, "the EPT features of the other CPUs" },
	{ AT(ept_vpid), BIT_ULL(21), 0, 0, "the EPT features of the other CPUs" },
	{ AT(ept_vpid), BIT_ULL(25), 0, 0, "the INVEPT of the other CPUs" },
	{ AT(ept_vpid), BIT_ULL(41), 0, 0, "the INVVPID of the other CPUs" },
	{ AT(misc), 0x1ff0000, 3 << 16, 0, "the CR3-target values of the other CPUs" },
};

static void features_in_use_must_not_lack(struct kunit *test)
{
	const char *missing = "nothing";
	struct vmx_controls ctl;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, vmx_controls_make(&haswell, &ctl, &missing), 0);
	for (i = 0; i < ARRAY_SIZE(unfit); i++) {
		struct vmx_msrs msrs = with(unfit[i].msr, unfit[i].clear, unfit[i].set);

		KUNIT_EXPECT_STREQ_MSG(test, vmx_controls_lacking(&ctl, &msrs) ?: "nothing",
				       unfit[i].missing, "row %u", i);
	}
}

static struct kunit_case controls_cases[] = {
	KUNIT_CASE(adjust_adds_what_is_forced),
	KUNIT_CASE(adjust_takes_optional_bits_only_where_they_are),
	KUNIT_CASE(adjust_names_the_lowest_bit_that_lacks),
	KUNIT_CASE(words_for_haswell),
	KUNIT_CASE(old_processor_forcing_cr3_exits_is_refused),
	KUNIT_CASE(everything_runtime_may_toggle_starts_clear),
	KUNIT_CASE(each_missing_feature_is_named),
	KUNIT_CASE(no_vmx_comes_before_everything),
	KUNIT_CASE(xsave_is_required),
	KUNIT_CASE(pat_is_all_or_nothing),
	KUNIT_CASE(perf_is_all_or_nothing),
	KUNIT_CASE(tpr_shadow_is_optional),
	KUNIT_CASE(vpid_is_not_used_where_it_cannot_be_flushed),
	KUNIT_CASE(ept_extras_are_optional),
	KUNIT_CASE(unused_features_may_differ),
	KUNIT_CASE(guests_have_what_all_processors_have),
	KUNIT_CASE(features_in_use_must_not_lack),
	{}
};

static struct kunit_suite controls_suite = {
	.name = "vmxdbg-controls",
	.test_cases = controls_cases,
};

kunit_test_suite(controls_suite);
