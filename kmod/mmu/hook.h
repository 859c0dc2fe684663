/* SPDX-License-Identifier: GPL-2.0-only */
/* Hooked pages: int3 in a copy that only the hooked view executes from. */
#ifndef VMXDBG_MMU_HOOK_H
#define VMXDBG_MMU_HOOK_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct dbg_object;
struct vcpu;
struct vm;

#define INT3		0xcc
#define HOOK_LINE	64	/* bytes of a page that share a list */
#define HOOK_LINES	(PAGE_SIZE / HOOK_LINE)

/*
 * A page that the hooked view shows in its own way: with breakpoints it has a
 * copy of its own, and with either it cannot be written there without an exit.
 * vm->mmu_lock; vCPUs look for breaks under RCU.
 */
struct hook {
	u64 gfn;
	void *copy;			/* page that is executed; NULL without breaks */
	struct page *page;		/* copied from; valid while the view has it */
	bool settled;			/* the copy may be executed: see hook_insert() */
	struct list_head open;		/* of vm->open_hooks, or empty: see hook_copy.c */
	unsigned int breaks, guards;	/* one of them is not 0 */
	struct hlist_head line[HOOK_LINES];	/* of struct soft_break */
	u64 int3[HOOK_LINES];		/* bit n: byte n of the line has a break */
	struct rcu_head rcu;
};

/* Where struct hook has the breakpoints of @gpa, and their bits in @int3. */
static inline unsigned int hook_line(u64 gpa)
{
	return offset_in_page(gpa) / HOOK_LINE;
}

static inline u64 hook_bit(u64 gpa)
{
	return BIT_ULL(gpa % HOOK_LINE);
}

/* One breakpoint on a hooked page. Fixed while it is in a hook's list. */
struct soft_break {
	struct hlist_node link;		/* unhashed: not hooked (yet) */
	u64 gpa;
	u64 gva;			/* a hit elsewhere is none, unless... */
	bool physical;			/* ...any address will do */
	struct dbg_object *obj;
};

/**
 * hook_insert() - arm a breakpoint in guest-physical memory
 * @sb: filled in but for @link and @gpa; the caller owns it until hook_remove()
 * May sleep; session->mutex. When it returns, no vCPU executes the old byte.
 * Return: 0, -ENXIO when @gpa is no memory, -ENOMEM.
 */
int hook_insert(struct vm *vm, struct soft_break *sb, u64 gpa);

/* No vCPU is stopped by it any more; @sb may be freed by RCU. */
void hook_remove(struct vm *vm, struct soft_break *sb);

/**
 * hook_guard() - have writes of the guest to a page noticed
 * May sleep. Each write to the page is one instruction on the plain view after
 * this, and ends with hook_refresh(). Return: 0, -ENXIO, -ENOMEM.
 */
int hook_guard(struct vm *vm, u64 gfn);

void hook_unguard(struct vm *vm, u64 gfn);	/* as often as hook_guard() */

/*
 * What is found under RCU after this was asked holds, and is not freed, as long as
 * the same is the answer.
 */
unsigned long hooks_seq(struct vm *vm);

/* Bytes of guest memory have changed: copies follow, and the next write is seen. */
void hook_refresh(struct vm *vm, u64 gpa, size_t len);
/* The vCPU's instruction writes the page: hook_refresh() follows at its end. */
void hook_note_written(struct vcpu *vcpu, u64 gpa);

#endif
