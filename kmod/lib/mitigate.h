/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU flaws: decide from facts about the host how guests are kept from using them. */
#ifndef VMXDBG_LIB_MITIGATE_H
#define VMXDBG_LIB_MITIGATE_H

#include <linux/types.h>

/* In the order of the kernel's X86_BUG_* */
enum flaw {
	FLAW_SPECTRE_V2, FLAW_L1TF, FLAW_MDS, FLAW_TAA, FLAW_ITLB_MULTIHIT,
	FLAW_MMIO_STALE_DATA, FLAW_RETBLEED, FLAW_PBRSB, FLAW_RFDS, FLAW_BHI,
	FLAW_VMSCAPE, FLAWS
};

/* Facts about the host, read by vmx/mitigation.c */
struct mitigate_facts {
	u32 flaws;		/* BIT(FLAW_*) that the kernel found */
	u32 accepted;		/* BIT(FLAW_*) that the administrator accepts */
	u32 unknown;		/* BIT(FLAW_*) that this kernel does not look for */
	bool off;		/* mitigations=off */
	bool smt;		/* a core runs two threads */
	bool has_tsx;
	bool has_md_clear;	/* VERW clears buffers, on CPUs with MDS */
	bool mds_no;		/* no MDS: VERW clears buffers only as the next three say */
	bool tsx_ctrl;		/* IA32_TSX_CTRL exists, and with it a VERW against TAA */
	bool has_fb_clear;	/* VERW clears fill buffers */
	bool has_rfds_clear;	/* VERW clears the register file */
	bool has_flush_l1d;	/* IA32_FLUSH_CMD exists */
	bool skips_l1d;		/* another hypervisor flushes L1D before it enters us */
	bool has_ibpb;		/* IA32_PRED_CMD exists */
	bool ibrs;		/* the kernel sets IBRS at each of its entries */
	bool bhi_dis_s;		/* the kernel has set BHI_DIS_S in IA32_SPEC_CTRL */
	bool bhb_loop;		/* the kernel clears the branch history after VM exits */
	bool ibpb_to_user;	/* the kernel can do IBPB on its way to user mode */
};

/* Actions at VM entry and exit */
struct mitigate_plan {
	bool guarded;		/* some action below, or one that the asm code patches in */
	bool l1d_msr, l1d_fill;	/* flush L1D before each entry: by MSR or by loads */
	bool verw;		/* VERW before each entry */
	bool ibpb;		/* IBPB before the CPU enters another guest */
	bool ibpb_to_user;	/* IBPB before user mode */
	u32 lacking;		/* BIT(FLAW_*) that are open and not accepted */
	u32 smt_open;		/* BIT(FLAW_*) that stay open to the core's other thread */
	const char *how[FLAWS];	/* one phrase for each flaw */
};

extern const char * const flaw_names[FLAWS];

/* Decide what to do about each flaw. */
void mitigate_decide(const struct mitigate_facts *facts, struct mitigate_plan *plan);

/**
 * mitigate_parse() - read a list of flaws
 * @list: names of flaw_names[] with commas between, or "all"; may be empty
 * @flaws: BIT(FLAW_*)
 *
 * Return: 0, -EINVAL if a name is unknown.
 */
int mitigate_parse(const char *list, u32 *flaws);

#endif
