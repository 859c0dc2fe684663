/* SPDX-License-Identifier: GPL-2.0-only */
/* How a debugger's bytes come and go: the common part of all transports. */
#ifndef VMXDBGD_TRANSPORT_H
#define VMXDBGD_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

struct transport;

#define TRANSPORTS_MAX	8	/* at a time */

/**
 * struct connection - the way to one debugger
 * @in: input, -1 if there is no connection
 * @out: output
 * @write_max: bytes that can be written without blocking when poll() reports
 *	room; 0 if @out is in non-blocking mode
 * @socket: ends when it is closed, and the other side must read all of it before
 */
struct connection {
	int in;
	int out;
	size_t write_max;
	bool socket;
};

/**
 * struct transport_ops - one kind of transport
 * @open: get ready for debuggers. Returns 0, or the exit status (EXIT_*) after a
 *	message on stderr
 * @accept: @listen_fd was readable: take the connection. Returns 0, or -1 with errno
 *	set. NULL: the one connection is there from the start, see @only
 * @only: the one connection; it belongs to the caller from then on if it is a socket
 * @close: undo @open
 */
struct transport_ops {
	int (*open)(struct transport *t, const char *endpoint);
	int (*accept)(struct transport *t, struct connection *c);
	void (*only)(struct transport *t, struct connection *c);
	void (*close)(struct transport *t);
};

/**
 * struct transport - a transport
 * @ops: operations of this kind
 * @listen_fd: readable when a debugger comes; a line's descriptor; -1 if there is none
 * @fd: a connected socket, -1 if there is none
 * @is_line: a line without connections: only packets show that a debugger is
 *	there, and there can be another one after it
 * @where: name for messages
 * @endpoint: value of the option
 */
struct transport {
	const struct transport_ops *ops;
	int listen_fd;
	int fd;
	bool is_line;
	char where[128];
	const char *endpoint;
};

/* Open a transport. Return: as @open of struct transport_ops. */
int transport_open(struct transport *t, const struct transport_ops *ops,
		   const char *endpoint);

/*
 * Print @what and the text of errno.
 * Return: EXIT_FAILED.
 */
int transport_failed(const char *what);

#endif /* VMXDBGD_TRANSPORT_H */
