/* SPDX-License-Identifier: GPL-2.0-only */
/* The ioctls of a session. */
#ifndef VMXDBG_IOCTL_SESSION_IOCTL_H
#define VMXDBG_IOCTL_SESSION_IOCTL_H

#include <linux/types.h>

struct file;

long session_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif
