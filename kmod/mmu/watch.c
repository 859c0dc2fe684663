// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints by EPT come and go. One of physical memory is one piece, one of
 * linear memory has a piece for each page that the guest maps there (track.c).
 * ept.c asks the tree of pieces what the hooked view may permit, so a page costs
 * nothing but what its leaf says.
 */
#include <linux/sched.h>
#include <linux/sizes.h>

#include "lib/ept_entry.h"
#include "lib/watch_tree.h"
#include "mmu/ept_table.h"
#include "mmu/hook_copy.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "mmu/watch.h"
#include "vm.h"

#define CHUNK	SZ_1G	/* of the tables, in one section of mmu_lock */

/* ---- the view ---- */

/* The next access finds what the view may permit now; large pages come back. */
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

static void collapse_around(struct vm *vm, u64 gpa)
{
	u64 base = ept_base(gpa, 2), size = ept_level_size(2);

	spin_lock(&vm->mmu_lock);
	if (!hook_within(vm, base >> PAGE_SHIFT, EPT_ENTRIES) &&
	    !watch_splits(&vm->watches, base, base + size - 1))
		ept_zap_hooked(vm, base, base + size);
	spin_unlock(&vm->mmu_lock);
}

/* ---- what others call ---- */

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
