// SPDX-License-Identifier: GPL-2.0-only
/*
 * --fd N: a stream socket that whoever has started the daemon has opened, either with a
 * debugger at its other end or listening. systemd passes sockets in the same way.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exit_status.h"
#include "log.h"
#include "transport_fd.h"
#include "transport_socket.h"
#include "transport_tcp.h"

static long number_in(const char *text, long max)
{
	char *end;
	long value;

	errno = 0;
	value = text ? strtol(text, &end, 10) : -1;
	return text && *text && !*end && !errno && value >= 0 && value <= max ? value : -1;
}

int fd_passed(void)
{
	long pid = number_in(getenv("LISTEN_PID"), INT_MAX);
	long count = number_in(getenv("LISTEN_FDS"), TRANSPORTS_MAX);

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	/* The variables may be meant for a process that has started this one. */
	return pid == getpid() && count > 0 ? count : 0;
}

static int option_of(int fd, int option)
{
	socklen_t len = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -1 : value;
}

static bool has_peer(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	return getpeername(fd, (struct sockaddr *)&addr, &len) == 0;
}

/* ---- with a debugger at its other end ---- */

static int cannot_open(struct transport *t, const char *endpoint)
{
	return EXIT_FAILED;
}

static void connected_only(struct transport *t, struct connection *c)
{
	socket_connection(t->fd, c);
	t->fd = -1;
}

static void connected_close(struct transport *t)
{
	if (t->fd >= 0)
		close(t->fd);
}

static const struct transport_ops connected = {
	.open = cannot_open,
	.only = connected_only,
	.close = connected_close,
};

/* ---- listening ---- */

static int fd_accept(struct transport *t, struct connection *c)
{
	int result = socket_accept(t, c);

	if (result == 0)
		tcp_keep_alive(c->in);
	return result;
}

static void fd_close(struct transport *t)
{
	close(t->listen_fd);
}

static int fd_open(struct transport *t, const char *endpoint)
{
	long fd = number_in(endpoint, INT_MAX);

	if (fd < 0) {
		log_say(LOG_ERROR, "--fd needs the number of a file descriptor, not \"%s\"; see vmxdbgd --help.",
			endpoint);
		return EXIT_USAGE;
	}
	if (option_of(fd, SO_TYPE) != SOCK_STREAM) {
		log_say(LOG_ERROR, "file descriptor %ld is no stream socket", fd);
		return EXIT_FAILED;
	}
	snprintf(t->where, sizeof(t->where), "file descriptor %ld", fd);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (option_of(fd, SO_ACCEPTCONN) == 1) {
		t->listen_fd = fd;
		socket_note_where(t);
	} else if (has_peer(fd)) {
		t->ops = &connected;
		t->fd = fd;
		tcp_keep_alive(fd);
	} else {
		log_say(LOG_ERROR, "file descriptor %ld is a socket that neither listens nor is connected",
			fd);
		return EXIT_FAILED;
	}
	return 0;
}

const struct transport_ops transport_fd = {
	.open = fd_open,
	.accept = fd_accept,
	.close = fd_close,
};
