/* SPDX-License-Identifier: GPL-2.0-only */
/* Which guest-physical bytes are watched: ranges in an interval tree. */
#ifndef VMXDBG_LIB_WATCH_TREE_H
#define VMXDBG_LIB_WATCH_TREE_H

#include <linux/rbtree.h>
#include <linux/types.h>

struct dbg_object;

/* One watchpoint by EPT. Fixed while it has pieces in a tree. */
struct watch {
	struct dbg_object *obj;
	u32 access;			/* VMXDBG_ACCESS_READ, _WRITE, _FETCH that hit */
	bool physical;			/* or else linear: a hit by an alias is none */
};

/* Bytes of it that follow each other in guest-physical memory. */
struct watch_piece {
	struct rb_node rb;
	u64 first, last;		/* gpa, @last is the last byte */
	u64 subtree_last;
	u64 gva;			/* linear address of @first */
	struct watch *watch;
};

/* An access of the guest. */
struct watch_access {
	u64 gpa, gva;
	u32 size;			/* at least 1, within a page */
	u32 access;			/* VMXDBG_ACCESS_*; with WALK @gva is nothing */
};

/* All: the tree's lock is held. */
void watch_tree_insert(struct rb_root_cached *tree, struct watch_piece *piece);
void watch_tree_remove(struct rb_root_cached *tree, struct watch_piece *piece);
/* EPT_R, EPT_W and EPT_X that some piece in the range must not leave there */
u64 watch_denies(struct rb_root_cached *tree, u64 first, u64 last);
/* is there a piece that has some of the range, but not all? */
bool watch_splits(struct rb_root_cached *tree, u64 first, u64 last);

/**
 * watch_find() - whose bytes does an access touch?
 * @objs: filled with up to @max, beginning with the @skip-th
 * Return: how many were filled in.
 */
unsigned int watch_find(struct rb_root_cached *tree, const struct watch_access *a,
			struct dbg_object **objs, unsigned int max, unsigned int skip);

#endif
