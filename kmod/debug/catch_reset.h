/* SPDX-License-Identifier: GPL-2.0-only */
/* A VMM that resets a vCPU does so by writing its registers, one set after the other. */
#ifndef VMXDBG_DEBUG_CATCH_RESET_H
#define VMXDBG_DEBUG_CATCH_RESET_H

#include <linux/types.h>

struct vcpu;

/**
 * catch_vmm_reset() - before an ioctl of the VMM that may reset the vCPU
 * Context: vcpu->mutex; may sleep until the session resumes the vCPU.
 * Return: 0: go on; -EFAULT; -EINTR when killed.
 */
int catch_vmm_reset(struct vcpu *vcpu, unsigned int cmd, void __user *user);

/* Report a triple fault to the session. May sleep. */
void catch_shutdown(struct vcpu *vcpu);

#endif
