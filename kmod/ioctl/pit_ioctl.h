/* SPDX-License-Identifier: GPL-2.0-only */
/* Ioctls of a VM on its PIT. */
#ifndef VMXDBG_IOCTL_PIT_IOCTL_H
#define VMXDBG_IOCTL_PIT_IOCTL_H

#include <linux/compiler.h>

struct vm;

/*
 * KVM_CREATE_PIT(2), KVM_GET_PIT(2), KVM_SET_PIT(2), KVM_REINJECT_CONTROL; no other @cmd.
 * Return: 0, -EFAULT, -EEXIST, -ENOENT without the other chips, -ENXIO without a PIT, -ENOMEM.
 */
long pit_ioctl(struct vm *vm, unsigned int cmd, void __user *user);

#endif
