// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where breakpoints and watches by linear address are in physical memory, at any
 * time. For each address space that is known, the entries on the way to their
 * pages are kept (struct pt_entry), of tables that the guest cannot write without
 * being noticed (hook_guard()). What an entry leads to is looked up once, and
 * again when it has changed. Address spaces share tables, as in the guest; so a
 * new one costs its top table's entries and what it has of its own.
 *
 * A place too many does no harm: a hit counts only at the linear address and in
 * the address space that is meant. So everything is followed in every space that
 * is known, and that a space has died need not be noticed at once.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/interval_tree_generic.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/post.h"
#include "debug/track.h"
#include "debug/types.h"
#include "lib/paging.h"
#include "lib/walk.h"
#include "lib/watch_tree.h"
#include "mmu/gpa.h"
#include "mmu/hook.h"
#include "mmu/memslot.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "mmu/watch.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

#define VA_MASK		(BIT_ULL(48) - 1)	/* canonical: the rest says nothing */
#define ROOTS_MAX	1024	/* address spaces, unless more are in use */
#define WRITTEN		XA_MARK_0

/* A pte and what belongs to it are 200 bytes, charged to whose thread it is. */
static unsigned int max_followed = 1 << 20;
module_param(max_followed, uint, 0644);
MODULE_PARM_DESC(max_followed,
		 "page table entries of a guest that are followed for breakpoints and watches");

/* A table of the guest, as part of what is at @base. The same gfn may be more. */
struct table {
	u64 gpa, base;
	u8 paging, level;
	bool guarded, is_root;
	bool incomplete;	/* a pte is missing that could not be read */
	unsigned int refs;	/* ptes that lead here, and one for a root */
	unsigned int users;	/* of a root: see root_use() */
	unsigned int op;
	struct table *next;	/* of the same gfn */
	struct xarray ptes;	/* index -> struct pt_entry */
	struct list_head link;	/* of track->roots */
};

/* An entry of a table that has something behind it. */
struct pt_entry {
	u64 base, entry;
	struct table *child;
	struct hlist_head sites;	/* of a leaf: struct site */
};

/* A breakpoint, or what an entry has of a watch's bytes. */
struct site {
	union {
		struct soft_break sb;
		struct watch_piece piece;
	};
	bool watches;		/* @piece */
	bool armed;		/* or else there is no memory */
	struct hlist_node of_entry, of_tracked;
	struct rcu_head rcu;
};

/* One look at the guest's tables. */
struct look {
	struct vm *vm;
	bool nofault;		/* -EAGAIN, and @missing says what is to be there */
	bool last;		/* it cannot be had: what is missing is not present */
	const char __user *missing;
};

/* ---- what is followed ---- */

#define FIRST(tb)	((tb)->gva & VA_MASK)
#define LAST(tb)	(FIRST(tb) + (tb)->len - 1)

INTERVAL_TREE_DEFINE(struct tracked, rb, u64, subtree_last, FIRST, LAST,
		     static __maybe_unused, ranges)

/* One of which something is in [@first, @last], or NULL: the lowest. */
static struct tracked *first_in(struct track *t, u64 first, u64 last)
{
	return ranges_iter_first(&t->ranges, first, last);
}

#define for_each_in(tb, t, first, last)				\
	for (tb = first_in(t, first, last); tb; tb = ranges_iter_next(tb, first, last))

/* ---- sites ---- */

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

/* The bytes from @first on, which are at @gpa. Memory there need not be. */
static void site_arm_watch(struct vm *vm, struct site *site, struct tracked *tb, u64 first,
			   u64 last, u64 gpa)
{
	site->watches = true;
	if ((gpa + (last - first)) & ~VA_MASK)
		return;
	site->piece.first = gpa;
	site->piece.last = gpa + (last - first);
	site->piece.gva = tb->gva + (first - FIRST(tb));
	site->piece.watch = tb->watch;
	watch_put(vm, &site->piece);
	vm->track.flush = true;
	site->armed = true;
}

/* What @pte, of a leaf that maps [@pte->base, @end] to @gpa on, has of @tb. */
static int arm_site(struct look *look, struct pt_entry *pte, struct tracked *tb, u64 end,
		    u64 gpa)
{
	u64 first = max(FIRST(tb), pte->base), last = min(LAST(tb), end);
	struct site *site = kzalloc(sizeof(*site), GFP_KERNEL_ACCOUNT);
	int r = 0;

	if (!site)
		return -ENOMEM;
	gpa += first - pte->base;
	if (tb->watch)
		site_arm_watch(look->vm, site, tb, first, last, gpa);
	else
		r = site_arm_break(look->vm, site, tb, gpa);
	if (r) {
		kfree(site);
		return r;
	}
	hlist_add_head(&site->of_entry, &pte->sites);
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
	hlist_del(&site->of_entry);
	hlist_del(&site->of_tracked);
	kfree_rcu(site, rcu);
}

/* Many pieces, one flush: before whoever has the lock lets anything run. */
static void unlock(struct vm *vm)
{
	struct track *t = &vm->track;

	if (t->flush)
		vm_flush_tlb(vm);
	t->flush = false;
	mutex_unlock(&t->lock);
}

/* ---- tables ---- */

static u64 track_reach(const struct table *tab)
{
	return BIT_ULL(paging_shift(tab->paging, tab->level));
}

static unsigned long index_of(const struct table *tab, u64 va)
{
	return (va - tab->base) >> paging_shift(tab->paging, tab->level);
}

/* All that a table maps. */
static u64 extent(const struct table *tab)
{
	u64 size;

	if (tab->paging == PAGING_NONE ||
	    (tab->is_root && tab->paging != PAGING_LONG))
		return BIT_ULL(32);
	size = tab->paging == PAGING_LONG || tab->paging == PAGING_PAE ? 512 : 1024;
	return track_reach(tab) * size;
}

static void mark(struct track *t, struct table *tab)
{
	tab->incomplete = true;
	xa_set_mark(&t->tables, tab->gpa >> PAGE_SHIFT, WRITTEN);
}

static struct table *table_find(struct track *t, u8 paging, u8 level, u64 gpa, u64 base)
{
	struct table *tab = xa_load(&t->tables, gpa >> PAGE_SHIFT);

	for (; tab; tab = tab->next)
		if (tab->gpa == gpa && tab->base == base && tab->level == level &&
		    tab->paging == paging)
			return tab;
	return NULL;
}

static int table_link(struct track *t, struct table *tab)
{
	tab->next = xa_load(&t->tables, tab->gpa >> PAGE_SHIFT);
	return xa_err(xa_store(&t->tables, tab->gpa >> PAGE_SHIFT, tab,
			       GFP_KERNEL_ACCOUNT));
}

static void table_unlink(struct track *t, struct table *tab)
{
	unsigned long gfn = tab->gpa >> PAGE_SHIFT;
	struct table *prev = xa_load(&t->tables, gfn);

	if (prev != tab) {
		while (prev->next != tab)
			prev = prev->next;
		prev->next = tab->next;
	} else if (tab->next) {
		/* in place of another: needs no memory */
		xa_store(&t->tables, gfn, tab->next, GFP_KERNEL_ACCOUNT);
	} else {
		xa_erase(&t->tables, gfn);
	}
}

/* Where there is no memory there is nothing to guard; memory that comes is reported. */
static int table_guard(struct vm *vm, struct table *tab)
{
	int r;

	if (tab->guarded || tab->paging == PAGING_NONE)
		return 0;
	r = hook_guard(vm, tab->gpa >> PAGE_SHIFT);
	tab->guarded = !r;
	return r == -ENXIO ? 0 : r;
}

static struct table *table_new(struct vm *vm, u8 paging, u8 level, u64 gpa, u64 base)
{
	struct table *tab = kzalloc(sizeof(*tab), GFP_KERNEL_ACCOUNT);
	int r;

	if (!tab)
		return ERR_PTR(-ENOMEM);
	tab->gpa = gpa;
	tab->base = base;
	tab->paging = paging;
	tab->level = level;
	tab->refs = 1;
	tab->op = vm->track.op;		/* it has whatever this visit is for */
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

static void table_put(struct vm *vm, struct table *tab);

static void pt_entry_empty(struct vm *vm, struct pt_entry *pte)
{
	struct hlist_node *next;
	struct site *site;

	hlist_for_each_entry_safe(site, next, &pte->sites, of_entry)
		site_disarm(vm, site);
	if (pte->child)
		table_put(vm, pte->child);
	pte->child = NULL;
}

static void pt_entry_free(struct vm *vm, struct table *tab, unsigned long index)
{
	struct pt_entry *pte = xa_erase(&tab->ptes, index);

	pt_entry_empty(vm, pte);
	kfree(pte);
	vm->track.nr_ptes--;
}

/* Recursion ends: each level's tables lead to those of the one below. */
static void table_put(struct vm *vm, struct table *tab)
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

static int read_user(struct look *look, u64 gpa, u64 *entry, unsigned int len)
{
	void __user *user = memslot_user(look->vm, gpa);

	if (!user || !copy_from_user_nofault(entry, user, len))
		return 0;
	*entry = 0;
	look->missing = user;
	return look->last ? 0 : -EAGAIN;
}

/* What is not memory is not present. */
static int track_read_entry(struct look *look, const struct table *tab, unsigned long index,
			    u64 *entry)
{
	unsigned int len = paging_entry_size(tab->paging);
	u64 gpa = tab->gpa + index * len;

	*entry = 0;
	if (tab->paging == PAGING_NONE)
		*entry = PAGING_NONE_ENTRY;
	else if (look->nofault)
		return read_user(look, gpa, entry, len);
	else if (gpa_read(look->vm, gpa, entry, len) != len)
		*entry = 0;
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static u64 pt_entry_end(const struct table *tab, const struct pt_entry *pte)
{
	return pte->base + track_reach(tab) - 1;
}

static int arm_in_leaf(struct look *look, struct table *tab, struct pt_entry *pte,
		       struct tracked *tb)
{
	return arm_site(look, pte, tb, pt_entry_end(tab, pte),
			paging_target(tab->paging, tab->level, pte->entry));
}

static int arm_all(struct look *look, struct table *tab, struct pt_entry *pte)
{
	struct tracked *tb;
	int r;

	for_each_in(tb, &look->vm->track, pte->base, pt_entry_end(tab, pte)) {
		r = arm_in_leaf(look, tab, pte, tb);
		if (r)
			return r;
		cond_resched();
	}
	return 0;
}

static int populate(struct look *look, struct table *tab);

/* An empty pte gets what @entry leads to. */
static int pt_entry_fill(struct look *look, struct table *tab, struct pt_entry *pte, u64 entry)
{
	struct vm *vm = look->vm;
	struct table *child;
	u64 gpa;

	pte->entry = entry;
	if (!paging_is_present(entry))
		return 0;
	if (paging_is_leaf(tab->paging, tab->level, entry))
		return arm_all(look, tab, pte);
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
	return populate(look, child);
}

/* After an error the pte says that nothing is there, and is looked at again. */
static int pt_entry_refill(struct look *look, struct table *tab, struct pt_entry *pte, u64 entry)
{
	int r;

	pt_entry_empty(look->vm, pte);
	r = pt_entry_fill(look, tab, pte, entry);
	if (r) {
		pt_entry_empty(look->vm, pte);
		pte->entry = 0;
		mark(&look->vm->track, tab);
	}
	return r;
}

static int pt_entry_new(struct look *look, struct table *tab, unsigned long index)
{
	struct pt_entry *pte;
	u64 entry;
	int r = track_read_entry(look, tab, index, &entry);

	if (r)
		return r;
	if (look->vm->track.nr_ptes >= READ_ONCE(max_followed))
		return -ENOSPC;
	pte = kzalloc(sizeof(*pte), GFP_KERNEL_ACCOUNT);
	if (!pte)
		return -ENOMEM;
	pte->base = tab->base + index * track_reach(tab);
	r = xa_err(xa_store(&tab->ptes, index, pte, GFP_KERNEL_ACCOUNT));
	if (r) {
		kfree(pte);
		return r;
	}
	look->vm->track.nr_ptes++;
	return pt_entry_refill(look, tab, pte, entry);
}

/* A pte for each entry with something behind it, where there is none. */
static int populate(struct look *look, struct table *tab)
{
	u64 at = tab->base, last = tab->base + extent(tab) - 1;
	struct track *t = &look->vm->track;
	struct tracked *tb;
	unsigned long index;
	int r = 0;

	while (!r && at <= last && (tb = first_in(t, at, last))) {
		index = index_of(tab, max(FIRST(tb), at));
		if (!xa_load(&tab->ptes, index))
			r = pt_entry_new(look, tab, index);
		at = tab->base + (index + 1) * track_reach(tab);
		cond_resched();
	}
	if (r)
		mark(t, tab);
	return r;
}

/* ---- roots ---- */

static void root_drop(struct vm *vm, struct table *root)
{
	list_del(&root->link);
	vm->track.nr_roots--;
	table_put(vm, root);
}

static void drop_oldest(struct vm *vm)
{
	struct table *root;

	list_for_each_entry(root, &vm->track.roots, link) {
		if (!root->users) {
			root_drop(vm, root);
			return;
		}
	}
}

/* The address space exists from now on, with all that it maps of what is followed. */
static int root_get(struct look *look, u8 paging, u64 cr3, struct table **found)
{
	u64 gpa = paging_root(paging, cr3);
	u8 level = paging_levels(paging);
	struct track *t = &look->vm->track;
	struct table *root = table_find(t, paging, level, gpa, 0);

	*found = root;
	if (root) {
		list_move_tail(&root->link, &t->roots);
		return 0;
	}
	if (t->nr_roots >= ROOTS_MAX)
		drop_oldest(look->vm);
	root = table_new(look->vm, paging, level, gpa, 0);
	if (IS_ERR(root))
		return PTR_ERR(root);
	root->is_root = true;
	list_add_tail(&root->link, &t->roots);
	t->nr_roots++;
	*found = root;
	return populate(look, root);
}

/*
 * A root is used by vCPUs that can load it without an exit and by breakpoints of
 * its address space. Without a user it is dropped when the guest writes to it:
 * the next load of CR3 tells whether it still is one.
 */
static int root_use(struct look *look, u8 paging, u64 cr3, struct table **used)
{
	struct table *root = NULL;
	int r = root_get(look, paging, cr3, &root);

	if (!r)
		root->users++;
	*used = root;
	return r;
}

/* A breakpoint of one address space holds that in each mode that was met. */
static int hold_space(struct look *look, struct tracked *tb)
{
	unsigned int left = look->vm->track.kinds & ~tb->held;
	struct table *root;
	int r = 0;

	for (; left && !r && !tb->any; left &= left - 1) {
		r = root_use(look, __ffs(left), tb->cr3, &root);
		if (!r)
			tb->held |= BIT(__ffs(left));
	}
	return r;
}

static void let_space_go(struct vm *vm, struct tracked *tb)
{
	unsigned int left = tb->held;
	struct table *root;
	u8 paging;

	for (; left; left &= left - 1) {
		paging = __ffs(left);
		root = table_find(&vm->track, paging, paging_levels(paging),
				  paging_root(paging, tb->cr3), 0);
		root->users--;
	}
	tb->held = 0;
}

static int track_mode_met(struct look *look, u8 paging)
{
	struct track *t = &look->vm->track;
	struct tracked *tb;
	int r;

	if (t->kinds & BIT(paging))
		return 0;
	t->kinds |= BIT(paging);
	for_each_in(tb, t, 0, VA_MASK) {
		r = hold_space(look, tb);
		if (r) {
			t->kinds &= ~BIT(paging);
			return r;
		}
	}
	return 0;
}

/* ---- vCPUs ---- */

static unsigned int targets(void)
{
	return max_t(unsigned int, 1, min_t(unsigned int, vmx_ctl.cr3_targets,
					    TRACK_TARGETS));
}

static void release_targets(struct vcpu *vcpu)
{
	struct track_vcpu *tv = &vcpu->track;
	unsigned int i;

	for (i = 0; i < TRACK_TARGETS; i++) {
		if (tv->target[i].root)
			tv->target[i].root->users--;
		tv->target[i].root = NULL;
	}
	tv->next = 0;
}

/* SDM vol. 3, 25.1.3: MOV to CR3 of one of these does not exit. */
static void write_targets(struct vcpu *vcpu)
{
	struct track_vcpu *tv = &vcpu->track;
	unsigned int i;

	vmcs_get(&vcpu->vmcs);
	for (i = 0; i < vmx_ctl.cr3_targets && i < TRACK_TARGETS; i++) {
		if (!tv->target[i].root)
			break;
		vmcs_write(CR3_TARGET_VALUE0 + 2 * i, tv->target[i].value);
	}
	vmcs_put();
	tv->nr = i;
}

/* The space in which the vCPU is now, with all that it may switch to by itself. */
static int attach(struct look *look, struct vcpu *vcpu, const struct walk_mode *mode)
{
	u8 paging = paging_of(mode);
	struct track_vcpu *tv = &vcpu->track;
	u64 value = mode->cr3;
	struct table *root;
	unsigned int i;
	int r = track_mode_met(look, paging);

	if (r || !look->vm->track.nr_any)
		return r;
	if (tv->paging != paging)
		release_targets(vcpu);
	tv->paging = paging;
	if ((tv->source & ~BIT_ULL(63)) == value)
		value = tv->source;
	for (i = 0; i < targets(); i++)
		if (tv->target[i].root && tv->target[i].value == value)
			return 0;
	r = root_use(look, paging, mode->cr3, &root);
	if (r)
		return r;
	i = tv->next;
	tv->next = (i + 1) % targets();
	if (tv->target[i].root)
		tv->target[i].root->users--;
	tv->target[i].root = root;
	tv->target[i].value = value;
	write_targets(vcpu);
	return 0;
}

static void release_vcpus(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < VM_MAX_VCPUS; i++)
		if (vm_vcpu(vm, i))
			release_targets(vm_vcpu(vm, i));
}

/* ---- what has changed ---- */

static bool all_armed(const struct pt_entry *pte)
{
	struct site *site;

	hlist_for_each_entry(site, &pte->sites, of_entry)
		if (!site->armed)
			return false;
	return true;
}

static int table_check(struct look *look, struct table *tab, bool rescan)
{
	unsigned long index;
	struct pt_entry *pte;
	u64 entry;
	int r = rescan ? table_guard(look->vm, tab) : 0;

	tab->incomplete = r;
	xa_for_each(&tab->ptes, index, pte) {
		if (!r)
			r = track_read_entry(look, tab, index, &entry);
		if (r)
			break;
		if (paging_differs(pte->entry, entry) || (rescan && !all_armed(pte)))
			r = pt_entry_refill(look, tab, pte, entry);
		else
			pte->entry = entry;
	}
	if (!r)
		r = populate(look, tab);
	if (r)
		mark(&look->vm->track, tab);
	return r;
}

/* One of the tables in @gfn that this look has not come to, or NULL. */
static struct table *unchecked(struct track *t, unsigned long gfn)
{
	struct table *tab = xa_load(&t->tables, gfn);

	while (tab && tab->op == t->op)
		tab = tab->next;
	return tab;
}

static int track_check_page(struct look *look, unsigned long gfn, bool rescan)
{
	struct track *t = &look->vm->track;
	struct table *tab;
	int r = 0;

	t->op++;
	while (!r && (tab = unchecked(t, gfn))) {
		tab->op = t->op;
		if (tab->is_root && !tab->users && !tab->incomplete && !rescan)
			root_drop(look->vm, tab);
		else
			r = table_check(look, tab, rescan);
		cond_resched();
	}
	return r;
}

/* With too much to follow, what was written elsewhere is followed all the same. */
static int check_written(struct look *look)
{
	struct track *t = &look->vm->track;
	unsigned long gfn = 0;
	int r = 0, page;

	while (xa_find(&t->tables, &gfn, ULONG_MAX, WRITTEN)) {
		xa_clear_mark(&t->tables, gfn, WRITTEN);
		page = track_check_page(look, gfn, false);
		if (page && page != -ENOSPC)
			return page;
		if (page)
			r = page;
		/* What lacks room marks itself again: no way back to that. */
		gfn = r ? gfn + 1 : 0;
	}
	return r;
}

static int track_check_all(struct look *look)
{
	struct track *t = &look->vm->track;
	unsigned long gfn = 0;
	int r = 0, page = 0;

	if (!xchg(&t->rescan, false))
		return 0;
	/* Here, too, what lacks room keeps no other from being looked at. */
	for (; xa_find(&t->tables, &gfn, ULONG_MAX, XA_PRESENT); gfn++) {
		page = track_check_page(look, gfn, true);
		if (page)
			r = page;
		if (page && page != -ENOSPC)
			break;
	}
	if (r)
		WRITE_ONCE(t->rescan, true);
	return r;
}

static void tell_all(struct vm *vm)
{
	u64 left = READ_ONCE(vm->vcpu_mask);

	for (; left; left &= left - 1)
		set_bit(REQ_TRACK, &vm_vcpu(vm, __ffs64(left))->requests);
}

void track_written(struct vm *vm, u64 gfn)
{
	if (!READ_ONCE(vm->track.on) || !xa_load(&vm->track.tables, gfn))
		return;
	xa_set_mark(&vm->track.tables, gfn, WRITTEN);
	tell_all(vm);
}

static void slots_changed(struct vm *vm)
{
	if (!READ_ONCE(vm->track.on))
		return;
	WRITE_ONCE(vm->track.rescan, true);
	tell_all(vm);
}

static int sync_once(struct look *look, struct vcpu *vcpu)
{
	struct track *t = &look->vm->track;
	struct walk_mode mode;
	int r;

	vcpu_walk_mode(vcpu, &mode);
	if (mutex_lock_interruptible(&t->lock))
		return -EINTR;
	r = t->nr ? attach(look, vcpu, &mode) : 0;
	if (!r && t->nr)
		r = track_check_all(look);
	if (!r && t->nr)
		r = check_written(look);
	if (!r)
		WRITE_ONCE(t->excess, false);
	unlock(look->vm);
	return r;
}

/*
 * The guest maps more than max_followed: its VMM cannot help that, and who debugs it is
 * to know that there are sites which are not watched. Once: what is missing is looked for
 * at each write to a table.
 */
static int tell_of_excess(struct vcpu *vcpu)
{
	const struct vmxdbg_event part = {
		.why = VMXDBG_WHY_ERROR, .error = VMXDBG_ERROR_PLACES };

	if (xchg(&vcpu->vm->track.excess, true))
		return 0;
	pr_debug_ratelimited("more than %u page table entries to follow\n",
			     READ_ONCE(max_followed));
	post_event(vcpu, &part);
	return 0;
}

int track_sync(struct vcpu *vcpu)
{
	struct look look = { .vm = vcpu->vm, .nofault = true };
	int r;

	set_bit(REQ_ENTRY, &vcpu->requests);
	clear_bit(REQ_TRACK, &vcpu->requests);
	smp_mb__after_atomic();	/* what was written before the request is seen */
	while ((r = sync_once(&look, vcpu)) == -EAGAIN) {
		if (signal_pending(current)) {
			r = -EINTR;
			break;
		}
		look.last = fault_in_readable(look.missing, 1);
	}
	if (r == -ENOSPC)
		return tell_of_excess(vcpu);
	if (r)
		set_bit(REQ_TRACK, &vcpu->requests);
	return r;
}

/* ---- breakpoints and watches come and go ---- */

static int descend(struct look *look, struct table *tab, struct tracked *tb);

static int descend_slot(struct look *look, struct table *tab, unsigned long index,
			struct tracked *tb)
{
	struct pt_entry *pte = xa_load(&tab->ptes, index);
	int r;

	if (!pte) {
		r = pt_entry_new(look, tab, index);
		if (r)
			mark(&look->vm->track, tab);
		return r;
	}
	if (pte->child)
		return descend(look, pte->child, tb);
	return paging_is_present(pte->entry) ? arm_in_leaf(look, tab, pte, tb) : 0;
}

/* The entries of @tab that lead to @tb. False: there are none. */
static bool entries_of(const struct table *tab, const struct tracked *tb,
		       unsigned long *first, unsigned long *last)
{
	u64 end = tab->base + extent(tab) - 1;

	if (FIRST(tb) > end || LAST(tb) < tab->base)
		return false;
	*first = index_of(tab, max(FIRST(tb), tab->base));
	*last = index_of(tab, min(LAST(tb), end));
	return true;
}

/* Recursion ends as in table_put(). */
static int descend(struct look *look, struct table *tab, struct tracked *tb)
{
	unsigned int op = look->vm->track.op;
	unsigned long index, last;
	int r = 0;

	if (tab->op == op || !entries_of(tab, tb, &index, &last))
		return 0;
	tab->op = op;
	for (; index <= last && !r; index++)
		r = descend_slot(look, tab, index, tb);
	return r;
}

/* The way there goes as far as nothing else needs it. */
static void prune(struct vm *vm, struct table *tab, struct tracked *tb)
{
	struct track *t = &vm->track;
	unsigned long index, last;
	struct pt_entry *pte;

	if (tab->op == t->op || !entries_of(tab, tb, &index, &last))
		return;
	tab->op = t->op;
	for (; index <= last; index++) {
		pte = xa_load(&tab->ptes, index);
		if (!pte)
			continue;
		if (!first_in(t, pte->base, pt_entry_end(tab, pte)))
			pt_entry_free(vm, tab, index);
		else if (pte->child)
			prune(vm, pte->child, tb);
		cond_resched();
	}
}

static void track_forget(struct vm *vm, struct tracked *tb)
{
	u64 page = FIRST(tb) & PAGE_MASK;
	struct track *t = &vm->track;
	struct hlist_node *next;
	struct table *root, *n;
	struct site *site;

	hlist_for_each_entry_safe(site, next, &tb->sites, of_tracked)
		site_disarm(vm, site);
	let_space_go(vm, tb);
	ranges_remove(tb, &t->ranges);
	t->nr--;
	if (tb->any && !--t->nr_any) {
		WRITE_ONCE(t->follow_cr3, false);
		release_vcpus(vm);
	}
	if (!t->nr) {
		WRITE_ONCE(t->on, false);
		t->kinds = 0;
		list_for_each_entry_safe(root, n, &t->roots, link)
			root_drop(vm, root);
	} else if (tb->len > 1 || !first_in(t, page, page + PAGE_SIZE - 1)) {
		t->op++;
		list_for_each_entry(root, &t->roots, link)
			prune(vm, root, tb);
	}
}

/* Counted already, and in no table yet. */
static int track_follow(struct look *look, const struct walk_mode *mode, struct tracked *tb)
{
	struct track *t = &look->vm->track;
	struct table *root;
	int r;

	/* First where it is new anyway: what is made now has it. */
	t->op++;
	list_for_each_entry(root, &t->roots, link) {
		r = descend(look, root, tb);
		if (r)
			return r;
	}
	r = track_mode_met(look, paging_of(mode));
	if (!r)
		r = hold_space(look, tb);
	if (!r && tb->any)
		r = root_get(look, paging_of(mode), mode->cr3, &root);
	return r;
}

int track_add(struct vm *vm, const struct walk_mode *mode, struct tracked *tb)
{
	struct look look = { .vm = vm };
	struct track *t = &vm->track;
	bool first;
	int r;

	if (mutex_lock_killable(&t->lock))
		return -EINTR;
	ranges_insert(tb, &t->ranges);
	first = !t->nr++ || (tb->any && !t->nr_any);
	t->nr_any += tb->any;
	WRITE_ONCE(t->on, true);
	WRITE_ONCE(t->follow_cr3, t->nr_any);
	WRITE_ONCE(t->excess, false);
	r = track_follow(&look, mode, tb);
	if (r)
		track_forget(vm, tb);
	unlock(vm);
	/* The other vCPUs say where they are, and tell from now on. */
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
	unlock(vm);
	if (tb->any && !on)
		vm_request(vm, REQ_ENTRY);
}

static const struct mmu_listener listener = {
	.written = track_written,
	.slots_changed = slots_changed,
};

void track_init(struct vm *vm)
{
	struct track *t = &vm->track;

	vm->listener = &listener;
	mutex_init(&t->lock);
	t->ranges = RB_ROOT_CACHED;
	xa_init(&t->tables);
	INIT_LIST_HEAD(&t->roots);
}
