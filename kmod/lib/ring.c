// SPDX-License-Identifier: GPL-2.0-only
/* The ring of records for user space, see ring.h. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "lib/ring.h"
#include "vmxdbg.h"

struct ring *ring_alloc(u32 size)
{
	struct ring *ring = kzalloc(sizeof(*ring), GFP_KERNEL_ACCOUNT);

	if (!ring)
		return NULL;
	ring->control = __vmalloc(PAGE_SIZE + size, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!ring->control) {
		kfree(ring);
		return NULL;
	}
	spin_lock_init(&ring->lock);
	ring->data = (u8 *)ring->control + PAGE_SIZE;
	ring->size = size;
	ring->control->size = size;
	ring->control->data_offset = PAGE_SIZE;
	return ring;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	vfree(ring->control);
	kfree(ring);
}

void *ring_at(struct ring *ring, u64 offset)
{
	return offset < PAGE_SIZE + ring->size ? (u8 *)ring->control + offset : NULL;
}

/* Return: the bytes that the consumer has not read, according to its tail. */
static u64 used(struct ring *ring, u64 head)
{
	/* Pairs with the consumer's store: it has read a record before it is overwritten. */
	u64 tail = smp_load_acquire(&ring->control->tail);

	return min_t(u64, head - tail, ring->size);
}

void *ring_begin(struct ring *ring, u32 size)
{
	u32 at = ring->head & (ring->size - 1), left = ring->size - at, *pad;

	ring->pad = size > left ? left : 0;
	if (ring->size - used(ring, ring->head) < (u64)ring->pad + size) {
		WRITE_ONCE(ring->control->lost, ++ring->lost);
		return NULL;
	}
	if (!ring->pad)
		return ring->data + at;
	/* Only the first 8 bytes of struct vmxdbg_record are sure to fit. */
	pad = (u32 *)(ring->data + at);
	pad[0] = ring->pad;
	pad[1] = VMXDBG_RECORD_PAD;
	return ring->data;
}

u64 ring_commit(struct ring *ring, u32 size)
{
	u64 old = ring->head;

	ring->head += ring->pad + size;
	/* The consumer that sees the new head sees the record. */
	smp_store_release(&ring->control->head, ring->head);
	return old;
}

bool ring_wants_wakeup(struct ring *ring, u64 old_head)
{
	u64 before = used(ring, old_head), now = used(ring, READ_ONCE(ring->head));

	return !before || (before < ring->size / 2 && now >= ring->size / 2);
}

bool ring_empty(struct ring *ring)
{
	return READ_ONCE(ring->head) == READ_ONCE(ring->control->tail);
}
