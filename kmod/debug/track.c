// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints and watches by linear address are armed at each guest-physical address
 * (site) where the guest maps them. For each known address space, the module keeps the
 * entries on the way to their pages (struct pt_entry). The tables are guarded
 * (hook_guard()), so the module notices each write and follows the changed entries.
 * Address spaces share tables, as in the guest: a new one costs the entries of its top
 * table and of the tables that only it has.
 *
 * Arming one location too many is harmless: a hit counts only at the right linear
 * address and in the right address space. So every range is tracked in every known
 * space, and a space that died may be dropped later.
 */
#include <linux/list.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched/mm.h>
#include <linux/xarray.h>

#include "debug/track.h"
#include "debug/track_range.h"
#include "debug/track_site.h"
#include "debug/track_space.h"
#include "debug/track_sync.h"
#include "debug/track_table.h"
#include "debug/track_vcpu.h"
#include "debug/types.h"
#include "lib/paging.h"
#include "lib/walk.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vm.h"

static void track_forget(struct vm *vm, struct tracked *tb)
{
	u64 page = tracked_first(tb) & PAGE_MASK;
	struct track *t = &vm->track;
	struct guest_table *root, *n;

	site_disarm_tracked(vm, tb);
	space_release(vm, tb);
	track_range_remove(t, tb);
	t->nr--;
	if (tb->any && !--t->nr_any) {
		WRITE_ONCE(t->follow_cr3, false);
		track_vcpu_release_all(vm);
	}
	if (!t->nr) {
		WRITE_ONCE(t->on, false);
		t->kinds = 0;
		list_for_each_entry_safe(root, n, &t->roots, link)
			space_drop(vm, root);
	} else if (tb->len > 1 || !track_range_first(t, page, page + PAGE_SIZE - 1)) {
		t->op++;
		list_for_each_entry(root, &t->roots, link)
			table_prune(vm, root, tb);
	}
}

/* Arm @tb, which is in the tree and counted, but in no table yet. */
static int track_follow(struct track_scan *scan, const struct walk_mode *mode, struct tracked *tb)
{
	struct track *t = &scan->vm->track;
	struct guest_table *root;
	int r;

	/* Existing tables first: a table created after this includes @tb at once. */
	t->op++;
	list_for_each_entry(root, &t->roots, link) {
		r = table_add_tracked(scan, root, tb);
		if (r)
			return r;
	}
	r = space_add_mode(scan, paging_of(mode));
	if (!r)
		r = space_hold(scan, tb);
	if (!r && tb->any)
		r = space_get(scan, paging_of(mode), mode->cr3, &root);
	return r;
}

int track_try_add(struct vm *vm, const struct walk_mode *mode, struct tracked *tb,
		  struct track_missing *missing)
{
	struct track_scan scan = { .vm = vm, .missing = missing };
	struct track *t = &vm->track;
	struct mem_cgroup *others;
	bool first;
	int r;

	if (mutex_lock_killable(&t->lock))
		return -EINTR;
	others = set_active_memcg(t->payer);
	track_range_insert(t, tb);
	first = !t->nr++ || (tb->any && !t->nr_any);
	t->nr_any += tb->any;
	WRITE_ONCE(t->on, true);
	WRITE_ONCE(t->follow_cr3, t->nr_any);
	WRITE_ONCE(t->lacking, false);
	r = track_follow(&scan, mode, tb);
	if (r)
		track_forget(vm, tb);
	set_active_memcg(others);
	track_unlock(vm);
	/* The other vCPUs attach their address spaces, and their CR3 loads exit from now on. */
	if (!r && first)
		vm_request(vm, REQ_TRACK);
	return r;
}

void track_del(struct vm *vm, struct tracked *tb)
{
	bool on;

	mutex_lock(&vm->track.lock);
	track_forget(vm, tb);
	on = vm->track.follow_cr3;
	track_unlock(vm);
	if (tb->any && !on)
		vm_request(vm, REQ_ENTRY);
}

static void track_set_payer(struct vm *vm, struct mem_cgroup *payer)
{
	mutex_lock(&vm->track.lock);
	swap(vm->track.payer, payer);
	mutex_unlock(&vm->track.lock);
	mem_cgroup_put(payer);
}

void track_begin(struct vm *vm)
{
	track_set_payer(vm, get_mem_cgroup_from_mm(current->mm));
}

void track_end(struct vm *vm)
{
	track_set_payer(vm, NULL);
}

static const struct mmu_listener track_listener = {
	.written = track_written,
	.slots_changed = track_slots_changed,
};

void track_init(struct vm *vm)
{
	struct track *t = &vm->track;

	vm->listener = &track_listener;
	mutex_init(&t->lock);
	t->ranges = RB_ROOT_CACHED;
	xa_init(&t->tables);
	INIT_LIST_HEAD(&t->roots);
}
