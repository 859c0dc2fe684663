// SPDX-License-Identifier: GPL-2.0-only
/*
 * An instruction that is still to be executed, or that goes on, and an interrupt in
 * between: when the guest comes back to it, all registers are as they were.
 */
#include <linux/build_bug.h>
#include <linux/string.h>
#include <asm/vmx.h>

#include "debug/exec_point.h"
#include "debug/types.h"
#include "vcpu.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

static void read_vmcs(struct vcpu *vcpu, u64 *cr3, u64 *rsp)
{
	vmcs_get(&vcpu->vmcs);
	*cr3 = vmcs_read(GUEST_CR3);
	*rsp = vmcs_read(GUEST_RSP);
	vmcs_put();
}

void place_take(struct vcpu *vcpu, u64 rip, struct vcpu_place *place)
{
	BUILD_BUG_ON(sizeof(vcpu->regs) != sizeof(place->regs));
	place->rip = rip;
	read_vmcs(vcpu, &place->cr3, &place->rsp);
	memcpy(place->regs, vcpu->regs, sizeof(place->regs));
}

/* RSP is in the VMCS. */
static bool same_registers(const struct vcpu *vcpu, const struct vcpu_place *place)
{
	return !memcmp(place->regs, vcpu->regs, GPR_RSP * sizeof(u64)) &&
	       !memcmp(&place->regs[GPR_RBP], &vcpu->regs[GPR_RBP],
		       sizeof(place->regs) - GPR_RBP * sizeof(u64));
}

bool place_is(struct vcpu *vcpu, u64 rip, const struct vcpu_place *place)
{
	u64 cr3, rsp;

	if (place->rip != rip)
		return false;
	read_vmcs(vcpu, &cr3, &rsp);
	return place->cr3 == cr3 && place->rsp == rsp && same_registers(vcpu, place);
}
