/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exits after which the guest cannot go on. As of a triple fault, the session hears of
 * it first: shut_down() in run.c, before another entry.
 */
#ifndef VMXDBG_VCPU_VMM_EXIT_H
#define VMXDBG_VCPU_VMM_EXIT_H

#include <linux/types.h>

struct vcpu;

/**
 * vmm_exit_dead_end() - let the session, then the VMM hear that the guest cannot go on
 * @exit_reason: for the VMM; the rest of struct kvm_run is filled in
 * @error: VMXDBG_ERROR_*
 * Return: RUN_RESUME.
 */
int vmm_exit_dead_end(struct vcpu *vcpu, u32 exit_reason, u32 error);

/* Put the reason into struct kvm_run; the session has heard of it. */
void vmm_exit_shutdown(struct vcpu *vcpu);

/* Ask the VMM to reset the VM: KVM_EXIT_SYSTEM_EVENT. */
void vmm_exit_reset(struct vcpu *vcpu);

/* The guest has ended a level-triggered interrupt of the VMM's I/O APIC: KVM_EXIT_IOAPIC_EOI. */
void vmm_exit_eoi(struct vcpu *vcpu);

/* Report an access to TPR that the guest has made: KVM_EXIT_TPR_ACCESS. */
void vmm_exit_tpr_access(struct vcpu *vcpu);

/* KVM_EXIT_INTERNAL_ERROR. @suberror: KVM_INTERNAL_ERROR_*. Return: RUN_RESUME. */
int vmm_exit_internal_error(struct vcpu *vcpu, u32 suberror);

/**
 * vmm_exit_emulation() - report an instruction that cannot be emulated
 * @bytes: the instruction, if it was fetched
 * @len: bytes of it, or 0
 * Queues #UD for the guest, which goes on with it if CPL is not 0. Return: RUN_RESUME.
 */
int vmm_exit_emulation(struct vcpu *vcpu, const u8 *bytes, unsigned int len);

/* Likewise for rip where no memory is. */
int vmm_exit_fetch(struct vcpu *vcpu);

#endif
