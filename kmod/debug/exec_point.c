// SPDX-License-Identifier: GPL-2.0-only
/*
 * One execution of an instruction. When an interrupt comes before the instruction, or
 * between its iterations, the guest returns to it with all registers unchanged.
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

void exec_point_save(struct vcpu *vcpu, u64 rip, struct exec_point *point)
{
	BUILD_BUG_ON(sizeof(vcpu->regs) != sizeof(point->regs));
	point->rip = rip;
	read_vmcs(vcpu, &point->cr3, &point->rsp);
	memcpy(point->regs, vcpu->regs, sizeof(point->regs));
}

/* RSP is in the VMCS. */
static bool same_registers(const struct vcpu *vcpu, const struct exec_point *point)
{
	return !memcmp(point->regs, vcpu->regs, GPR_RSP * sizeof(u64)) &&
	       !memcmp(&point->regs[GPR_RBP], &vcpu->regs[GPR_RBP],
		       sizeof(point->regs) - GPR_RBP * sizeof(u64));
}

bool exec_point_is(struct vcpu *vcpu, u64 rip, const struct exec_point *point)
{
	u64 cr3, rsp;

	if (point->rip != rip)
		return false;
	read_vmcs(vcpu, &cr3, &rsp);
	return point->cr3 == cr3 && point->rsp == rsp && same_registers(vcpu, point);
}
