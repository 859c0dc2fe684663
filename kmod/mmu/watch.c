// SPDX-License-Identifier: GPL-2.0-only
/*
 * Insertion and removal of watchpoints by EPT. A watch of physical memory is one piece;
 * a watch of linear memory has a piece for each page that the guest maps there
 * (debug/track_site.c). ept.c asks the tree of pieces for the permissions of each leaf that
 * it maps, so there is nothing to store for each page.
 */
#include <linux/sched.h>
#include <linux/sizes.h>

#include "lib/ept_entry.h"
#include "lib/watch_tree.h"
#include "mmu/ept_range.h"
#include "mmu/ept_table.h"
#include "mmu/hook_copy.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "mmu/watch.h"
#include "vm.h"

#define CHUNK	SZ_1G	/* of guest memory, in one section of mmu_lock */

/* ---- the view ---- */

/* Zap the piece: the next access maps it with the new permissions. */
static void renew(struct vm *vm, const struct watch_piece *piece)
{
	u64 first = round_down(piece->first, PAGE_SIZE), end = piece->last + 1, at;

	for (at = first; at < end; at = round_down(at, CHUNK) + CHUNK) {
		spin_lock(&vm->mmu_lock);
		ept_zap_hooked(vm, at, min(end, round_down(at, CHUNK) + CHUNK));
		spin_unlock(&vm->mmu_lock);
		cond_resched();
	}
}

/* Let the next access map a large page around @gpa if nothing splits it any more. */
static void collapse_around(struct vm *vm, u64 gpa)
{
	u64 base = ept_base(gpa, 2), size = ept_level_size(2);

	spin_lock(&vm->mmu_lock);
	if (!hook_within(vm, base >> PAGE_SHIFT, EPT_ENTRIES) &&
	    !watch_splits(&vm->watches, base, base + size - 1))
		ept_zap_hooked(vm, base, base + size);
	spin_unlock(&vm->mmu_lock);
}

/* ---- interface ---- */

int watch_prepare(struct vm *vm)
{
	int r = ept_view_prepare(vm, VIEW_HOOKED);

	return r ? r : step_views_prepare(vm);
}

void watch_put(struct vm *vm, struct watch_piece *piece)
{
	spin_lock(&vm->mmu_lock);
	watch_tree_insert(&vm->watches, piece);
	WRITE_ONCE(vm->nr_watches, vm->nr_watches + 1);
	spin_unlock(&vm->mmu_lock);
	renew(vm, piece);
}

void watch_take(struct vm *vm, struct watch_piece *piece)
{
	spin_lock(&vm->mmu_lock);
	watch_tree_remove(&vm->watches, piece);
	WRITE_ONCE(vm->nr_watches, vm->nr_watches - 1);
	spin_unlock(&vm->mmu_lock);
	renew(vm, piece);
	collapse_around(vm, piece->first);
	collapse_around(vm, piece->last);
}
