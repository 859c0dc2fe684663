/* SPDX-License-Identifier: GPL-2.0-only */
/* Hooked pages: int3 in a copy that only the hooked view executes from. */
#ifndef VMXDBG_HOOK_H
#define VMXDBG_HOOK_H

#include <linux/list.h>
#include <linux/types.h>

struct vcpu;
struct vm;

/* A page with breakpoints; lives while it has any. vm->mmu_lock. */
struct hook {
	u64 gfn;
	void *copy;			/* page: what the hooked view executes */
	struct page *page;		/* copied from; valid while the view has it */
	struct list_head breaks;	/* of struct soft_break */
};

/* One breakpoint on a hooked page. Fixed while it is in a hook's list. */
struct soft_break {
	struct list_head link;		/* empty: not hooked (yet) */
	u64 gpa;
	u64 gva;			/* a hit elsewhere is none, unless... */
	bool physical;			/* ...any address will do */
	bool any_cr3;
	u64 cr3;			/* PCID bits clear */
	u64 vcpu_mask;			/* never 0 */
	u32 id;				/* for the event */
};

/**
 * hook_insert() - arm a breakpoint in guest-physical memory
 * @sb: filled in but for @link and @gpa; the caller owns it until hook_remove()
 * May sleep; session->mutex. When it returns, no vCPU executes the old page.
 * Return: 0, -ENXIO when @gpa is no memory, -EOPNOTSUPP when the CPU has no
 * execute-only EPT, -ENOMEM.
 */
int hook_insert(struct vm *vm, struct soft_break *sb, u64 gpa);
void hook_remove(struct vm *vm, struct soft_break *sb);

/**
 * hook_hits() - whose is the int3 at @gpa, executed at @gva?
 * @ids: up to @max ids of those that want this hit
 * @nr: how many
 * Return: false when no breakpoint is at @gpa at all.
 */
bool hook_hits(struct vcpu *vcpu, u64 gpa, u64 gva, u32 *ids, unsigned int max,
	       unsigned int *nr);

/* ept.c, mmu_lock held: the hook of a page, or NULL */
struct hook *hook_find(struct vm *vm, u64 gfn);
/* the same: is any of @nr pages hooked? */
bool hook_within(struct vm *vm, u64 gfn, u64 nr);
/* mmu_lock held: @copy becomes @page with the int3s put in */
void hook_fill(struct hook *hook, struct page *page);
/*
 * The VMM may have stored into hooked pages by itself, as for its disk's DMA:
 * copies that are not those of their pages any more are made anew. For KVM_RUN.
 */
void hook_check(struct vm *vm);
/* the bytes of a page have changed: copies are made anew at the next fetch */
void hook_refresh(struct vm *vm, u64 gpa, size_t len);

#endif
