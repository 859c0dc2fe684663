/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the guest's own bytes of pages are that the hooked view protects. */
#ifndef VMXDBG_MMU_PAGE_REF_H
#define VMXDBG_MMU_PAGE_REF_H

#include <linux/mm.h>
#include <linux/types.h>

#include "lib/ept_entry.h"
#include "mmu/hook.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vm.h"

/* May @ref be it? @seq: vm->page_refs_seq */
static inline bool page_ref_is_of(const struct page_ref *ref, u64 gpa, unsigned long seq)
{
	return ref->page == (gpa & PAGE_MASK) && ref->entry && ref->seq == seq;
}

/* mmu_lock held. False: the hooked view does not protect the page, but has yet to map it. */
bool page_ref_look_up(struct vm *vm, struct page_ref *ref, u64 gpa);

/*
 * page_ref_find() - where is a page, found again without a walk of the tables
 * @ref: what there is to be remembered, or was
 * mmu_lock held, until the last use. Return: as page_ref_look_up().
 */
static __always_inline bool page_ref_find(struct vm *vm, struct page_ref *ref, u64 gpa)
{
	if (likely(page_ref_is_of(ref, gpa, vm->page_refs_seq) &&
		   ept_present(*ref->entry) &&
		   (*ref->entry & ref->leaf) == ref->leaf))
		return true;
	return page_ref_look_up(vm, ref, gpa);
}

/* its bytes from @gpa on: NULL when they are not there, or not for writing */
static __always_inline void *page_ref_bytes(const struct page_ref *ref, u64 gpa, bool write)
{
	u64 leaf = *ref->entry, within = ref->within;
	const struct hook *hook = ref->hook;

	if (write && !(leaf & EPT_HOST_W))
		return NULL;
	if (ref->hooked && hook && hook->copy)
		return page_address(hook->page) + offset_in_page(gpa);
	return __va((leaf & EPT_ADDR & ~within) | (gpa & within));
}

static inline struct page_ref *page_ref_for(struct vcpu *vcpu, u64 gpa)
{
	return &vcpu->page_refs[(gpa >> PAGE_SHIFT) % VCPU_PAGE_REFS];
}

/* mmu_lock held: a table goes, or a hook comes or goes */
static inline void page_refs_void(struct vm *vm)
{
	WRITE_ONCE(vm->page_refs_seq, vm->page_refs_seq + 1);
}

#endif
