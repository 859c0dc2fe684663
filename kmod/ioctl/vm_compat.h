/* SPDX-License-Identifier: GPL-2.0-only */
/* Ioctls of a VM whose arguments have a pointer, so that they differ in 32-bit programs. */
#ifndef VMXDBG_IOCTL_VM_COMPAT_H
#define VMXDBG_IOCTL_VM_COMPAT_H

#include <linux/compiler.h>

struct vm;

/* Return: the result for a 32-bit program, -ENOIOCTLCMD if the call is the same there. */
long vm_compat_call(struct vm *vm, unsigned int cmd, void __user *user);

#endif
