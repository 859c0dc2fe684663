/* SPDX-License-Identifier: MIT */
/* A session that the VMM has begun, as a guest of the library. */
#ifndef VMXGDB_SESSION_H
#define VMXGDB_SESSION_H

#include "embed/vgdb.h"

void session_init(struct vgdb *g, int session_fd);

/* No debugger has the session: resume what stops, for example by a triple fault. */
void session_idle_event(struct session_target *t);

#endif /* VMXGDB_SESSION_H */
