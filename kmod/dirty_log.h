/* SPDX-License-Identifier: GPL-2.0-only */
/* Which pages of a slot were written: KVM_MEM_LOG_DIRTY_PAGES. */
#ifndef VMXDBG_DIRTY_LOG_H
#define VMXDBG_DIRTY_LOG_H

#include <linux/rcupdate.h>
#include <linux/types.h>

struct kvm_dirty_log;
struct memslot;
struct vm;

/* A bit per page; lives as long as a list of slots that names it is read. */
struct dirty_log {
	struct rcu_head rcu;
	unsigned long bits[];
};

/* NULL: no memory */
struct dirty_log *dirty_log_alloc(u64 size);
/* none may find it any more; readers under RCU may still hold it. NULL is fine. */
void dirty_log_free(struct dirty_log *log);
/*
 * a page of @slot, which has a log, has been written or is about to be. Under
 * mmu_lock or RCU, whichever says that @slot is in a list now.
 */
void dirty_log_mark(const struct memslot *slot, u64 gpa);

/**
 * dirty_log_get() - KVM_GET_DIRTY_LOG: hand out the log of a slot and clear it
 * May sleep. When it returns, writes that the bits do not tell of are to come
 * and will be logged.
 * Return: 0, -EINVAL (no such number), -ENOENT (no slot, or not logged), -EFAULT
 * (the log is as it was), -ENOMEM.
 */
int dirty_log_get(struct vm *vm, const struct kvm_dirty_log *arg);

#endif
