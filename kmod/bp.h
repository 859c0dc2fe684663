/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints and watchpoints: a session's objects. */
#ifndef VMXDBG_BP_H
#define VMXDBG_BP_H

struct object;
struct session;
struct vmxdbg_bp;

/* All: session->mutex held, no vCPU's state_mutex. May sleep. */
int bp_add(struct session *s, struct vmxdbg_bp *arg);	/* sets arg->id */
void bp_remove(struct session *s, struct object *obj);

#endif
