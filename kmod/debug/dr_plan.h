/* SPDX-License-Identifier: GPL-2.0-only */
/* The plan of a vCPU's debug registers: which are the guest's, which the debugger's. */
#ifndef VMXDBG_DEBUG_DR_PLAN_H
#define VMXDBG_DEBUG_DR_PLAN_H

#include <linux/types.h>

struct vcpu;

/**
 * dr_plan_vcpu() - assign debug registers to the guest and to its debugger
 * Handles REQ_DEBUG_REGS, after a change of wants or of the guest's DR0-3 or DR7. Sets
 * REQ_DR_ROOM if a want of the session finds no register.
 * Context: the vCPU's thread, or the holder of its state; does not sleep.
 */
void dr_plan_vcpu(struct vcpu *vcpu);

#endif
