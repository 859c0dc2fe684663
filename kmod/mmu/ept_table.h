/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The EPT tables of both views; ept.c decides the contents of the leaves, ept_range.h
 * changes many at a time.
 */
#ifndef VMXDBG_MMU_EPT_TABLE_H
#define VMXDBG_MMU_EPT_TABLE_H

#include <linux/io.h>
#include <linux/types.h>

#include "lib/ept_entry.h"
#include "mmu/types.h"

struct vm;

/* Work that a change under mmu_lock leaves for later. Starts as all zero. */
struct ept_change {
	bool flush;		/* processors may have cached the old entries */
	u64 *table;		/* unlinked; freed after the flush */
	int level;		/* of @table */
};

static inline u64 *ept_table_of(u64 entry)
{
	return __va(entry & EPT_ADDR);
}

/* ---- allocation: may sleep, mmu_lock not held ---- */

/* Return: a zeroed table, accounted to the VMM's cgroup, or NULL. */
u64 *ept_table_alloc(void);
void ept_table_free(u64 *table);

/* Fill @cache with the tables for one mapping. Return: 0, -ENOMEM. */
int ept_cache_fill(struct ept_cache *cache);
void ept_cache_empty(struct ept_cache *cache);

/* Create the plain view. Return: 0, -ENOMEM. */
int ept_init(struct vm *vm);
/* Free all tables; no vCPU exists any more. */
void ept_free(struct vm *vm);
/*
 * Give @view a root if it has none. No processor has translations of it when the function
 * returns. Takes mmu_lock, and flushes. Return: 0, -ENOMEM.
 */
int ept_view_prepare(struct vm *vm, enum ept_view_id view);

/*
 * Return: whether a processor may still use a leaf that somebody has zapped, and for which
 * no vm_flush_tlb() has returned. Takes mmu_lock.
 */
bool ept_flush_owed(struct vm *vm);

/* Flush and free as @change says, after mmu_lock was released. */
void ept_change_finish(struct vm *vm, struct ept_change *change);

/* ---- single entries: mmu_lock held ---- */

/*
 * Return: the entry for @gpa at @level. Missing tables above it come from @cache, and
 * a large leaf above it is zapped.
 */
u64 *ept_entry(struct vm *vm, struct ept_view *view, u64 gpa, int level,
	       struct ept_cache *cache, struct ept_change *change);
/* Store @leaf in @entry. A table that @entry pointed to is unlinked. */
void ept_set(struct vm *vm, u64 *entry, int level, u64 leaf, struct ept_change *change);

/* Make the leaf in @entry not present. A flush is needed. */
void ept_zap_leaf(struct vm *vm, u64 *entry, int level);

/*
 * Return: the leaf that maps @gpa, with its @level, or 0. An old leaf (ept_age_long()) is not
 * found: the page is young again after ept_fault().
 */
u64 ept_find(struct vm *vm, enum ept_view_id view, u64 gpa, int *level);
/*
 * Return: a pointer to the leaf that maps @gpa, with its @level, or NULL. Valid until
 * vm->page_refs_seq changes.
 */
u64 *ept_find_entry(struct vm *vm, enum ept_view_id view, u64 gpa, int *level);
/* Return: the leaf that maps @gpa, old or not, with its @level, or 0. */
u64 ept_peek(struct vm *vm, enum ept_view_id view, u64 gpa, int *level);
/* Return: a pointer to the leaf for @gpa; NULL if not mapped, or by a large page. */
u64 *ept_small_leaf(struct vm *vm, enum ept_view_id view, u64 gpa);

#endif
