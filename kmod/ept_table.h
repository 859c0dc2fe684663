/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of extended paging: ept.c decides what they say. */
#ifndef VMXDBG_EPT_TABLE_H
#define VMXDBG_EPT_TABLE_H

#include <linux/io.h>
#include <linux/types.h>

#include "ept_entry.h"

struct ept_view;
struct vm;

/* Tables that one mapping may need, allocated before mmu_lock is taken. */
struct ept_cache {
	u64 *table[EPT_LEVELS - 1];
	unsigned int nr;
};

int ept_cache_fill(struct ept_cache *cache);
void ept_cache_empty(struct ept_cache *cache);

/* a table by itself; allocation may sleep */
u64 *ept_table_alloc(void);
void ept_table_free(u64 *table);
static inline u64 *ept_table_of(u64 entry)
{
	return __va(entry & EPT_ADDR);
}

/* What a change under mmu_lock leaves to be done after it; all zero at first. */
struct ept_change {
	bool flush;		/* processors may have cached what was changed */
	u64 *table;		/* unlinked, until nobody walks it */
	int level;		/* of @table */
};

void ept_change_finish(struct vm *vm, struct ept_change *change);

/* The rest under mmu_lock. */

/* The entry for @gpa at @level, with tables above it; a large leaf there goes. */
u64 *ept_entry(struct vm *vm, struct ept_view *view, u64 gpa, int level,
	       struct ept_cache *cache, struct ept_change *change);
/* @entry becomes @leaf; a table that it pointed to is unlinked. */
void ept_set(struct vm *vm, u64 *entry, int level, u64 leaf, struct ept_change *change);

#endif
