// SPDX-License-Identifier: GPL-2.0-only
/* The checks of VM entry on pending debug exceptions and shadows. */
#include <kunit/test.h>

#include "../../kmod/lib/entry_state.c"

#define TF	X86_EFLAGS_TF
#define STI	GUEST_INTR_STATE_STI
#define SS	GUEST_INTR_STATE_MOV_SS
#define NMI	GUEST_INTR_STATE_NMI
#define BS	PENDING_BS
#define BTF	DEBUGCTL_BTF

static const struct {
	struct entry_state s;
	bool ok;
} rows[] = {
	{ { }, true },
	{ { .rflags = TF }, true },
	{ { .rflags = TF, .pending = BS }, true },
	{ { .pending = BS }, true },			/* POPF has cleared TF */
	{ { .pending = 0x1001 }, true },
	/* shadows */
	{ { .blocking = STI }, true },
	{ { .blocking = SS }, true },
	{ { .blocking = STI, .rflags = TF }, false },
	{ { .blocking = SS, .rflags = TF }, false },
	{ { .blocking = STI, .rflags = TF, .pending = BS }, true },
	{ { .blocking = SS, .rflags = TF, .pending = BS | 0x1001 }, true },
	{ { .blocking = STI, .pending = BS }, false },
	{ { .blocking = SS, .pending = BS }, false },
	{ { .blocking = SS, .pending = 0x1001 }, true },
	{ { .blocking = STI | SS }, false },
	/* BTF: no trap is due */
	{ { .blocking = STI, .rflags = TF, .debugctl = BTF }, true },
	{ { .blocking = STI, .rflags = TF, .debugctl = BTF, .pending = BS }, false },
	/* HLT */
	{ { .activity = GUEST_ACTIVITY_HLT, .rflags = TF }, false },
	{ { .activity = GUEST_ACTIVITY_HLT, .rflags = TF, .pending = BS }, true },
	{ { .activity = GUEST_ACTIVITY_HLT, .pending = BS }, false },
	{ { .activity = GUEST_ACTIVITY_HLT, .blocking = STI }, false },
	/* reserved bits */
	{ { .pending = BIT(4) }, false },
	{ { .pending = BIT(13) }, false },
	{ { .pending = BIT(15) }, false },
	{ { .pending = BIT_ULL(17) }, false },
	{ { .blocking = BIT(5) }, false },
	{ { .blocking = GUEST_INTR_STATE_SMI }, false },
	/* events */
	{ { .event = INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR | 0x45 }, true },
	{ { .event = INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR | 0x45, .blocking = STI }, false },
	{ { .event = INTR_INFO_VALID_MASK | INTR_TYPE_EXT_INTR | 0x45, .blocking = SS }, false },
	{ { .event = INTR_TYPE_EXT_INTR | 0x45, .blocking = STI }, true },
	{ { .event = INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR | 2 }, true },
	{ { .event = INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR | 2, .blocking = SS }, false },
	{ { .event = INTR_INFO_VALID_MASK | INTR_TYPE_NMI_INTR | 2, .blocking = NMI }, false },
	{ { .event = INTR_INFO_VALID_MASK | INTR_TYPE_HARD_EXCEPTION | 1, .blocking = SS }, true },
	/* the TPR and its threshold */
	{ { .tpr = 0x40 }, true },
	{ { .tpr = 0x40, .tpr_threshold = 4 }, true },
	{ { .tpr = 0x4f, .tpr_threshold = 5 }, false },
	{ { .tpr = 0xff, .tpr_threshold = 15 }, true },
	{ { .tpr = 0xff, .tpr_threshold = 16 }, false },
	{ { .tpr_threshold = 1 }, false },
};

static void entries_are_judged(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		KUNIT_EXPECT_EQ_MSG(test, !entry_state_bad(&rows[i].s), rows[i].ok,
				    "row %u", i);
}

static struct kunit_case entry_state_cases[] = {
	KUNIT_CASE(entries_are_judged),
	{}
};

static struct kunit_suite entry_state_suite = {
	.name = "vmxdbg-entry-state",
	.test_cases = entry_state_cases,
};

kunit_test_suite(entry_state_suite);
