// SPDX-License-Identifier: GPL-2.0-only
/* The guest's MSRs, as a debugger reads and writes them: see msr_debugger.h. */
#include <linux/errno.h>
#include <asm/cpufeature.h>
#include <asm/kvm_para.h>
#include <asm/msr-index.h>

#include "vcpu.h"
#include "vcpu/debugger_regs.h"
#include "vcpu/msr.h"
#include "vcpu/msr_debugger.h"
#include "vcpu/pv.h"
#include "vcpu/tsc.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

/* All MSRs that msr.c knows are in one of these ranges. */
static const struct {
	u32 first, end;
} ranges[] = {
	{ 0, MSR_IA32_MC0_CTL + 4 * MCE_MAX_BANKS },
	{ MSR_IA32_TSC_DEADLINE, MSR_IA32_TSC_DEADLINE + 1 },
	{ MSR_KVM_WALL_CLOCK_NEW, MSR_KVM_STEAL_TIME + 1 },
	{ MSR_EFER, MSR_TSC_AUX + 1 },
	{ MSR_K7_HWCR, MSR_K7_HWCR + 1 },
};

/* Return: whether the MSR does not exist although a VMM may read it. */
static bool only_for_vmms(const struct vcpu *vcpu, u32 index)
{
	if (index == MSR_IA32_SPEC_CTRL)
		return !boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL);
	if (index == MSR_TSC_AUX)
		return !vcpu->tsc_aux;
	if (index == MSR_PLATFORM_INFO)
		return READ_ONCE(vcpu->vm->platform_info_hidden);
	return pv_is_msr(index) && !pv_has_msr(vcpu, index);
}

int msr_debugger_get(struct vcpu *vcpu, u32 index, u64 *val)
{
	return only_for_vmms(vcpu, index) || vcpu_get_msr(vcpu, index, val, true) ? -EINVAL : 0;
}

/* Set the counter of this vCPU exactly, where a VMM's write may join that of the others. */
static int set_debugger_tsc(struct vcpu *vcpu, u64 val)
{
	vmcs_get(&vcpu->vmcs);
	vcpu_tsc_write_exact(vcpu, val);
	vmcs_put();
	return 0;
}

/* Return: VMXDBG_REFUSED_* or 0. */
static u32 set_checked(struct vcpu *vcpu, u32 index, u64 old, u64 val)
{
	u32 refused = debugger_msr_refused(vcpu, index, val);
	u64 now;

	if (refused)
		return refused;
	if (vcpu_set_msr(vcpu, index, val, true))
		return VMXDBG_REFUSED_VALUE;
	if (!vcpu_get_msr(vcpu, index, &now, true) && now == val)
		return 0;
	/* Ignored or altered, as a VMM's non-canonical IA32_SYSENTER_EIP is. */
	vcpu_set_msr(vcpu, index, old, true);
	return VMXDBG_REFUSED_VALUE;
}

int msr_debugger_set(struct vcpu *vcpu, u32 index, u64 val, u32 *refused)
{
	u64 old;

	/* PRED_CMD and FLUSH_CMD are commands and no registers. */
	if (msr_debugger_get(vcpu, index, &old)) {
		*refused = VMXDBG_REFUSED_MSR;
		return -EINVAL;
	}
	if (index == MSR_IA32_TSC)
		return set_debugger_tsc(vcpu, val);
	/* The module would write to the guest's memory. */
	if (pv_is_msr(index))
		*refused = val == old ? 0 : VMXDBG_REFUSED_VALUE;
	else
		*refused = set_checked(vcpu, index, old, val);
	return *refused ? -EINVAL : 0;
}

u32 msr_debugger_list(struct vcpu *vcpu, u32 list[MSR_DEBUGGER_MAX])
{
	unsigned int i;
	u32 index, nr = 0;
	u64 val;

	BUILD_BUG_ON(ranges[0].end + 1 + ranges[2].end - ranges[2].first +
		     ranges[3].end - ranges[3].first + 1 != MSR_DEBUGGER_MAX);
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		for (index = ranges[i].first; index < ranges[i].end; index++)
			if (!msr_debugger_get(vcpu, index, &val))
				list[nr++] = index;
	return nr;
}
