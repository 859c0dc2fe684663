// SPDX-License-Identifier: GPL-2.0-only
/* Common parts of the transports that are sockets. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "transport_socket.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

int socket_listen(struct transport *t, int fd, const void *addr, size_t len)
{
	if (bind(fd, addr, len) < 0 || listen(fd, 4) < 0) {
		close(fd);
		return -1;
	}
	t->listen_fd = fd;
	return 0;
}

void socket_connection(int fd, struct connection *c)
{
	*c = (struct connection){ .in = fd, .out = fd, .socket = true };
}

int socket_accept(struct transport *t, struct connection *c)
{
	int fd = accept4(t->listen_fd, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -1;
	socket_connection(fd, c);
	return 0;
}

/* Return: false if it is no address of TCP. */
static bool put_tcp(const union address *a, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (a->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->v4.sin_addr, host, sizeof(host));
		snprintf(text, size, "%s:%d", host, ntohs(a->v4.sin_port));
	} else if (a->any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &a->v6.sin6_addr, host, sizeof(host));
		snprintf(text, size, "[%s]:%d", host, ntohs(a->v6.sin6_port));
	} else {
		return false;
	}
	return true;
}

void socket_note_where(struct transport *t)
{
	union address a = { 0 };
	socklen_t len = sizeof(a);

	if (getsockname(t->listen_fd, &a.any, &len) < 0)
		return;
	if (!put_tcp(&a, t->where, sizeof(t->where)) && a.any.sa_family == AF_UNIX &&
	    a.un.sun_path[0])
		snprintf(t->where, sizeof(t->where), "%.*s", (int)sizeof(a.un.sun_path),
			 a.un.sun_path);
}

void socket_peer(int fd, char *text, size_t size)
{
	struct ucred cred;
	union address a = { 0 };
	socklen_t len = sizeof(a);

	snprintf(text, size, "somebody");
	if (getpeername(fd, &a.any, &len) < 0 || put_tcp(&a, text, size))
		return;
	len = sizeof(cred);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
		snprintf(text, size, "process %d of user %u", cred.pid, cred.uid);
}
