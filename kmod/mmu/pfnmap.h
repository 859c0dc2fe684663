/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VMM's memory that has no struct page, or one that only its driver may reference:
 * mappings with VM_PFNMAP or VM_IO.
 */
#ifndef VMXDBG_MMU_PFNMAP_H
#define VMXDBG_MMU_PFNMAP_H

#include <linux/types.h>

struct mm_struct;
struct vm;

/* A page of such a mapping. Valid only while mmu_stale() is false. */
struct pfnmap {
	u64 pfn;
	bool writable;
	bool ram;		/* has a struct page and an address in the kernel */
	bool cached;		/* the guest may access it through the cache */
};

/**
 * pfnmap_find() - find the page behind an address of a VMM
 * @mm: of the VMM, which the caller keeps alive
 * @write: it must be writable
 * @map: filled in
 * Context: any process, may sleep.
 * Return: 0, -EAGAIN after the page was faulted in: repeat the lookup; -ENXIO if the mapping
 * is read-only, -EFAULT if there is no page or the mapping is of another kind, -EINTR after a
 * fatal signal.
 */
int pfnmap_find(struct mm_struct *mm, u64 hva, bool write, struct pfnmap *map);

/*
 * Return: whether the memory at @hva of the VMM is mapped there, and is not RAM of the
 * kernel's, so the module cannot read it. May sleep; faults in nothing.
 */
bool pfnmap_is_foreign(struct vm *vm, u64 hva);

#endif
