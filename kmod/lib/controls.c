// SPDX-License-Identifier: GPL-2.0-only
/* The VMX controls that the module uses, and their names for the log. */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <asm/msr-index.h>
#include <asm/vmx.h>

#include "lib/controls.h"

/* IA32_VMX_BASIC (SDM vol. 3, A.1); the kernel's names depend on its version. */
#define BASIC_REVISION		GENMASK_ULL(30, 0)
#define BASIC_SIZE_SHIFT	32
#define BASIC_SIZE_MASK		0x1fff
#define BASIC_ADDR_32BIT	BIT_ULL(48)
#define BASIC_IO_INFO		BIT_ULL(54)
#define BASIC_MEMTYPE_SHIFT	50
#define BASIC_MEMTYPE_MASK	0xf
#define MEMTYPE_WB		6

/* The VPID half of IA32_VMX_EPT_VPID_CAP (A.10) */
#define VPID_CAP_SHIFT		32

/* IA32_VMX_MISC (A.6) */
#define CR3_TARGETS_SHIFT	16
#define CR3_TARGETS_MASK	0xff

#define EXIT_PAT		(VM_EXIT_SAVE_IA32_PAT | VM_EXIT_LOAD_IA32_PAT)
#define ENTRY_PAT		VM_ENTRY_LOAD_IA32_PAT
#define EXIT_PERF		VM_EXIT_LOAD_IA32_PERF_GLOBAL_CTRL
#define ENTRY_PERF		VM_ENTRY_LOAD_IA32_PERF_GLOBAL_CTRL

#define CR8_EXITS		(CPU_BASED_CR8_LOAD_EXITING | CPU_BASED_CR8_STORE_EXITING)

enum word { PIN, PROC, PROC2, EXIT, ENTRY, WORDS };

enum wish {
	ON,		/* always set */
	OFF,		/* always clear; a processor that forces it is refused */
	TOGGLED,	/* clear at first, must be settable and clearable */
	MAY,		/* set if the processor has it */
};

/*
 * The module sets these controls only, and those that the processor forces. MTF and the
 * two windows are set per entry, IA-32e mode follows the guest's EFER. An exit leaves
 * interrupts pending, so that the host takes them through its own IDT.
 */
static const struct control {
	enum word word;
	enum wish wish;
	u32 bit;
	const char *name;
} controls[] = {
	{ PIN, ON, PIN_BASED_EXT_INTR_MASK, "external-interrupt exiting" },
	{ PIN, ON, PIN_BASED_NMI_EXITING, "NMI exiting" },
	{ PIN, ON, PIN_BASED_VIRTUAL_NMIS, "virtual NMIs" },

	{ PROC, TOGGLED, CPU_BASED_INTR_WINDOW_EXITING, "interrupt-window exiting" },
	{ PROC, TOGGLED, CPU_BASED_NMI_WINDOW_EXITING, "NMI-window exiting" },
	{ PROC, TOGGLED, CPU_BASED_MONITOR_TRAP_FLAG, "the monitor trap flag" },
	{ PROC, ON, CPU_BASED_USE_TSC_OFFSETTING, "TSC offsetting" },
	{ PROC, ON, CPU_BASED_HLT_EXITING, "HLT exiting" },
	{ PROC, ON, CPU_BASED_MWAIT_EXITING, "MWAIT exiting" },
	{ PROC, ON, CPU_BASED_MONITOR_EXITING, "MONITOR exiting" },
	{ PROC, ON, CPU_BASED_RDPMC_EXITING, "RDPMC exiting" },
	{ PROC, ON, CPU_BASED_CR8_LOAD_EXITING, "CR8-load exiting" },
	{ PROC, ON, CPU_BASED_CR8_STORE_EXITING, "CR8-store exiting" },
	{ PROC, ON, CPU_BASED_MOV_DR_EXITING, "MOV-DR exiting" },
	{ PROC, ON, CPU_BASED_UNCOND_IO_EXITING, "unconditional I/O exiting" },
	{ PROC, ON, CPU_BASED_USE_MSR_BITMAPS, "MSR bitmaps" },
	{ PROC, ON, CPU_BASED_ACTIVATE_SECONDARY_CONTROLS, "secondary controls" },
	{ PROC, MAY, CPU_BASED_TPR_SHADOW, "the TPR shadow" },
	{ PROC, OFF, CPU_BASED_CR3_LOAD_EXITING, "CR3 loads without exits" },
	{ PROC, OFF, CPU_BASED_CR3_STORE_EXITING, "CR3 stores without exits" },
	{ PROC, OFF, CPU_BASED_INVLPG_EXITING, "INVLPG without exits" },

	{ PROC2, ON, SECONDARY_EXEC_ENABLE_EPT, "EPT" },
	{ PROC2, ON, SECONDARY_EXEC_UNRESTRICTED_GUEST, "unrestricted guest" },
	{ PROC2, MAY, SECONDARY_EXEC_ENABLE_VPID, "VPID" },
	{ PROC2, MAY, SECONDARY_EXEC_ENABLE_RDTSCP, "RDTSCP" },
	{ PROC2, MAY, SECONDARY_EXEC_ENABLE_INVPCID, "INVPCID" },
	{ PROC2, MAY, SECONDARY_EXEC_WBINVD_EXITING, "WBINVD exiting" },
	{ PROC2, MAY, SECONDARY_EXEC_PAUSE_LOOP_EXITING, "PAUSE-loop exiting" },
	{ PROC2, MAY, SECONDARY_EXEC_TSC_SCALING, "TSC scaling" },

	{ EXIT, ON, VM_EXIT_HOST_ADDR_SPACE_SIZE, "64-bit hosts" },
	{ EXIT, ON, VM_EXIT_SAVE_DEBUG_CONTROLS, "saving of debug controls" },
	{ EXIT, ON, VM_EXIT_SAVE_IA32_EFER, "saving of EFER" },
	{ EXIT, ON, VM_EXIT_LOAD_IA32_EFER, "loading of EFER on exit" },
	{ EXIT, MAY, EXIT_PAT, "PAT" },
	{ EXIT, MAY, EXIT_PERF, "loading of IA32_PERF_GLOBAL_CTRL on exit" },
	{ EXIT, OFF, VM_EXIT_ACK_INTR_ON_EXIT, "exits that leave interrupts pending" },

	{ ENTRY, ON, VM_ENTRY_LOAD_DEBUG_CONTROLS, "loading of debug controls" },
	{ ENTRY, ON, VM_ENTRY_LOAD_IA32_EFER, "loading of EFER on entry" },
	{ ENTRY, TOGGLED, VM_ENTRY_IA32E_MODE, "64-bit guests" },
	{ ENTRY, MAY, ENTRY_PAT, "PAT" },
	{ ENTRY, MAY, ENTRY_PERF, "loading of IA32_PERF_GLOBAL_CTRL on entry" },
};

/* SDM vol. 3, A.2 to A.5 */
u32 vmx_adjust(u32 must, u32 may, u64 cap, u32 *out)
{
	u32 forced = cap;
	u32 allowed = cap >> 32;
	u32 lacking = must & ~allowed;

	*out = must | (may & allowed) | forced;
	return lacking & -lacking;
}

/* Return: the bits of @word with this wish. */
static u32 wished(enum word word, enum wish wish)
{
	unsigned int i;
	u32 bits = 0;

	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (controls[i].word == word && controls[i].wish == wish)
			bits |= controls[i].bit;
	return bits;
}

static const char *control_name(enum word word, u32 bit)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(controls); i++)
		if (controls[i].word == word && (controls[i].bit & bit))
			return controls[i].name;
	return "a control";
}

/* Make one word of controls, without the optional controls in @drop. */
static int make_word(enum word word, u64 cap, u32 drop, u32 *out,
		     const char **missing)
{
	u32 toggled = wished(word, TOGGLED);
	u32 forced = (u32)cap & (toggled | wished(word, OFF));
	u32 lacking = vmx_adjust(wished(word, ON) | toggled,
				 wished(word, MAY) & ~drop, cap, out);

	if (!lacking)
		lacking = forced & -forced;
	if (lacking) {
		*missing = control_name(word, lacking);
		return -EOPNOTSUPP;
	}
	*out &= ~toggled;
	return 0;
}

/* Switching PAT needs both the exit controls and the entry control. */
static bool has_pat(const struct vmx_msrs *msrs)
{
	return !(EXIT_PAT & ~(msrs->exit >> 32)) &&
	       !(ENTRY_PAT & ~(msrs->entry >> 32));
}

/* So does switching IA32_PERF_GLOBAL_CTRL, which not all processors with VMX have. */
static bool has_perf(const struct vmx_msrs *msrs)
{
	return msrs->cpu_has_global_ctrl && (msrs->exit >> 32 & EXIT_PERF) &&
	       (msrs->entry >> 32 & ENTRY_PERF);
}

/* A shadow of the TPR saves the exits of CR8, unless the processor forces those. */
static bool has_tpr_shadow(const struct vmx_msrs *msrs)
{
	return (msrs->proc >> 32 & CPU_BASED_TPR_SHADOW) && !((u32)msrs->proc & CR8_EXITS);
}

/* A VPID is of no use without INVVPID. */
static bool has_invvpid(const struct vmx_msrs *msrs)
{
	u64 cap = msrs->ept_vpid >> VPID_CAP_SHIFT;

	return (cap & VMX_VPID_INVVPID_BIT) &&
	       (cap & (VMX_VPID_EXTENT_SINGLE_CONTEXT_BIT |
		       VMX_VPID_EXTENT_GLOBAL_CONTEXT_BIT));
}

/* Check that the processor has VMX and the firmware has enabled it (SDM vol. 3, 24.7). */
static int check_enabled(const struct vmx_msrs *msrs, const char **missing)
{
	if (!msrs->cpu_has_vmx) {
		*missing = "VMX";
		return -ENODEV;
	}
	if (!(msrs->feature_control & FEAT_CTL_LOCKED)) {
		*missing = "a locked IA32_FEATURE_CONTROL";
		return -EACCES;
	}
	if (!(msrs->feature_control & FEAT_CTL_VMX_ENABLED_OUTSIDE_SMX)) {
		*missing = "VMX enabled by the firmware";
		return -EACCES;
	}
	return 0;
}

/* Return: the missing feature of the VMCS region (A.1) or of the host, or NULL. */
static const char *lacking_basic(const struct vmx_msrs *msrs)
{
	u64 basic = msrs->basic;

	if (!msrs->cpu_has_xsave)
		return "XSAVE";
	if (((basic >> BASIC_SIZE_SHIFT) & BASIC_SIZE_MASK) > 4096)
		return "a VMCS that fits into a page";
	if (basic & BASIC_ADDR_32BIT)
		return "a VMCS above 4 GiB";
	if (((basic >> BASIC_MEMTYPE_SHIFT) & BASIC_MEMTYPE_MASK) != MEMTYPE_WB)
		return "a write-back VMCS";
	if (!(basic & BASIC_IO_INFO))
		return "instruction information for INS and OUTS";
	return NULL;
}

/* Return: the missing feature of EPT (A.10), or NULL. */
static const char *lacking_ept(u64 cap)
{
	if (!(cap & VMX_EPT_PAGE_WALK_4_BIT))
		return "4-level EPT";
	if (!(cap & VMX_EPTP_WB_BIT))
		return "write-back EPT tables";
	if (!(cap & VMX_EPT_INVEPT_BIT) ||
	    !(cap & (VMX_EPT_EXTENT_CONTEXT_BIT | VMX_EPT_EXTENT_GLOBAL_BIT)))
		return "INVEPT";
	return NULL;
}

static int make_words(const struct vmx_msrs *msrs, struct vmx_controls *ctl,
		      const char **missing)
{
	u32 drop_tpr = has_tpr_shadow(msrs) ? 0 : CPU_BASED_TPR_SHADOW;
	u32 drop_vpid = has_invvpid(msrs) ? 0 : SECONDARY_EXEC_ENABLE_VPID;
	bool pat = has_pat(msrs), perf = has_perf(msrs);
	u32 drop_exit = (pat ? 0 : EXIT_PAT) | (perf ? 0 : EXIT_PERF);
	u32 drop_entry = (pat ? 0 : ENTRY_PAT) | (perf ? 0 : ENTRY_PERF);
	const struct {
		u64 cap;
		u32 drop;
		u32 *out;
	} words[WORDS] = {
		[PIN] = { msrs->pin, 0, &ctl->pin },
		[PROC] = { msrs->proc, drop_tpr, &ctl->proc },
		[PROC2] = { msrs->proc2, drop_vpid, &ctl->proc2 },
		[EXIT] = { msrs->exit, drop_exit, &ctl->exit },
		[ENTRY] = { msrs->entry, drop_entry, &ctl->entry },
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; i < WORDS && !ret; i++)
		ret = make_word(i, words[i].cap, words[i].drop, words[i].out,
				missing);
	ctl->pat = pat;
	ctl->perf = perf;
	ctl->vpid = ctl->proc2 & SECONDARY_EXEC_ENABLE_VPID;
	ctl->tpr_shadow = ctl->proc & CPU_BASED_TPR_SHADOW;
	return ret;
}

static void set_caps(const struct vmx_msrs *msrs, struct vmx_controls *ctl)
{
	u64 ept = msrs->ept_vpid;
	u64 vpid = msrs->ept_vpid >> VPID_CAP_SHIFT;

	ctl->proc_allowed = msrs->proc >> 32 & VMX_LATER_PROC;
	ctl->proc2_allowed = msrs->proc2 >> 32 & VMX_LATER_PROC2;
	ctl->revision = msrs->basic & BASIC_REVISION;
	ctl->exec_only = ept & VMX_EPT_EXECUTE_ONLY_BIT;
	ctl->ept_2m = ept & VMX_EPT_2MB_PAGE_BIT;
	ctl->ept_1g = ept & VMX_EPT_1GB_PAGE_BIT;
	ctl->ept_ad = ept & VMX_EPT_AD_BIT;
	ctl->invept_single = ept & VMX_EPT_EXTENT_CONTEXT_BIT;
	ctl->cr3_targets = msrs->misc >> CR3_TARGETS_SHIFT & CR3_TARGETS_MASK;
	ctl->invvpid_single = ctl->vpid &&
			      (vpid & VMX_VPID_EXTENT_SINGLE_CONTEXT_BIT);
}

int vmx_controls_make(const struct vmx_msrs *msrs, struct vmx_controls *ctl,
		      const char **missing)
{
	int ret = check_enabled(msrs, missing);

	if (ret)
		return ret;
	*missing = lacking_basic(msrs);
	if (*missing)
		return -EOPNOTSUPP;
	*ctl = (struct vmx_controls){};
	ret = make_words(msrs, ctl, missing);
	if (ret)
		return ret;
	*missing = lacking_ept(msrs->ept_vpid);
	if (*missing)
		return -EOPNOTSUPP;
	set_caps(msrs, ctl);
	return 0;
}

/* ---- processors that differ ---- */

/* Bits in the low half must be 1: in either. Bits in the high half may be 1: in both. */
static u64 merge_caps(u64 a, u64 b)
{
	return (u32)(a | b) | (a & b & ~(u64)U32_MAX);
}

static u64 merge_misc(u64 a, u64 b)
{
	u64 mask = (u64)CR3_TARGETS_MASK << CR3_TARGETS_SHIFT;

	return (a & ~mask) | min(a & mask, b & mask);
}

void vmx_msrs_merge(struct vmx_msrs *all, const struct vmx_msrs *one)
{
	all->pin = merge_caps(all->pin, one->pin);
	all->proc = merge_caps(all->proc, one->proc);
	all->proc2 = merge_caps(all->proc2, one->proc2);
	all->exit = merge_caps(all->exit, one->exit);
	all->entry = merge_caps(all->entry, one->entry);
	all->ept_vpid &= one->ept_vpid;
	all->misc = merge_misc(all->misc, one->misc);
	all->cpu_has_global_ctrl &= one->cpu_has_global_ctrl;
}

/* Return: the name of a control of @ctl that @msrs do not allow or force otherwise, or NULL. */
static const char *lacking_control(const struct vmx_controls *ctl, const struct vmx_msrs *msrs)
{
	const struct {
		u64 cap;
		u32 bits, later;
	} words[WORDS] = {
		[PIN] = { msrs->pin, ctl->pin, 0 },
		[PROC] = { msrs->proc, ctl->proc, ctl->proc_allowed },
		[PROC2] = { msrs->proc2, ctl->proc2, ctl->proc2_allowed },
		[EXIT] = { msrs->exit, ctl->exit, 0 },
		[ENTRY] = { msrs->entry, ctl->entry, 0 },
	};
	unsigned int i;

	for (i = 0; i < WORDS; i++) {
		u32 set = words[i].bits | words[i].later | wished(i, TOGGLED);
		u32 wrong = (set & ~(words[i].cap >> 32)) | ((u32)words[i].cap & ~words[i].bits);

		if (wrong)
			return control_name(i, wrong & -wrong);
	}
	return NULL;
}

/* Return: the bit of IA32_VMX_EPT_VPID_CAP for the type that flushes use. */
static u64 invept_type(const struct vmx_controls *ctl)
{
	return ctl->invept_single ? VMX_EPT_EXTENT_CONTEXT_BIT : VMX_EPT_EXTENT_GLOBAL_BIT;
}

/* Return: the same for INVVPID, in the VPID half. */
static u64 invvpid_type(const struct vmx_controls *ctl)
{
	return ctl->invvpid_single ? VMX_VPID_EXTENT_SINGLE_CONTEXT_BIT :
		VMX_VPID_EXTENT_GLOBAL_CONTEXT_BIT;
}

const char *vmx_controls_lacking(const struct vmx_controls *ctl, const struct vmx_msrs *msrs)
{
	struct vmx_controls own = { .vpid = ctl->vpid };
	const char *missing = NULL;

	if (check_enabled(msrs, &missing))
		return missing;
	missing = lacking_basic(msrs);
	if (!missing)
		missing = lacking_ept(msrs->ept_vpid);
	if (!missing)
		missing = lacking_control(ctl, msrs);
	if (missing)
		return missing;
	set_caps(msrs, &own);
	if (own.revision != ctl->revision)
		return "the VMCS format of the other CPUs";
	if ((ctl->exec_only && !own.exec_only) || (ctl->ept_ad && !own.ept_ad) ||
	    (ctl->ept_2m && !own.ept_2m) || (ctl->ept_1g && !own.ept_1g))
		return "the EPT features of the other CPUs";
	if (!(msrs->ept_vpid & invept_type(ctl)))
		return "the INVEPT of the other CPUs";
	if (ctl->vpid && (!has_invvpid(msrs) ||
			  !(msrs->ept_vpid >> VPID_CAP_SHIFT & invvpid_type(ctl))))
		return "the INVVPID of the other CPUs";
	if (ctl->tpr_shadow && !has_tpr_shadow(msrs))
		return "CR8 without exits";
	if (ctl->perf && !msrs->cpu_has_global_ctrl)
		return "IA32_PERF_GLOBAL_CTRL";
	if (own.cr3_targets < ctl->cr3_targets)
		return "the CR3-target values of the other CPUs";
	return NULL;
}
