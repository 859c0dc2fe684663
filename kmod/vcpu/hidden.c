// SPDX-License-Identifier: GPL-2.0-only
/* State of a vCPU that no instruction and no set of KVM's reads. */
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/hidden.h"
#include "vcpu/tsc.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

/* HLT exits to the VMM, so the VMCS has no other state than active. */
static u32 activity(const struct vcpu *vcpu)
{
	if (vcpu->shutdown && !vcpu->dead_end.exit_reason)
		return VMXDBG_ACTIVITY_SHUTDOWN;
	return READ_ONCE(vcpu->halted) ? VMXDBG_ACTIVITY_HLT : VMXDBG_ACTIVITY_ACTIVE;
}

/* VMCS current. */
static void get_pdptrs(__u64 *pdptrs)
{
	unsigned int i;

	if (!(vmcs_read(GUEST_CR0) & X86_CR0_PG) || !(vmcs_read(GUEST_CR4) & X86_CR4_PAE) ||
	    (vmcs_read(GUEST_IA32_EFER) & EFER_LMA))
		return;
	for (i = 0; i < 4; i++)
		pdptrs[i] = vmcs_read(GUEST_PDPTR0 + 2 * i);
}

void vcpu_get_hidden(struct vcpu *vcpu, struct vmxdbg_hidden *hidden)
{
	memset(hidden, 0, sizeof(*hidden));
	hidden->activity = activity(vcpu);
	vmcs_get(&vcpu->vmcs);
	hidden->blocking = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
	hidden->pending_debug = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS);
	get_pdptrs(hidden->pdptrs);
	vmcs_put();
	hidden->tsc_offset = vcpu_tsc_read(vcpu) - rdtsc();
}
