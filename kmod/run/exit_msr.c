// SPDX-License-Identifier: GPL-2.0-only
/*
 * RDMSR and WRMSR. An access that would raise #GP goes to the VMM instead, if that asked for
 * it (KVM_CAP_X86_USER_SPACE_MSR).
 */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/string.h>

#include "run/exit_msr.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vcpu/msr.h"
#include "vcpu/msr_filter.h"
#include "vcpu/regs.h"
#include "vm.h"
#include "vmx/vmcs.h"

static void complete_read(struct vcpu *vcpu, u64 val)
{
	vcpu->regs[GPR_RAX] = (u32)val;
	vcpu->regs[GPR_RDX] = val >> 32;
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
}

static u32 reason_of(int r)
{
	switch (r) {
	case -EPERM:
		return KVM_MSR_EXIT_REASON_FILTER;
	case -ENOENT:
		return KVM_MSR_EXIT_REASON_UNKNOWN;
	default:
		return KVM_MSR_EXIT_REASON_INVAL;
	}
}

/* @r: why the guest cannot have the access; @val: what it wanted to write */
static noinline int refuse(struct vcpu *vcpu, u32 exit_reason, u64 val, int r)
{
	struct kvm_run *run = vcpu->run;
	u32 reason = reason_of(r);

	if (!(READ_ONCE(vcpu->vm->msr_exits) & reason)) {
		vcpu_raise_gp0(vcpu);
		return RUN_RESUME;
	}
	run->exit_reason = exit_reason;
	run->msr.error = 0;
	memset(run->msr.pad, 0, sizeof(run->msr.pad));
	run->msr.reason = reason;
	run->msr.index = vcpu->regs[GPR_RCX];
	run->msr.data = val;
	vcpu->msr_wait.point = insn_point();
	vcpu->msr_wait.read = exit_reason == KVM_EXIT_X86_RDMSR;
	vcpu->pending = PENDING_MSR;
	return RUN_USER;
}

int exit_rdmsr(struct vcpu *vcpu)
{
	u32 index = vcpu->regs[GPR_RCX];
	int r = -EPERM;
	u64 val;

	if (msr_filter_allows(vcpu->vm, index, KVM_MSR_FILTER_READ))
		r = vcpu_get_msr(vcpu, index, &val, false);
	if (r)
		return refuse(vcpu, KVM_EXIT_X86_RDMSR, 0, r);
	complete_read(vcpu, val);
	return RUN_RESUME;
}

int exit_wrmsr(struct vcpu *vcpu)
{
	u64 val = (u32)vcpu->regs[GPR_RAX] | vcpu->regs[GPR_RDX] << 32;
	u32 index = vcpu->regs[GPR_RCX];
	int r = -EPERM;

	if (msr_filter_allows(vcpu->vm, index, KVM_MSR_FILTER_WRITE))
		r = vcpu_set_msr(vcpu, index, val, false);
	if (r)
		return refuse(vcpu, KVM_EXIT_X86_WRMSR, val, r);
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_RESUME;
}

/* A VMM that has moved rip meanwhile gets no completion. */
int msr_complete(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	vcpu->pending = PENDING_NONE;
	vmcs_get(&vcpu->vmcs);
	if (insn_point() == vcpu->msr_wait.point) {
		if (READ_ONCE(run->msr.error))
			vcpu_raise_gp0(vcpu);
		else if (vcpu->msr_wait.read)
			complete_read(vcpu, READ_ONCE(run->msr.data));
		else
			vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	}
	vmcs_put();
	return RUN_RESUME;
}
