// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookup of pages that get_user_pages() refuses. Nobody holds a reference on such a page:
 * the MMU notifier tells when it goes, and a lookup counts only if no notifier has run
 * since (mmu_stale()). The kernel's functions for this lookup, follow_pte() and
 * follow_pfnmap_start(), are not the same in any two of the kernels that we build for.
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>
#include <asm/memtype.h>

#include "mmu/host_leaf.h"
#include "mmu/pfnmap.h"
#include "mmu/types.h"
#include "vm.h"

/* Return: whether the VMM's mapping is write-back. Without the PAT, tables do not tell: no. */
static bool is_cached(const struct host_leaf *leaf)
{
	u64 pat = leaf->level > 1 ? _PAGE_PAT_LARGE : _PAGE_PAT;

	return pat_enabled() && !(pte_flags(leaf->entry) & (_PAGE_PWT | _PAGE_PCD | pat));
}

/* The guest gets RAM cached, and other memory as the VMM has it. */
static bool look_up(struct mm_struct *mm, u64 hva, struct pfnmap *map)
{
	struct host_leaf leaf;

	if (!host_leaf_read(mm, hva, &leaf))
		return false;
	map->pfn = host_leaf_pfn(&leaf, hva);
	map->writable = pte_write(leaf.entry);
	map->ram = page_is_ram(map->pfn);
	map->cached = map->ram || is_cached(&leaf);
	return true;
}

/* Return: the flags of the mapping at @hva, 0 if it is of another kind. */
static unsigned long pfnmap_flags(struct mm_struct *mm, u64 hva)
{
	struct vm_area_struct *vma = vma_lookup(mm, hva);

	return vma && (vma->vm_flags & (VM_IO | VM_PFNMAP)) ? vma->vm_flags : 0;
}

int pfnmap_find(struct mm_struct *mm, u64 hva, bool write, struct pfnmap *map)
{
	unsigned int flags = (write ? FAULT_FLAG_WRITE : 0) |
			     (mm == current->mm ? 0 : FAULT_FLAG_REMOTE);
	bool unlocked = false;
	unsigned long vm_flags;
	int r = 0;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	vm_flags = pfnmap_flags(mm, hva);
	if (!vm_flags)
		r = -EFAULT;
	else if (write && !(vm_flags & VM_WRITE))
		r = -ENXIO;
	else if (!look_up(mm, hva, map) || (write && !map->writable))
		r = fixup_user_fault(mm, hva, flags, &unlocked) ? -EFAULT : -EAGAIN;
	mmap_read_unlock(mm);
	return r;
}

bool pfnmap_is_foreign(struct vm *vm, u64 hva)
{
	struct pfnmap map;
	bool is = false;

	if (!mmget_not_zero(vm->mm))
		return false;
	if (!mmap_read_lock_killable(vm->mm)) {
		is = pfnmap_flags(vm->mm, hva) && look_up(vm->mm, hva, &map) && !map.ram;
		mmap_read_unlock(vm->mm);
	}
	mmput(vm->mm);
	return is;
}
