// SPDX-License-Identifier: GPL-2.0-only
/*
 * MOV to and from control registers, CLTS, LMSW. CR3 exits only while catches or
 * debug/track.c need it. CR0 and CR4, and CR3 with PAE paging, may read PDPTEs from
 * the guest's memory, so slow handlers write them.
 */
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "run/exit_cr.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vcpu/vmm_exit.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

#define CR3_NO_FLUSH	BIT_ULL(63)

static int cr_finish(struct vcpu *vcpu, int error)
{
	if (error) {
		vcpu_raise_gp0(vcpu);
		return RUN_RESUME;
	}
	vmcs_get(&vcpu->vmcs);
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	vmcs_put();
	return RUN_RESUME;
}

/* A VMM that emulates the APIC is told when a lower TPR may unblock interrupts. */
static int write_cr8(struct vcpu *vcpu)
{
	u64 old = vcpu_cr8(vcpu), val = control_source(vcpu);

	if (val > 15)
		return cr_finish(vcpu, -EINVAL);
	vcpu_set_cr8(vcpu, val);
	cr_finish(vcpu, 0);
	if (val >= old || vcpu->lapic)
		return RUN_RESUME;
	vcpu->run->exit_reason = KVM_EXIT_SET_TPR;
	return RUN_USER;
}

static int read_cr8(struct vcpu *vcpu)
{
	vcpu_gpr_set(vcpu, CR_QUAL_GPR(vcpu->exit_qual), vcpu_cr8(vcpu));
	return cr_finish(vcpu, 0);
}

/*
 * Address bits beyond MAXPHYADDR. With PCIDE, bit 63 is a flag (SDM vol. 3,
 * 4.10.4.1).
 */
static bool cr3_valid(struct vcpu *vcpu, u64 val)
{
	if (!vcpu_long_mode(vcpu))
		return true;
	if (vcpu_cr4(vcpu) & X86_CR4_PCIDE)
		val &= ~CR3_NO_FLUSH;
	return !(val & GENMASK_ULL(63, vcpu->maxphyaddr));
}

static bool cr3_has_pdptes(struct vcpu *vcpu)
{
	return !vcpu_long_mode(vcpu) && (vcpu_cr0(vcpu) & X86_CR0_PG) &&
	       (vcpu_cr4(vcpu) & X86_CR4_PAE);
}

static void cr_put_cr3(struct vcpu *vcpu, u64 val)
{
	vcpu->track.source = val;
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_CR3, val & ~CR3_NO_FLUSH);
	if (vcpu->vpid && !(val & CR3_NO_FLUSH))
		vmx_invvpid(vmx_ctl.invvpid_single ? 1 : 2, vcpu->vpid);
	vmcs_put();
	vcpu_mode_changed(vcpu);
}

static int load_cr3_now(struct vcpu *vcpu)
{
	u64 val = control_source(vcpu);

	if (!cr3_valid(vcpu, val))
		return cr_finish(vcpu, -EINVAL);
	cr_put_cr3(vcpu, val);
	return cr_finish(vcpu, 0);
}

static int load_cr3_pae(struct vcpu *vcpu)
{
	u64 old;

	vmcs_get(&vcpu->vmcs);
	old = vmcs_read(GUEST_CR3);
	vmcs_put();
	cr_put_cr3(vcpu, control_source(vcpu));
	if (!vcpu_load_pdptes(vcpu))
		return cr_finish(vcpu, 0);
	cr_put_cr3(vcpu, old);
	return cr_finish(vcpu, -EINVAL);
}

int exit_cr(struct vcpu *vcpu)
{
	u64 qual = vmcs_read(EXIT_QUALIFICATION);

	vcpu->exit_qual = qual;
	if (CR_QUAL_NR(qual) == 3 && !cr3_has_pdptes(vcpu))
		return load_cr3_now(vcpu);
	if (CR_QUAL_NR(qual) != 8)
		return RUN_SLOW;
	return CR_QUAL_ACCESS(qual) == CR_READ ? read_cr8(vcpu) : write_cr8(vcpu);
}

int exit_cr_slow(struct vcpu *vcpu)
{
	unsigned int nr;
	u64 val;

	if (control_written(vcpu, &nr, &val)) {
		if (nr == 0)
			return cr_finish(vcpu, vcpu_set_cr0(vcpu, val));
		if (nr == 3)
			return load_cr3_pae(vcpu);
		if (nr == 4)
			return cr_finish(vcpu, vcpu_set_cr4(vcpu, val));
	}
	return vmm_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON);
}
