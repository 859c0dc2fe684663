/* SPDX-License-Identifier: GPL-2.0-only */
/* Capabilities: what KVM_CHECK_EXTENSION answers, and what KVM_ENABLE_CAP turns on. */
#ifndef VMXDBG_IOCTL_VM_CAP_H
#define VMXDBG_IOCTL_VM_CAP_H

#include <linux/compiler_types.h>

struct vm;

/* KVM_CHECK_EXTENSION. @vm: NULL: the device's. Return: 0 for all that is not supported. */
long vm_check_extension(const struct vm *vm, unsigned long cap);

/* KVM_ENABLE_CAP of a VM. Return: 0, -EFAULT, -EINVAL, or as the capability says. */
long vm_enable_cap(struct vm *vm, void __user *user);

#endif
