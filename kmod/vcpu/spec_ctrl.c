// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSRs with which a guest works against CPU flaws: IA32_SPEC_CTRL, IA32_PRED_CMD,
 * IA32_FLUSH_CMD and IA32_ARCH_CAPABILITIES.
 *
 * A guest runs with the host's IA32_SPEC_CTRL until it, or its VMM, writes a value other
 * than 0. From then on the MSR is the guest's own, and accesses do not exit: VM entry loads
 * the guest's value after the last instruction of the host, VM exit stores it (SDM vol. 3,
 * 27.4, 28.4), and the exit arrives at code that writes the host's. All of this is in the
 * VMCS, so that entries and exits of other guests do not change.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/vmx.h>

#include "lib/arch_caps.h"
#include "lib/compat.h"
#include "vcpu.h"
#include "vcpu/spec_ctrl.h"
#include "vmx/mitigation.h"
#include "vmx/vmcs.h"
#include "vmx/vmenter.h"

/* ---- IA32_ARCH_CAPABILITIES ---- */

static bool l1d_is_flushed(void)
{
	return !boot_cpu_has_bug(X86_BUG_L1TF) || mitigation_plan.l1d_msr ||
	       mitigation_plan.l1d_fill;
}

u64 spec_arch_capabilities(void)
{
	struct arch_caps_facts facts = {
		.sound.meltdown = !boot_cpu_has_bug(X86_BUG_CPU_MELTDOWN),
		.sound.ssb = !boot_cpu_has_bug(X86_BUG_SPEC_STORE_BYPASS),
		.sound.mds = !boot_cpu_has_bug(X86_BUG_MDS),
#ifdef X86_BUG_GDS
		.sound.gds = !boot_cpu_has_bug(X86_BUG_GDS),
#endif
#ifdef X86_BUG_RFDS
		.sound.rfds = !boot_cpu_has_bug(X86_BUG_RFDS),
#endif
#ifdef X86_BUG_ITS
		.sound.its = !boot_cpu_has_bug(X86_BUG_ITS),
#endif
		.l1d_is_flushed = l1d_is_flushed(),
	};

	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		rdmsrl_safe(MSR_IA32_ARCH_CAPABILITIES, &facts.msr);
	if (facts.msr & ARCH_CAPS_GDS_CTRL)
		rdmsrl_safe(MSR_IA32_MCU_OPT_CTRL, &facts.mcu_opt);
	return arch_caps_for_guests(&facts);
}

/* ---- IA32_SPEC_CTRL ---- */

/* Try @val, as there is no list of the bits that a processor has. */
static bool processor_takes(u64 val)
{
	unsigned long flags;
	u64 saved;
	int r;

	if (!boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL))
		return false;
	local_irq_save(flags);
	rdmsrl(MSR_IA32_SPEC_CTRL, saved);
	r = wrmsrl_safe(MSR_IA32_SPEC_CTRL, val);
	if (!r)
		wrmsrl(MSR_IA32_SPEC_CTRL, saved);
	local_irq_restore(flags);
	return !r;
}

/* Make the MSR the guest's own, from the next entry on. */
static void switch_from_now_on(struct vcpu *vcpu)
{
	u64 entry = __pa(&vcpu->spec.ctrl);

	vcpu->spec.switched = true;
	vmcs_write(VM_ENTRY_MSR_LOAD_ADDR, entry);
	vmcs_write(VM_ENTRY_MSR_LOAD_COUNT, 1);
	vmcs_write(VM_EXIT_MSR_STORE_ADDR, entry);
	vmcs_write(VM_EXIT_MSR_STORE_COUNT, 1);
	vmcs_write(HOST_RIP, (unsigned long)vmx_exited_spec_ctrl);
	set_bit(REQ_CATCH, &vcpu->requests);	/* makes a new MSR bitmap */
}

static int set_spec_ctrl(struct vcpu *vcpu, u64 val)
{
	if (!processor_takes(val))
		return -EINVAL;
	vcpu->spec.ctrl.value = val;
	if (val && !vcpu->spec.switched)
		switch_from_now_on(vcpu);
	return 0;
}

/* ---- IA32_PRED_CMD, IA32_FLUSH_CMD: commands, not values ---- */

static int set_pred_cmd(struct vcpu *vcpu, u64 val)
{
	if ((val & ~(u64)PRED_CMD_IBPB) || !boot_cpu_has(X86_FEATURE_IBPB))
		return -EINVAL;
	if (!val)
		return 0;
	wrmsrl(MSR_IA32_PRED_CMD, PRED_CMD_IBPB);
	if (!vcpu->spec.pred_cmd_passes) {
		vcpu->spec.pred_cmd_passes = true;
		set_bit(REQ_CATCH, &vcpu->requests);
	}
	return 0;
}

static int set_flush_cmd(u64 val)
{
	if ((val & ~(u64)L1D_FLUSH) || !boot_cpu_has(X86_FEATURE_FLUSH_L1D))
		return -EINVAL;
	if (val)
		wrmsrl(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
	return 0;
}

/* ---- all ---- */

/* Return: the bit of vcpu->spec.msrs, 0 if @index is none of these MSRs. */
static u8 spec_msr(u32 index)
{
	switch (index) {
	case MSR_IA32_SPEC_CTRL:
		return SPEC_CTRL_MSR;
	case MSR_IA32_PRED_CMD:
		return PRED_CMD_MSR;
	case MSR_IA32_FLUSH_CMD:
		return FLUSH_CMD_MSR;
	case MSR_IA32_ARCH_CAPABILITIES:
		return ARCH_CAPS_MSR;
	default:
		return 0;
	}
}

/* Return: 0, -ENOENT if @index is none of these MSRs, -EINVAL if the guest does not have it. */
static int check_access(const struct vcpu *vcpu, u32 index, bool host)
{
	u8 msr = spec_msr(index);

	if (!msr)
		return -ENOENT;
	return host || (vcpu->spec.msrs & msr) ? 0 : -EINVAL;
}

int spec_get_msr(const struct vcpu *vcpu, u32 index, u64 *val, bool host)
{
	int r = check_access(vcpu, index, host);

	if (r)
		return r;
	if (index == MSR_IA32_SPEC_CTRL)
		*val = vcpu->spec.ctrl.value;
	else if (index == MSR_IA32_ARCH_CAPABILITIES)
		*val = vcpu->spec.arch_capabilities;
	else
		return -EINVAL;
	return 0;
}

int spec_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	int r = check_access(vcpu, index, host);

	if (r)
		return r;
	switch (index) {
	case MSR_IA32_SPEC_CTRL:
		return set_spec_ctrl(vcpu, val);
	case MSR_IA32_PRED_CMD:
		return set_pred_cmd(vcpu, val);
	case MSR_IA32_FLUSH_CMD:
		return set_flush_cmd(val);
	default:
		if (!host)
			return -EINVAL;
		vcpu->spec.arch_capabilities = val;
		return 0;
	}
}

void spec_reset(struct vcpu *vcpu)
{
	vcpu->spec.ctrl = (struct vmx_msr_entry){ .index = MSR_IA32_SPEC_CTRL };
	vcpu->spec.arch_capabilities = spec_arch_capabilities();
}
