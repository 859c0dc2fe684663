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

/* May @spot be it? @seq: vm->spots_seq */
static inline bool spot_is_of(const struct spot *spot, u64 gpa, unsigned long seq)
{
	return spot->page == (gpa & PAGE_MASK) && spot->entry && spot->seq == seq;
}

/* mmu_lock held. False: the hooked view does not protect the page, but has yet to map it. */
bool spot_look_for(struct vm *vm, struct spot *spot, u64 gpa);

/*
 * spot_find() - where is a page, found again without a walk of the tables
 * @spot: what there is to be remembered, or was
 * mmu_lock held, until the last use. Return: as spot_look_for().
 */
static __always_inline bool spot_find(struct vm *vm, struct spot *spot, u64 gpa)
{
	if (likely(spot_is_of(spot, gpa, vm->spots_seq) && ept_present(*spot->entry) &&
		   (*spot->entry & spot->leaf) == spot->leaf))
		return true;
	return spot_look_for(vm, spot, gpa);
}

/* its bytes from @gpa on: NULL when they are not there, or not for writing */
static __always_inline void *spot_bytes(const struct spot *spot, u64 gpa, bool write)
{
	u64 leaf = *spot->entry, within = spot->within;
	const struct hook *hook = spot->hook;

	if (write && !(leaf & EPT_HOST_W))
		return NULL;
	if (spot->hooked && hook && hook->copy)
		return page_address(hook->page) + offset_in_page(gpa);
	return __va((leaf & EPT_ADDR & ~within) | (gpa & within));
}

static inline struct spot *spot_for(struct vcpu *vcpu, u64 gpa)
{
	return &vcpu->spots[(gpa >> PAGE_SHIFT) % VCPU_SPOTS];
}

/* mmu_lock held: a table goes, or a hook comes or goes */
static inline void spots_moved(struct vm *vm)
{
	WRITE_ONCE(vm->spots_seq, vm->spots_seq + 1);
}

#endif
