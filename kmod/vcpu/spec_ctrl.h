/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MSRs with which a guest works against CPU flaws: IA32_SPEC_CTRL, IA32_PRED_CMD,
 * IA32_FLUSH_CMD and IA32_ARCH_CAPABILITIES.
 */
#ifndef VMXDBG_VCPU_SPEC_CTRL_H
#define VMXDBG_VCPU_SPEC_CTRL_H

#include <linux/bits.h>
#include <linux/types.h>

#include "vcpu.h"

/* Bits of vcpu->spec.msrs: the MSRs that the vCPU's CPUID has */
#define SPEC_CTRL_MSR	BIT(0)
#define PRED_CMD_MSR	BIT(1)
#define FLUSH_CMD_MSR	BIT(2)
#define ARCH_CAPS_MSR	BIT(3)

/* Return: the value of IA32_ARCH_CAPABILITIES that guests get at first. */
u64 spec_arch_capabilities(void);

/* Set the values after RESET. */
void spec_reset(struct vcpu *vcpu);

/**
 * spec_get_msr() - read one of these MSRs, VMCS current
 * @host: the access is the VMM's, to which the CPUID does not matter
 * Return: 0; -EINVAL if the access fails, -ENOENT if the MSR is none of these.
 */
int spec_get_msr(const struct vcpu *vcpu, u32 index, u64 *val, bool host);

/* Write one of these MSRs. Parameters, Return: as for spec_get_msr(). */
int spec_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);

/* Return: whether accesses to IA32_SPEC_CTRL, writes of IA32_PRED_CMD need no exit. */
static inline bool spec_ctrl_passes(const struct vcpu *vcpu)
{
	return vcpu->spec.switched && (vcpu->spec.msrs & SPEC_CTRL_MSR);
}

static inline bool spec_pred_cmd_passes(const struct vcpu *vcpu)
{
	return vcpu->spec.pred_cmd_passes && (vcpu->spec.msrs & PRED_CMD_MSR);
}

#endif
