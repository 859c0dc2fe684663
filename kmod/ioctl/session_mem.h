/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest memory for the debugger, a page at a time by way of a kernel page. */
#ifndef VMXDBG_IOCTL_SESSION_MEM_H
#define VMXDBG_IOCTL_SESSION_MEM_H

#include <linux/types.h>

struct session;
struct vmxdbg_mem;

/**
 * session_mem() - VMXDBG_READ_MEM and VMXDBG_WRITE_MEM
 * @mem: checked here; @done is right on return, whatever that is
 * Context: session->mutex.
 * Return: 0 or what the ioctl returns.
 */
int session_mem(struct session *s, struct vmxdbg_mem *mem, bool write);

#endif
