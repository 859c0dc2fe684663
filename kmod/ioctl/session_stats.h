/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of vCPUs and of their VM, for a session. */
#ifndef VMXDBG_IOCTL_SESSION_STATS_H
#define VMXDBG_IOCTL_SESSION_STATS_H

#include <linux/compiler.h>

struct session;
struct vmxdbg_stats;

/*
 * VMXDBG_GET_STATS. Context: session->mutex held; may sleep. Return: 0 or the error of the
 * ioctl.
 */
int session_get_stats(struct session *s, struct vmxdbg_stats __user *user);

#endif
