/* SPDX-License-Identifier: GPL-2.0-only */
/* The file descriptor of a VM, and the ioctls on it. */
#ifndef VMXDBG_IOCTL_VM_IOCTL_H
#define VMXDBG_IOCTL_VM_IOCTL_H

#include <linux/types.h>

struct file;
struct vm;

int vm_create_fd(unsigned long type);
long vm_check_extension(unsigned long cap);
struct vm *vm_from_file(struct file *file);	/* NULL: not a VM's; no reference */

#endif
