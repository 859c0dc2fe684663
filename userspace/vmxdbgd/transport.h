/* SPDX-License-Identifier: GPL-2.0-only */
/* How a debugger's bytes come and go: the common part of all transports. */
#ifndef VMXDBGD_TRANSPORT_H
#define VMXDBGD_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

struct transport;

/**
 * struct transport_ops - one kind of transport
 * @open: get ready for debuggers. Returns 0, or the exit status (EXIT_*) after a
 *	message on stderr
 * @accept: @listen_fd was readable: take the connection, set @in and @out.
 *	Returns 0, or -1 with errno set
 * @hangup: end the connection: close @in and @out if the transport has
 *	connections
 * @close: undo @open
 */
struct transport_ops {
	int (*open)(struct transport *t, const char *endpoint);
	int (*accept)(struct transport *t);
	void (*hangup)(struct transport *t);
	void (*close)(struct transport *t);
};

/**
 * struct transport - a transport and its one connection
 * @ops: operations of this kind
 * @listen_fd: readable when a debugger comes; -1 if one is there from the start
 * @in: input of the connection, -1 if there is none
 * @out: output of the connection, -1 if there is none
 * @write_max: bytes that can be written without blocking when poll() reports
 *	room; 0 if @out is in non-blocking mode
 * @is_line: a line without connections: only packets show that a debugger is
 *	there
 * @only_one: there is never a second debugger
 * @where: name for messages
 * @endpoint: value of the option
 */
struct transport {
	const struct transport_ops *ops;
	int listen_fd;
	int in;
	int out;
	size_t write_max;
	bool is_line;
	bool only_one;
	char where[128];
	const char *endpoint;
};

/* Open a transport. Return: as @open of struct transport_ops. */
int transport_open(struct transport *t, const struct transport_ops *ops,
		   const char *endpoint);

/*
 * Print "vmxdbgd: @what: " and the text of errno on stderr.
 * Return: EXIT_FAILED.
 */
int transport_failed(const char *what);

#endif /* VMXDBGD_TRANSPORT_H */
