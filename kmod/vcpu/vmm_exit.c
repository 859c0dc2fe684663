// SPDX-License-Identifier: GPL-2.0-only
/* Exits after which the guest cannot go on: see vmm_exit.h. */
#include <linux/string.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "irq/types.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vcpu/vmm_exit.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

int vmm_exit_dead_end(struct vcpu *vcpu, u32 exit_reason, u32 error)
{
	vcpu_shut_down(vcpu);
	vcpu->dead_end.exit_reason = exit_reason;
	vcpu->dead_end.error = error;
	return RUN_RESUME;
}

void vmm_exit_shutdown(struct vcpu *vcpu)
{
	u32 other = vcpu->dead_end.exit_reason;

	vcpu->shutdown = false;
	vcpu->dead_end.exit_reason = 0;
	vcpu->run->exit_reason = other ? other : KVM_EXIT_SHUTDOWN;
}

void vmm_exit_reset(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
	run->system_event.type = KVM_SYSTEM_EVENT_RESET;
	run->system_event.ndata = 0;
	run->system_event.data[0] = 0;	/* "flags", before there was ndata */
}

void vmm_exit_eoi(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = KVM_EXIT_IOAPIC_EOI;
	vcpu->run->eoi.vector = vcpu->lapic->eoi;
}

void vmm_exit_tpr_access(struct vcpu *vcpu)
{
	vcpu->run->exit_reason = KVM_EXIT_TPR_ACCESS;
	vcpu->run->tpr_access.rip = vcpu->lapic->tpr.rip;
	vcpu->run->tpr_access.is_write = vcpu->lapic->tpr.is_write;
}

int vmm_exit_internal_error(struct vcpu *vcpu, u32 suberror)
{
	struct kvm_run *run = vcpu->run;

	run->internal.suberror = suberror;
	run->internal.ndata = 2;
	run->internal.data[0] = vcpu->exit_reason;
	run->internal.data[1] = vcpu->exit_qual;
	return vmm_exit_dead_end(vcpu, KVM_EXIT_INTERNAL_ERROR, VMXDBG_ERROR_EMULATION);
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

/*
 * Same as KVM: the guest gets #UD, and the VMM is told only at CPL 0. A VMM that asked for
 * it (KVM_CAP_EXIT_ON_EMULATION_FAILURE) is told always, and decides.
 */
static int emulation_failed(struct vcpu *vcpu, const u8 *bytes, unsigned int len, u32 error)
{
	struct kvm_run *run = vcpu->run;
	unsigned int n = 1;

	if (!READ_ONCE(vcpu->vm->emulation_exits)) {
		vcpu_raise(vcpu, X86_TRAP_UD);
		if (vcpu_cpl(vcpu))
			return RUN_RESUME;
	}
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
	return vmm_exit_dead_end(vcpu, KVM_EXIT_INTERNAL_ERROR, error);
}

int vmm_exit_emulation(struct vcpu *vcpu, const u8 *bytes, unsigned int len)
{
	return emulation_failed(vcpu, bytes, len, VMXDBG_ERROR_EMULATION);
}

int vmm_exit_fetch(struct vcpu *vcpu)
{
	return emulation_failed(vcpu, NULL, 0, VMXDBG_ERROR_FETCH);
}
