// SPDX-License-Identifier: GPL-2.0-only
/* Watched ranges: the permissions that they take from pages, and the accesses that hit. */
#include <linux/interval_tree_generic.h>
#include <linux/minmax.h>

#include "lib/ept_entry.h"
#include "lib/watch_tree.h"
#include "vmxdbg.h"

#define PIECE_FIRST(piece)	((piece)->first)
#define PIECE_LAST(piece)	((piece)->last)

INTERVAL_TREE_DEFINE(struct watch_piece, rb, u64, subtree_last, PIECE_FIRST, PIECE_LAST,
		     static __maybe_unused, pieces)

void watch_tree_insert(struct rb_root_cached *tree, struct watch_piece *piece)
{
	pieces_insert(piece, tree);
}

void watch_tree_remove(struct rb_root_cached *tree, struct watch_piece *piece)
{
	pieces_remove(piece, tree);
}

#define for_each_piece(piece, tree, first, last)		\
	for (piece = pieces_iter_first(tree, first, last); piece;	\
	     piece = pieces_iter_next(piece, first, last))

static u64 denied_by(const struct watch *watch)
{
	u64 deny = 0;

	if (watch->access & VMXDBG_ACCESS_READ)
		deny |= EPT_R | EPT_W;
	if (watch->access & VMXDBG_ACCESS_WRITE)
		deny |= EPT_W;
	if (watch->access & VMXDBG_ACCESS_FETCH)
		deny |= EPT_X;
	return deny;
}

u64 watch_denies(struct rb_root_cached *tree, u64 first, u64 last)
{
	struct watch_piece *piece;
	u64 deny = 0;

	for_each_piece(piece, tree, first, last) {
		deny |= denied_by(piece->watch);
		if (deny == EPT_RWX)
			break;
	}
	return deny;
}

bool watch_splits(struct rb_root_cached *tree, u64 first, u64 last)
{
	struct watch_piece *piece;

	for_each_piece(piece, tree, first, last)
		if (piece->first > first || piece->last < last)
			return true;
	return false;
}

/* An access of a page walk has no linear address, so aliases do not matter. */
static bool meets(const struct watch_piece *piece, const struct watch_access *a)
{
	if (!(piece->watch->access & a->access))
		return false;
	return piece->watch->physical || (a->access & VMXDBG_ACCESS_WALK) ||
	       a->gva - a->gpa == piece->gva - piece->first;
}

unsigned int watch_find(struct rb_root_cached *tree, const struct watch_access *a,
			struct dbg_object **objs, unsigned int max, unsigned int skip)
{
	u64 last = a->gpa + a->size - 1;
	struct watch_piece *piece;
	unsigned int nr = 0;

	for_each_piece(piece, tree, a->gpa, last) {
		if (!meets(piece, a))
			continue;
		if (skip) {
			skip--;
			continue;
		}
		if (nr == max)
			break;
		objs[nr++] = piece->watch->obj;
	}
	return nr;
}
