/* SPDX-License-Identifier: GPL-2.0-only */
/* Ranges of linear memory that are tracked: an interval tree. */
#ifndef VMXDBG_DEBUG_TRACK_RANGE_H
#define VMXDBG_DEBUG_TRACK_RANGE_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

struct dbg_object;
struct track;
struct watch;

/* Canonical addresses differ in these bits only. */
#define TRACK_VA_MASK	(BIT_ULL(48) - 1)

/* A breakpoint or watch by linear address. The owner fills it in before track_try_add(). */
struct tracked {
	u64 gva, len;		/* within one half of linear memory */
	struct rb_node rb;
	u64 subtree_last;
	struct dbg_object *obj;
	struct watch *watch;	/* NULL: a breakpoint, @len is 1 */
	bool any;		/* in every address space, or else... */
	u64 cr3;		/* ...in this one */
	unsigned int held;	/* bit n: space_hold() holds its space in enum paging n */
	struct hlist_head sites;	/* struct site */
	unsigned int nr_armed;	/* of these, armed; read without the lock */
};

/* First and last byte, in TRACK_VA_MASK. */
static inline u64 tracked_first(const struct tracked *tb)
{
	return tb->gva & TRACK_VA_MASK;
}

static inline u64 tracked_last(const struct tracked *tb)
{
	return tracked_first(tb) + tb->len - 1;
}

/* All functions here: the caller holds track.lock. */
void track_range_insert(struct track *t, struct tracked *tb);
void track_range_remove(struct track *t, struct tracked *tb);

/* Return: the lowest range that overlaps [@first, @last], or NULL. */
struct tracked *track_range_first(struct track *t, u64 first, u64 last);
/* Return: the next one after @tb, or NULL. */
struct tracked *track_range_next(struct tracked *tb, u64 first, u64 last);

#define for_each_tracked(tb, t, first, last)			\
	for (tb = track_range_first(t, first, last); tb;	\
	     tb = track_range_next(tb, first, last))

#endif
