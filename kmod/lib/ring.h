/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of records that a session maps (struct vmxdbg_ring). User space can write to
 * the whole mapping, so the kernel reads nothing back but the consumer's tail. A wrong
 * tail can only make room too early, by which the consumer loses unread records.
 */
#ifndef VMXDBG_LIB_RING_H
#define VMXDBG_LIB_RING_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

struct vmxdbg_ring;

struct ring {
	spinlock_t lock;	/* innermost; its holder does not sleep */
	u32 size;		/* bytes of data, a power of two */
	u32 pad;		/* bytes that ring_begin() left free before the record */
	u64 head, lost;
	wait_queue_head_t *wq;	/* of the consumer, for the caller of ring_commit() */
	struct vmxdbg_ring *control;	/* one page; the data follow it */
	u8 *data;
};

/* @size: a power of two, at least a page. May sleep. Return: NULL without memory. */
struct ring *ring_alloc(u32 size);
void ring_free(struct ring *ring);	/* NULL is allowed */

/* Return: the address of byte @offset of the mapping, or NULL past its end. */
void *ring_at(struct ring *ring, u64 offset);

/**
 * ring_begin() - make room for a record
 * @size: bytes that the record may need, a multiple of 8
 * Context: the lock is held, and not dropped before ring_commit().
 * Return: the room, in one piece, or NULL if there is none; then the record is counted
 * as lost. Without ring_commit() the ring does not change.
 */
void *ring_begin(struct ring *ring, u32 size) __must_hold(&ring->lock);

/**
 * ring_commit() - publish the record
 * @size: bytes of the record, a multiple of 8, at most the size of ring_begin()
 * Return: the old head, for ring_wants_wakeup().
 */
u64 ring_commit(struct ring *ring, u32 size) __must_hold(&ring->lock);

/*
 * Return: whether the record should wake up the consumer: it is the first in an empty
 * ring, or makes the ring half full. A full barrier must stand between ring_commit() and
 * this call: the consumer stores its tail before it reads the head, so one of the two
 * sees the other.
 */
bool ring_wants_wakeup(struct ring *ring, u64 old_head);

bool ring_empty(struct ring *ring);

#endif
