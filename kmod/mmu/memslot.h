/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory slots: the map from guest-physical memory to the VMM's address space. */
#ifndef VMXDBG_MMU_MEMSLOT_H
#define VMXDBG_MMU_MEMSLOT_H

#include <linux/types.h>

struct kvm_userspace_memory_region;
struct memslot;
struct vm;
struct vmxdbg_slot;

/**
 * memslot_set() - KVM_SET_USER_MEMORY_REGION
 *
 * When a slot was deleted or moved, neither guest nor module accesses its memory by the
 * old slot any more on return.
 * Context: may sleep; takes vm->lock and mmu_lock.
 * Return: 0, -EINVAL, -EEXIST if the slot overlaps another, -ENOMEM.
 */
int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *r);

/* Free the slots of a VM that has no user any more. */
void memslots_free(struct vm *vm);

/**
 * memslot_find() - find the slot that holds @gpa
 * @slot: filled with a copy of the slot
 * Takes RCU itself; an access by @slot to the memory is in the same RCU section, as in
 * gpa.c, or checks vm->mmu_seq. Return: whether there is such a slot.
 */
bool memslot_find(struct vm *vm, u64 gpa, struct memslot *slot);

/* Find a slot by its number; vm->lock held. Return: whether there is such a slot. */
bool memslot_by_id(struct vm *vm, u32 id, struct memslot *slot);

/*
 * Return: the address of @gpa in the VMM, for reading, or NULL without a slot. Without
 * the RCU read lock, or preemption off, the slot may go at any time.
 */
void __user *memslot_user(struct vm *vm, u64 gpa);

/* Return: whether a slot holds @gpa. */
bool memslot_is_at(struct vm *vm, u64 gpa);

/* Return: whether a slot holds any byte from @first to @last. */
bool memslots_within(struct vm *vm, u64 first, u64 last);

/* Return: the size of all slots in bytes. */
u64 memslots_bytes(struct vm *vm);

/**
 * memslots_copy() - describe the slots of this moment, by ascending gpa
 * @to: array of @room entries, all zero; NULL if @room is 0
 * Context: does not sleep.
 * Return: the number of slots, which may be more than @room.
 */
u32 memslots_copy(struct vm *vm, struct vmxdbg_slot *to, u32 room);

/*
 * Log the page at @gpa after the module has written to it. Called before the write,
 * this function would miss a log that is turned on in between.
 */
void memslot_mark_dirty(struct vm *vm, u64 gpa);

#endif
