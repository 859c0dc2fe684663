// SPDX-License-Identifier: GPL-2.0-only
/* A hash table that is cleared by incrementing a stamp, and grows where it may sleep. */
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lib/verdict.h"

static struct verdict_slot *slots(struct verdicts *v)
{
	return v->more ? v->more : v->first;
}

static u32 size_of(const struct verdicts *v)
{
	return v->size ? v->size : VERDICTS_FIRST;
}

void verdicts_clear(struct verdicts *v)
{
	v->nr = 0;
	/* When the stamp wraps, old slots would look new. */
	if (unlikely(!++v->stamp)) {
		memset(slots(v), 0, size_of(v) * sizeof(*v->first));
		v->stamp = 1;
	}
}

/* Return: the slot of @id, or the empty one where it belongs. The table is never full. */
static struct verdict_slot *slot_of(struct verdicts *v, u32 id)
{
	struct verdict_slot *slot = slots(v);
	u32 mask = size_of(v) - 1, i = hash_32(id, 32) & mask;

	while (slot[i].stamp == v->stamp && slot[i].id != id)
		i = (i + 1) & mask;
	return &slot[i];
}

u8 *verdicts_find(struct verdicts *v, u32 id)
{
	struct verdict_slot *slot;

	if (!v->nr)
		return NULL;
	slot = slot_of(v, id);
	return slot->stamp == v->stamp ? &slot->verdict : NULL;
}

bool verdicts_full(const struct verdicts *v)
{
	return v->nr >= size_of(v) / 2;
}

void verdicts_add(struct verdicts *v, u32 id, u8 verdict)
{
	struct verdict_slot *slot = slot_of(v, id);

	*slot = (struct verdict_slot){ .id = id, .stamp = v->stamp, .verdict = verdict };
	v->nr++;
}

int verdicts_grow(struct verdicts *v)
{
	struct verdict_slot *old = slots(v), *to_free = v->more;
	u32 i, was = size_of(v), stamp = v->stamp;
	struct verdict_slot *more;

	more = kvcalloc(4 * was, sizeof(*more), GFP_KERNEL_ACCOUNT);
	if (!more)
		return -ENOMEM;
	v->more = more;
	v->size = 4 * was;
	v->stamp = 1;
	v->nr = 0;
	for (i = 0; i < was; i++)
		if (old[i].stamp == stamp)
			verdicts_add(v, old[i].id, old[i].verdict);
	kvfree(to_free);
	return 0;
}

void verdicts_free(struct verdicts *v)
{
	kvfree(v->more);
}
