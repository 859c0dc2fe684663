/* SPDX-License-Identifier: GPL-2.0-only */
/* Which guest-physical memory is where in the VMM's address space. */
#ifndef VMXDBG_MMU_MEMSLOT_H
#define VMXDBG_MMU_MEMSLOT_H

#include <linux/types.h>

struct kvm_userspace_memory_region;
struct memslot;
struct vm;

int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *r);
void memslots_free(struct vm *vm);
u64 memslots_bytes(struct vm *vm);

/**
 * memslot_find() - where guest-physical memory is in the VMM
 * @slot: a copy of the slot that holds @gpa
 * Takes RCU by itself. Return: whether there is one.
 */
bool memslot_find(struct vm *vm, u64 gpa, struct memslot *slot);

bool memslot_is_at(struct vm *vm, u64 gpa);	/* is there one? */
bool memslots_within(struct vm *vm, u64 first, u64 last);	/* any of this? */
/* address in the VMM, for reading: NULL where there is no slot */
void __user *memslot_user(struct vm *vm, u64 gpa);
/* the same by its number; vm->lock held */
bool memslot_by_id(struct vm *vm, u32 id, struct memslot *slot);
/*
 * a byte of the page at @gpa has been written, not by the guest itself: to be
 * called after the write, or a log that is turned on meanwhile misses it
 */
void memslot_mark_dirty(struct vm *vm, u64 gpa);

#endif
