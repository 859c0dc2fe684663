// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protected pages as the module finds them: by what EPT maps, so that dirty logs,
 * read-only slots and the host's memory management are seen to as for the guest.
 */
#include <linux/mm.h>

#include "lib/ept_entry.h"
#include "mmu/ept_table.h"
#include "mmu/hook_copy.h"
#include "mmu/page_ref.h"
#include "mmu/types.h"
#include "vm.h"

bool spot_look_for(struct vm *vm, struct spot *spot, u64 gpa)
{
	int level;

	spot->hook = hook_find(vm, gpa >> PAGE_SHIFT);
	spot->entry = ept_find_entry(vm, VIEW_HOOKED, gpa, &level);
	spot->hooked = spot->entry;
	/* The hooked view has a page with breakpoints once it has been executed. */
	if (!spot->entry && spot->hook)
		spot->entry = ept_find_entry(vm, VIEW_PLAIN, gpa, &level);
	if (!spot->entry)
		return false;
	spot->within = ept_level_size(level) - 1;
	spot->leaf = level > 1 ? EPT_LARGE : 0;
	spot->page = gpa & PAGE_MASK;
	spot->seq = vm->spots_seq;
	return true;
}
