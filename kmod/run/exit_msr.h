/* SPDX-License-Identifier: GPL-2.0-only */
/* RDMSR and WRMSR, by the module or by the VMM. */
#ifndef VMXDBG_RUN_EXIT_MSR_H
#define VMXDBG_RUN_EXIT_MSR_H

struct vcpu;

/* Return: RUN_RESUME, or RUN_USER if the VMM wants to decide. */
int exit_rdmsr(struct vcpu *vcpu);
int exit_wrmsr(struct vcpu *vcpu);

/* KVM_RUN came back (PENDING_MSR). Return: RUN_RESUME. */
int msr_complete(struct vcpu *vcpu);

#endif
