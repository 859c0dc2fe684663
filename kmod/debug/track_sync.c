// SPDX-License-Identifier: GPL-2.0-only
/* Sync: follow changes of the guest's page tables before a vCPU enters the guest. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/bitops.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/xarray.h>

#include "debug/post.h"
#include "debug/track_missing.h"
#include "debug/track_site.h"
#include "debug/track_space.h"
#include "debug/track_sync.h"
#include "debug/track_table.h"
#include "debug/track_vcpu.h"
#include "debug/types.h"
#include "lib/walk.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vm.h"
#include "vmxdbg.h"

/* Return: a table in @gfn that this visit has not checked yet, or NULL. */
static struct guest_table *track_sync_unchecked(struct track *t, unsigned long gfn)
{
	struct guest_table *tab = xa_load(&t->tables, gfn);

	while (tab && tab->op == t->op)
		tab = tab->next;
	return tab;
}

static int track_sync_page(struct track_scan *scan, unsigned long gfn, bool rescan)
{
	struct track *t = &scan->vm->track;
	struct guest_table *tab;
	int r = 0;

	t->op++;
	while (!r && (tab = track_sync_unchecked(t, gfn))) {
		tab->op = t->op;
		if (tab->is_root && !tab->users && !tab->incomplete && !rescan)
			space_drop(scan->vm, tab);
		else
			r = table_check(scan, tab, rescan);
		cond_resched();
	}
	return r;
}

/* A table that exceeds max_followed does not keep others from being checked. */
static int track_sync_written(struct track_scan *scan)
{
	struct track *t = &scan->vm->track;
	unsigned long gfn = 0;
	int r = 0, page;

	while (xa_find(&t->tables, &gfn, ULONG_MAX, TABLE_WRITTEN)) {
		xa_clear_mark(&t->tables, gfn, TABLE_WRITTEN);
		page = track_sync_page(scan, gfn, false);
		if (page && page != -ENOSPC)
			return page;
		if (page)
			r = page;
		/* After -ENOSPC the table is marked again: go on behind it. */
		gfn = r ? gfn + 1 : 0;
	}
	return r;
}

static int track_sync_all(struct track_scan *scan)
{
	struct track *t = &scan->vm->track;
	unsigned long gfn = 0;
	int r = 0, page = 0;

	if (!xchg(&t->rescan, false))
		return 0;
	/* Go on after -ENOSPC, as in track_sync_written(). */
	for (; xa_find(&t->tables, &gfn, ULONG_MAX, XA_PRESENT); gfn++) {
		page = track_sync_page(scan, gfn, true);
		if (page)
			r = page;
		if (page && page != -ENOSPC)
			break;
	}
	if (r)
		WRITE_ONCE(t->rescan, true);
	return r;
}

static void track_sync_request(struct vm *vm)
{
	struct vcpu_walk walk;
	struct vcpu *vcpu;

	vm_for_each_vcpu(vm, vcpu, walk)
		set_bit(REQ_TRACK, &vcpu->requests);
}

void track_written(struct vm *vm, u64 gfn)
{
	if (!READ_ONCE(vm->track.on) || !xa_load(&vm->track.tables, gfn))
		return;
	xa_set_mark(&vm->track.tables, gfn, TABLE_WRITTEN);
	track_sync_request(vm);
}

void track_slots_changed(struct vm *vm)
{
	if (!READ_ONCE(vm->track.on))
		return;
	WRITE_ONCE(vm->track.rescan, true);
	track_sync_request(vm);
}

static int track_sync_once(struct track_scan *scan, struct vcpu *vcpu)
{
	struct track *t = &scan->vm->track;
	struct mem_cgroup *others;
	struct walk_mode mode;
	int r;

	vcpu_walk_mode(vcpu, &mode);
	if (mutex_lock_interruptible(&t->lock))
		return -EINTR;
	others = set_active_memcg(t->payer);
	r = t->nr ? track_vcpu_attach(scan, vcpu, &mode) : 0;
	if (!r && t->nr)
		r = track_sync_all(scan);
	if (!r && t->nr)
		r = track_sync_written(scan);
	if (!r)
		WRITE_ONCE(t->lacking, false);
	set_active_memcg(others);
	track_unlock(scan->vm);
	return r;
}

/*
 * The guest maps more than max_followed, or the session's memory is used up. The VMM cannot
 * change that, so tell the session that sites are missing, and only once: each write to a
 * table tries again.
 */
static int track_sync_lacks(struct vcpu *vcpu, u32 error)
{
	const struct vmxdbg_event part = { .why = VMXDBG_WHY_ERROR, .error = error };

	if (xchg(&vcpu->vm->track.lacking, true))
		return 0;
	pr_debug_ratelimited("page tables are not followed: error %u, at most %u entries\n",
			     error, table_max_followed());
	post_event(vcpu, &part);
	return 0;
}

int track_sync(struct vcpu *vcpu)
{
	struct track_missing missing = {};
	struct track_scan scan = { .vm = vcpu->vm, .missing = &missing };
	int r;

	set_bit(REQ_ENTRY, &vcpu->requests);
	clear_bit(REQ_TRACK, &vcpu->requests);
	smp_mb__after_atomic();	/* after it, writes from before the request are visible */
	while ((r = track_sync_once(&scan, vcpu)) == -EAGAIN) {
		if (signal_pending(current)) {
			r = -EINTR;
			break;
		}
		track_missing_fault_in(vcpu->vm, &missing);
	}
	if (r == -ENOSPC)
		return track_sync_lacks(vcpu, VMXDBG_ERROR_PLACES);
	if (r == -ENOMEM)
		return track_sync_lacks(vcpu, VMXDBG_ERROR_NO_MEMORY);
	if (r)
		set_bit(REQ_TRACK, &vcpu->requests);
	return r;
}
