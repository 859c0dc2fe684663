/* SPDX-License-Identifier: GPL-2.0-only */
/* Which pages of a slot were written: KVM_MEM_LOG_DIRTY_PAGES. */
#ifndef VMXDBG_MMU_DIRTY_LOG_H
#define VMXDBG_MMU_DIRTY_LOG_H

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "mmu/types.h"

struct kvm_dirty_log;
struct vm;

/* A bit per page; lives as long as a list of slots that names it is read. */
struct dirty_log {
	struct rcu_head rcu;
	unsigned long bits[];
};

/* Longs of the log of a slot of @size bytes. */
static inline size_t dirty_log_words(u64 size)
{
	return BITS_TO_LONGS(size >> PAGE_SHIFT);
}

/*
 * A page of @slot, which has a log, has been written or is about to be. Under
 * mmu_lock or RCU, whichever says that @slot is in a list now.
 */
static inline void dirty_log_mark(const struct memslot *slot, u64 gpa)
{
	set_bit((gpa - slot->gpa) >> PAGE_SHIFT, slot->dirty->bits);
}

/**
 * dirty_log_get() - KVM_GET_DIRTY_LOG: hand out the log of a slot and clear it
 * May sleep. When it returns, writes that the bits do not tell of are to come
 * and will be logged.
 * Return: 0, -EINVAL (no such number), -ENOENT (no slot, or not logged), -EFAULT
 * (the log is as it was), -ENOMEM.
 */
int dirty_log_get(struct vm *vm, const struct kvm_dirty_log *arg);

#endif
