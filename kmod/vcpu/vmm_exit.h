/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_EXIT_INTERNAL_ERROR: exits that the module cannot handle. */
#ifndef VMXDBG_VCPU_VMM_EXIT_H
#define VMXDBG_VCPU_VMM_EXIT_H

#include <linux/types.h>

struct vcpu;

/* @suberror: KVM_INTERNAL_ERROR_*. Return: RUN_USER. */
int vmm_exit_internal_error(struct vcpu *vcpu, u32 suberror);

/**
 * vmm_exit_emulation() - report an instruction that cannot be emulated
 * @bytes: the instruction, if it was fetched
 * @len: bytes of it, or 0
 * Queues #UD for the guest. Return: RUN_USER, or RUN_RESUME if CPL is not 0.
 */
int vmm_exit_emulation(struct vcpu *vcpu, const u8 *bytes, unsigned int len);

#endif
