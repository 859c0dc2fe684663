// SPDX-License-Identifier: GPL-2.0-only
/* --tcp [ADDR:]PORT; the default address is 127.0.0.1. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exit_status.h"
#include "log.h"
#include "transport_socket.h"
#include "transport_tcp.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/*
 * Only numeric addresses are allowed: a stub that may be a static program on a
 * rescue system should need no resolver.
 */
static socklen_t parse_host(const char *host, int port, union address *a)
{
	memset(a, 0, sizeof(*a));
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

/* PORT, :PORT, ADDR:PORT or [ADDR]:PORT */
static socklen_t parse_endpoint(const char *endpoint, union address *a)
{
	const char *colon = strrchr(endpoint, ':');
	const char *port_text = colon ? colon + 1 : endpoint;
	char host[64] = "127.0.0.1";
	size_t len = colon ? colon - endpoint : 0;
	char *end;
	long port = strtol(port_text, &end, 10);

	if (!*port_text || *end || port < 0 || port > 65535)
		return 0;
	if (len >= sizeof(host))
		return 0;
	if (len) {
		if (endpoint[0] == '[' && endpoint[len - 1] == ']') {
			endpoint++;
			len -= 2;
		}
		memcpy(host, endpoint, len);
		host[len] = '\0';
	}
	return parse_host(host, port, a);
}

static int tcp_open(struct transport *t, const char *endpoint)
{
	union address a;
	socklen_t len = parse_endpoint(endpoint, &a);
	int one = 1;
	int fd;

	if (!len) {
		log_say(LOG_ERROR, "--tcp needs [ADDR:]PORT with a numeric ADDR, not \"%s\"; see vmxdbgd --help.",
			endpoint);
		return EXIT_USAGE;
	}
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return transport_failed(endpoint);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (socket_listen(t, fd, &a, len) < 0)
		return transport_failed(endpoint);
	socket_note_where(t);
	return 0;
}

static void set_option(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

void tcp_keep_alive(int fd)
{
	/* The other side waits for each packet, so none must be delayed. */
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/*
	 * When the debugger's machine dies, the guest must not stand still for the two
	 * hours that are usual.
	 */
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 60000);
}

static int tcp_accept(struct transport *t, struct connection *c)
{
	if (socket_accept(t, c) < 0)
		return -1;
	tcp_keep_alive(c->in);
	return 0;
}

static void tcp_close(struct transport *t)
{
	close(t->listen_fd);
}

const struct transport_ops transport_tcp = {
	.open = tcp_open,
	.accept = tcp_accept,
	.close = tcp_close,
};
