/* SPDX-License-Identifier: GPL-2.0-only */
/* Page refs: the way to the guest's bytes of protected pages, without a table walk. */
#ifndef VMXDBG_MMU_PAGE_REF_H
#define VMXDBG_MMU_PAGE_REF_H

#include <linux/mm.h>
#include <linux/types.h>

#include "lib/ept_entry.h"
#include "mmu/hook.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vm.h"

/* Return: whether @ref is for the page of @gpa. @seq is vm->page_refs_seq. */
static inline bool page_ref_is_of(const struct page_ref *ref, u64 gpa, unsigned long seq)
{
	return ref->page == (gpa & PAGE_MASK) && ref->entry && ref->seq == seq;
}

/*
 * Fill @ref by a walk of the tables; mmu_lock held. Return: false if the page is not
 * mapped yet, so the violation was not about protection.
 */
bool page_ref_look_up(struct vm *vm, struct page_ref *ref, u64 gpa);

/**
 * page_ref_find() - find a page, without a walk of the tables if @ref is still right
 * @ref: the result of an earlier call, or all zero; updated
 * Context: mmu_lock held, until the last use of @ref.
 * Return: as page_ref_look_up().
 */
static __always_inline bool page_ref_find(struct vm *vm, struct page_ref *ref, u64 gpa)
{
	if (likely(page_ref_is_of(ref, gpa, vm->page_refs_seq) &&
		   ept_present(*ref->entry) &&
		   (*ref->entry & (EPT_LARGE | EPT_OLD)) == ref->leaf))
		return true;
	return page_ref_look_up(vm, ref, gpa);
}

/*
 * Return: the host's address of the guest's byte at @gpa; NULL if it has none, or if @write
 * and read-only.
 */
static __always_inline void *page_ref_bytes(const struct page_ref *ref, u64 gpa, bool write)
{
	u64 leaf = *ref->entry, within = ref->within;
	const struct hook *hook = ref->hook;

	/* EPT_HOST_W is to be set for writes, EPT_FOREIGN never. */
	if ((leaf ^ EPT_HOST_W) & (write ? EPT_HOST_W | EPT_FOREIGN : EPT_FOREIGN))
		return NULL;
	if (ref->hooked && hook && hook->copy)
		return page_address(hook->page) + offset_in_page(gpa);
	return __va((leaf & EPT_ADDR & ~within) | (gpa & within));
}

static inline struct page_ref *page_ref_for(struct vcpu *vcpu, u64 gpa)
{
	return &vcpu->page_refs[(gpa >> PAGE_SHIFT) % VCPU_PAGE_REFS];
}

/* Make all refs of the VM invalid: a table or hook changes. mmu_lock held. */
static inline void page_refs_void(struct vm *vm)
{
	WRITE_ONCE(vm->page_refs_seq, vm->page_refs_seq + 1);
}

#endif
