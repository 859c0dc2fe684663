// SPDX-License-Identifier: GPL-2.0-only
/* IA32_ARCH_CAPABILITIES as guests get it, from facts about the host. */
#include "lib/arch_caps.h"

/*
 * Bits that mean to a guest what they mean to the host. Bits of MSRs that guests do not
 * have are not here, and TAA_NO is not, since guests have no TSX.
 */
#define PASSED	(ARCH_CAPS_RDCL_NO | ARCH_CAPS_IBRS_ALL | ARCH_CAPS_RSBA |		\
		 ARCH_CAPS_SKIP_L1DFL | ARCH_CAPS_SSB_NO | ARCH_CAPS_MDS_NO |		\
		 ARCH_CAPS_PSCHANGE_NO | ARCH_CAPS_SBDR_SSDP_NO | ARCH_CAPS_FBSDP_NO |	\
		 ARCH_CAPS_PSDP_NO | ARCH_CAPS_FB_CLEAR | ARCH_CAPS_RRSBA |		\
		 ARCH_CAPS_BHI_NO | ARCH_CAPS_PBRSB_NO | ARCH_CAPS_GDS_NO |		\
		 ARCH_CAPS_RFDS_NO | ARCH_CAPS_RFDS_CLEAR | ARCH_CAPS_ITS_NO)

#define GDS_MITIGATION_OFF	BIT_ULL(4)	/* IA32_MCU_OPT_CTRL.GDS_MITG_DIS */

static bool gds_is_mitigated(const struct arch_caps_facts *facts)
{
	return (facts->msr & ARCH_CAPS_GDS_CTRL) && !(facts->mcu_opt & GDS_MITIGATION_OFF);
}

u64 arch_caps_for_guests(const struct arch_caps_facts *facts)
{
	/* The module maps executable memory in small pages where that matters. */
	u64 caps = (facts->msr & PASSED) | ARCH_CAPS_PSCHANGE_NO;

	if (facts->l1d_is_flushed)
		caps |= ARCH_CAPS_SKIP_L1DFL;
	if (facts->sound.meltdown)
		caps |= ARCH_CAPS_RDCL_NO;
	if (facts->sound.ssb)
		caps |= ARCH_CAPS_SSB_NO;
	if (facts->sound.mds)
		caps |= ARCH_CAPS_MDS_NO;
	if (facts->sound.rfds)
		caps |= ARCH_CAPS_RFDS_NO;
	if (facts->sound.its)
		caps |= ARCH_CAPS_ITS_NO;
	if (facts->sound.gds || gds_is_mitigated(facts))
		caps |= ARCH_CAPS_GDS_NO;
	return caps;
}
