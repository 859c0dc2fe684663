// SPDX-License-Identifier: GPL-2.0-only
/* --stdio, for gdb's "target remote | vmxdbgd --stdio". */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "transport_stdio.h"

static int stdio_open(struct transport *t, const char *endpoint)
{
	snprintf(t->where, sizeof(t->where), "standard input");
	return 0;
}

static void stdio_only(struct transport *t, struct connection *c)
{
	/*
	 * Other processes may share the pipe, so it must not become O_NONBLOCK.
	 */
	*c = (struct connection){
		.in = STDIN_FILENO, .out = STDOUT_FILENO, .write_max = PIPE_BUF,
	};
}

static void stdio_close(struct transport *t)
{
}

const struct transport_ops transport_stdio = {
	.open = stdio_open,
	.only = stdio_only,
	.close = stdio_close,
};
