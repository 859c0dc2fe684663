/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways on which a debugger's bytes come and go. */
#ifndef VMXDBGD_TRANSPORT_H
#define VMXDBGD_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct transport;

/**
 * struct transport_ops - one kind of transport
 * @open: get ready for debuggers. Says on stderr what is wrong when it fails
 * @accept: one is there (@listen_fd was readable): set @in and @out. -1 with
 *	errno when it was none
 * @hangup: it has gone: close @in and @out where that means something
 * @close: the end
 */
struct transport_ops {
	int (*open)(struct transport *t, const char *endpoint);
	int (*accept)(struct transport *t);
	void (*hangup)(struct transport *t);
	void (*close)(struct transport *t);
};

/**
 * struct transport - a transport, and its one connection
 * @listen_fd: readable when a debugger comes, -1 when one is there from the
 *	start
 * @in, @out: the connection, -1 when there is none
 * @is_line: no end tells when a debugger comes and goes; its packets do
 * @write_max: how much can be written without blocking where poll() finds room;
 *	0 when @out does not block
 * @only_one: there is never a second debugger
 * @where: for messages
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

extern const struct transport_ops transport_tcp;
extern const struct transport_ops transport_unix;
extern const struct transport_ops transport_serial;
extern const struct transport_ops transport_stdio;

int transport_open(struct transport *t, const struct transport_ops *ops,
		   const char *endpoint);

/* Says "vmxdbgd: @what: the reason in errno". Returns -1. */
int transport_failed(const char *what);

/* ---- for those that are sockets: transport_socket.c ---- */

int socket_listen(struct transport *t, int fd, const void *addr, size_t len);
int socket_accept(struct transport *t);
void socket_hangup(struct transport *t);

#endif /* VMXDBGD_TRANSPORT_H */
