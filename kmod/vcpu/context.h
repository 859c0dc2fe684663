/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's state in this CPU, in place of the host's. Between context_enter() and
 * context_leave() preemption is off, and the module handles as many exits as it can
 * without sleeping. State that a VM entry does not switch is switched once for this
 * section: FPU, MSRs of SYSCALL, segment selectors.
 */
#ifndef VMXDBG_VCPU_CONTEXT_H
#define VMXDBG_VCPU_CONTEXT_H

#include <linux/types.h>

struct vcpu;

/**
 * context_enter() - load the guest's state, make the VMCS current
 * Context: the vCPU's thread in KVM_RUN. Preemption is off until context_leave().
 */
void context_enter(struct vcpu *vcpu);

/* Save the guest's state and load the host's. */
void context_leave(struct vcpu *vcpu);

#endif
