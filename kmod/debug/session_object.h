/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects of a session, of all kinds: ids, lookup and removal. */
#ifndef VMXDBG_DEBUG_SESSION_OBJECT_H
#define VMXDBG_DEBUG_SESSION_OBJECT_H

#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

struct dbg_object;
struct vm;
struct vmxdbg_object;
struct vmxdbg_object_info;

#define OBJECTS_MAX	65536	/* of a session */

struct session {
	struct vm *vm;			/* holds a reference */
	struct mutex mutex;		/* one ioctl at a time */
	wait_queue_head_t wq;		/* for events */

	/* vm->dbg_lock */
	bool closing;			/* no more events */
	bool gone_read;			/* VMXDBG_WHY_GONE has been read */
	u32 next_vcpu;			/* read() looks for its event first */

	/* mutex */
	struct xarray objects;		/* id -> struct dbg_object */
	unsigned int nr_objects;

	/* ioctl/session.c: the end, which a worker does */
	refcount_t ends;		/* the worker and who waits for it */
	struct work_struct end_work;
	struct completion ended;
};

/* All functions here: session->mutex held; may sleep. */

/* Add @obj and set its id. Return: 0, -ENOSPC, -ENOMEM. */
int session_enter(struct session *s, struct dbg_object *obj);

/* Undo session_enter(). */
void session_forget(struct session *s, struct dbg_object *obj);

/* Disarm and free an object. Return: 0, -ENOENT. */
int session_del(struct session *s, unsigned long id);

/* Disarm and free all objects, when the session closes. */
void session_del_all(struct session *s);

/* VMXDBG_GET_OBJECT; copies the set of vCPUs. Return: 0, -EINVAL, -ENOENT, -EFAULT. */
int session_get_object(struct session *s, struct vmxdbg_object *arg);

/* Describe the first @nr objects, by id, in @info, which is all zero. */
void session_describe(struct session *s, struct vmxdbg_object_info *info, u32 nr);

#endif
