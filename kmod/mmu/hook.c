// SPDX-License-Identifier: GPL-2.0-only
/*
 * Software breakpoints without a write to guest memory. A page with breakpoints has a
 * copy with an int3 at each of them, which the hooked view maps execute-only if the
 * processor supports it (see hook_copy.c). More breakpoints on the page change the copy
 * in place.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lib/ept_entry.h"
#include "lib/mc_read.h"
#include "mmu/ept_range.h"
#include "mmu/ept_table.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/memslot.h"
#include "mmu/pfnmap.h"
#include "mmu/page_ref.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx/vmcs_slot.h"

/* ---- insertion and removal ---- */

static void hook_free(struct hook *hook)
{
	if (!hook)
		return;
	free_page((unsigned long)hook->copy);
	kfree_rcu(hook, rcu);
}

static struct hook *hook_alloc(u64 gfn, bool copy)
{
	struct hook *hook = kzalloc(sizeof(*hook), GFP_KERNEL_ACCOUNT);

	if (!hook)
		return NULL;
	hook->gfn = gfn;
	INIT_LIST_HEAD(&hook->open);
	if (copy)
		hook->copy = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (copy && !hook->copy) {
		kfree(hook);
		return NULL;
	}
	return hook;
}

static void zap_page(struct vm *vm, u64 gfn)
{
	ept_zap(vm, gfn << PAGE_SHIFT, (gfn + 1) << PAGE_SHIFT);
}

/*
 * A hook or breakpoint was inserted or removed; mmu_lock held. Called before a removed
 * one is freed by RCU.
 */
static void changed(struct vm *vm)
{
	smp_wmb();	/* pairs with hooks_seq(): the change is seen before the new number */
	WRITE_ONCE(vm->hooks_seq, vm->hooks_seq + 1);
}

/* mmu_lock held. The entry was reserved, so xa_store() cannot fail. */
static void hook_publish(struct vm *vm, struct hook *hook)
{
	xa_store(&vm->hooks, hook->gfn, hook, GFP_ATOMIC);
	changed(vm);
	WRITE_ONCE(vm->nr_hooks, vm->nr_hooks + 1);
	page_refs_void(vm);
	zap_page(vm, hook->gfn);
}

/* The work that must follow a change, after mmu_lock was released. */
enum hook_after {
	AFTER_NOTHING,
	AFTER_KICK,	/* vCPUs leave the guest: the copy's bytes have changed */
	AFTER_FLUSH,	/* as AFTER_KICK, and flush translations */
};

/* AFTER_KICK and AFTER_FLUSH also make each vCPU choose its view again. */
static void settle(struct vm *vm, enum hook_after after)
{
	if (after == AFTER_FLUSH)
		vm_flush_tlb(vm);
	else if (after == AFTER_KICK)
		vm_request(vm, REQ_ENTRY);
}

/*
 * mmu_lock held. @fresh: a new hook with a copy, or NULL; set to NULL if used.
 * Return: enum hook_after, or -EAGAIN if a hook or copy is needed and there is none.
 */
static int link_break(struct vm *vm, struct soft_break *sb, struct hook **fresh)
{
	u64 gfn = sb->gpa >> PAGE_SHIFT;
	struct hook *hook = xa_load(&vm->hooks, gfn);
	int after = AFTER_KICK;

	if ((!hook || !hook->copy) && !*fresh)
		return -EAGAIN;
	if (!hook) {
		hook = *fresh;
		*fresh = NULL;
		hook_publish(vm, hook);
	} else if (!hook->copy) {
		swap(hook->copy, (*fresh)->copy);
		zap_page(vm, gfn);
	}
	/* The thread that published the copy may not have flushed yet. */
	if (!hook->settled)
		after = AFTER_FLUSH;
	hook->breaks++;
	WRITE_ONCE(vm->nr_breaks, vm->nr_breaks + 1);
	hlist_add_head_rcu(&sb->link, &hook->line[hook_line(sb->gpa)]);
	changed(vm);
	hook_set_int3(hook, sb->gpa, true);
	WRITE_ONCE(((u8 *)hook->copy)[offset_in_page(sb->gpa)], INT3);
	return after;
}

static int try_link(struct vm *vm, struct soft_break *sb, struct hook **fresh)
{
	int after;

	spin_lock(&vm->mmu_lock);
	after = link_break(vm, sb, fresh);
	spin_unlock(&vm->mmu_lock);
	return after;
}

/* Allocate a hook and its entry, so that it can be stored under the lock. */
static int reserve(struct vm *vm, u64 gfn, bool copy, struct hook **fresh)
{
	int r = ept_view_prepare(vm, VIEW_HOOKED);

	if (r)
		return r;
	*fresh = hook_alloc(gfn, copy);
	if (!*fresh)
		return -ENOMEM;
	r = xa_reserve(&vm->hooks, gfn, GFP_KERNEL_ACCOUNT);
	if (r) {
		hook_free(*fresh);
		*fresh = NULL;
	}
	return r;
}

/*
 * The copy of a page with its first breakpoint may be executed from now on. Before the
 * flush, a vCPU might have written to the page without an exit, or run with int3 not
 * intercepted.
 */
static void settled(struct vm *vm, u64 gfn)
{
	spin_lock(&vm->mmu_lock);
	hook_find(vm, gfn)->settled = true;
	spin_unlock(&vm->mmu_lock);
}

int hook_insert(struct vm *vm, struct soft_break *sb, u64 gpa)
{
	struct hook *fresh = NULL;
	int r;

	if (!memslot_is_at(vm, gpa))
		return -ENXIO;
	sb->gpa = gpa;
	r = try_link(vm, sb, &fresh);
	if (r == -EAGAIN) {
		if (pfnmap_is_foreign(vm, (unsigned long)memslot_user(vm, gpa)))
			return -ENXIO;
		r = reserve(vm, gpa >> PAGE_SHIFT, true, &fresh);
		if (r)
			return r;
		r = try_link(vm, sb, &fresh);
		hook_free(fresh);
	}
	settle(vm, r);
	if (r == AFTER_FLUSH)
		settled(vm, gpa >> PAGE_SHIFT);
	return 0;
}

/* Return: whether no breakpoint is left at the byte. mmu_lock held. */
static bool last_at(const struct hook *hook, u64 gpa)
{
	struct soft_break *sb;

	hlist_for_each_entry(sb, &hook->line[hook_line(gpa)], link)
		if (sb->gpa == gpa)
			return false;
	return true;
}

static void restore_byte(struct hook *hook, u64 gpa)
{
	unsigned int at = offset_in_page(gpa);
	u8 *page = kmap_local_page(hook->page);

	WRITE_ONCE(((u8 *)hook->copy)[at], mc_read_byte(&page[at]));
	kunmap_local(page);
}

/* mmu_lock held. The hook has neither breaks nor guards. */
static void unpublish(struct vm *vm, struct hook *hook)
{
	u64 gpa = hook->gfn << PAGE_SHIFT;

	hook_shut(hook);
	xa_erase(&vm->hooks, hook->gfn);
	changed(vm);
	WRITE_ONCE(vm->nr_hooks, vm->nr_hooks - 1);
	page_refs_void(vm);
	zap_page(vm, hook->gfn);
	/* Without another hook in it, the large page can be mapped again. */
	if (!hook_within(vm, round_down(hook->gfn, EPT_ENTRIES), EPT_ENTRIES))
		ept_collapse(vm, gpa, gpa + PAGE_SIZE);
}

/* mmu_lock held. @dead, @copy: set to what must be freed after the flush. */
static enum hook_after unlink_break(struct vm *vm, struct soft_break *sb,
				    struct hook **dead, void **copy)
{
	struct hook *hook = xa_load(&vm->hooks, sb->gpa >> PAGE_SHIFT);

	hlist_del_init_rcu(&sb->link);
	changed(vm);
	hook->breaks--;
	if (last_at(hook, sb->gpa)) {
		hook_set_int3(hook, sb->gpa, false);
		if (hook_open(vm, hook))
			restore_byte(hook, sb->gpa);
	}
	if (hook->breaks)
		return AFTER_KICK;
	if (hook->guards) {
		hook_shut(hook);
		hook->settled = false;
		swap(hook->copy, *copy);
		zap_page(vm, hook->gfn);
	} else {
		unpublish(vm, hook);
		*dead = hook;
	}
	return AFTER_FLUSH;
}

/* No vCPU executes this int3 any more. After the last one, int3 needs no exit. */
static void break_gone(struct vm *vm)
{
	unsigned int left;

	spin_lock(&vm->mmu_lock);
	left = vm->nr_breaks - 1;
	WRITE_ONCE(vm->nr_breaks, left);
	spin_unlock(&vm->mmu_lock);
	if (!left)
		vm_request(vm, REQ_ENTRY);
}

void hook_remove(struct vm *vm, struct soft_break *sb)
{
	struct hook *dead = NULL;
	enum hook_after after;
	void *copy = NULL;

	spin_lock(&vm->mmu_lock);
	after = unlink_break(vm, sb, &dead, &copy);
	spin_unlock(&vm->mmu_lock);
	/* No vCPU executes the copy after this. */
	settle(vm, after);
	break_gone(vm);
	free_page((unsigned long)copy);
	hook_free(dead);
}

/* ---- guards ---- */

int hook_guard(struct vm *vm, u64 gfn)
{
	struct hook *hook, *fresh = NULL;
	int r;

	if (!memslot_is_at(vm, gfn << PAGE_SHIFT))
		return -ENXIO;
	r = reserve(vm, gfn, false, &fresh);
	if (r)
		return r;
	spin_lock(&vm->mmu_lock);
	hook = xa_load(&vm->hooks, gfn);
	if (!hook) {
		hook = fresh;
		fresh = NULL;
		hook_publish(vm, hook);
	}
	hook->guards++;
	spin_unlock(&vm->mmu_lock);
	if (!fresh)
		vm_flush_tlb(vm);
	hook_free(fresh);
	return 0;
}

void hook_unguard(struct vm *vm, u64 gfn)
{
	struct hook *hook;

	spin_lock(&vm->mmu_lock);
	hook = xa_load(&vm->hooks, gfn);
	if (--hook->guards || hook->breaks)
		hook = NULL;
	else
		unpublish(vm, hook);
	spin_unlock(&vm->mmu_lock);
	if (hook)
		vm_flush_tlb(vm);
	hook_free(hook);
}

/* ---- lookups ---- */

unsigned long hooks_seq(struct vm *vm)
{
	unsigned long seq = READ_ONCE(vm->hooks_seq);

	smp_rmb();	/* pairs with changed(): lookups see at least this generation */
	return seq;
}

/* ---- writes to hooked pages ---- */

/* @again: set if another call is needed. Return: whether one of the pages is guarded. */
static bool refresh(struct vm *vm, u64 gfn, u64 last, bool *again)
{
	bool flush = false, guarded = false;
	struct hook *hook;

	spin_lock(&vm->mmu_lock);
	for (; gfn <= last; gfn++) {
		hook = hook_find(vm, gfn);
		if (!hook)
			continue;
		if (hook_open(vm, hook))
			hook_sync(hook);
		guarded |= hook->guards;
		flush |= ept_notice_writes(vm, gfn << PAGE_SHIFT);
	}
	spin_unlock(&vm->mmu_lock);
	if (flush)
		vm_flush_tlb(vm);
	*again = flush;
	return guarded;
}

void hook_refresh(struct vm *vm, u64 gpa, size_t len)
{
	u64 gfn = gpa >> PAGE_SHIFT, last = (gpa + len - 1) >> PAGE_SHIFT;

	bool again, guarded = refresh(vm, gfn, last, &again);

	/* Before the flush, another vCPU may have written unnoticed. */
	if (again)
		refresh(vm, gfn, last, &again);
	if (!guarded)
		return;
	for (; gfn <= last; gfn++)
		vm->listener->written(vm, gfn);
}

void hook_note_written(struct vcpu *vcpu, u64 gpa)
{
	unsigned int i;

	for (i = 0; i < vcpu->nr_written; i++)
		if (vcpu->written[i] == gpa >> PAGE_SHIFT)
			return;
	if (vcpu->nr_written == VCPU_WRITTEN)
		vcpu->written_more = true;
	else
		vcpu->written[vcpu->nr_written++] = gpa >> PAGE_SHIFT;
}

static bool next_hook(struct vm *vm, unsigned long *gfn)
{
	bool found;

	spin_lock(&vm->mmu_lock);
	found = xa_find(&vm->hooks, gfn, ULONG_MAX, XA_PRESENT);
	spin_unlock(&vm->mmu_lock);
	return found;
}

static void refresh_all(struct vm *vm)
{
	unsigned long gfn = 0;

	for (; next_hook(vm, &gfn); gfn++) {
		hook_refresh(vm, (u64)gfn << PAGE_SHIFT, 1);
		cond_resched();
	}
}

/* Other CPUs must not be waited for while interrupts are off for KVM's sake. */
void hook_refresh_written(struct vcpu *vcpu)
{
	bool lent = irqs_disabled();

	if (lent)
		vmcs_lend();
	while (vcpu->nr_written)
		hook_refresh(vcpu->vm, vcpu->written[--vcpu->nr_written] << PAGE_SHIFT, 1);
	if (lent)
		vmcs_take_back(&vcpu->vmcs);
}

void hook_refresh_more(struct vcpu *vcpu)
{
	vcpu->written_more = false;
	refresh_all(vcpu->vm);
}
