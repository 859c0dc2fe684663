// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling whoever has started the daemon how it is. The protocol of sd_notify(3) is a
 * datagram to the socket that NOTIFY_SOCKET names, so libsystemd is not needed for it.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "ready.h"

static void notify(const char *state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (len < 2 || len >= sizeof(addr.sun_path) || !strchr("/@", *path))
		return;
	memcpy(addr.sun_path, path, len);
	/* '@' is how the name of an abstract socket is written. */
	if (*path == '@')
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&addr,
		   offsetof(struct sockaddr_un, sun_path) + len) < 0)
		log_say(LOG_WARN, "NOTIFY_SOCKET does not take a message");
	close(fd);
}

void ready_tell(int fd)
{
	notify("READY=1");
	if (fd < 0)
		return;
	if (write(fd, "\n", 1) != 1)
		log_say(LOG_WARN, "nobody reads from the descriptor of --ready-fd");
	close(fd);
}

void ready_stopping(void)
{
	notify("STOPPING=1");
}
