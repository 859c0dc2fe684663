/* SPDX-License-Identifier: MIT */
/* A session with a VM of the vmxdbg module as target. */
#ifndef VMXGDB_SESSION_TARGET_H
#define VMXGDB_SESSION_TARGET_H

#include <stdbool.h>

#include <vmxdbg-client.h>

#include "guest/target.h"

/**
 * struct session_target - a session
 * @target: operations
 * @session: its file descriptor, -1 when detached
 * @recording: there is a ring
 * @ring: records, while @recording
 */
struct session_target {
	struct target target;
	int session;
	bool recording;
	struct vmxdbg_reader ring;
};

/* All but those that begin and end the session: @attach, @detach, @list and @close */
extern const struct target_ops session_target_ops;

/* Remove the ring: as long as it is mapped, the session stays. */
void session_target_close_ring(struct session_target *t);

#endif /* VMXGDB_SESSION_TARGET_H */
