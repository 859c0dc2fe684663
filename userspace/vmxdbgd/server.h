/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon's main loop. */
#ifndef VMXDBGD_SERVER_H
#define VMXDBGD_SERVER_H

struct options;
struct target;

/*
 * Serve debuggers until the VM ends, a signal comes, or (with some options) the
 * first debugger has gone. Return: the exit status of the process.
 */
int server_run(const struct options *options, struct target *target);

#endif /* VMXDBGD_SERVER_H */
