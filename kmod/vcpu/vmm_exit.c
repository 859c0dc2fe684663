// SPDX-License-Identifier: GPL-2.0-only
/* KVM_EXIT_INTERNAL_ERROR: exits that the module cannot handle. */
#include <linux/string.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vcpu/vmm_exit.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

int vmm_exit_internal_error(struct vcpu *vcpu, u32 suberror)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = suberror;
	run->internal.ndata = 2;
	run->internal.data[0] = vcpu->exit_reason;
	run->internal.data[1] = vcpu->exit_qual;
	return RUN_USER;
}

/* Exit information in KVM's layout */
static void put_exit_info(struct vcpu *vcpu, __u64 data[5])
{
	vmcs_get(&vcpu->vmcs);
	data[0] = vcpu->exit_reason;
	data[1] = vcpu->exit_qual;
	data[2] = vmcs_read32(IDT_VECTORING_INFO_FIELD);
	data[3] = vmcs_read32(VM_EXIT_INTR_INFO);
	data[4] = 0;
	vmcs_put();
}

/* Same as KVM: the guest gets #UD, and the VMM is told only at CPL 0. */
int vmm_exit_emulation(struct vcpu *vcpu, const u8 *bytes, unsigned int len)
{
	struct kvm_run *run = vcpu->run;
	unsigned int n = 1;

	vcpu_raise(vcpu, X86_TRAP_UD);
	if (vcpu_cpl(vcpu))
		return RUN_RESUME;
	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->emulation_failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
	run->emulation_failure.flags = 0;
	if (len) {
		n = 3;
		run->emulation_failure.flags =
			KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
		run->emulation_failure.insn_size = len;
		memset(run->emulation_failure.insn_bytes, 0x90, INSN_MAX);
		memcpy(run->emulation_failure.insn_bytes, bytes, len);
	}
	put_exit_info(vcpu, &run->internal.data[n]);
	run->emulation_failure.ndata = n + 5;
	return RUN_USER;
}
