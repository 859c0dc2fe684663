// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints by EPT come and go. A watch is as many pieces as its pages are
 * apart in guest-physical memory; ept.c asks the tree of them what the hooked
 * view may permit, so a page costs nothing but what its leaf says.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "hook.h"
#include "session.h"
#include "step_view.h"
#include "vcpu.h"
#include "watch.h"

#define CHUNK	SZ_1G	/* of the tables, in one section of mmu_lock */

/* ---- pieces ---- */

static void free_pieces(struct list_head *pieces)
{
	struct watch_piece *piece, *next;

	list_for_each_entry_safe(piece, next, pieces, link)
		kfree(piece);
	INIT_LIST_HEAD(pieces);
}

/* @len bytes more, which may go on where the last piece ends. */
static int add_bytes(struct watch *watch, struct list_head *pieces, u64 gva, u64 gpa,
		     u64 len)
{
	struct watch_piece *last;

	last = list_empty(pieces) ? NULL : list_last_entry(pieces, struct watch_piece, link);
	if (last && last->last + 1 == gpa) {
		last->last += len;
		return 0;
	}
	last = kzalloc(sizeof(*last), GFP_KERNEL_ACCOUNT);
	if (!last)
		return -ENOMEM;
	last->first = gpa;
	last->last = gpa + len - 1;
	last->gva = gva;
	last->watch = watch;
	list_add_tail(&last->link, pieces);
	return 0;
}

/* Page by page of the guest's, whatever their size. */
static int find_linear(struct watch *watch, struct list_head *pieces, struct vcpu *vcpu)
{
	u64 gva = watch->addr, left = watch->len, gpa, len;
	struct vmxdbg_translate t;
	int r = 0;

	for (; left && !r; gva += len, left -= len) {
		if (vcpu_translate(vcpu, gva, &gpa, &t))
			return -ENXIO;
		/* No paging, no page. */
		len = t.page_size ? t.page_size - (gva & (t.page_size - 1)) : left;
		len = min(len, left);
		r = add_bytes(watch, pieces, gva, gpa, len);
		if (fatal_signal_pending(current))
			r = -EINTR;
		cond_resched();
	}
	return r;
}

static int find_pieces(struct watch *watch, struct list_head *pieces, struct vcpu *vcpu)
{
	int r;

	if (watch->physical)
		return add_bytes(watch, pieces, watch->addr, watch->addr, watch->len);
	r = find_linear(watch, pieces, vcpu);
	if (r)
		free_pieces(pieces);
	return r;
}

/* ---- the view ---- */

/* The next access finds what the view may permit now; large pages come back. */
static void renew_piece(struct vm *vm, const struct watch_piece *piece)
{
	u64 first = round_down(piece->first, PAGE_SIZE), end = piece->last + 1, at;

	for (at = first; at < end; at = round_down(at, CHUNK) + CHUNK) {
		spin_lock(&vm->mmu_lock);
		ept_zap_hooked(vm, at, min(end, round_down(at, CHUNK) + CHUNK));
		spin_unlock(&vm->mmu_lock);
		cond_resched();
	}
}

static void collapse_around(struct vm *vm, u64 gpa)
{
	u64 base = ept_base(gpa, 2), size = ept_level_size(2);

	spin_lock(&vm->mmu_lock);
	if (!hook_within(vm, base >> PAGE_SHIFT, EPT_ENTRIES) &&
	    !watch_splits(&vm->watches, base, base + size - 1))
		ept_zap_hooked(vm, base, base + size);
	spin_unlock(&vm->mmu_lock);
}

static void renew(struct vm *vm, struct list_head *pieces, bool gone)
{
	struct watch_piece *piece;

	list_for_each_entry(piece, pieces, link) {
		renew_piece(vm, piece);
		if (gone) {
			collapse_around(vm, piece->first);
			collapse_around(vm, piece->last);
		}
	}
	ept_flush(vm);
}

static void publish(struct vm *vm, struct list_head *pieces)
{
	struct watch_piece *piece;

	spin_lock(&vm->mmu_lock);
	list_for_each_entry(piece, pieces, link) {
		watch_tree_insert(&vm->watches, piece);
		WRITE_ONCE(vm->nr_watches, vm->nr_watches + 1);
	}
	spin_unlock(&vm->mmu_lock);
	renew(vm, pieces, false);
}

static void unpublish(struct vm *vm, struct list_head *pieces)
{
	struct watch_piece *piece;

	spin_lock(&vm->mmu_lock);
	list_for_each_entry(piece, pieces, link) {
		watch_tree_remove(&vm->watches, piece);
		WRITE_ONCE(vm->nr_watches, vm->nr_watches - 1);
	}
	spin_unlock(&vm->mmu_lock);
	renew(vm, pieces, true);
	free_pieces(pieces);
}

/* ---- what others call ---- */

int watch_prepare(struct vm *vm)
{
	int r = ept_view_prepare(vm, VIEW_HOOKED);

	return r ? r : step_views_prepare(vm);
}

int watch_insert(struct vm *vm, struct watch *watch, struct vcpu *vcpu)
{
	int r;

	INIT_LIST_HEAD(&watch->pieces);
	r = find_pieces(watch, &watch->pieces, vcpu);
	if (!r)
		publish(vm, &watch->pieces);
	return r;
}

void watch_remove(struct vm *vm, struct watch *watch)
{
	unpublish(vm, &watch->pieces);
}

int watch_retranslate(struct vm *vm, struct watch *watch, struct vcpu *vcpu)
{
	LIST_HEAD(now);
	LIST_HEAD(was);
	int r = find_pieces(watch, &now, vcpu);

	if (r)
		return r;
	list_splice_init(&watch->pieces, &was);
	list_splice(&now, &watch->pieces);
	publish(vm, &watch->pieces);
	unpublish(vm, &was);
	return 0;
}
