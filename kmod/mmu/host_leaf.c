// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk of the host's page tables as get_user_pages_fast() does it: tables are not freed
 * while interrupts are off, and each entry is read once, as others may change it.
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "mmu/host_leaf.h"

/* Interrupts off. Return: the level of the leaf, 0 if there is none. */
static int walk(struct mm_struct *mm, u64 hva, pte_t *entry)
{
	pgd_t pgd = READ_ONCE(*pgd_offset(mm, hva));
	p4d_t p4d;
	pud_t pud;
	pmd_t pmd;

	if (pgd_none(pgd))
		return 0;
	p4d = READ_ONCE(*p4d_offset(&pgd, hva));
	if (p4d_none(p4d) || !p4d_present(p4d))
		return 0;
	pud = READ_ONCE(*pud_offset(&p4d, hva));
	if (pud_none(pud) || !pud_present(pud))
		return 0;
	*entry = __pte(pud_val(pud));
	if (pud_leaf(pud))
		return 3;
	pmd = READ_ONCE(*pmd_offset(&pud, hva));
	if (pmd_none(pmd) || !pmd_present(pmd))
		return 0;
	*entry = __pte(pmd_val(pmd));
	if (pmd_leaf(pmd))
		return 2;
	*entry = READ_ONCE(*pte_offset_kernel(&pmd, hva));
	return pte_present(*entry) ? 1 : 0;
}

bool host_leaf_read(struct mm_struct *mm, u64 hva, struct host_leaf *leaf)
{
	unsigned long flags;

	local_irq_save(flags);
	leaf->level = walk(mm, hva, &leaf->entry);
	local_irq_restore(flags);
	return leaf->level;
}

/*
 * In a large leaf the low bits of the frame number are no address, and one is the PAT's: they
 * come from @hva.
 */
u64 host_leaf_pfn(const struct host_leaf *leaf, u64 hva)
{
	u64 within = (1ULL << 9 * (leaf->level - 1)) - 1;

	return (pte_pfn(leaf->entry) & ~within) | (hva >> PAGE_SHIFT & within);
}
