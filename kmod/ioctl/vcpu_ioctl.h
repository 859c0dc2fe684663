/* SPDX-License-Identifier: GPL-2.0-only */
/* The run plane's ioctls on a vCPU's file descriptor: KVM's, a subset. */
#ifndef VMXDBG_IOCTL_VCPU_IOCTL_H
#define VMXDBG_IOCTL_VCPU_IOCTL_H

#include <linux/types.h>

struct vm;

int vcpu_create_fd(struct vm *vm, u32 id);	/* vcpu_ioctl.c */

#endif
