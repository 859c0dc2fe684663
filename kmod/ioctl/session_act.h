/* SPDX-License-Identifier: GPL-2.0-only */
/* The ioctls of a session that act on the guest as hardware does: time, events, reset. */
#ifndef VMXDBG_IOCTL_SESSION_ACT_H
#define VMXDBG_IOCTL_SESSION_ACT_H

#include <linux/compiler.h>

struct session;

/*
 * All functions here: session->mutex held; may sleep. They copy the argument and check it.
 * Return: 0 or the error of the ioctl.
 */
int session_set_time(struct session *s, const void __user *user);
int session_inject(struct session *s, const void __user *user);
int session_reset(struct session *s, const void __user *user);

#endif
