/* SPDX-License-Identifier: GPL-2.0-only */
/* Initial VMCS, and the state after RESET and INIT. */
#ifndef VMXDBG_VCPU_VMCS_INIT_H
#define VMXDBG_VCPU_VMCS_INIT_H

#include <linux/types.h>

struct vcpu;

/* TSC ticks in which a loop with PAUSE goes on before it exits, at first; same as KVM */
#define PAUSE_WINDOW	4096

/* Write controls and constant host state to a new VMCS. */
void vcpu_vmcs_init(struct vcpu *vcpu);

/* Set the guest's state to that after RESET (SDM vol. 3, table 10-1). */
void vcpu_reset(struct vcpu *vcpu);

/* Set it to that after INIT, which keeps MSRs, FPU and CR0.CD and NW (ditto, 9.1.2). */
void vcpu_init(struct vcpu *vcpu);

#endif
