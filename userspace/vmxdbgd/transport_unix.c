// SPDX-License-Identifier: GPL-2.0-only
/* --unix PATH */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "transport_socket.h"
#include "transport_unix.h"

/* Remove a socket that a killed daemon left: nobody listens on it. */
static void remove_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd;

	if (lstat(addr->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0 &&
	    errno == ECONNREFUSED)
		unlink(addr->sun_path);
	close(fd);
}

static int unix_open(struct transport *t, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, result;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return transport_failed(path);
	}
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return transport_failed(path);
	remove_stale(&addr);
	/*
	 * A debugger can read and write the whole guest, so only the owner may
	 * connect.
	 */
	mask = umask(0077);
	result = socket_listen(t, fd, &addr, sizeof(addr));
	umask(mask);
	if (result < 0)
		return transport_failed(path);
	snprintf(t->where, sizeof(t->where), "%s", path);
	return 0;
}

static void unix_close(struct transport *t)
{
	close(t->listen_fd);
	unlink(t->endpoint);
}

const struct transport_ops transport_unix = {
	.open = unix_open,
	.accept = socket_accept,
	.close = unix_close,
};
