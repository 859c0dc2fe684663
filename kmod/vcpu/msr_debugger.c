// SPDX-License-Identifier: GPL-2.0-only
/* The guest's MSRs, as a debugger reads and writes them: see msr_debugger.h. */
#include <linux/errno.h>
#include <linux/kvm_para.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/msr.h"
#include "vcpu/msr_debugger.h"
#include "vcpu/tsc.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* All MSRs that msr.c knows are in one of these ranges. */
static const struct {
	u32 first, end;
} ranges[] = {
	{ 0, MSR_IA32_MC0_CTL + 4 * MCE_MAX_BANKS },
	{ MSR_EFER, MSR_TSC_AUX + 1 },
};

/* Return: whether the MSR does not exist although a VMM may read it. */
static bool only_for_vmms(u32 index)
{
	switch (index) {
	case MSR_IA32_SPEC_CTRL:
		return !boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL);
	case MSR_KVM_WALL_CLOCK:
	case MSR_KVM_SYSTEM_TIME:
		return true;
	default:
		return false;
	}
}

int msr_debugger_get(struct vcpu *vcpu, u32 index, u64 *val)
{
	return only_for_vmms(index) ? -EINVAL : vcpu_get_msr(vcpu, index, val, true);
}

/* VM entry fails unless LMA is LME while PG is set (SDM vol. 3, 27.3.1.1). */
static bool lme_valid(struct vcpu *vcpu, u64 efer)
{
	return !(vcpu_cr0(vcpu) & X86_CR0_PG) || !(efer & EFER_LME) == !(efer & EFER_LMA);
}

/* Set the counter of this vCPU exactly, where a VMM's write may join that of the others. */
static int set_debugger_tsc(struct vcpu *vcpu, u64 val)
{
	vmcs_get(&vcpu->vmcs);
	vcpu_tsc_write_exact(vcpu, val);
	vmcs_put();
	return 0;
}

int msr_debugger_set(struct vcpu *vcpu, u32 index, u64 val)
{
	u64 old, now;

	/* PRED_CMD and FLUSH_CMD are commands and no registers. */
	if (msr_debugger_get(vcpu, index, &old))
		return -EINVAL;
	if (index == MSR_IA32_TSC)
		return set_debugger_tsc(vcpu, val);
	if (index == MSR_EFER && !lme_valid(vcpu, val))
		return -EINVAL;
	if (vcpu_set_msr(vcpu, index, val, true))
		return -EINVAL;
	if (!vcpu_get_msr(vcpu, index, &now, true) && now == val)
		return 0;
	/* Ignored or altered, as a VMM's non-canonical IA32_SYSENTER_EIP is. */
	vcpu_set_msr(vcpu, index, old, true);
	return -EINVAL;
}

u32 msr_debugger_list(struct vcpu *vcpu, u32 list[MSR_DEBUGGER_MAX])
{
	unsigned int i;
	u32 index, nr = 0;
	u64 val;

	BUILD_BUG_ON(ranges[0].end + ranges[1].end - ranges[1].first != MSR_DEBUGGER_MAX);
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		for (index = ranges[i].first; index < ranges[i].end; index++)
			if (!msr_debugger_get(vcpu, index, &val))
				list[nr++] = index;
	return nr;
}
