/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon's main loop. */
#ifndef VMXDBGD_SERVER_H
#define VMXDBGD_SERVER_H

struct options;
struct target;

/*
 * Serve debuggers until the VM ends, a signal comes, or (with some options) the
 * first debugger has gone. @device: see device_open(). @target: for the VM that the
 * options name. Return: the exit status of the process.
 */
int server_run(const struct options *options, int device, struct target *target);

#endif /* VMXDBGD_SERVER_H */
