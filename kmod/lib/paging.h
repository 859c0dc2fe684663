/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decoding of page table entries, for code that follows the guest's tables entry by
 * entry (debug/track_table.c). Translation of addresses is in walk.h.
 */
#ifndef VMXDBG_LIB_PAGING_H
#define VMXDBG_LIB_PAGING_H

#include <linux/types.h>

struct walk_mode;

/* Paging modes, as far as they differ in the format of the tables. */
enum paging {
	PAGING_NONE,	/* one table of one entry, which is not in memory */
	PAGING_32,
	PAGING_32_PSE,
	PAGING_PAE,	/* the top table has four entries */
	PAGING_LONG,	/* four levels */
};

#define PAGING_NONE_ENTRY	1ULL	/* the value of the one entry of PAGING_NONE */

enum paging paging_of(const struct walk_mode *mode);

/* Return: the gpa of the top table; equal for two CR3 values of one address space. */
u64 paging_root(enum paging paging, u64 cr3);
/* Return: the number of levels; the top table has this level, a leaf at least 1. */
u8 paging_levels(enum paging paging);
/* Return: log2 of the bytes of linear memory that an entry of @level covers. */
u8 paging_shift(enum paging paging, u8 level);
/* Return: bytes of linear memory that a table of @level covers. */
u64 paging_extent(enum paging paging, u8 level);
/* Return: bytes, 4 or 8. */
u8 paging_entry_size(enum paging paging);

bool paging_is_present(u64 entry);
bool paging_is_leaf(enum paging paging, u8 level, u64 entry);
/* Return: the gpa of the page that a leaf maps, or of the next table. */
u64 paging_target(enum paging paging, u8 level, u64 entry);
/* Return: whether two values of an entry lead to different memory. */
bool paging_differs(u64 one, u64 other);

#endif
