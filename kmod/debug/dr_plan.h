/* SPDX-License-Identifier: GPL-2.0-only */
/* The processor's debug registers while a vCPU runs: whose each of them is. */
#ifndef VMXDBG_DEBUG_DR_PLAN_H
#define VMXDBG_DEBUG_DR_PLAN_H

#include <linux/types.h>

struct vcpu;

/**
 * dr_plan_vcpu() - assign debug registers to the guest and to its debugger
 * For REQ_DEBUG_REGS, after a change of wants or of the guest's DR0-3 or DR7. Sets
 * REQ_DR_ROOM where a want of the session finds no register.
 * Context: the vCPU's thread, or its state is held; does not sleep.
 */
void dr_plan_vcpu(struct vcpu *vcpu);

#endif
