// SPDX-License-Identifier: GPL-2.0-only
/*
 * A breakpoint at an instruction with REP hits once for the instruction. The processor
 * ensures this for a debug register: RF is set between two iterations, and in the image
 * that an interrupt saves there (SDM vol. 3, 18.3.1.1). An int3 ignores RF, so the exec
 * point between iterations is remembered until the guest returns to it.
 */
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "debug/exec_point.h"
#include "debug/rep.h"
#include "debug/types.h"
#include "vcpu.h"
#include "vcpu/regs.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

static bool between_iterations(struct vcpu *vcpu)
{
	u64 rflags;

	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();
	return rflags & X86_EFLAGS_RF;
}

bool rep_note(struct vcpu *vcpu)
{
	u64 rip = vcpu_linear_rip(vcpu);
	struct rep *rep = &vcpu->rep;

	/* rip has moved: the instruction is over, or a fault came before an iteration. */
	if (rip != vcpu->reported_rip) {
		if (rep->at.rip == vcpu->reported_rip &&
		    rep->at.regs[GPR_RCX] != vcpu->regs[GPR_RCX])
			rep->known = false;
		return false;
	}
	/* An instruction that jumps to itself has left RF clear. */
	if (!between_iterations(vcpu))
		return false;
	rep->known = true;
	exec_point_save(vcpu, rip, &rep->at);
	return true;
}

bool rep_goes_on(struct vcpu *vcpu, u64 rip)
{
	return vcpu->rep.known && exec_point_is(vcpu, rip, &vcpu->rep.at);
}
