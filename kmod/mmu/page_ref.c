// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookup of protected pages in EPT. The module accesses only memory that EPT maps for
 * the guest, so dirty logs, read-only slots and the host's memory management bind the
 * module in the same way.
 */
#include <linux/mm.h>

#include "lib/ept_entry.h"
#include "mmu/ept_table.h"
#include "mmu/hook_copy.h"
#include "mmu/page_ref.h"
#include "mmu/types.h"
#include "vm.h"

bool page_ref_look_up(struct vm *vm, struct page_ref *page_ref, u64 gpa)
{
	int level;

	page_ref->hook = hook_find(vm, gpa >> PAGE_SHIFT);
	page_ref->entry = ept_find_entry(vm, VIEW_HOOKED, gpa, &level);
	page_ref->hooked = page_ref->entry;
	/* The hooked view maps a page with breakpoints only after a fetch from it. */
	if (!page_ref->entry && page_ref->hook)
		page_ref->entry = ept_find_entry(vm, VIEW_PLAIN, gpa, &level);
	if (!page_ref->entry)
		return false;
	page_ref->within = ept_level_size(level) - 1;
	page_ref->leaf = level > 1 ? EPT_LARGE : 0;
	page_ref->page = gpa & PAGE_MASK;
	page_ref->seq = vm->page_refs_seq;
	return true;
}
