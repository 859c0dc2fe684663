/* SPDX-License-Identifier: MIT */
/* The user's "monitor" commands. */
#ifndef VMXGDB_MONITOR_H
#define VMXGDB_MONITOR_H

#include "guest/stub_types.h"

/**
 * monitor_run() - run a "monitor" command
 * @s: stub whose guest is stopped
 * @line: command and arguments; it is changed
 *
 * Output and errors go to the debugger's terminal.
 *
 * Return: 0 with the packet's reply in s->reply, or REPLY_LATER.
 */
int monitor_run(struct stub *s, char *line);

#endif /* VMXGDB_MONITOR_H */
