// SPDX-License-Identifier: GPL-2.0-only
/* Page tables of the guest that are followed, and what their entries lead to. */
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

#include "debug/track_missing.h"
#include "debug/track_range.h"
#include "debug/track_site.h"
#include "debug/track_table.h"
#include "debug/types.h"
#include "lib/paging.h"
#include "mmu/gpa.h"
#include "mmu/hook.h"
#include "mmu/memslot.h"
#include "vm.h"

/* An entry with its site takes 200 bytes, charged to the thread that adds it. */
static unsigned int max_followed = 1 << 20;
module_param(max_followed, uint, 0644);
MODULE_PARM_DESC(max_followed,
		 "page table entries of a guest that are followed for breakpoints and watches");

/* An entry with tracked memory behind it. */
struct pt_entry {
	u64 base, entry;
	struct guest_table *child;
	struct hlist_head sites;	/* struct site, if it is a leaf */
};

unsigned int table_max_followed(void)
{
	return READ_ONCE(max_followed);
}

static u64 table_reach(const struct guest_table *tab)
{
	return BIT_ULL(tab->shift);
}

static unsigned long table_index(const struct guest_table *tab, u64 va)
{
	return (va - tab->base) >> tab->shift;
}

static void table_mark(struct track *t, struct guest_table *tab)
{
	tab->incomplete = true;
	xa_set_mark(&t->tables, tab->gpa >> PAGE_SHIFT, TABLE_WRITTEN);
}

struct guest_table *table_find(struct track *t, u8 paging, u8 level, u64 gpa, u64 base)
{
	struct guest_table *tab = xa_load(&t->tables, gpa >> PAGE_SHIFT);

	for (; tab; tab = tab->next)
		if (tab->gpa == gpa && tab->base == base && tab->level == level &&
		    tab->paging == paging)
			return tab;
	return NULL;
}

static int table_link(struct track *t, struct guest_table *tab)
{
	tab->next = xa_load(&t->tables, tab->gpa >> PAGE_SHIFT);
	return xa_err(xa_store(&t->tables, tab->gpa >> PAGE_SHIFT, tab,
			       GFP_KERNEL_ACCOUNT));
}

static void table_unlink(struct track *t, struct guest_table *tab)
{
	unsigned long gfn = tab->gpa >> PAGE_SHIFT;
	struct guest_table *prev = xa_load(&t->tables, gfn);

	if (prev != tab) {
		while (prev->next != tab)
			prev = prev->next;
		prev->next = tab->next;
	} else if (tab->next) {
		/* replaces an entry, so it needs no memory */
		xa_store(&t->tables, gfn, tab->next, GFP_KERNEL_ACCOUNT);
	} else {
		xa_erase(&t->tables, gfn);
	}
}

/* A table outside memory needs no guard; track_slots_changed() reports new memory. */
static int table_guard(struct vm *vm, struct guest_table *tab)
{
	int r;

	if (tab->guarded || tab->paging == PAGING_NONE)
		return 0;
	r = hook_guard(vm, tab->gpa >> PAGE_SHIFT);
	tab->guarded = !r;
	return r == -ENXIO ? 0 : r;
}

struct guest_table *table_new(struct vm *vm, u8 paging, u8 level, u64 gpa, u64 base)
{
	struct guest_table *tab = kzalloc(sizeof(*tab), GFP_KERNEL_ACCOUNT);
	int r;

	if (!tab)
		return ERR_PTR(-ENOMEM);
	tab->gpa = gpa;
	tab->base = base;
	tab->paging = paging;
	tab->level = level;
	tab->shift = paging_shift(paging, level);
	tab->last = base + paging_extent(paging, level) - 1;
	tab->refs = 1;
	tab->op = vm->track.op;		/* table_populate() arms what this visit adds */
	xa_init(&tab->ptes);
	r = table_guard(vm, tab);
	if (!r)
		r = table_link(&vm->track, tab);
	if (!r)
		return tab;
	if (tab->guarded)
		hook_unguard(vm, gpa >> PAGE_SHIFT);
	kfree(tab);
	return ERR_PTR(r);
}

static void pt_entry_empty(struct vm *vm, struct pt_entry *pte)
{
	site_disarm_entry(vm, &pte->sites);
	if (pte->child)
		table_put(vm, pte->child);
	pte->child = NULL;
}

static void pt_entry_free(struct vm *vm, struct guest_table *tab, unsigned long index)
{
	struct pt_entry *pte = xa_erase(&tab->ptes, index);

	pt_entry_empty(vm, pte);
	kfree(pte);
	vm->track.nr_ptes--;
}

/* The recursion ends, as tables lead to tables one level below. */
void table_put(struct vm *vm, struct guest_table *tab)
{
	unsigned long index;
	struct pt_entry *pte;

	if (--tab->refs)
		return;
	xa_for_each(&tab->ptes, index, pte)
		pt_entry_free(vm, tab, index);
	xa_destroy(&tab->ptes);
	table_unlink(&vm->track, tab);
	if (tab->guarded)
		hook_unguard(vm, tab->gpa >> PAGE_SHIFT);
	kfree(tab);
}

/* An entry outside memory reads as not present. */
static int table_read_entry(struct track_scan *scan, const struct guest_table *tab,
			    unsigned long index, u64 *entry)
{
	unsigned int len = paging_entry_size(tab->paging);
	struct track_missing *missing = scan->missing;
	u64 gpa = tab->gpa + index * len;
	int r;

	*entry = 0;
	if (tab->paging == PAGING_NONE) {
		*entry = PAGING_NONE_ENTRY;
		return 0;
	}
	r = gpa_read_present(scan->vm, gpa, entry, len);
	if (r)
		*entry = 0;
	if (r != -EAGAIN)
		return fatal_signal_pending(current) ? -EINTR : 0;
	missing->gpa = gpa;
	return missing->never ? 0 : -EAGAIN;
}

static u64 pt_entry_end(const struct guest_table *tab, const struct pt_entry *pte)
{
	return pte->base + table_reach(tab) - 1;
}

static int pt_entry_arm(struct track_scan *scan, struct guest_table *tab, struct pt_entry *pte,
			struct tracked *tb)
{
	return site_arm(scan->vm, &pte->sites, tb, pte->base, pt_entry_end(tab, pte),
			paging_target(tab->paging, tab->level, pte->entry));
}

static int pt_entry_arm_all(struct track_scan *scan, struct guest_table *tab,
			    struct pt_entry *pte)
{
	struct tracked *tb;
	int r;

	for_each_tracked(tb, &scan->vm->track, pte->base, pt_entry_end(tab, pte)) {
		r = pt_entry_arm(scan, tab, pte, tb);
		if (r)
			return r;
		cond_resched();
	}
	return 0;
}

/* Follow @entry in an empty pte. */
static int pt_entry_fill(struct track_scan *scan, struct guest_table *tab, struct pt_entry *pte,
			 u64 entry)
{
	struct vm *vm = scan->vm;
	struct guest_table *child;
	u64 gpa;

	pte->entry = entry;
	if (!paging_is_present(entry))
		return 0;
	if (paging_is_leaf(tab->paging, tab->level, entry))
		return pt_entry_arm_all(scan, tab, pte);
	gpa = paging_target(tab->paging, tab->level, entry);
	child = table_find(&vm->track, tab->paging, tab->level - 1, gpa, pte->base);
	if (child) {
		child->refs++;
		pte->child = child;
		return 0;
	}
	child = table_new(vm, tab->paging, tab->level - 1, gpa, pte->base);
	if (IS_ERR(child))
		return PTR_ERR(child);
	pte->child = child;
	return table_populate(scan, child);
}

/* After an error the pte is not present, and a later sync reads it again. */
static int pt_entry_refill(struct track_scan *scan, struct guest_table *tab, struct pt_entry *pte,
			   u64 entry)
{
	int r;

	pt_entry_empty(scan->vm, pte);
	r = pt_entry_fill(scan, tab, pte, entry);
	if (r) {
		pt_entry_empty(scan->vm, pte);
		pte->entry = 0;
		table_mark(&scan->vm->track, tab);
	}
	return r;
}

static int pt_entry_new(struct track_scan *scan, struct guest_table *tab, unsigned long index)
{
	struct pt_entry *pte;
	u64 entry;
	int r = table_read_entry(scan, tab, index, &entry);

	if (r)
		return r;
	if (scan->vm->track.nr_ptes >= table_max_followed())
		return -ENOSPC;
	pte = kzalloc(sizeof(*pte), GFP_KERNEL_ACCOUNT);
	if (!pte)
		return -ENOMEM;
	pte->base = tab->base + index * table_reach(tab);
	r = xa_err(xa_store(&tab->ptes, index, pte, GFP_KERNEL_ACCOUNT));
	if (r) {
		kfree(pte);
		return r;
	}
	scan->vm->track.nr_ptes++;
	return pt_entry_refill(scan, tab, pte, entry);
}

int table_populate(struct track_scan *scan, struct guest_table *tab)
{
	struct track *t = &scan->vm->track;
	struct tracked *tb;
	unsigned long index;
	u64 at = tab->base;
	int r = 0;

	while (!r && at <= tab->last && (tb = track_range_first(t, at, tab->last))) {
		index = table_index(tab, max(tracked_first(tb), at));
		if (!xa_load(&tab->ptes, index))
			r = pt_entry_new(scan, tab, index);
		at = tab->base + (index + 1) * table_reach(tab);
		cond_resched();
	}
	if (r)
		table_mark(t, tab);
	return r;
}

int table_check(struct track_scan *scan, struct guest_table *tab, bool rescan)
{
	unsigned long index;
	struct pt_entry *pte;
	u64 entry;
	int r = rescan ? table_guard(scan->vm, tab) : 0;

	tab->incomplete = r;
	xa_for_each(&tab->ptes, index, pte) {
		if (!r)
			r = table_read_entry(scan, tab, index, &entry);
		if (r)
			break;
		if (paging_differs(pte->entry, entry) || (rescan && !site_all_armed(&pte->sites)))
			r = pt_entry_refill(scan, tab, pte, entry);
		else
			pte->entry = entry;
	}
	if (!r)
		r = table_populate(scan, tab);
	if (r)
		table_mark(&scan->vm->track, tab);
	return r;
}

static int pt_entry_add_tracked(struct track_scan *scan, struct guest_table *tab,
				unsigned long index, struct tracked *tb)
{
	struct pt_entry *pte = xa_load(&tab->ptes, index);
	int r;

	if (!pte) {
		r = pt_entry_new(scan, tab, index);
		if (r)
			table_mark(&scan->vm->track, tab);
		return r;
	}
	if (pte->child)
		return table_add_tracked(scan, pte->child, tb);
	return paging_is_present(pte->entry) ? pt_entry_arm(scan, tab, pte, tb) : 0;
}

/* Find the range of entries that lead to @tb. Return: false if there are none. */
static bool table_entries_of(const struct guest_table *tab, const struct tracked *tb,
			     unsigned long *first, unsigned long *last)
{
	if (tracked_first(tb) > tab->last || tracked_last(tb) < tab->base)
		return false;
	*first = table_index(tab, max(tracked_first(tb), tab->base));
	*last = table_index(tab, min(tracked_last(tb), tab->last));
	return true;
}

/* The recursion ends as in table_put(). */
int table_add_tracked(struct track_scan *scan, struct guest_table *tab, struct tracked *tb)
{
	unsigned int op = scan->vm->track.op;
	unsigned long index, last;
	int r = 0;

	if (tab->op == op || !table_entries_of(tab, tb, &index, &last))
		return 0;
	tab->op = op;
	for (; index <= last && !r; index++)
		r = pt_entry_add_tracked(scan, tab, index, tb);
	return r;
}

void table_prune(struct vm *vm, struct guest_table *tab, struct tracked *tb)
{
	struct track *t = &vm->track;
	unsigned long index, last;
	struct pt_entry *pte;

	if (tab->op == t->op || !table_entries_of(tab, tb, &index, &last))
		return;
	tab->op = t->op;
	for (; index <= last; index++) {
		pte = xa_load(&tab->ptes, index);
		if (!pte)
			continue;
		if (!track_range_first(t, pte->base, pt_entry_end(tab, pte)))
			pt_entry_free(vm, tab, index);
		else if (pte->child)
			table_prune(vm, pte->child, tb);
		cond_resched();
	}
}
