/* SPDX-License-Identifier: MIT */
/* Resets of the guest that the debugger wants. */
#ifndef VMXGDB_RESTART_H
#define VMXGDB_RESTART_H

#include "guest/stub_types.h"

/**
 * restart_guest() - start the guest from its beginning, with all vCPUs stopped
 * @s: stub with a VM
 * @console: the packet is a monitor command, see struct job
 * @then: makes the reply. Its argument is 0, with s->stop_reply set, or a negative errno
 *	with its text in s->error. It returns as the handler of a packet does
 *
 * The VMM may need a while, and a catchpoint may stop it before it has begun. Return: what
 * @then returns, or REPLY_LATER.
 */
int restart_guest(struct stub *s, bool console, int (*then)(struct stub *s, int result));

#endif /* VMXGDB_RESTART_H */
