/* SPDX-License-Identifier: GPL-2.0-only */
/* The user's "monitor" commands. */
#ifndef VMXDBGD_MONITOR_H
#define VMXDBGD_MONITOR_H

#include "stub_types.h"

/**
 * monitor_run() - run a "monitor" command
 * @s: stub whose guest is stopped
 * @line: command and arguments
 *
 * Output and errors go to the debugger's terminal.
 *
 * Return: 0 with the packet's reply in s->reply.
 */
int monitor_run(struct stub *s, const char *line);

#endif /* VMXDBGD_MONITOR_H */
