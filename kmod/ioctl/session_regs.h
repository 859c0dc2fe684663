/* SPDX-License-Identifier: GPL-2.0-only */
/* Registers of a stopped vCPU, read and written by the debugger in sets. */
#ifndef VMXDBG_IOCTL_SESSION_REGS_H
#define VMXDBG_IOCTL_SESSION_REGS_H

#include <linux/types.h>

struct session;
struct vmxdbg_regs;

/**
 * session_regs() - VMXDBG_GET_REGS and VMXDBG_SET_REGS
 * @arg: the argument, not yet checked; @arg->refused is valid after a write
 * Context: session->mutex held; may sleep.
 * Return: 0 or the error of the ioctl.
 */
int session_regs(struct session *s, struct vmxdbg_regs *arg, bool write);

#endif
