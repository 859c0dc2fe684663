// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMCALL. None of KVM's services that CPUID can announce here has calls. A guest that calls
 * anyway gets KVM's error codes for an unknown call.
 */
#include <linux/kvm_para.h>
#include <asm/vmx.h>

#include "run/hypercall.h"
#include "vcpu.h"
#include "vcpu/regs.h"
#include "vmx/vmcs.h"

int exit_vmcall(struct vcpu *vcpu)
{
	long ret = vcpu_cpl(vcpu) ? -KVM_EPERM : -KVM_ENOSYS;

	vcpu->regs[GPR_RAX] = vcpu_code_bits(vcpu) == 64 ? (u64)ret : (u32)ret;
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_RESUME;
}
