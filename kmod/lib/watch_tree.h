/* SPDX-License-Identifier: GPL-2.0-only */
/* The watched ranges of guest-physical memory, in an interval tree. */
#ifndef VMXDBG_LIB_WATCH_TREE_H
#define VMXDBG_LIB_WATCH_TREE_H

#include <linux/rbtree.h>
#include <linux/types.h>

struct dbg_object;

/* One watchpoint by EPT. Constant while it has pieces in a tree. */
struct watch {
	struct dbg_object *obj;
	u32 access;			/* VMXDBG_ACCESS_READ, _WRITE, _FETCH that hit */
	bool physical;			/* otherwise linear: access by an alias is no hit */
};

/* A contiguous range of watched guest-physical memory. */
struct watch_piece {
	struct rb_node rb;
	u64 first, last;		/* gpa of the first and of the last byte */
	u64 subtree_last;
	u64 gva;			/* linear address of @first */
	struct watch *watch;
};

/* An access of the guest. */
struct watch_access {
	u64 gpa, gva;
	u32 size;			/* at least 1, within a page */
	u32 access;			/* VMXDBG_ACCESS_*; with WALK @gva is not valid */
};

/* The caller of each function holds the lock of the tree. */
void watch_tree_insert(struct rb_root_cached *tree, struct watch_piece *piece);
void watch_tree_remove(struct rb_root_cached *tree, struct watch_piece *piece);

/* Return: EPT_R, EPT_W, EPT_X that the pieces in the range take from its leaf. */
u64 watch_denies(struct rb_root_cached *tree, u64 first, u64 last);

/* Return: whether a piece covers a part of the range, but not all of it. */
bool watch_splits(struct rb_root_cached *tree, u64 first, u64 last);

/**
 * watch_find() - find the objects that an access hits
 * @objs: filled with up to @max objects
 * @skip: number of objects to leave out first
 * Return: the number of objects filled in.
 */
unsigned int watch_find(struct rb_root_cached *tree, const struct watch_access *a,
			struct dbg_object **objs, unsigned int max, unsigned int skip);

#endif
