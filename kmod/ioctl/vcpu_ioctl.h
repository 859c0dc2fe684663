/* SPDX-License-Identifier: GPL-2.0-only */
/* The file descriptor of a vCPU, and its run-plane ioctls. */
#ifndef VMXDBG_IOCTL_VCPU_IOCTL_H
#define VMXDBG_IOCTL_VCPU_IOCTL_H

#include <linux/types.h>

struct vm;

/**
 * vcpu_create_fd() - KVM_CREATE_VCPU
 * Context: may sleep, takes vm->lock.
 * Return: a file descriptor; -EINVAL for an id that is too high; -EEXIST; -ENOMEM.
 */
int vcpu_create_fd(struct vm *vm, unsigned long id);

#endif
