// SPDX-License-Identifier: GPL-2.0-only
/* Ranges of linear memory that are tracked: an interval tree. */
#include <linux/interval_tree_generic.h>

#include "debug/track_range.h"
#include "debug/types.h"

INTERVAL_TREE_DEFINE(struct tracked, rb, u64, subtree_last, tracked_first, tracked_last,
		     static __maybe_unused, tracked)

void track_range_insert(struct track *t, struct tracked *tb)
{
	tracked_insert(tb, &t->ranges);
}

void track_range_remove(struct track *t, struct tracked *tb)
{
	tracked_remove(tb, &t->ranges);
}

struct tracked *track_range_first(struct track *t, u64 first, u64 last)
{
	return tracked_iter_first(&t->ranges, first, last);
}

struct tracked *track_range_next(struct tracked *tb, u64 first, u64 last)
{
	return tracked_iter_next(tb, first, last);
}
