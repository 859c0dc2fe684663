// SPDX-License-Identifier: GPL-2.0-only
/*
 * Log the state at which VM entry failed. Once per VM, since a VMM can cause it at
 * will, and only with dynamic debug on (pr_debug).
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <asm/vmx.h>

#include "run/vmcs_dump.h"
#include "vcpu.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* State checked by VM entry: SDM vol. 3, 27.3.1; injected events: 27.2.1.3 */
static const struct {
	const char *name;
	u32 field;
} fields[] = {
	{ "rip", GUEST_RIP }, { "rsp", GUEST_RSP }, { "rflags", GUEST_RFLAGS },
	{ "cr0", GUEST_CR0 }, { "cr3", GUEST_CR3 }, { "cr4", GUEST_CR4 },
	{ "efer", GUEST_IA32_EFER }, { "dr7", GUEST_DR7 },
	{ "debugctl", GUEST_IA32_DEBUGCTL }, { "pat", GUEST_IA32_PAT },
	{ "pdpte0", GUEST_PDPTR0 }, { "pdpte1", GUEST_PDPTR1 },
	{ "pdpte2", GUEST_PDPTR2 }, { "pdpte3", GUEST_PDPTR3 },
	{ "gdtr", GUEST_GDTR_BASE }, { "gdtr limit", GUEST_GDTR_LIMIT },
	{ "idtr", GUEST_IDTR_BASE }, { "idtr limit", GUEST_IDTR_LIMIT },
	{ "sysenter esp", GUEST_SYSENTER_ESP },
	{ "sysenter eip", GUEST_SYSENTER_EIP },
	{ "activity", GUEST_ACTIVITY_STATE },
	{ "interruptibility", GUEST_INTERRUPTIBILITY_INFO },
	{ "pending debug", GUEST_PENDING_DBG_EXCEPTIONS },
	{ "link pointer", VMCS_LINK_POINTER },
	{ "entry controls", VM_ENTRY_CONTROLS },
	{ "entry event", VM_ENTRY_INTR_INFO_FIELD },
	{ "entry error code", VM_ENTRY_EXCEPTION_ERROR_CODE },
	{ "entry length", VM_ENTRY_INSTRUCTION_LEN },
};

/* in the order of their VMCS fields */
static const char * const segments[] = {
	"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr",
};

static u64 field(struct vcpu *vcpu, u32 nr)
{
	u64 val;

	vmcs_get(&vcpu->vmcs);
	val = vmcs_read(nr);
	vmcs_put();
	return val;
}

void vmcs_dump(struct vcpu *vcpu)
{
	static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL, 1);
	unsigned int i;

	if (test_and_set_bit(0, &vcpu->vm->dumped) || !__ratelimit(&limit))
		return;
	pr_debug("VM %u, vCPU %u: this state cannot be entered\n", vcpu->vm->id,
		 vcpu->id);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].field != GUEST_IA32_PAT || vmx_ctl.pat)
			pr_debug("%16s %016llx\n", fields[i].name,
				 field(vcpu, fields[i].field));
	for (i = 0; i < ARRAY_SIZE(segments); i++)
		pr_debug("%16s %04llx base %016llx limit %08llx rights %05llx\n",
			 segments[i], field(vcpu, GUEST_ES_SELECTOR + 2 * i),
			 field(vcpu, GUEST_ES_BASE + 2 * i),
			 field(vcpu, GUEST_ES_LIMIT + 2 * i),
			 field(vcpu, GUEST_ES_AR_BYTES + 2 * i));
}
