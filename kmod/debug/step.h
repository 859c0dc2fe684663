/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of an instruction that somebody wanted to see the end of. */
#ifndef VMXDBG_DEBUG_STEP_H
#define VMXDBG_DEBUG_STEP_H

#include <linux/types.h>

struct vcpu;

int exit_mtf(struct vcpu *vcpu);	/* step.c */
/*
 * one instruction is over (MTF exit, or a handler completed it): what each
 * STEP_* bit wanted. Does not sleep; inside the section in the guest or not.
 * @leaving: the VMM is to hear of something already (HLT), which an in-band step
 * gives way to, as KVM's does. RUN_*.
 */
int vcpu_step_done(struct vcpu *vcpu, bool leaving);

#endif
