/* SPDX-License-Identifier: GPL-2.0-only */
/* A debugger's hold on a VM: one per VM, belongs to its file descriptor. */
#ifndef VMXDBG_IOCTL_SESSION_H
#define VMXDBG_IOCTL_SESSION_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

struct vm;

/**
 * session_create_fd() - begin a session with @vm
 * Takes over the caller's reference on @vm, also when it fails.
 * Return: a file descriptor; -EBUSY, -ENODEV, -ENOMEM, -EINTR...
 */
int session_create_fd(struct vm *vm);

#endif
