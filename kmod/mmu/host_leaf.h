/* SPDX-License-Identifier: GPL-2.0-only */
/* The entry of the host's page tables that maps an address of a VMM. */
#ifndef VMXDBG_MMU_HOST_LEAF_H
#define VMXDBG_MMU_HOST_LEAF_H

#include <linux/types.h>
#include <asm/pgtable_types.h>

struct mm_struct;

/* An entry, and its level. The copy is right only while mmu_stale() is false. */
struct host_leaf {
	pte_t entry;
	int level;		/* 1: 4 KiB, 2: 2 MiB, 3: 1 GiB */
};

/**
 * host_leaf_read() - read the leaf that maps an address
 * @mm: of the VMM, which the caller keeps alive
 * @leaf: filled in on success
 * Context: any; faults in nothing.
 * Return: whether there is one.
 */
bool host_leaf_read(struct mm_struct *mm, u64 hva, struct host_leaf *leaf);

/* Return: the frame of the page at @hva, which @leaf maps. */
u64 host_leaf_pfn(const struct host_leaf *leaf, u64 hva);

#endif
