// SPDX-License-Identifier: GPL-2.0-only
/* CPU flaws: decide from facts about the host how guests are kept from using them. */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "lib/mitigate.h"

/* As in /sys/devices/system/cpu/vulnerabilities, where they have a file */
const char * const flaw_names[FLAWS] = {
	[FLAW_SPECTRE_V2] = "spectre_v2",
	[FLAW_L1TF] = "l1tf",
	[FLAW_MDS] = "mds",
	[FLAW_TAA] = "tsx_async_abort",
	[FLAW_ITLB_MULTIHIT] = "itlb_multihit",
	[FLAW_MMIO_STALE_DATA] = "mmio_stale_data",
	[FLAW_RETBLEED] = "retbleed",
	[FLAW_PBRSB] = "eibrs_pbrsb",
	[FLAW_RFDS] = "reg_file_data_sampling",
	[FLAW_BHI] = "bhi",
	[FLAW_VMSCAPE] = "vmscape",
};

static const char no_microcode[] = "open: the microcode has nothing against it";
static const char by_verw[] = "VERW before each VM entry";

static const char *against_l1tf(const struct mitigate_facts *facts, struct mitigate_plan *plan)
{
	if (facts->skips_l1d)
		return "the hypervisor below flushes the L1 data cache";
	if (facts->has_flush_l1d) {
		plan->l1d_msr = true;
		return "L1 data cache flush before each VM entry, by IA32_FLUSH_CMD";
	}
	plan->l1d_fill = true;
	return "L1 data cache flush before each VM entry, by loads of 64 KiB";
}

static const char *against_buffers(bool microcode, struct mitigate_plan *plan)
{
	if (!microcode)
		return no_microcode;
	plan->verw = true;
	return by_verw;
}

/* MD_CLEAR alone says nothing on a CPU without MDS, on which VERW need not clear. */
static bool verw_clears_taa(const struct mitigate_facts *facts)
{
	return facts->has_md_clear && (!facts->mds_no || facts->tsx_ctrl);
}

/* Older microcode clears the fill buffers as part of MD_CLEAR. */
static bool verw_clears_fill(const struct mitigate_facts *facts)
{
	return facts->has_fb_clear ||
	       (facts->has_md_clear && facts->has_flush_l1d && !facts->mds_no);
}

static const char *against_spectre_v2(const struct mitigate_facts *facts,
				      struct mitigate_plan *plan)
{
	if (!facts->has_ibpb)
		return no_microcode;
	plan->ibpb = true;
	return "IBPB before a CPU enters another guest, RSB filled after VM exits";
}

static const char *against_bhi(const struct mitigate_facts *facts)
{
	if (facts->bhi_dis_s)
		return "BHI_DIS_S set again after VM exits";
	if (facts->bhb_loop)
		return "branch history cleared after VM exits";
	return "as in the kernel, which does not clear the branch history";
}

static const char *against_vmscape(const struct mitigate_facts *facts,
				   struct mitigate_plan *plan)
{
	if (!facts->has_ibpb)
		return no_microcode;
	if (!facts->ibpb_to_user)
		return "as in the kernel, which does no IBPB before user mode";
	plan->ibpb_to_user = true;
	return "IBPB before user mode runs after a guest";
}

/* Return: the phrase. */
static const char *decide_one(enum flaw flaw, const struct mitigate_facts *facts,
			      struct mitigate_plan *plan)
{
	switch (flaw) {
	case FLAW_SPECTRE_V2:
		return against_spectre_v2(facts, plan);
	case FLAW_L1TF:
		return against_l1tf(facts, plan);
	case FLAW_MDS:
		return against_buffers(facts->has_md_clear, plan);
	case FLAW_TAA:
		return facts->has_tsx ? against_buffers(verw_clears_taa(facts), plan) :
			"TSX is off";
	case FLAW_ITLB_MULTIHIT:
		return "executable pages of guests are small";
	case FLAW_MMIO_STALE_DATA:
		return against_buffers(verw_clears_fill(facts), plan);
	case FLAW_RETBLEED:
		return facts->ibrs ? "IBRS set again after VM exits" :
			"as in the kernel, which does not use IBRS";
	case FLAW_PBRSB:
		return "a CALL completes after VM exits before the first RET";
	case FLAW_RFDS:
		return against_buffers(facts->has_rfds_clear, plan);
	case FLAW_BHI:
		return against_bhi(facts);
	case FLAW_VMSCAPE:
		return against_vmscape(facts, plan);
	default:
		return "";
	}
}

/* Flaws of buffers that the threads of a core share */
#define SHARED_FLAWS	(BIT(FLAW_L1TF) | BIT(FLAW_MDS) | BIT(FLAW_TAA) | \
			 BIT(FLAW_MMIO_STALE_DATA))

void mitigate_decide(const struct mitigate_facts *facts, struct mitigate_plan *plan)
{
	enum flaw flaw;

	*plan = (struct mitigate_plan){};
	for (flaw = 0; flaw < FLAWS; flaw++) {
		if (facts->unknown & BIT(flaw)) {
			plan->how[flaw] = "this kernel does not look for it";
		} else if (!(facts->flaws & BIT(flaw))) {
			plan->how[flaw] = "this CPU does not have it";
		} else if (facts->off) {
			plan->how[flaw] = "open: the host runs with mitigations=off";
		} else {
			plan->guarded = true;
			plan->how[flaw] = decide_one(flaw, facts, plan);
			if (plan->how[flaw] == no_microcode)
				plan->lacking |= BIT(flaw);
			else if (facts->smt && (BIT(flaw) & SHARED_FLAWS))
				plan->smt_open |= BIT(flaw);
		}
	}
	plan->lacking &= ~facts->accepted;
}

/* Return: the flaw with this name, FLAWS if there is none. */
static enum flaw find_flaw(const char *name, size_t len)
{
	enum flaw flaw;

	for (flaw = 0; flaw < FLAWS; flaw++)
		if (strlen(flaw_names[flaw]) == len && !memcmp(flaw_names[flaw], name, len))
			break;
	return flaw;
}

int mitigate_parse(const char *list, u32 *flaws)
{
	*flaws = 0;
	if (!strcmp(list, "all")) {
		*flaws = BIT(FLAWS) - 1;
		return 0;
	}
	while (*list) {
		size_t len = strcspn(list, ",");
		enum flaw flaw = find_flaw(list, len);

		if (flaw == FLAWS)
			return -EINVAL;
		*flaws |= BIT(flaw);
		list += len;
		if (*list == ',')
			list++;
	}
	return 0;
}
