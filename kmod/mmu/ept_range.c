// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of all leaves in a range of guest-physical memory. The walk goes by the tables
 * that are present: what nobody has mapped costs one step, however large it is. A long
 * walk releases mmu_lock after some entries and then goes on from the address where it
 * was, from the root, since tables may have gone meanwhile.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "lib/ept_entry.h"
#include "mmu/ept_range.h"
#include "mmu/ept_table.h"
#include "mmu/types.h"
#include "vm.h"

/* Callbacks for present leaves, and for tables of 4 KiB pages. Return: true to be counted. */
typedef bool (*leaf_fn)(struct vm *vm, u64 *entry, int level);
typedef bool (*table_fn)(struct vm *vm, u64 *table);

#define RANGE_BATCH	1024U	/* entries in one section of mmu_lock */

struct range_walk {
	struct vm *vm;
	leaf_fn leaf;		/* or NULL */
	table_fn table;		/* or NULL: go on to the leaves */
	u64 at, end;
	unsigned int left;	/* entries to look at before a pause; 0: no pause */
	bool any;		/* a callback has returned true */
};

/* ---- the walk ---- */

/* Return: whether to go on, having looked at @nr entries. */
static bool walk_may_go_on(struct range_walk *w, unsigned int nr)
{
	if (!w->left)
		return true;
	w->left = max(w->left, nr + 1) - nr;
	return w->left > 1;
}

/*
 * A large leaf that is partly in the range counts as a whole. Return: false for a pause;
 * @w->at is then where to go on.
 */
static bool walk_table(struct range_walk *w, u64 *table, int level, u64 base)
{
	u64 size = ept_level_size(level), gpa;
	unsigned int i = w->at > base ? ept_index(w->at, level) : 0, nr;

	for (gpa = base + i * size; i < EPT_ENTRIES && gpa < w->end; i++, gpa += size) {
		bool leaf = ept_leaf(table[i], level);

		nr = 1;
		if (!ept_present(table[i])) {
			/* nothing below */
		} else if (!leaf && level == 2 && w->table) {
			w->any |= w->table(w->vm, ept_table_of(table[i]));
			nr = EPT_ENTRIES;
		} else if (!leaf) {
			if (!walk_table(w, ept_table_of(table[i]), level - 1, gpa))
				return false;
		} else if (w->leaf) {
			w->any |= w->leaf(w->vm, &table[i], level);
		}
		if (!walk_may_go_on(w, nr)) {
			w->at = gpa + size;
			return false;
		}
	}
	return true;
}

static bool walk_view(struct range_walk w, enum ept_view_id view)
{
	lockdep_assert_held(&w.vm->mmu_lock);
	if (w.vm->view[view].root)
		walk_table(&w, w.vm->view[view].root, EPT_LEVELS, 0);
	return w.any;
}

static bool walk_both(struct range_walk w)
{
	bool plain = walk_view(w, VIEW_PLAIN);

	return walk_view(w, VIEW_HOOKED) || plain;
}

static bool walk_long(struct range_walk w, enum ept_view_id view, bool may_sleep)
{
	bool done;

	do {
		w.left = RANGE_BATCH;
		spin_lock(&w.vm->mmu_lock);
		done = !w.vm->view[view].root || w.at >= w.end ||
		       walk_table(&w, w.vm->view[view].root, EPT_LEVELS, 0);
		spin_unlock(&w.vm->mmu_lock);
		if (!done && may_sleep)
			cond_resched();
	} while (!done);
	return w.any;
}

static bool walk_both_long(struct range_walk w, bool may_sleep)
{
	bool plain = walk_long(w, VIEW_PLAIN, may_sleep);

	return walk_long(w, VIEW_HOOKED, may_sleep) || plain;
}

/* ---- leaves ---- */

static bool zap_leaf(struct vm *vm, u64 *entry, int level)
{
	ept_zap_leaf(vm, entry, level);
	return true;
}

/* A processor may still use an old leaf as it was, so zap it, and flush. */
static bool protect_leaf(struct vm *vm, u64 *entry, int level)
{
	if (level > 1 || (*entry & EPT_OLD))
		return zap_leaf(vm, entry, level);
	if (!(*entry & (EPT_W | EPT_HOST_W)))
		return false;
	WRITE_ONCE(*entry, *entry & ~(EPT_W | EPT_HOST_W));
	return true;
}

/* Keep EPT_HOST_W: the page may still be written, but the next write faults. */
static bool notice_leaf(struct vm *vm, u64 *entry, int level)
{
	if (level > 1 || (*entry & EPT_OLD))
		return zap_leaf(vm, entry, level);
	if (!(*entry & EPT_W))
		return false;
	WRITE_ONCE(*entry, *entry & ~EPT_W);
	return true;
}

static bool age_leaf(struct vm *vm, u64 *entry, int level)
{
	if (*entry & EPT_OLD)
		return false;
	WRITE_ONCE(*entry, (*entry & ~EPT_RWX) | EPT_HELD | EPT_OLD);
	return true;
}

static bool young_leaf(struct vm *vm, u64 *entry, int level)
{
	return !(*entry & EPT_OLD);
}

static bool any_leaf(struct vm *vm, u64 *entry, int level)
{
	return true;
}

/* ---- pages that could be large again ---- */

/*
 * Return: whether the host's page behind the first readable leaf is large. The VMM's pages
 * are readable; copies of hooked pages are normally not.
 */
static bool has_large_page(const u64 *table)
{
	unsigned int i;

	for (i = 0; i < EPT_ENTRIES; i++) {
		if (table[i] & EPT_R) {
			struct page *page = pfn_to_page(PHYS_PFN(table[i] & EPT_ADDR));

			if (table[i] & EPT_FOREIGN)
				return false;
			return compound_order(compound_head(page)) >= 9;
		}
	}
	return false;
}

static bool collapse_table(struct vm *vm, u64 *table)
{
	struct range_walk w = { vm, .leaf = zap_leaf, .end = ept_level_size(2) };

	if (has_large_page(table))
		walk_table(&w, table, 1, 0);
	return w.any;
}

/* ---- interface ---- */

bool ept_zap(struct vm *vm, u64 start, u64 end)
{
	return walk_both((struct range_walk){ vm, .leaf = zap_leaf, .at = start, .end = end });
}

bool ept_zap_hooked(struct vm *vm, u64 start, u64 end)
{
	struct range_walk w = { vm, .leaf = zap_leaf, .at = start, .end = end };

	return walk_view(w, VIEW_HOOKED);
}

bool ept_write_protect(struct vm *vm, u64 start, u64 end)
{
	return walk_both((struct range_walk){ vm, .leaf = protect_leaf,
					      .at = start, .end = end });
}

bool ept_notice_writes(struct vm *vm, u64 gpa)
{
	return walk_both((struct range_walk){ vm, .leaf = notice_leaf,
					      .at = gpa, .end = gpa + PAGE_SIZE });
}

bool ept_collapse(struct vm *vm, u64 start, u64 end)
{
	return walk_both((struct range_walk){ vm, .table = collapse_table,
					      .at = start, .end = end });
}

bool ept_young(struct vm *vm, u64 start, u64 end)
{
	return walk_both((struct range_walk){ vm, .leaf = young_leaf, .at = start, .end = end });
}

bool ept_maps(struct vm *vm, enum ept_view_id view, u64 gpa)
{
	return walk_view((struct range_walk){ vm, .leaf = any_leaf,
					      .at = gpa, .end = gpa + 1 }, view);
}

bool ept_zap_long(struct vm *vm, u64 start, u64 end, bool may_sleep)
{
	return walk_both_long((struct range_walk){ vm, .leaf = zap_leaf,
						   .at = start, .end = end }, may_sleep);
}

bool ept_write_protect_long(struct vm *vm, u64 start, u64 end, bool may_sleep)
{
	return walk_both_long((struct range_walk){ vm, .leaf = protect_leaf,
						   .at = start, .end = end }, may_sleep);
}

bool ept_collapse_long(struct vm *vm, u64 start, u64 end, bool may_sleep)
{
	return walk_both_long((struct range_walk){ vm, .table = collapse_table,
						   .at = start, .end = end }, may_sleep);
}

bool ept_age_long(struct vm *vm, u64 start, u64 end)
{
	return walk_both_long((struct range_walk){ vm, .leaf = age_leaf,
						   .at = start, .end = end }, false);
}
