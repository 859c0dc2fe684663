/* SPDX-License-Identifier: GPL-2.0-only */
/* VMX capability MSRs turned into control words (SDM vol. 3, appendix A). */
#ifndef VMXDBG_LIB_CONTROLS_H
#define VMXDBG_LIB_CONTROLS_H

#include <linux/types.h>

/* The processor's own words, read by vmx_cpu.c. */
struct vmx_msrs {
	u64 feature_control;
	u64 basic;
	u64 pin, proc, proc2, exit, entry;	/* TRUE_ forms where they exist */
	u64 ept_vpid;
	u64 misc;
	u64 cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
	bool cpu_has_vmx;	/* CPUID.1:ECX.VMX */
	bool cpu_has_xsave;	/* CPUID.1:ECX.XSAVE */
};

/* What every VMCS of ours says. */
struct vmx_controls {
	u32 pin, proc, proc2, exit, entry;
	u32 proc_allowed, proc2_allowed;	/* what may be set for a while */
	u32 revision;		/* VMCS revision identifier */
	bool exec_only;		/* EPT can map execute-only pages */
	bool ept_2m, ept_1g, ept_ad;
	bool vpid;
	u8 cr3_targets;		/* how many CR3-target values a VMCS has */
	bool invept_single, invvpid_single;
	bool pat;		/* PAT is loaded by entry and exit */
};

/**
 * vmx_adjust() - a control word from what we want and what there is
 * @must: bits that have to be 1
 * @may: bits that are set where they can be
 * @cap: capability MSR: low half must be 1, high half may be 1
 * @out: the word
 *
 * Return: 0, or the lowest of @must that the processor does not have.
 */
u32 vmx_adjust(u32 must, u32 may, u64 cap, u32 *out);

/**
 * vmx_controls_make() - choose controls, or say what is missing
 * @msrs: the processor's
 * @ctl: filled in on success
 * @missing: on failure, a phrase for the log: "EPT", "the monitor trap flag"
 *
 * Return: 0; -ENODEV (no VMX), -EACCES (firmware locked it off, or left
 * IA32_FEATURE_CONTROL unlocked), -EOPNOTSUPP (a feature is missing).
 */
int vmx_controls_make(const struct vmx_msrs *msrs, struct vmx_controls *ctl,
		      const char **missing);

#endif
