// SPDX-License-Identifier: GPL-2.0-only
/* Sites: where tracked breakpoints and watches are armed in guest-physical memory. */
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "debug/track_range.h"
#include "debug/track_site.h"
#include "debug/types.h"
#include "lib/watch_tree.h"
#include "mmu/hook.h"
#include "mmu/request.h"
#include "mmu/watch.h"
#include "vm.h"

/* A breakpoint, or the part of a watch, that one page table entry maps. */
struct site {
	union {
		struct soft_break sb;
		struct watch_piece piece;
	};
	struct tracked *tb;
	bool watches;		/* uses @piece */
	bool armed;		/* false if there is no memory */
	struct hlist_node of_entry, of_tracked;
	struct rcu_head rcu;
};

static int site_arm_break(struct vm *vm, struct site *site, struct tracked *tb, u64 gpa)
{
	int r;

	INIT_HLIST_NODE(&site->sb.link);
	site->sb.gva = tb->gva;
	site->sb.obj = tb->obj;
	r = hook_insert(vm, &site->sb, gpa);
	site->armed = !r;
	return r == -ENXIO ? 0 : r;
}

/* Arm [@first, @last], which is mapped to @gpa, with or without memory there. */
static void site_arm_watch(struct vm *vm, struct site *site, struct tracked *tb, u64 first,
			   u64 last, u64 gpa)
{
	site->watches = true;
	if ((gpa + (last - first)) & ~TRACK_VA_MASK)
		return;
	site->piece.first = gpa;
	site->piece.last = gpa + (last - first);
	site->piece.gva = tb->gva + (first - tracked_first(tb));
	site->piece.watch = tb->watch;
	watch_put(vm, &site->piece);
	vm->track.flush = true;
	site->armed = true;
}

int site_arm(struct vm *vm, struct hlist_head *sites, struct tracked *tb, u64 base, u64 end,
	     u64 gpa)
{
	u64 first = max(tracked_first(tb), base), last = min(tracked_last(tb), end);
	struct site *site = kzalloc(sizeof(*site), GFP_KERNEL_ACCOUNT);
	int r = 0;

	if (!site)
		return -ENOMEM;
	gpa += first - base;
	if (tb->watch)
		site_arm_watch(vm, site, tb, first, last, gpa);
	else
		r = site_arm_break(vm, site, tb, gpa);
	if (r) {
		kfree(site);
		return r;
	}
	site->tb = tb;
	WRITE_ONCE(tb->nr_armed, tb->nr_armed + site->armed);
	hlist_add_head(&site->of_entry, sites);
	hlist_add_head(&site->of_tracked, &tb->sites);
	return 0;
}

static void site_disarm(struct vm *vm, struct site *site)
{
	if (site->armed && site->watches) {
		watch_take(vm, &site->piece);
		vm->track.flush = true;
	} else if (site->armed) {
		hook_remove(vm, &site->sb);
	}
	WRITE_ONCE(site->tb->nr_armed, site->tb->nr_armed - site->armed);
	hlist_del(&site->of_entry);
	hlist_del(&site->of_tracked);
	kfree_rcu(site, rcu);
}

void site_disarm_entry(struct vm *vm, struct hlist_head *sites)
{
	struct hlist_node *next;
	struct site *site;

	hlist_for_each_entry_safe(site, next, sites, of_entry)
		site_disarm(vm, site);
}

void site_disarm_tracked(struct vm *vm, struct tracked *tb)
{
	struct hlist_node *next;
	struct site *site;

	hlist_for_each_entry_safe(site, next, &tb->sites, of_tracked)
		site_disarm(vm, site);
}

bool site_all_armed(const struct hlist_head *sites)
{
	struct site *site;

	hlist_for_each_entry(site, sites, of_entry)
		if (!site->armed)
			return false;
	return true;
}

void track_unlock(struct vm *vm)
{
	struct track *t = &vm->track;

	if (t->flush)
		vm_flush_tlb(vm);
	t->flush = false;
	mutex_unlock(&t->lock);
}
