/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef VMXDBGD_OPTIONS_H
#define VMXDBGD_OPTIONS_H

#include <stdbool.h>
#include <sys/types.h>

struct layout;
struct transport_ops;

struct options {
	const char *device;	/* NULL: the usual one */
	long long vm;		/* -1: not said */
	pid_t pid;		/* 0: not said */
	const struct transport_ops *transport;
	const char *endpoint;	/* what the transport was given */
	const struct layout *layout;
	bool once;
	bool wait;
	bool list;
};

/* Says what is wrong and exits with status 2 when it is. */
void options_parse(struct options *o, int argc, char **argv);

#endif /* VMXDBGD_OPTIONS_H */
