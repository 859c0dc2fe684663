/* SPDX-License-Identifier: GPL-2.0-only */
/* The objects of a session, whatever their kind: ids, and how they go. */
#ifndef VMXDBG_DEBUG_SESSION_OBJECT_H
#define VMXDBG_DEBUG_SESSION_OBJECT_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

struct dbg_object;
struct vm;
struct vmxdbg_object;

#define OBJECTS_MAX	65536	/* of a session */

struct session {
	struct vm *vm;			/* with a reference */
	struct mutex mutex;		/* one ioctl at a time */
	wait_queue_head_t wq;		/* for events */

	/* vm->dbg_lock */
	bool closing;			/* takes no events any more */
	bool gone_read;			/* VMXDBG_WHY_GONE was */
	u32 next_vcpu;			/* whose event is looked for first */

	/* mutex */
	struct xarray objects;		/* id -> struct dbg_object */
	unsigned int nr_objects;
};

/* Gives @obj its id. Return: 0, -ENOSPC, -ENOMEM. */
int session_enter(struct session *s, struct dbg_object *obj);
void session_forget(struct session *s, struct dbg_object *obj);
int session_del(struct session *s, unsigned long id);	/* 0 or -ENOENT */
void session_del_all(struct session *s);
int session_get_object(struct session *s, struct vmxdbg_object *arg);

#endif
