/* SPDX-License-Identifier: GPL-2.0-only */
/* Start of a session, the debugger's file descriptor of a VM. A VM has at most one. */
#ifndef VMXDBG_IOCTL_SESSION_H
#define VMXDBG_IOCTL_SESSION_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

struct vm;

/* At module load. Return: 0, -ENOMEM. */
int session_init(void);

/* At unload; waits for the last ends of sessions. May sleep. */
void session_exit(void);

/**
 * session_create_fd() - start a session on @vm
 * The caller's reference on @vm is consumed, also on failure.
 * Context: may sleep, takes vm->lock.
 * Return: a file descriptor; -EBUSY if the VM has a session or a vCPU under in-band
 * debug; -ENODEV if its VMM is gone; -ENOMEM; -EINTR; -EMFILE.
 */
int session_create_fd(struct vm *vm);

#endif
