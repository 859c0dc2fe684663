/* SPDX-License-Identifier: GPL-2.0-only */
/* IA32_ARCH_CAPABILITIES as guests get it, from facts about the host. */
#ifndef VMXDBG_LIB_ARCH_CAPS_H
#define VMXDBG_LIB_ARCH_CAPS_H

#include <linux/bits.h>
#include <linux/types.h>

/* SDM vol. 4, table 2-2; older kernels have no names for the last ones. */
#define ARCH_CAPS_RDCL_NO	BIT_ULL(0)
#define ARCH_CAPS_IBRS_ALL	BIT_ULL(1)
#define ARCH_CAPS_RSBA		BIT_ULL(2)
#define ARCH_CAPS_SKIP_L1DFL	BIT_ULL(3)
#define ARCH_CAPS_SSB_NO	BIT_ULL(4)
#define ARCH_CAPS_MDS_NO	BIT_ULL(5)
#define ARCH_CAPS_PSCHANGE_NO	BIT_ULL(6)
#define ARCH_CAPS_SBDR_SSDP_NO	BIT_ULL(13)
#define ARCH_CAPS_FBSDP_NO	BIT_ULL(14)
#define ARCH_CAPS_PSDP_NO	BIT_ULL(15)
#define ARCH_CAPS_FB_CLEAR	BIT_ULL(17)
#define ARCH_CAPS_RRSBA		BIT_ULL(19)
#define ARCH_CAPS_BHI_NO	BIT_ULL(20)
#define ARCH_CAPS_PBRSB_NO	BIT_ULL(24)
#define ARCH_CAPS_GDS_CTRL	BIT_ULL(25)
#define ARCH_CAPS_GDS_NO	BIT_ULL(26)
#define ARCH_CAPS_RFDS_NO	BIT_ULL(27)
#define ARCH_CAPS_RFDS_CLEAR	BIT_ULL(28)
#define ARCH_CAPS_ITS_NO	BIT_ULL(62)

struct arch_caps_facts {
	u64 msr;		/* the host's; 0 without the MSR */
	u64 mcu_opt;		/* IA32_MCU_OPT_CTRL, where the host has GDS_CTRL */
	struct {		/* the kernel says that the CPU does not have the flaw */
		bool meltdown, ssb, mds, gds, rfds, its;
	} sound;
	bool l1d_is_flushed;	/* before each VM entry, or needs not to be */
};

/* Return: the value for guests. */
u64 arch_caps_for_guests(const struct arch_caps_facts *facts);

#endif
