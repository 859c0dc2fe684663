/* SPDX-License-Identifier: GPL-2.0-only */
/* The dirty log of a slot (KVM_MEM_LOG_DIRTY_PAGES): a bit for each written page. */
#ifndef VMXDBG_MMU_DIRTY_LOG_H
#define VMXDBG_MMU_DIRTY_LOG_H

#include <linux/bitops.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "mmu/types.h"

struct kvm_clear_dirty_log;
struct kvm_dirty_log;
struct vm;

/* Flags of KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 */
#define DIRTY_LOG_MANUAL	(KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET)

/* One bit per page. Freed by RCU, after the slot lists that point to it. */
struct dirty_log {
	struct rcu_head rcu;
	unsigned long bits[];
};

/* Return: the length, in longs, of the log of a slot of @size bytes. */
static inline size_t dirty_log_words(u64 size)
{
	return BITS_TO_LONGS(size >> PAGE_SHIFT);
}

/*
 * Log a page of @slot, which has a log. The caller holds mmu_lock or the RCU read
 * lock, whichever keeps @slot in the current list.
 */
static inline void dirty_log_mark(const struct memslot *slot, u64 gpa)
{
	set_bit((gpa - slot->gpa) >> PAGE_SHIFT, slot->dirty->bits);
}

/**
 * dirty_log_get() - KVM_GET_DIRTY_LOG: hand out the log of a slot, and clear it
 *
 * With KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE the log stays as it is. Otherwise:
 * On return each earlier write is in the bits handed out, and each later write will
 * be logged.
 * Context: may sleep; takes vm->lock and mmu_lock.
 * Return: 0, -EINVAL (bad slot number), -ENOENT (no such slot, or not logged),
 * -EFAULT (the log is kept), -ENOMEM.
 */
int dirty_log_get(struct vm *vm, const struct kvm_dirty_log *arg);

/**
 * dirty_log_clear() - KVM_CLEAR_DIRTY_LOG: clear some bits of the log of a slot
 *
 * On return each later write to these pages will be logged.
 * Context: may sleep; takes vm->lock and mmu_lock.
 * Return: 0, -EINVAL (bad slot number or range), -ENOENT (no such slot, or not logged),
 * -EFAULT, -ENOMEM.
 */
int dirty_log_clear(struct vm *vm, const struct kvm_clear_dirty_log *arg);

/*
 * KVM_ENABLE_CAP of KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2. Takes vm->lock.
 * Return: 0, or -EINVAL for unknown flags, or KVM_DIRTY_LOG_INITIALLY_SET alone.
 */
int dirty_log_manual(struct vm *vm, u64 flags);

#endif
