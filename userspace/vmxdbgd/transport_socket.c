// SPDX-License-Identifier: GPL-2.0-only
/* Common parts of the transports that are sockets. */
#include <sys/socket.h>
#include <unistd.h>

#include "transport_socket.h"

int socket_listen(struct transport *t, int fd, const void *addr, size_t len)
{
	if (bind(fd, addr, len) < 0 || listen(fd, 4) < 0) {
		close(fd);
		return -1;
	}
	t->listen_fd = fd;
	return 0;
}

int socket_accept(struct transport *t, struct connection *c)
{
	int fd = accept4(t->listen_fd, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -1;
	*c = (struct connection){ .in = fd, .out = fd, .socket = true };
	return 0;
}
