/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest state in the CPU in place of the host's, from context_enter() to
 * context_leave() with preemption off. One such section spans as many exits as
 * the module handles by itself, so what the processor does not switch at each
 * exit is switched once: FPU, syscall MSRs, segment selectors.
 */
#ifndef VMXDBG_VCPU_CONTEXT_H
#define VMXDBG_VCPU_CONTEXT_H

#include <linux/types.h>

struct vcpu;

void context_enter(struct vcpu *vcpu);
void context_leave(struct vcpu *vcpu);

#endif
