/* SPDX-License-Identifier: GPL-2.0-only */
/* Hooked pages: breakpoints in a copy of the page, and guards. */
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
 * A page with breakpoints or guards. With breakpoints, the hooked view maps a copy of it.
 * In any case a write to the page on the hooked view exits.
 * Locking: vm->mmu_lock; vCPUs look up breakpoints under RCU.
 */
struct hook {
	u64 gfn;
	void *copy;			/* executed in place of the page; NULL without breaks */
	struct page *page;		/* the guest's; valid while the view maps the copy */
	bool settled;			/* the copy may be executed, see settled() */
	u8 same;			/* comparisons in a row that found no difference */
	u8 guesses;			/* comparisons since the last fetch that exited */
	struct list_head open;		/* in vm->open_hooks, or empty: see hook_copy.c */
	unsigned int breaks, guards;	/* not both 0 */
	struct hlist_head line[HOOK_LINES];	/* of struct soft_break */
	u64 int3[HOOK_LINES];		/* bit n: byte n of the line has a break */
	u64 broken;			/* bit n: int3[n] is not 0 */
	struct rcu_head rcu;
};

/* Return: the index of the line of @gpa in hook->line and hook->int3. */
static inline unsigned int hook_line(u64 gpa)
{
	return offset_in_page(gpa) / HOOK_LINE;
}

/* Return: the bit of @gpa in hook->int3. */
static inline u64 hook_bit(u64 gpa)
{
	return BIT_ULL(gpa % HOOK_LINE);
}

/* Note whether the byte at @gpa has a break; mmu_lock held. */
static inline void hook_set_int3(struct hook *hook, u64 gpa, bool set)
{
	unsigned int line = hook_line(gpa);

	BUILD_BUG_ON(HOOK_LINES != 64);
	if (set)
		hook->int3[line] |= hook_bit(gpa);
	else
		hook->int3[line] &= ~hook_bit(gpa);
	if (hook->int3[line])
		hook->broken |= BIT_ULL(line);
	else
		hook->broken &= ~BIT_ULL(line);
}

/* One breakpoint on a hooked page. Constant while it is in a hook's list. */
struct soft_break {
	struct hlist_node link;		/* unhashed: not inserted */
	u64 gpa;
	u64 gva;			/* the only linear address that hits, unless... */
	bool physical;			/* ...this is set: then all of them do */
	struct dbg_object *obj;
};

/**
 * hook_insert() - arm a breakpoint in guest-physical memory
 * @sb: filled in except for @link and @gpa; not freed before hook_remove()
 *
 * On return no vCPU executes the old byte.
 * Context: may sleep; session->mutex or track.lock held.
 * Return: 0, -ENXIO without memory at @gpa, -ENOMEM.
 */
int hook_insert(struct vm *vm, struct soft_break *sb, u64 gpa);

/**
 * hook_remove() - disarm a breakpoint
 *
 * On return no vCPU executes its int3; @sb may be freed by RCU.
 * Context: may sleep.
 */
void hook_remove(struct vm *vm, struct soft_break *sb);

/**
 * hook_guard() - report the guest's writes to a page
 *
 * After each write of the guest to the page, hook_refresh() calls the VM's listener.
 * Context: may sleep.
 * Return: 0, -ENXIO without memory at @gfn, -ENOMEM.
 */
int hook_guard(struct vm *vm, u64 gfn);

/* End a guard. A page can be guarded several times. May sleep. */
void hook_unguard(struct vm *vm, u64 gfn);

/*
 * Generation of the hook table. A hook or breakpoint that a lookup under RCU found stays
 * valid, and is not freed, while the number is unchanged.
 */
unsigned long hooks_seq(struct vm *vm);

/*
 * Handle a change of guest memory: update copies, make the next write fault, call the
 * listener for guarded pages. Interrupts on, no spinlock held.
 */
void hook_refresh(struct vm *vm, u64 gpa, size_t len);

/* Remember that the vCPU's current instruction writes to the page: hook_refresh() is due. */
void hook_note_written(struct vcpu *vcpu, u64 gpa);

/*
 * The instruction is over: update the copies of the pages that hook_note_written() noted.
 * Context: preemption on or off, vmcs_get() not nested.
 */
void hook_refresh_written(struct vcpu *vcpu);

/* Update the copies of all pages, as @written had no room. Context: preemption on. */
void hook_refresh_more(struct vcpu *vcpu);

#endif
