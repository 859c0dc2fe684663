/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes and questions about all leaves in a range of guest-physical memory. */
#ifndef VMXDBG_MMU_EPT_RANGE_H
#define VMXDBG_MMU_EPT_RANGE_H

#include <linux/types.h>

#include "mmu/types.h"

struct vm;

/*
 * A large page that is partly in the range counts as a whole. A function that changes
 * leaves returns whether a flush is needed: call vm_flush_tlb() after mmu_lock.
 */

/* ---- a few pages: mmu_lock held ---- */

/* Zap [start, end) in both views. */
bool ept_zap(struct vm *vm, u64 start, u64 end);
/* Zap [start, end) in the hooked view only. */
bool ept_zap_hooked(struct vm *vm, u64 start, u64 end);
/* Make the next write to each page fault, and zap large pages. */
bool ept_write_protect(struct vm *vm, u64 start, u64 end);
/* Make the next write of the guest to the page at @gpa fault, in both views. */
bool ept_notice_writes(struct vm *vm, u64 gpa);
/* Zap small pages where the next fault may map a large page. */
bool ept_collapse(struct vm *vm, u64 start, u64 end);

/* Return: whether a page in [start, end) is mapped and young. */
bool ept_young(struct vm *vm, u64 start, u64 end);
/* Return: whether @view maps the page at @gpa. */
bool ept_maps(struct vm *vm, enum ept_view_id view, u64 gpa);

/*
 * ---- any number of pages: mmu_lock not held ----
 * Each takes mmu_lock for a bounded number of entries at a time, so others change leaves
 * meanwhile. Except for ept_age_long(), the caller has made sure that faults map the range
 * as it shall be from now on: by mmu_invalidating, or by a new list of slots with a new
 * mmu_seq.
 * @may_sleep: reschedule in between
 */
bool ept_zap_long(struct vm *vm, u64 start, u64 end, bool may_sleep);
bool ept_write_protect_long(struct vm *vm, u64 start, u64 end, bool may_sleep);
bool ept_collapse_long(struct vm *vm, u64 start, u64 end, bool may_sleep);

/*
 * Make the pages old: the next use of each faults. Without a flush after it, a processor
 * may use an old page by its cached entry, so the page stays mapped: a zap of it asks for
 * the flush. A fault at the same time may make its page young again. Does not sleep: the
 * host's memory management may hold spinlocks. Return: whether a page was young.
 */
bool ept_age_long(struct vm *vm, u64 start, u64 end);

#endif
