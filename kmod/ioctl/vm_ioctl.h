/* SPDX-License-Identifier: GPL-2.0-only */
/* The file descriptor of a VM, and the ioctls on it. */
#ifndef VMXDBG_IOCTL_VM_IOCTL_H
#define VMXDBG_IOCTL_VM_IOCTL_H

#include <linux/types.h>

struct file;
struct vm;

/**
 * vm_create_fd() - KVM_CREATE_VM
 * @type: 0; no other type of VM exists
 * Context: may sleep.
 * Return: a file descriptor; -EINVAL for @type; -EBUSY if somebody else uses VMX;
 * -ENOMEM; -EMFILE.
 */
int vm_create_fd(unsigned long type);
/* Return: the VM of the file, without a reference, or NULL if it is not a VM's. */
struct vm *vm_from_file(struct file *file);

#endif
