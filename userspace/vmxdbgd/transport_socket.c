// SPDX-License-Identifier: GPL-2.0-only
/* Common parts of the transports that are sockets. */
#include <poll.h>
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

int socket_accept(struct transport *t)
{
	int fd = accept4(t->listen_fd, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -1;
	t->in = t->out = fd;
	return 0;
}

/*
 * Wait a moment for the other side to close. To close with unread input, such
 * as the acknowledgment of our last packet, would reset the connection, and the
 * other side might lose that packet.
 */
static void drain_input(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char rest[256];
	int i;

	shutdown(fd, SHUT_WR);
	for (i = 0; i < 64 && poll(&pfd, 1, 200) > 0; i++)
		if (read(fd, rest, sizeof(rest)) <= 0)
			break;
}

void socket_hangup(struct transport *t)
{
	if (t->in >= 0) {
		drain_input(t->in);
		close(t->in);
	}
	t->in = t->out = -1;
}
