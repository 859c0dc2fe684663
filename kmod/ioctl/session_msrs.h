/* SPDX-License-Identifier: GPL-2.0-only */
/* MSRs of a stopped vCPU, read and written by the debugger. */
#ifndef VMXDBG_IOCTL_SESSION_MSRS_H
#define VMXDBG_IOCTL_SESSION_MSRS_H

#include <linux/types.h>

struct session;
struct vmxdbg_msr_list;
struct vmxdbg_msrs;

/**
 * session_msrs() - VMXDBG_GET_MSRS and VMXDBG_SET_MSRS
 * @arg: the argument, not yet checked; @arg->done and @arg->refused are
 *	valid on every return
 * Context: session->mutex held; may sleep.
 * Return: 0 or the error of the ioctl.
 */
int session_msrs(struct session *s, struct vmxdbg_msrs *arg, bool write);

/* VMXDBG_LIST_MSRS, likewise. @arg->count is the number of MSRs after success. */
int session_list_msrs(struct session *s, struct vmxdbg_msr_list *arg);

#endif
