/* SPDX-License-Identifier: GPL-2.0-only */
/* Switching of MSRs that VM entry and exit leave alone. */
#ifndef VMXDBG_VCPU_MSR_SWITCH_H
#define VMXDBG_VCPU_MSR_SWITCH_H

#include <linux/types.h>
#include <asm/msr-index.h>
#include <asm/vmx.h>

#include "vmx/vmx_cpu.h"

struct vcpu;

/* Return: whether guests can have RDTSCP, and with it IA32_TSC_AUX. */
static inline bool msr_has_tsc_aux(void)
{
	return vmx_ctl.proc2 & SECONDARY_EXEC_ENABLE_RDTSCP;
}

/* Read the host's values. Call it when a vCPU is created. */
void msr_switch_init(void);

/*
 * EFER.SCE or an MSR of SYSCALL has changed: work out which MSRs to switch. VMCS
 * current. @loaded: the guest's state is in the CPU, so switch them now.
 */
void msr_plan_switches(struct vcpu *vcpu, bool loaded);

/*
 * Read the host's IA32_TSC_AUX, whose high half is reserved. Each CPU has another value, and
 * KVM leaves a guest's in it.
 */
static inline void msr_read_host_aux(u32 *aux)
{
	u32 high;

	if (msr_has_tsc_aux())
		asm volatile("rdmsr" : "=a" (*aux), "=d" (high) : "c" (MSR_TSC_AUX));
}

/* Load the guest's values of the MSRs to switch (@guest), or the host's. */
void msr_switch_syscall(struct vcpu *vcpu, bool guest);

#endif
