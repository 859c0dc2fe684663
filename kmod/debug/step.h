/* SPDX-License-Identifier: GPL-2.0-only */
/* Completion of a stepped instruction. */
#ifndef VMXDBG_DEBUG_STEP_H
#define VMXDBG_DEBUG_STEP_H

#include <linux/types.h>

struct vcpu;

/* Exit handler for the monitor trap flag. Fast section. Return: RUN_*. */
int exit_mtf(struct vcpu *vcpu);

/**
 * vcpu_step_done() - one instruction is over: do what the STEP_* bits ask for
 * @leaving: KVM_RUN returns for another reason already (HLT), and an in-band step
 *	gives way to that, as in KVM
 * Context: the vCPU's thread, inside the section in the guest or outside; does not
 * sleep. The instruction ended with an MTF exit, or a handler completed it.
 * Return: RUN_RESUME, RUN_USER, or RUN_RETRY (vcpu.h).
 */
int vcpu_step_done(struct vcpu *vcpu, bool leaving);

#endif
