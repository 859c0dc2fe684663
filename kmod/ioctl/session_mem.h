/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads and writes of guest memory by the debugger. */
#ifndef VMXDBG_IOCTL_SESSION_MEM_H
#define VMXDBG_IOCTL_SESSION_MEM_H

#include <linux/types.h>

struct session;
struct vmxdbg_mem;

/**
 * session_mem() - VMXDBG_READ_MEM and VMXDBG_WRITE_MEM
 * @mem: the argument, not yet checked; @mem->done is valid on every return
 * Context: session->mutex held; may sleep.
 * Return: 0 or the error of the ioctl.
 */
int session_mem(struct session *s, struct vmxdbg_mem *mem, bool write);

#endif
