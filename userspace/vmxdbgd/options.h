/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line. */
#ifndef VMXDBGD_OPTIONS_H
#define VMXDBGD_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

#include "log.h"

struct layout;
struct transport_ops;

/* --on-vanish: state of the guest after its debugger has ended without detaching */
enum vanish {
	VANISH_CONTINUE,	/* runs on as if there had been no debugger */
	VANISH_STAY,		/* as the debugger has left it */
	VANISH_STOP,		/* stopped */
};

/**
 * struct options - the command line
 * @device: device node of the module
 * @vm: id of the VM, -1 if not given
 * @pid: process of the VM, 0 if not given
 * @multi: debuggers choose their VMs
 * @transport: kind of transport, NULL with @list, and for sockets of systemd
 * @endpoint: value of the transport's option
 * @passed: number of the sockets that systemd has passed
 * @layout: registers that gdb sees; NULL: those of the guest's mode
 * @once: end after the first debugger
 * @wait: wait for the VM to appear
 * @list: list the VMs and do nothing else
 * @time_runs: do not hold the guest's time while it is stopped
 * @json: the list is for programs
 * @vanish: see enum vanish
 * @user: whose rights the daemon has, NULL: nobody's
 * @log_level: least important messages that are printed
 * @log_file: where they are printed; NULL: standard error
 * @ready_fd: gets a newline when debuggers can connect; -1: none
 * @done: there is nothing to run, as after --help
 */
struct options {
	const char *device;
	long long vm;
	pid_t pid;
	bool multi;
	const struct transport_ops *transport;
	const char *endpoint;
	int passed;
	const struct layout *layout;
	bool once;
	bool wait;
	bool list;
	bool time_runs;
	bool json;
	enum vanish vanish;
	const char *user;
	enum log_level log_level;
	const char *log_file;
	int ready_fd;
	bool done;
};

/*
 * Parse the command line into @o. Return: -1, or the exit status if there is
 * nothing to run: after --help, --version, or a message about wrong usage.
 */
int options_parse(struct options *o, int argc, char **argv);

#endif /* VMXDBGD_OPTIONS_H */
