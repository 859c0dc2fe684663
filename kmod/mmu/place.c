// SPDX-License-Identifier: GPL-2.0-only
/* State of the memory at one gpa, for a debugger. Changes nothing. */
#include <linux/build_bug.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/spinlock.h>

#include "lib/ept_entry.h"
#include "lib/watch_tree.h"
#include "mmu/ept_table.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/memslot.h"
#include "mmu/place.h"
#include "mmu/types.h"
#include "vm.h"
#include "vmxdbg.h"

static void place_entry(struct vm *vm, enum ept_view_id view, u64 gpa, struct vmxdbg_ept *ept)
{
	int level;
	u64 leaf = ept_peek(vm, view, gpa, &level);

	BUILD_BUG_ON(VMXDBG_EPT_READ != EPT_R || VMXDBG_EPT_WRITE != EPT_W ||
		     VMXDBG_EPT_EXEC != EPT_X);
	if (!leaf)
		return;
	ept->page_size = ept_level_size(level);
	ept->rights = leaf & EPT_RWX;
	ept->memory_type = ept_memory_type(leaf);
}

static u32 place_flags(struct vm *vm, u64 gpa, const struct memslot *slot)
{
	const struct hook *hook = hook_find(vm, gpa >> PAGE_SHIFT);
	u32 flags = 0;

	if (hook && hook->breaks)
		flags |= VMXDBG_PLACE_BREAKS;
	if (hook && hook->guards)
		flags |= VMXDBG_PLACE_TABLE;
	if (watch_denies(&vm->watches, gpa & PAGE_MASK, gpa | ~PAGE_MASK))
		flags |= VMXDBG_PLACE_WATCHED;
	if (slot->flags & KVM_MEM_LOG_DIRTY_PAGES)
		flags |= VMXDBG_PLACE_LOGGED;
	if (vm->nr_hooks || vm->nr_watches)
		flags |= VMXDBG_PLACE_ON_HOOKED;
	return flags;
}

/* With mmu_lock held, slots and entries are those of one moment. */
void place_look_up(struct vm *vm, struct vmxdbg_place *place)
{
	struct memslot slot;
	u64 gpa = place->gpa;

	spin_lock(&vm->mmu_lock);
	if (memslot_find(vm, gpa, &slot)) {
		place->kind = slot.flags & KVM_MEM_READONLY ? VMXDBG_PLACE_READONLY :
							      VMXDBG_PLACE_RAM;
		place->flags = place_flags(vm, gpa, &slot);
		place->slot = slot.id;
		place->slot_flags = slot.flags;
		place->hva = slot.hva + (gpa - slot.gpa);
		place_entry(vm, VIEW_PLAIN, gpa, &place->plain);
		place_entry(vm, VIEW_HOOKED, gpa, &place->hooked);
	}
	spin_unlock(&vm->mmu_lock);
}
