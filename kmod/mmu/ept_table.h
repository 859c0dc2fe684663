/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of extended paging: ept.c decides what they say. */
#ifndef VMXDBG_MMU_EPT_TABLE_H
#define VMXDBG_MMU_EPT_TABLE_H

#include <linux/io.h>
#include <linux/types.h>

#include "lib/ept_entry.h"
#include "mmu/types.h"

struct vm;

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

int ept_init(struct vm *vm);
void ept_free(struct vm *vm);
/* the hooked view's root exists after this; may sleep */
int ept_view_prepare(struct vm *vm, enum ept_view_id view);
/* These under mmu_lock. Zap [start, end) in both views; true: flush needed. */
bool ept_zap(struct vm *vm, u64 start, u64 end);
/* the same, but only a write faults then, and maps 4 KiB */
bool ept_write_protect(struct vm *vm, u64 start, u64 end);
/* zap small pages where the next fault may find a large one */
bool ept_collapse(struct vm *vm, u64 start, u64 end);
/* [start, end) in the hooked view alone */
bool ept_zap_hooked(struct vm *vm, u64 start, u64 end);
/* the next write to the page faults, on any view; true: flush needed */
bool ept_notice_writes(struct vm *vm, u64 gpa);
/* the leaf for @gpa and its level, or 0 */
u64 ept_find(struct vm *vm, enum ept_view_id view, u64 gpa, int *level);
/* where that is; NULL too if it is large */
u64 *ept_small_leaf(struct vm *vm, enum ept_view_id view, u64 gpa);
/* where that is, or NULL: good until a table goes, see page_refs_seq */
u64 *ept_find_entry(struct vm *vm, enum ept_view_id view, u64 gpa, int *level);
bool ept_maps_any(struct vm *vm, u64 start, u64 end);
bool ept_maps(struct vm *vm, enum ept_view_id view, u64 gpa);

#endif
