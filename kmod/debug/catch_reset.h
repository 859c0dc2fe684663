/* SPDX-License-Identifier: GPL-2.0-only */
/* Catches of resets by the VMM, and of triple faults. */
#ifndef VMXDBG_DEBUG_CATCH_RESET_H
#define VMXDBG_DEBUG_CATCH_RESET_H

#include <linux/types.h>

struct vcpu;

/**
 * catch_vmm_reset() - before an ioctl of the VMM that may reset the vCPU
 * @cmd: KVM_SET_REGS and so on
 * @user: argument of the ioctl
 * Context: vcpu->mutex; may sleep until the session resumes the vCPU.
 * Return: 0 to go on; -EFAULT; -EINTR when killed.
 */
int catch_vmm_reset(struct vcpu *vcpu, unsigned int cmd, void __user *user);

/* Report a triple fault, or another end of the guest, to the session. May sleep. */
void catch_shutdown(struct vcpu *vcpu);

#endif
