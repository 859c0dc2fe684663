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

/* Hears of changes in guest memory, with no lock held. Any context. */
struct mmu_listener {
	void (*written)(struct vm *vm, u64 gfn);	/* a page that hook_guard() guards */
	void (*slots_changed)(struct vm *vm);
};

/*
 * The two views of guest memory (Documentation/design.rst), and what a vCPU may
 * use in their place for one instruction (step_view.h).
 */
enum ept_view_id { VIEW_PLAIN, VIEW_HOOKED, VIEW_COUNT, VIEW_STEP = VIEW_COUNT, VIEW_NONE };

#define EPT_LEAF_LEVELS	3	/* 4 KiB, 2 MiB, 1 GiB */

struct ept_view {
	u64 *root;		/* NULL until first used */
	u64 eptp;
};

/* Tables that one mapping may need, allocated before mmu_lock is taken. */
struct ept_cache {
	u64 *table[EPT_LEVELS - 1];
	unsigned int nr;
};

#define VCPU_PAGE_REFS	4	/* direct-mapped */

/* A page that was looked for, while vm->page_refs_seq says that nothing has moved. */
struct page_ref {
	u64 page;		/* guest-physical */
	u64 *entry;		/* of EPT, whatever it says now; NULL: nothing is known */
	u64 within;		/* bits of an address that are in the leaf's page */
	u64 leaf;		/* what the entry of a leaf has set there */
	struct hook *hook;	/* of the page, or NULL */
	bool hooked;		/* the entry is the hooked view's: it may be of a copy */
	unsigned long seq;
};

#define STEP_TABLES	64	/* at most; as many as an instruction could need */
#define STEP_OPEN	24	/* pages that one may touch */

/* A page that permits what the instruction at hand was found to do. */
struct step_open {
	u64 gpa;
	u64 *entry;
	u64 was;		/* as the hooked view has it */
};

/*
 * The hooked view's tables, but for those on the way to pages that are open: of
 * these there are copies. Its vCPU alone uses it: what is opened here is open to
 * nobody else, and all that is not faults as in the hooked view.
 */
struct step_view {
	u64 *root;
	u64 eptp;
	bool valid;		/* nothing has gone from the hooked view since */
	bool over;		/* the instruction is: what is open is not for the next */
	bool invept;		/* before it is used again */
	unsigned int nr_open, nr_tables, used;
	struct step_open open[STEP_OPEN];
	u64 *table[STEP_TABLES];
};

#endif
