/* SPDX-License-Identifier: GPL-2.0-only */
/* State of guest-physical memory in struct vm and struct vcpu: types only. */
#ifndef VMXDBG_MMU_TYPES_H
#define VMXDBG_MMU_TYPES_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "lib/ept_entry.h"

struct dirty_log;
struct hook;
struct vm;

/* One piece of guest RAM. Slots of a VM are sorted by gpa and never overlap. */
struct memslot {
	u32 id;
	u32 flags;		/* KVM_MEM_READONLY, KVM_MEM_LOG_DIRTY_PAGES */
	u64 gpa, size, hva;	/* bytes */
	struct dirty_log *dirty;	/* with KVM_MEM_LOG_DIRTY_PAGES, else NULL */
};

struct memslots {
	struct rcu_head rcu;
	unsigned int nr;
	struct memslot slot[];
};

/* Callbacks for changes of guest memory. Called without a lock, from any context. */
struct mmu_listener {
	void (*written)(struct vm *vm, u64 gfn);	/* a guarded page, see hook_guard() */
	void (*slots_changed)(struct vm *vm);
};

/*
 * The two views of guest memory (Documentation/design.rst), and the step view, which
 * a vCPU may use in their place for one instruction (step_view.h).
 */
enum ept_view_id { VIEW_PLAIN, VIEW_HOOKED, VIEW_COUNT, VIEW_STEP = VIEW_COUNT, VIEW_NONE };

#define EPT_LEAF_LEVELS	3	/* 4 KiB, 2 MiB, 1 GiB */

struct ept_view {
	u64 *root;		/* NULL until first used */
	u64 eptp;
	bool ready;		/* nothing is cached for a root that was here before */
};

/* The tables that one mapping may need, allocated before mmu_lock is taken. */
struct ept_cache {
	u64 *table[EPT_LEVELS - 1];
	unsigned int nr;
};

#define VCPU_PAGE_REFS	4	/* direct-mapped */

/* The EPT entry of a page, remembered. Valid while @seq equals vm->page_refs_seq. */
struct page_ref {
	u64 page;		/* guest-physical */
	u64 *entry;		/* read again at each use; NULL: the ref is empty */
	u64 within;		/* mask of the offset in the leaf's page */
	u64 leaf;		/* EPT_LARGE, or 0: as in @entry while it is this leaf */
	struct hook *hook;	/* of the page, or NULL */
	bool hooked;		/* @entry is in the hooked view: it may map the copy */
	unsigned long seq;
};

#define STEP_TABLES	64	/* at most; enough for any instruction */
#define STEP_OPEN	24	/* pages that one instruction may access */

/* A page that permits the accesses of the current instruction. */
struct step_open {
	u64 gpa;
	u64 *entry;
	u64 was;		/* the entry as in the hooked view */
};

/*
 * The view of one vCPU. Tables are those of the hooked view, except on the way to open
 * pages, where they are copies. An open page is open to this vCPU only, and all other
 * pages fault as in the hooked view.
 */
struct step_view {
	u64 *root;
	u64 eptp;
	bool valid;		/* nothing has been zapped in the hooked view since */
	bool over;		/* the instruction has completed: close its pages */
	bool invept;		/* needed before the next use */
	unsigned long seq;	/* vm->page_refs_seq when it was made: its tables exist */
	unsigned int nr_open, nr_tables, used;
	struct step_open open[STEP_OPEN];
	u64 *table[STEP_TABLES];
};

#endif
