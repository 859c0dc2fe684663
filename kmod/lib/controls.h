/* SPDX-License-Identifier: GPL-2.0-only */
/* VMX control words, made from the capability MSRs (SDM vol. 3, appendix A). */
#ifndef VMXDBG_LIB_CONTROLS_H
#define VMXDBG_LIB_CONTROLS_H

#include <linux/types.h>

/* The processor's capabilities, read by vmx_check.c. */
struct vmx_msrs {
	u64 feature_control;
	u64 basic;
	u64 pin, proc, proc2, exit, entry;	/* TRUE_ forms where they exist */
	u64 ept_vpid;
	u64 misc;
	u64 cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
	bool cpu_has_vmx;	/* CPUID.1:ECX.VMX */
	bool cpu_has_xsave;	/* CPUID.1:ECX.XSAVE */
	bool cpu_has_global_ctrl;	/* IA32_PERF_GLOBAL_CTRL, by CPUID.0AH:EAX */
};

/* Controls that are set while a debugger's catch needs them */
#define VMX_LATER_PROC	(CPU_BASED_CR3_LOAD_EXITING | CPU_BASED_RDTSC_EXITING)
#define VMX_LATER_PROC2	SECONDARY_EXEC_DESC

/* The controls of every VMCS, and features of the processor. */
struct vmx_controls {
	u32 pin, proc, proc2, exit, entry;
	u32 proc_allowed, proc2_allowed;	/* bits of VMX_LATER_* that may be set */
	u32 revision;		/* VMCS revision identifier */
	bool exec_only;		/* EPT can map execute-only pages */
	bool ept_2m, ept_1g, ept_ad;
	bool vpid;
	bool tpr_shadow;	/* vCPUs with a local APIC need no exits of CR8 */
	u8 cr3_targets;		/* number of CR3-target values in a VMCS */
	bool invept_single, invvpid_single;
	bool pat;		/* entry and exit load PAT */
	bool perf;		/* entry and exit load IA32_PERF_GLOBAL_CTRL */
};

/**
 * vmx_adjust() - make a control word (SDM vol. 3, A.2 to A.5)
 * @must: bits that must be 1
 * @may: bits that are set if the processor has them
 * @cap: capability MSR: bits of the low half must be 1, of the high half may be 1
 * @out: the word
 *
 * Return: 0, or the lowest bit of @must that the processor does not have.
 */
u32 vmx_adjust(u32 must, u32 may, u64 cap, u32 *out);

/**
 * vmx_controls_make() - choose the controls, or report a missing feature
 * @msrs: capabilities of the processor
 * @ctl: filled in on success
 * @missing: on failure, a phrase for the log: "EPT", "the monitor trap flag"
 *
 * Return: 0, -ENODEV without VMX, -EACCES if the firmware disabled VMX or left
 * IA32_FEATURE_CONTROL unlocked, -EOPNOTSUPP if another feature is missing.
 */
int vmx_controls_make(const struct vmx_msrs *msrs, struct vmx_controls *ctl,
		      const char **missing);

/**
 * vmx_msrs_merge() - narrow capabilities to those that another processor has, too
 * Processors of one host may differ, as those of a hybrid CPU do.
 * @all: in and out; both processors pass vmx_controls_make()
 * @one: capabilities of the other processor
 */
void vmx_msrs_merge(struct vmx_msrs *all, const struct vmx_msrs *one);

/**
 * vmx_controls_lacking() - check that a processor can use a VMCS with these controls
 * Capabilities that @ctl does not use may differ.
 * Return: NULL, or a phrase for the log about the first feature that it lacks.
 */
const char *vmx_controls_lacking(const struct vmx_controls *ctl, const struct vmx_msrs *msrs);

#endif
