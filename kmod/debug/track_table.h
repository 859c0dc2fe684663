/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables of the guest that are followed, and what their entries lead to. */
#ifndef VMXDBG_DEBUG_TRACK_TABLE_H
#define VMXDBG_DEBUG_TRACK_TABLE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct track;
struct tracked;
struct vm;

/* A mark of struct track's tables: the guest may have written to the page. */
#define TABLE_WRITTEN	XA_MARK_0

/*
 * A page table of the guest that maps linear memory from @base on. A page that
 * serves as several tables has a structure for each.
 */
struct guest_table {
	u64 gpa, base, last;	/* linear memory from @base to @last is mapped by it */
	u8 paging, level, shift;	/* each entry maps 1 << @shift bytes */
	bool guarded, is_root;
	bool incomplete;	/* an entry could not be read, or be followed */
	unsigned int refs;	/* entries that lead here, and one for a root */
	unsigned int users;	/* of a root: see space_use() */
	unsigned int op;	/* track.op of the last visit */
	struct guest_table *next;	/* in the same page */
	struct xarray ptes;	/* index -> struct pt_entry */
	struct list_head link;	/* of track->roots */
};

/* One scan of the guest's page tables. Nothing is waited for under track.lock. */
struct track_scan {
	struct vm *vm;
	struct track_missing *missing;
};

/* All functions here, but table_max_followed(): the caller holds track.lock; may sleep. */

/* Return: the number of entries that a VM may have followed. */
unsigned int table_max_followed(void);

/* Return: the table that is followed there already, or NULL. */
struct guest_table *table_find(struct track *t, u8 paging, u8 level, u64 gpa, u64 base);

/* Return: a table without entries and with one reference, or ERR_PTR(-ENOMEM). */
struct guest_table *table_new(struct vm *vm, u8 paging, u8 level, u64 gpa, u64 base);

/* Drop a reference. The last one disarms and frees all that only this table leads to. */
void table_put(struct vm *vm, struct guest_table *tab);

/*
 * The functions below return 0, -ENOMEM, -ENOSPC beyond table_max_followed(), -EINTR,
 * and -EAGAIN for @scan->missing. After an error the table is marked TABLE_WRITTEN.
 */

/* Follow each entry that tracked memory is behind and that is not followed yet. */
int table_populate(struct track_scan *scan, struct guest_table *tab);

/*
 * Read the entries again and follow what they lead to now. With @rescan guest memory
 * may have come or gone as well.
 */
int table_check(struct track_scan *scan, struct guest_table *tab, bool rescan);

/* Arm @tb behind the table, once for each value of track.op. */
int table_add_tracked(struct track_scan *scan, struct guest_table *tab, struct tracked *tb);

/* Forget the entries that only led to @tb, once for each value of track.op. */
void table_prune(struct vm *vm, struct guest_table *tab, struct tracked *tb);

#endif
