// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookup of pages that get_user_pages() refuses. Nobody holds a reference on such a page:
 * the MMU notifier tells when it goes, and a lookup counts only if no notifier has run
 * since (mmu_stale()). The kernel's functions for this lookup, follow_pte() and
 * follow_pfnmap_start(), are not the same in any two of the kernels that we build for. So
 * the tables are read here, with interrupts off, as get_user_pages_fast() reads them.
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>
#include <asm/memtype.h>

#include "mmu/pfnmap.h"
#include "mmu/types.h"
#include "vm.h"

#define CACHE_BITS	(_PAGE_PWT | _PAGE_PCD)

static void found(struct pfnmap *map, u64 first, u64 offset, bool writable, bool cached)
{
	map->pfn = first + (offset >> PAGE_SHIFT);
	map->writable = writable;
	map->cached = cached;
}

static bool found_pte(struct pfnmap *map, pte_t pte)
{
	if (!pte_present(pte))
		return false;
	found(map, pte_pfn(pte), 0, pte_write(pte),
	      !(pte_flags(pte) & (CACHE_BITS | _PAGE_PAT)));
	return true;
}

/* Interrupts off: the tables are not freed. */
static bool read_tables(struct mm_struct *mm, u64 hva, struct pfnmap *map)
{
	pgd_t pgd = READ_ONCE(*pgd_offset(mm, hva));
	p4d_t p4d;
	pud_t pud;
	pmd_t pmd;

	if (pgd_none(pgd))
		return false;
	p4d = READ_ONCE(*p4d_offset(&pgd, hva));
	if (p4d_none(p4d) || !p4d_present(p4d))
		return false;
	pud = READ_ONCE(*pud_offset(&p4d, hva));
	if (pud_none(pud) || !pud_present(pud))
		return false;
	if (pud_leaf(pud)) {
		found(map, pud_pfn(pud), hva & ~PUD_MASK, pud_write(pud),
		      !(pud_flags(pud) & (CACHE_BITS | _PAGE_PAT_LARGE)));
		return true;
	}
	pmd = READ_ONCE(*pmd_offset(&pud, hva));
	if (pmd_none(pmd) || !pmd_present(pmd))
		return false;
	if (pmd_leaf(pmd)) {
		found(map, pmd_pfn(pmd), hva & ~PMD_MASK, pmd_write(pmd),
		      !(pmd_flags(pmd) & (CACHE_BITS | _PAGE_PAT_LARGE)));
		return true;
	}
	return found_pte(map, READ_ONCE(*pte_offset_kernel(&pmd, hva)));
}

/*
 * The guest gets RAM cached, and other memory as the VMM has it. Without the PAT, the
 * VMM's tables do not tell.
 */
static bool look_up(struct mm_struct *mm, u64 hva, struct pfnmap *map)
{
	unsigned long flags;
	bool is;

	local_irq_save(flags);
	is = read_tables(mm, hva, map);
	local_irq_restore(flags);
	if (!is)
		return false;
	map->ram = page_is_ram(map->pfn);
	map->cached = map->ram || (map->cached && pat_enabled());
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
