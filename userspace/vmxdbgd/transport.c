// SPDX-License-Identifier: GPL-2.0-only
/* The common part of all transports. */
#include <errno.h>
#include <string.h>

#include "exit_status.h"
#include "log.h"
#include "transport.h"

int transport_failed(const char *what)
{
	log_say(LOG_ERROR, "%s: %s", what, strerror(errno));
	return EXIT_FAILED;
}

int transport_open(struct transport *t, const struct transport_ops *ops,
		   const char *endpoint)
{
	*t = (struct transport){
		.ops = ops,
		.listen_fd = -1,
		.fd = -1,
		.endpoint = endpoint,
	};
	return ops->open(t, endpoint);
}
