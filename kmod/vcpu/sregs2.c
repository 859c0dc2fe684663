// SPDX-License-Identifier: GPL-2.0-only
/* KVM_GET_SREGS2 and KVM_SET_SREGS2: SREGS with the PDPTEs of PAE paging. */
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/msr-index.h>
#include <asm/vmx.h>

#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/sregs.h"
#include "vcpu/sregs2.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

#define COMMON	offsetof(struct kvm_sregs, interrupt_bitmap)

static bool pae_paging(const struct kvm_sregs *sregs)
{
	return (sregs->cr0 & X86_CR0_PG) && (sregs->cr4 & X86_CR4_PAE) &&
	       !(sregs->efer & EFER_LMA);
}

void vcpu_get_sregs2(struct vcpu *vcpu, struct kvm_sregs2 *sregs2)
{
	struct kvm_sregs sregs;
	unsigned int i;

	BUILD_BUG_ON(COMMON != offsetof(struct kvm_sregs2, flags));
	vcpu_get_sregs(vcpu, &sregs);
	memset(sregs2, 0, sizeof(*sregs2));
	memcpy(sregs2, &sregs, COMMON);
	if (!pae_paging(&sregs))
		return;
	sregs2->flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	vmcs_get(&vcpu->vmcs);
	for (i = 0; i < ARRAY_SIZE(sregs2->pdptrs); i++)
		sregs2->pdptrs[i] = vmcs_read(GUEST_PDPTR0 + 2 * i);
	vmcs_put();
}

int vcpu_set_sregs2(struct vcpu *vcpu, const struct kvm_sregs2 *sregs2)
{
	bool pdptrs = sregs2->flags & KVM_SREGS2_FLAGS_PDPTRS_VALID;
	struct kvm_sregs sregs = { };
	int r;

	memcpy(&sregs, sregs2, COMMON);
	if (sregs2->flags & ~(u64)KVM_SREGS2_FLAGS_PDPTRS_VALID)
		return -EINVAL;
	if (pdptrs && !pae_paging(&sregs))
		return -EINVAL;
	r = vcpu_set_sregs(vcpu, &sregs);
	if (!r && pdptrs)
		vcpu_put_pdptes(vcpu, sregs2->pdptrs);
	return r;
}
