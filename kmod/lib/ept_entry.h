/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic of EPT entries, without access to memory (SDM vol. 3, 29.3.2). */
#ifndef VMXDBG_LIB_EPT_ENTRY_H
#define VMXDBG_LIB_EPT_ENTRY_H

#include <linux/bits.h>
#include <linux/types.h>

#define EPT_LEVELS	4		/* level 4 is the root, level 1 maps 4 KiB */
#define EPT_ENTRIES	512

#define EPT_R		BIT_ULL(0)
#define EPT_W		BIT_ULL(1)
#define EPT_X		BIT_ULL(2)
#define EPT_RWX		(EPT_R | EPT_W | EPT_X)
#define EPT_LARGE	BIT_ULL(7)
#define EPT_ACCESSED	BIT_ULL(8)
#define EPT_DIRTY	BIT_ULL(9)
#define EPT_MT_WB	(6ULL << 3)
#define EPT_IPAT	BIT_ULL(6)	/* the guest's PAT does not matter */

/* Bits of the module, which the processor ignores */
#define EPT_OLD		BIT_ULL(11)	/* a leaf that permits nothing until it is used again */
#define EPT_HOST_W	BIT_ULL(52)	/* the host allows writes to the page */
#define EPT_HELD	BIT_ULL(53)	/* a leaf, even if it permits nothing */
#define EPT_OWN		BIT_ULL(54)	/* the table belongs to a step view */
#define EPT_FOREIGN	BIT_ULL(55)	/* not RAM of the kernel's: it has no address there */
#define EPT_UNCACHED	BIT_ULL(56)	/* memory type UC */
#define EPT_KEPT	(EPT_RWX | EPT_HOST_W | EPT_HELD | EPT_FOREIGN | EPT_UNCACHED)
#define EPT_ADDR	0x000ffffffffff000ULL

/* Return: the bytes that an entry of @level covers. */
static inline u64 ept_level_size(int level)
{
	return 1ULL << (12 + 9 * (level - 1));
}

static inline unsigned int ept_index(u64 gpa, int level)
{
	return (gpa >> (12 + 9 * (level - 1))) & (EPT_ENTRIES - 1);
}

/* Return: the first address of the page of @level around @addr. */
static inline u64 ept_base(u64 addr, int level)
{
	return addr & ~(ept_level_size(level) - 1);
}

/* Return: whether one page of @level can map the slot's memory around @gpa. */
static inline bool ept_fits(u64 slot_gpa, u64 slot_size, u64 slot_hva, u64 gpa, int level)
{
	u64 size = ept_level_size(level), base = ept_base(gpa, level);

	return !((slot_gpa ^ slot_hva) & (size - 1)) && base >= slot_gpa &&
	       base - slot_gpa + size <= slot_size;
}

/*
 * Return: whether the entry must be zapped when its page goes. To the processor an entry
 * is present if any of R, W, X is set (SDM vol. 3, 29.3.2).
 */
static inline bool ept_present(u64 entry)
{
	return entry & (EPT_RWX | EPT_HELD);
}

static inline bool ept_leaf(u64 entry, int level)
{
	return level == 1 || (entry & EPT_LARGE);
}

static inline u64 ept_make_table(u64 hpa)
{
	return (hpa & EPT_ADDR) | EPT_RWX;
}

/*
 * The host has its RAM in the cache: a guest that could read it as uncached would read what
 * the page had before, on a processor that does not snoop itself (SDM vol. 3, 12.12.4, 29.3.7.2).
 */
static inline u64 ept_make_leaf(u64 hpa, int level, u64 prot)
{
	return (hpa & EPT_ADDR & ~(ept_level_size(level) - 1)) | (level > 1 ? EPT_LARGE : 0) |
	       (prot & EPT_UNCACHED ? 0 : EPT_MT_WB | EPT_IPAT) | (prot & EPT_KEPT);
}

/* Return: the leaf at @index one level down, when a large leaf @entry is split. */
static inline u64 ept_split_leaf(u64 entry, int level, unsigned int index)
{
	u64 hpa = entry & EPT_ADDR & ~(ept_level_size(level) - 1);

	return ept_make_leaf(hpa + index * ept_level_size(level - 1), level - 1,
			     entry & EPT_KEPT);
}

/*
 * Return: @leaf without the permissions in @deny and those that depend on them: W needs
 * R, and X needs R unless @exec_only (SDM vol. 3, 29.3.3.1).
 */
static inline u64 ept_deny(u64 leaf, u64 deny, bool exec_only)
{
	leaf &= ~(deny & EPT_RWX);
	if (!(leaf & EPT_R))
		leaf &= exec_only ? ~EPT_W : ~(EPT_W | EPT_X);
	return leaf & EPT_RWX ? leaf : leaf | EPT_HELD;
}

/* Return: the memory type of a leaf: 0 UC, 6 WB. */
static inline unsigned int ept_memory_type(u64 leaf)
{
	return (leaf >> 3) & 7;
}

/* Return: the EPT pointer for the VMCS (SDM vol. 3, 25.6.11). */
static inline u64 ept_pointer(u64 root_hpa, bool ad)
{
	return (root_hpa & EPT_ADDR) | 6 | ((EPT_LEVELS - 1) << 3) | (ad ? 1 << 6 : 0);
}

#endif
