// SPDX-License-Identifier: MIT
/* The way to a debugger: sockets, and descriptors of the user's. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "embed/socket.h"

/* A line may block for more than there is room. */
#define LINE_MAX_BYTES	512

void socket_init(struct socket *s)
{
	*s = (struct socket){ .listen_fd = -1, .fd = -1, .refused_fd = -1 };
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void socket_free(struct socket *s)
{
	socket_close(s);
	shut(&s->refused_fd);
	shut(&s->listen_fd);
	if (*s->path)
		unlink(s->path);
}

/* ---- signals ---- */

static int request_signal(int fd, int signo)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETOWN, getpid()) < 0 || fcntl(fd, F_SETSIG, signo) < 0 ||
	    fcntl(fd, F_SETFL, flags | O_ASYNC) < 0)
		return -errno;
	return 0;
}

int socket_signal(struct socket *s, int signo)
{
	int result = 0;

	s->signo = signo;
	if (s->listen_fd >= 0)
		result = request_signal(s->listen_fd, signo);
	if (result == 0 && s->fd >= 0)
		result = request_signal(s->fd, signo);
	return result;
}

/* ---- addresses ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static socklen_t numeric_host(const char *host, int port, union address *a)
{
	if (!strcmp(host, "localhost"))
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons(port);
		return sizeof(a->v4);
	}
	if (inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons(port);
		return sizeof(a->v6);
	}
	return 0;
}

/* PORT, HOST:PORT or [HOST]:PORT. Return: the length of the address, or 0. */
static socklen_t parse_tcp(const char *text, union address *a)
{
	const char *colon = strrchr(text, ':');
	const char *port_text = colon ? colon + 1 : text;
	size_t len = colon ? colon - text : 0;
	char host[INET6_ADDRSTRLEN + 2] = "127.0.0.1";
	char *end;
	long port = strtol(port_text, &end, 10);

	if (*port_text < '0' || *port_text > '9' || *end || port > 65535 || len >= sizeof(host))
		return 0;
	if (len && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len)
		snprintf(host, sizeof(host), "%.*s", (int)len, text);
	return numeric_host(host, port, a);
}

static socklen_t parse_address(const char *text, union address *a)
{
	memset(a, 0, sizeof(*a));
	if (!text)
		return 0;
	if (!strncmp(text, "tcp:", 4))
		return parse_tcp(text + 4, a);
	if (strncmp(text, "unix:", 5) || !text[5] ||
	    strlen(text + 5) >= sizeof(a->local.sun_path))
		return 0;
	a->local.sun_family = AF_UNIX;
	strcpy(a->local.sun_path, text + 5);
	return sizeof(a->local);
}

/* The kernel has chosen a port in place of 0. */
static void note_where(struct socket *s, union address *a)
{
	socklen_t len = sizeof(*a);
	char host[INET6_ADDRSTRLEN] = "?";

	if (a->any.sa_family == AF_UNIX) {
		strcpy(s->path, a->local.sun_path);
		strcpy(s->where, a->local.sun_path);
		return;
	}
	getsockname(s->listen_fd, &a->any, &len);
	if (a->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a->v4.sin_addr, host, sizeof(host));
		snprintf(s->where, sizeof(s->where), "%s:%d", host, ntohs(a->v4.sin_port));
	} else {
		inet_ntop(AF_INET6, &a->v6.sin6_addr, host, sizeof(host));
		snprintf(s->where, sizeof(s->where), "[%s]:%d", host, ntohs(a->v6.sin6_port));
	}
}

/* Remove a socket that nobody listens at. */
static void remove_stale(const union address *a)
{
	int fd;

	if (a->any.sa_family != AF_UNIX)
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, &a->any, sizeof(a->local)) < 0 && errno == ECONNREFUSED)
		unlink(a->local.sun_path);
	close(fd);
}

/*
 * A connection gives all rights over the guest: only the owner of the file may have it. The
 * file gets the mode of the socket; the VMM's umask belongs to all its threads.
 */
static int bind_private(int fd, const union address *a, socklen_t len)
{
	if (a->any.sa_family == AF_UNIX && fchmod(fd, 0600) < 0)
		return -errno;
	return bind(fd, &a->any, len) < 0 ? -errno : 0;
}

int socket_listen(struct socket *s, const char *address)
{
	union address a;
	socklen_t len = parse_address(address, &a);
	int fd, result, one = 1;

	if (!len)
		return -EINVAL;
	if (s->listen_fd >= 0)
		return -EBUSY;
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	remove_stale(&a);
	result = bind_private(fd, &a, len);
	if (result == 0 && listen(fd, 4) < 0)
		result = -errno;
	if (result < 0) {
		close(fd);
		return result;
	}
	s->listen_fd = fd;
	note_where(s, &a);
	return s->signo ? request_signal(fd, s->signo) : 0;
}

/* ---- connections ---- */

static void set_option(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

bool socket_accept(struct socket *s)
{
	int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return false;
	if (s->leaving)
		socket_close(s);
	if (s->fd >= 0) {
		shut(&s->refused_fd);
		s->refused_fd = fd;
		return false;
	}
	/* The other side waits for each packet, so none must be delayed. */
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/* The debugger's machine may die while the guest stands still. */
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	s->fd = fd;
	s->is_line = false;
	if (s->signo)
		request_signal(fd, s->signo);
	return true;
}

/* An acknowledgment of the first packet, and the reply to it */
void socket_refuse(struct socket *s)
{
	static const char text[] = "E.another debugger has this VM";
	char packet[sizeof(text) + 8], ignored[1024];
	unsigned char sum = 0;
	const char *p;
	int len;

	if (recv(s->refused_fd, ignored, sizeof(ignored), MSG_DONTWAIT) <= 0) {
		shut(&s->refused_fd);
		return;
	}
	for (p = text; *p; p++)
		sum += *p;
	len = snprintf(packet, sizeof(packet), "+$%s#%02x", text, sum);
	send(s->refused_fd, packet, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(s->refused_fd, SHUT_WR);
}

void socket_close(struct socket *s)
{
	if (!s->is_line)
		shut(&s->fd);
	s->fd = -1;
	s->leaving = s->is_line = false;
}

void socket_leave(struct socket *s)
{
	s->leaving = true;
	shutdown(s->fd, SHUT_WR);
}

ssize_t socket_read(struct socket *s, void *data, size_t size)
{
	ssize_t n = read(s->fd, data, size);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n ? n : -ECONNRESET;
}

ssize_t socket_write(struct socket *s, const void *data, size_t len)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLOUT };
	ssize_t n = send(s->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno == ENOTSOCK) {
		if (poll(&fd, 1, 0) <= 0)
			return -EAGAIN;
		n = write(s->fd, data, len > LINE_MAX_BYTES ? LINE_MAX_BYTES : len);
	}
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return n;
}
