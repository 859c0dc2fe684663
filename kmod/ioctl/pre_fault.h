/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_PRE_FAULT_MEMORY. */
#ifndef VMXDBG_IOCTL_PRE_FAULT_H
#define VMXDBG_IOCTL_PRE_FAULT_H

struct vcpu;

/**
 * pre_fault_ioctl() - map guest memory before the guest reads it
 * @user: struct kvm_pre_fault_memory: a range, which is left with what is not mapped yet
 * Context: may sleep; takes vcpu->mutex, as the vCPU must not run.
 * Return: 0 if anything was mapped; else -EINVAL for flags, or a range that is empty or not of
 * whole pages; -ENOENT without a slot, -EFAULT where the VMM has no page, -ENOMEM, -EINTR.
 */
long pre_fault_ioctl(struct vcpu *vcpu, void __user *user);

#endif
