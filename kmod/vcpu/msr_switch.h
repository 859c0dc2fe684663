/* SPDX-License-Identifier: GPL-2.0-only */
/* MSRs that the processor does not switch with a VM entry or exit. */
#ifndef VMXDBG_VCPU_MSR_SWITCH_H
#define VMXDBG_VCPU_MSR_SWITCH_H

#include <linux/types.h>
#include <asm/vmx.h>

#include "vmx/vmx_cpu.h"

struct vcpu;

/* RDTSCP and its MSR come together. */
static inline bool msr_has_tsc_aux(void)
{
	return vmx_ctl.proc2 & SECONDARY_EXEC_ENABLE_RDTSCP;
}

/* Reads the host's values. VMX is on, so that the module is past its loading. */
void msr_switch_init(void);
/* EFER.SCE has changed; @loaded: between context_enter() and context_leave() */
void msr_plan_switches(struct vcpu *vcpu, bool loaded);
void msr_host_cpu(struct vcpu *vcpu);	/* context_enter(): on another CPU now */
/* the guest's msr_switches in, or the host's again */
void msr_switch_syscall(struct vcpu *vcpu, bool guest);

#endif
