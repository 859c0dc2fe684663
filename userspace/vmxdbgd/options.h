/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line. */
#ifndef VMXDBGD_OPTIONS_H
#define VMXDBGD_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

struct layout;
struct transport_ops;

/**
 * struct options - the command line
 * @device: device node of the module
 * @vm: id of the VM, -1 if not given
 * @pid: process of the VM, 0 if not given
 * @transport: kind of transport, NULL only with @list
 * @endpoint: value of the transport's option
 * @layout: registers that gdb sees; NULL: those of the guest's mode
 * @once: end after the first debugger
 * @wait: wait for the VM to appear
 * @list: list the VMs and do nothing else
 * @time_runs: do not hold the guest's time while it is stopped
 * @done: there is nothing to run, as after --help
 */
struct options {
	const char *device;
	long long vm;
	pid_t pid;
	const struct transport_ops *transport;
	const char *endpoint;
	const struct layout *layout;
	bool once;
	bool wait;
	bool list;
	bool time_runs;
	bool done;
};

/*
 * Parse the command line into @o. Return: -1, or the exit status if there is
 * nothing to run: after --help, --version, or a message about wrong usage.
 */
int options_parse(struct options *o, int argc, char **argv);

#endif /* VMXDBGD_OPTIONS_H */
