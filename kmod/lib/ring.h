/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of records that a session maps (struct vmxdbg_ring). Its control
 * page and its data are written by whoever maps them, so nothing is ever read
 * back from there but the consumer's tail, and that can only make room where
 * there is none: what the consumer has not read yet is then its own loss.
 */
#ifndef VMXDBG_LIB_RING_H
#define VMXDBG_LIB_RING_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

struct vmxdbg_ring;

struct ring {
	spinlock_t lock;	/* a leaf: nothing is waited for under it */
	u32 size;		/* of the data, a power of two */
	u32 pad;		/* ring_begin(): in front of the record */
	u64 head, lost;
	wait_queue_head_t *wq;	/* of its consumer: for whoever puts in */
	struct vmxdbg_ring *control;	/* a page, and the data behind it */
	u8 *data;
};

/* @size: a power of two of at least a page. NULL: no memory. May sleep. */
struct ring *ring_alloc(u32 size);
void ring_free(struct ring *ring);	/* NULL is fine */
/* what is at @offset of a mapping, or NULL */
void *ring_at(struct ring *ring, u64 offset);

/* Both of these with the lock held, and from one to the other. */
/**
 * ring_begin() - room for a record of up to @size bytes, a multiple of 8
 * Return: the room, in one piece; NULL where there is none: that is counted.
 * Unless it is committed, nothing has happened.
 */
void *ring_begin(struct ring *ring, u32 size) __must_hold(&ring->lock);

/**
 * ring_commit() - the record is whole: let it be seen
 * @size: its size, at most what ring_begin() was asked for, a multiple of 8
 * Return: the head before it, for ring_wants_wakeup().
 */
u64 ring_commit(struct ring *ring, u32 size) __must_hold(&ring->lock);

/*
 * Is this record one that a sleeping consumer should hear of: the first in a
 * ring that it had emptied, or the one that makes it half full? After a full
 * barrier that follows ring_commit(), so that it and the consumer, which sets
 * its tail before it looks at the head, do not miss each other.
 */
bool ring_wants_wakeup(struct ring *ring, u64 old_head);
bool ring_empty(struct ring *ring);

#endif
