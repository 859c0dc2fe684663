// SPDX-License-Identifier: GPL-2.0-only
/* CPUID faulting: CPUID in rings 1 to 3 raises #GP(0) if the guest wants so (SDM vol. 3, 2.8). */
#include <linux/errno.h>
#include <asm/msr-index.h>

#include "vcpu.h"
#include "vcpu/cpuid_fault.h"
#include "vm.h"

void cpuid_fault_reset(struct vcpu *vcpu)
{
	vcpu->platform_info = MSR_PLATFORM_INFO_CPUID_FAULT;
	vcpu->cpuid_faults = false;
}

int cpuid_fault_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host)
{
	switch (index) {
	case MSR_PLATFORM_INFO:
		*val = vcpu->platform_info;
		return host || !READ_ONCE(vcpu->vm->platform_info_hidden) ? 0 : -EINVAL;
	case MSR_MISC_FEATURES_ENABLES:
		*val = vcpu->cpuid_faults ? MSR_MISC_FEATURES_ENABLES_CPUID_FAULT : 0;
		return 0;
	default:
		return -ENOENT;
	}
}

/* A guest's CPUID does not stop faulting because its processor cannot fault any more. */
static int set_platform_info(struct vcpu *vcpu, u64 val, bool host)
{
	if (!host || (vcpu->cpuid_faults && !(val & MSR_PLATFORM_INFO_CPUID_FAULT)))
		return -EINVAL;
	vcpu->platform_info = val;
	return 0;
}

static int set_features(struct vcpu *vcpu, u64 val)
{
	if (val & ~MSR_MISC_FEATURES_ENABLES_CPUID_FAULT)
		return -EINVAL;
	if (val && !(vcpu->platform_info & MSR_PLATFORM_INFO_CPUID_FAULT))
		return -EINVAL;
	vcpu->cpuid_faults = val;
	return 0;
}

int cpuid_fault_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	switch (index) {
	case MSR_PLATFORM_INFO:
		return set_platform_info(vcpu, val, host);
	case MSR_MISC_FEATURES_ENABLES:
		return set_features(vcpu, val);
	default:
		return -ENOENT;
	}
}
