// SPDX-License-Identifier: GPL-2.0-only
/* --stdio, for gdb's "target remote | vmxdbgd --stdio". */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "transport_stdio.h"

static int stdio_open(struct transport *t, const char *endpoint)
{
	/*
	 * Other processes may share the pipe, so it must not become O_NONBLOCK.
	 */
	t->write_max = PIPE_BUF;
	t->only_one = true;
	snprintf(t->where, sizeof(t->where), "standard input");
	return 0;
}

static int stdio_accept(struct transport *t)
{
	t->in = STDIN_FILENO;
	t->out = STDOUT_FILENO;
	return 0;
}

static void stdio_hangup(struct transport *t)
{
	t->in = t->out = -1;
}

static void stdio_close(struct transport *t)
{
}

const struct transport_ops transport_stdio = {
	.open = stdio_open,
	.accept = stdio_accept,
	.hangup = stdio_hangup,
	.close = stdio_close,
};
