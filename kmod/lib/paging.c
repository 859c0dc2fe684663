// SPDX-License-Identifier: GPL-2.0-only
/* Decoding of page table entries (SDM vol. 3, 4.3 to 4.5). */
#include <linux/bits.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "lib/paging.h"
#include "lib/walk.h"

enum paging paging_of(const struct walk_mode *mode)
{
	if (!(mode->cr0 & X86_CR0_PG))
		return PAGING_NONE;
	if (mode->efer & EFER_LMA)
		return PAGING_LONG;
	if (mode->cr4 & X86_CR4_PAE)
		return PAGING_PAE;
	return mode->cr4 & X86_CR4_PSE ? PAGING_32_PSE : PAGING_32;
}

u64 paging_root(enum paging paging, u64 cr3)
{
	switch (paging) {
	case PAGING_NONE:
		return 0;
	case PAGING_PAE:
		return cr3 & GENMASK_ULL(31, 5);
	case PAGING_LONG:
		return cr3 & PTE_ADDR;
	default:
		return cr3 & GENMASK_ULL(31, 12);
	}
}

u8 paging_levels(enum paging paging)
{
	static const u8 levels[] = { 1, 2, 2, 3, 4 };

	return levels[paging];
}

static bool wide(enum paging paging)
{
	return paging == PAGING_PAE || paging == PAGING_LONG;
}

u8 paging_shift(enum paging paging, u8 level)
{
	if (paging == PAGING_NONE)
		return 32;
	return 12 + (level - 1) * (wide(paging) ? 9 : 10);
}

u64 paging_extent(enum paging paging, u8 level)
{
	if (paging != PAGING_LONG && level == paging_levels(paging))
		return BIT_ULL(32);
	return BIT_ULL(paging_shift(paging, level) + (wide(paging) ? 9 : 10));
}

u8 paging_entry_size(enum paging paging)
{
	return wide(paging) ? 8 : 4;
}

bool paging_is_present(u64 entry)
{
	return entry & PTE_PRESENT;
}

bool paging_is_leaf(enum paging paging, u8 level, u64 entry)
{
	if (level == 1)
		return true;
	if (!(entry & PTE_PS) || paging == PAGING_32)
		return false;
	return level == 2 || (level == 3 && paging == PAGING_LONG);
}

u64 paging_target(enum paging paging, u8 level, u64 entry)
{
	if (paging == PAGING_NONE)
		return 0;
	if (level == 1 || !paging_is_leaf(paging, level, entry))
		return entry & PTE_ADDR;
	if (paging == PAGING_32_PSE)
		return (entry & PSE_ADDR) | (entry & PSE36_ADDR) << PSE36_SHIFT;
	return entry & PTE_ADDR & ~(BIT_ULL(paging_shift(paging, level)) - 1);
}

/* The bits of an entry that is not present have no meaning. */
bool paging_differs(u64 one, u64 other)
{
	if (!(one & PTE_PRESENT) && !(other & PTE_PRESENT))
		return false;
	return (one ^ other) & (PTE_PRESENT | PTE_PS | PTE_ADDR);
}
