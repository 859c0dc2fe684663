// SPDX-License-Identifier: GPL-2.0-only
/* VMX features that the module needs or uses (SDM vol. 3, appendix A). */
#include "controls.h"
#include "msr.h"

#define BIT(n)		(1U << (n))
#define BIT_ULL(n)	(1ULL << (n))

#define PROC_MTF		BIT(27)
#define PROC_SECONDARY		BIT(31)
#define PROC2_EPT		BIT(1)
#define PROC2_VPID		BIT(5)
#define PROC2_UNRESTRICTED	BIT(7)

/* IA32_VMX_EPT_VPID_CAP (SDM vol. 3, A.10) */
#define EPT_EXEC_ONLY		BIT_ULL(0)
#define EPT_WALK_4		BIT_ULL(6)
#define EPT_WB			BIT_ULL(14)
#define EPT_INVEPT		BIT_ULL(20)
#define EPT_INVEPT_TYPES	(BIT_ULL(25) | BIT_ULL(26))
#define VPID_INVVPID		BIT_ULL(32)
#define VPID_INVVPID_TYPES	(BIT_ULL(41) | BIT_ULL(42))

static const struct control controls[] = {
	{ PIN, ON, BIT(0), "external-interrupt exiting" },
	{ PIN, ON, BIT(3), "NMI exiting" },
	{ PIN, ON, BIT(5), "virtual NMIs" },

	{ PROC, TOGGLED, BIT(2), "interrupt-window exiting" },
	{ PROC, TOGGLED, BIT(22), "NMI-window exiting" },
	{ PROC, TOGGLED, PROC_MTF, "the monitor trap flag" },
	{ PROC, ON, BIT(3), "TSC offsetting" },
	{ PROC, ON, BIT(7), "HLT exiting" },
	{ PROC, ON, BIT(10), "MWAIT exiting" },
	{ PROC, ON, BIT(29), "MONITOR exiting" },
	{ PROC, ON, BIT(11), "RDPMC exiting" },
	{ PROC, ON, BIT(19), "CR8-load exiting" },
	{ PROC, ON, BIT(20), "CR8-store exiting" },
	{ PROC, ON, BIT(23), "MOV-DR exiting" },
	{ PROC, ON, BIT(24), "unconditional I/O exiting" },
	{ PROC, ON, BIT(28), "MSR bitmaps" },
	{ PROC, ON, PROC_SECONDARY, "secondary controls" },
	{ PROC, OFF, BIT(15), "CR3 loads without exits" },
	{ PROC, OFF, BIT(16), "CR3 stores without exits" },
	{ PROC, OFF, BIT(9), "INVLPG without exits" },

	{ PROC2, ON, PROC2_EPT, "EPT" },
	{ PROC2, ON, PROC2_UNRESTRICTED, "unrestricted guest" },

	{ EXIT, ON, BIT(9), "64-bit hosts" },
	{ EXIT, ON, BIT(2), "saving of debug controls" },
	{ EXIT, ON, BIT(20), "saving of EFER" },
	{ EXIT, ON, BIT(21), "loading of EFER on exit" },
	{ EXIT, OFF, BIT(15), "exits that leave interrupts pending" },

	{ ENTRY, ON, BIT(2), "loading of debug controls" },
	{ ENTRY, ON, BIT(15), "loading of EFER on entry" },
	{ ENTRY, TOGGLED, BIT(9), "64-bit guests" },
};

/* A capability MSR has the bits that must be 1 below, those that may be 1 above. */
static bool settable(uint64_t cap, uint32_t bits)
{
	return !(bits & ~(uint32_t)(cap >> 32));
}

static bool clearable(uint64_t cap, uint32_t bits)
{
	return !(bits & (uint32_t)cap);
}

static bool has_control(const struct vmx_caps *caps, const struct control *c)
{
	uint64_t cap = caps->words[c->word];

	return (c->wish == OFF || settable(cap, c->bit)) &&
	       (c->wish == ON || clearable(cap, c->bit));
}

void controls_read(struct vmx_caps *caps, int msrs)
{
	uint32_t distance;

	*caps = (struct vmx_caps){ 0 };
	msr_read(msrs, MSR_VMX_BASIC, &caps->basic);
	distance = caps->basic & BIT_ULL(55) ? MSR_VMX_TRUE : 0;
	msr_read(msrs, MSR_VMX_PIN + distance, &caps->words[PIN]);
	msr_read(msrs, MSR_VMX_PROC + distance, &caps->words[PROC]);
	msr_read(msrs, MSR_VMX_EXIT + distance, &caps->words[EXIT]);
	msr_read(msrs, MSR_VMX_ENTRY + distance, &caps->words[ENTRY]);
	if (!settable(caps->words[PROC], PROC_SECONDARY))
		return;
	msr_read(msrs, MSR_VMX_PROC2, &caps->words[PROC2]);
	if (controls_has_ept(caps) || settable(caps->words[PROC2], PROC2_VPID))
		msr_read(msrs, MSR_VMX_EPT_VPID, &caps->ept_vpid);
}

const struct control *controls_lacking(const struct vmx_caps *caps, size_t *index)
{
	for (; *index < sizeof(controls) / sizeof(controls[0]); ++*index)
		if (!has_control(caps, &controls[*index]))
			return &controls[*index];
	return NULL;
}

const char *controls_lacking_basic(const struct vmx_caps *caps)
{
	/* SDM vol. 3, A.1 */
	if ((caps->basic >> 32 & 0x1fff) > 4096)
		return "a VMCS that fits into a page";
	if (caps->basic & BIT_ULL(48))
		return "a VMCS above 4 GiB";
	if ((caps->basic >> 50 & 0xf) != 6)
		return "a write-back VMCS";
	if (!(caps->basic & BIT_ULL(54)))
		return "instruction information for INS and OUTS";
	if (!controls_has_ept(caps))
		return NULL;	/* told as a control */
	if (!(caps->ept_vpid & EPT_WALK_4))
		return "4-level EPT";
	if (!(caps->ept_vpid & EPT_WB))
		return "write-back EPT tables";
	if (!(caps->ept_vpid & EPT_INVEPT) || !(caps->ept_vpid & EPT_INVEPT_TYPES))
		return "INVEPT";
	return NULL;
}

bool controls_has_ept(const struct vmx_caps *caps)
{
	return settable(caps->words[PROC2], PROC2_EPT);
}

bool controls_has_unrestricted(const struct vmx_caps *caps)
{
	return settable(caps->words[PROC2], PROC2_UNRESTRICTED);
}

bool controls_has_mtf(const struct vmx_caps *caps)
{
	return settable(caps->words[PROC], PROC_MTF) && clearable(caps->words[PROC], PROC_MTF);
}

bool controls_has_exec_only(const struct vmx_caps *caps)
{
	return caps->ept_vpid & EPT_EXEC_ONLY;
}

bool controls_has_vpid(const struct vmx_caps *caps)
{
	return settable(caps->words[PROC2], PROC2_VPID) && (caps->ept_vpid & VPID_INVVPID) &&
	       (caps->ept_vpid & VPID_INVVPID_TYPES);
}
