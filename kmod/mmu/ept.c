// SPDX-License-Identifier: GPL-2.0-only
/*
 * EPT violations on guest memory. The tables are filled on demand; changes of slots and
 * the host's memory management zap entries. A page is as large as the host's if the
 * slot, the dirty log, hooks and watches allow it.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "lib/compat.h"
#include "lib/ept_entry.h"
#include "lib/watch_tree.h"
#include "mmu/dirty_log.h"
#include "mmu/ept.h"
#include "mmu/ept_table.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/host_leaf.h"
#include "mmu/memslot.h"
#include "mmu/mmu_notifier.h"
#include "mmu/pfnmap.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx/vmx_cpu.h"

/* An access of the guest whose page is to be mapped. */
struct mapping {
	u64 gpa, hva;
	bool write, fetch;
	enum ept_view_id view;	/* the step view is made from the hooked view */
	struct memslot slot;
	struct page *page;	/* with a reference; NULL for memory of pfnmap.c */
	u64 pfn;
	u64 kind;		/* EPT_FOREIGN and EPT_UNCACHED, or 0 */
	unsigned long seq;	/* vm->mmu_seq before @slot and @pfn were looked up */
	bool writable;		/* the host lets the page be written */
	int level;		/* of the leaf that has it, once it is mapped */
};

/*
 * Return: the VMM's page with a reference, or an ERR_PTR(). Even for a read, test whether
 * the page can be written, before and after it is faulted in: this saves a later fault.
 */
static struct page *pin(u64 hva, bool readonly, bool write, bool *writable)
{
	unsigned int flags = FOLL_HWPOISON | COMPAT_FOLL_INTERRUPTIBLE | COMPAT_FOLL_NUMA;
	struct page *page, *again;
	long got;

	*writable = !readonly;
	if (!readonly && get_user_page_fast_only(hva, FOLL_WRITE, &page))
		return page;
	*writable = write;
	got = get_user_pages_unlocked(hva, 1, &page, flags | (write ? FOLL_WRITE : 0));
	if (got != 1)
		return ERR_PTR(got < 0 ? got : -EFAULT);
	if (!readonly && !write && get_user_page_fast_only(hva, FOLL_WRITE, &again)) {
		put_page(page);
		page = again;
		*writable = true;
	}
	return page;
}

/*
 * A page that a machine check took away is reported to the VMM's thread as if it had
 * read the page: the VMM may send a machine check to the guest. Return: -EAGAIN if a signal
 * is pending, else -EFAULT.
 */
static int pin_failed(u64 hva, long error)
{
	if (error == -EHWPOISON)
		send_sig_mceerr(BUS_MCEERR_AR, (void __user *)(unsigned long)hva, PAGE_SHIFT,
				current);
	else if (error != -EINTR)
		return fatal_signal_pending(current) ? -EINTR : -EFAULT;
	return signal_pending(current) ? -EAGAIN : -EFAULT;
}

/* ---- page size: mmu_lock held, the mapping not stale() ---- */

static int backing_level(struct vm *vm, const struct mapping *m)
{
	const struct memslot *s = &m->slot;
	int level = !vmx_ctl.ept_2m ? 1 : vmx_ctl.ept_1g ? 3 : 2;
	struct host_leaf leaf;

	if (s->dirty)
		return 1;
	while (level > 1 && !ept_fits(s->gpa, s->size, s->hva, m->gpa, level))
		level--;
	if (level > 1)
		level = min(level, host_leaf_read(vm->mm, m->hva, &leaf) ? leaf.level : 1);
	return level;
}

/*
 * On some processors, code in large pages causes a machine check when the guest changes
 * the size of the page (erratum "ITLB multihit"). On these, executable pages are small.
 */
static bool large_code_hangs(void)
{
	return boot_cpu_has_bug(X86_BUG_ITLB_MULTIHIT) && !cpu_mitigations_off();
}

/* Return: whether one leaf of @level can show all its pages correctly in this view. */
static bool alike(struct vm *vm, enum ept_view_id view, u64 gpa, int level)
{
	u64 base = ept_base(gpa, level), size = ept_level_size(level);

	if (hook_within(vm, base >> PAGE_SHIFT, size >> PAGE_SHIFT))
		return false;
	return view != VIEW_HOOKED || !watch_splits(&vm->watches, base, base + size - 1);
}

static int leaf_level(struct vm *vm, enum ept_view_id view, const struct mapping *m,
		      int level)
{
	if (m->fetch && large_code_hangs())
		return 1;
	while (level > 1 && !alike(vm, view, m->gpa, level))
		level--;
	return level;
}

/* See mmu_stale(), for the page of @level around the address. */
static bool stale(struct vm *vm, const struct mapping *m, int level)
{
	return mmu_stale(vm, m->seq, ept_base(m->hva, level), ept_level_size(level));
}

/* ---- mapping ---- */

static u64 hooked_leaf(struct vm *vm, struct hook *hook, struct page *page)
{
	u64 prot = EPT_HELD;

	if (hook->settled) {
		hook_fill(vm, hook, page);
		prot = hook_prot();
	}
	hook->page = page;
	return ept_make_leaf(__pa(hook->copy), 1, prot);
}

/*
 * Mark the page dirty as soon as it may be written: the host calls the MMU notifier
 * before it cleans it.
 */
static u64 plain_leaf(const struct mapping *m, int level, bool writable)
{
	u64 prot = EPT_R | EPT_X;

	if (level > 1 && large_code_hangs())
		prot = EPT_R;
	if (writable)
		prot |= EPT_W | EPT_HOST_W;
	if (writable && m->page && !PageReserved(m->page))
		SetPageDirty(m->page);
	return ept_make_leaf(PFN_PHYS(m->pfn), level, prot | m->kind);
}

/* Return: @leaf without the permissions that watches take in the hooked view. */
static u64 deny_watched(struct vm *vm, u64 leaf, u64 gpa, int level)
{
	u64 base = ept_base(gpa, level), last = base + ept_level_size(level) - 1;

	return ept_deny(leaf, watch_denies(&vm->watches, base, last), vmx_ctl.exec_only);
}

/*
 * Return: the leaf for the page in this view. Hooked pages in the plain view, and logged
 * pages, are writable only after a write fault, so that the module sees each write.
 */
static u64 leaf_for(struct vm *vm, enum ept_view_id view, const struct mapping *m,
		    int level)
{
	struct hook *hook = level == 1 ? hook_find(vm, m->gpa >> PAGE_SHIFT) : NULL;
	bool writable = m->writable && (m->write || !m->slot.dirty);
	u64 leaf;

	if (hook && view == VIEW_PLAIN && !m->write)
		writable = false;
	if (writable && m->slot.dirty)
		dirty_log_mark(&m->slot, m->gpa);
	leaf = plain_leaf(m, level, writable);
	if (view == VIEW_PLAIN)
		return leaf;
	/* A slot with foreign memory may come after the breakpoint, which cannot hit then. */
	if (hook && (m->kind & EPT_FOREIGN))
		hook_shut(hook);
	else if (hook && hook->copy)
		leaf = hooked_leaf(vm, hook, pfn_to_page(m->pfn)) | (leaf & EPT_HOST_W);
	else if (hook)
		leaf &= ~EPT_W;
	return deny_watched(vm, leaf, m->gpa, level);
}

/* Map the other small pages of a host's large page, too: one fault is enough. */
static void fill_around(struct vm *vm, enum ept_view_id view, const struct mapping *m,
			u64 *table, struct ept_change *change)
{
	u64 gfn = ept_base(m->gpa, 2) >> PAGE_SHIFT, leaf;
	u64 large = plain_leaf(m, 2, m->writable) | EPT_X;
	unsigned int i;

	for (i = 0; i < EPT_ENTRIES; i++) {
		if (ept_present(table[i]) || hook_find(vm, gfn + i))
			continue;
		leaf = ept_split_leaf(large, 2, i);
		if (view == VIEW_HOOKED)
			leaf = deny_watched(vm, leaf, (gfn + i) << PAGE_SHIFT, 1);
		ept_set(vm, &table[i], 1, leaf, change);
	}
}

/*
 * Return: whether another vCPU has mapped the page for this access meanwhile. Its leaf
 * stays: removing a permission would need a flush.
 */
static bool allows(u64 entry, int level, const struct mapping *m)
{
	u64 needed = m->write ? EPT_W : m->fetch ? EPT_X : EPT_R;

	return ept_present(entry) && ept_leaf(entry, level) && (entry & needed);
}

static bool map(struct vcpu *vcpu, struct mapping *m, struct ept_change *change)
{
	struct vm *vm = vcpu->vm;
	int backing, level;
	u64 *entry;

	if (stale(vm, m, 1))
		return false;
	backing = backing_level(vm, m);
	if (stale(vm, m, backing))
		return false;
	level = leaf_level(vm, m->view, m, backing);
	m->level = level;
	entry = ept_entry(vm, &vm->view[m->view], m->gpa, level, &vcpu->ept_cache, change);
	if (allows(*entry, level, m))
		return true;
	ept_set(vm, entry, level, leaf_for(vm, m->view, m, level), change);
	if (level == 1 && backing > 1)
		fill_around(vm, m->view, m, entry - ept_index(m->gpa, 1), change);
	return true;
}

static int map_page(struct vcpu *vcpu, struct mapping *m)
{
	struct vm *vm = vcpu->vm;
	struct ept_change change = { };
	bool done;

	spin_lock(&vm->mmu_lock);
	done = map(vcpu, m, &change);
	spin_unlock(&vm->mmu_lock);
	ept_change_finish(vm, &change);
	return done ? 0 : -EAGAIN;
}

/*
 * Look up the page at m->hva. What get_user_pages() cannot access may be memory without
 * struct page.
 */
static int find_page(struct vcpu *vcpu, struct mapping *m, bool readonly)
{
	struct pfnmap map;
	long error;
	int r;

	m->page = pin(m->hva, readonly, m->write, &m->writable);
	m->kind = 0;
	if (!IS_ERR(m->page)) {
		m->pfn = page_to_pfn(m->page);
		return 0;
	}
	error = PTR_ERR(m->page);
	m->page = NULL;
	if (error != -EFAULT)
		return pin_failed(m->hva, error);
	r = pfnmap_find(vcpu->vm->mm, m->hva, m->write, &map);
	if (r)
		return r == -EFAULT ? pin_failed(m->hva, r) : r;
	m->pfn = map.pfn;
	m->writable = map.writable && !readonly;
	m->kind = (map.ram ? 0 : EPT_FOREIGN) | (map.cached ? 0 : EPT_UNCACHED);
	return 0;
}

static int fault_once(struct vcpu *vcpu, struct mapping *m)
{
	struct vm *vm = vcpu->vm;
	bool readonly;
	int r;

	m->seq = READ_ONCE(vm->mmu_seq);
	smp_rmb();	/* the slot and the page below are at least as new as seq */
	if (!memslot_find(vm, m->gpa, &m->slot))
		return -ENXIO;
	readonly = m->slot.flags & KVM_MEM_READONLY;
	if (m->write && readonly)
		return -ENXIO;
	r = ept_cache_fill(&vcpu->ept_cache);
	if (r)
		return r;
	m->hva = m->slot.hva + ((m->gpa - m->slot.gpa) & PAGE_MASK);
	r = find_page(vcpu, m, readonly);
	if (r)
		return r;
	r = map_page(vcpu, m);
	if (m->page)
		put_page(m->page);
	return r;
}

int ept_fault(struct vcpu *vcpu, u64 gpa, bool write, bool fetch)
{
	struct mapping m = {
		.gpa = gpa, .write = write, .fetch = fetch,
		.view = vcpu->view == VIEW_PLAIN ? VIEW_PLAIN : VIEW_HOOKED,
	};
	int r;

	vcpu->pf_taken++;
	do {
		r = fault_once(vcpu, &m);
		cond_resched();
	} while (r == -EAGAIN && !signal_pending(current));
	/* A pending signal is handled before the next entry. */
	return r == -EAGAIN ? 0 : r;
}

/* Return: the view that the vCPU has at its next entry, which may be its first one. */
static enum ept_view_id next_view(struct vm *vm)
{
	if (!READ_ONCE(vm->nr_hooks) && !READ_ONCE(vm->nr_watches))
		return VIEW_PLAIN;
	/* As in ept_view_prepare() */
	return smp_load_acquire(&vm->view[VIEW_HOOKED].ready) ? VIEW_HOOKED : VIEW_PLAIN;
}

long ept_prefault(struct vcpu *vcpu, u64 gpa)
{
	struct mapping m = { .gpa = gpa, .view = next_view(vcpu->vm) };
	int r;

	do {
		if (signal_pending(current))
			return -EINTR;
		r = fault_once(vcpu, &m);
		cond_resched();
	} while (r == -EAGAIN);
	if (r)
		return r == -ENXIO ? -ENOENT : r;
	return ept_base(gpa, m.level) + ept_level_size(m.level) - gpa;
}
