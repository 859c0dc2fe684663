/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the entries of page tables say, for those who follow the tables
 * themselves (track.c). A translation is what walk.c makes.
 */
#ifndef VMXDBG_LIB_PAGING_H
#define VMXDBG_LIB_PAGING_H

#include <linux/types.h>

struct walk_mode;

/* How linear addresses are translated. Permissions do not matter here. */
enum paging {
	PAGING_NONE,	/* one table of one entry, which is not in memory */
	PAGING_32,
	PAGING_32_PSE,
	PAGING_PAE,	/* the top table has four entries */
	PAGING_LONG,	/* four levels */
};

#define PAGING_NONE_ENTRY	1ULL	/* what is "read" of the one entry */

enum paging paging_of(const struct walk_mode *mode);
/* the address of the top table, also what two CR3s have in common */
u64 paging_root(enum paging paging, u64 cr3);
u8 paging_levels(enum paging paging);
/* bytes of linear memory behind an entry are 1 << this */
u8 paging_shift(enum paging paging, u8 level);
u8 paging_entry_size(enum paging paging);
bool paging_is_present(u64 entry);
bool paging_is_leaf(enum paging paging, u8 level, u64 entry);
/* of the page behind a leaf, or of the next table */
u64 paging_target(enum paging paging, u8 level, u64 entry);
/* do they lead to another place? */
bool paging_differs(u64 one, u64 other);

#endif
