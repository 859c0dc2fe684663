// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extended page tables: filled on demand, emptied by slot changes and by the
 * host's memory management. Table pages stay until the VM goes.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/smp.h>

#include "dirty_log.h"
#include "ept_entry.h"
#include "hook.h"
#include "vcpu.h"
#include "vm.h"

/* Tables that one mapping may need, allocated before mmu_lock is taken. */
struct table_cache {
	u64 *table[EPT_LEVELS - 1];
	unsigned int nr;
};

static int cache_fill(struct table_cache *cache)
{
	while (cache->nr < ARRAY_SIZE(cache->table)) {
		u64 *t = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

		if (!t)
			return -ENOMEM;
		cache->table[cache->nr++] = t;
	}
	return 0;
}

static void cache_empty(struct table_cache *cache)
{
	while (cache->nr)
		free_page((unsigned long)cache->table[--cache->nr]);
}

static u64 *table_of(u64 entry)
{
	return __va(entry & EPT_ADDR);
}

int ept_view_prepare(struct vm *vm, enum ept_view_id id)
{
	struct ept_view *view = &vm->view[id];
	u64 *root = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

	if (!root)
		return -ENOMEM;
	spin_lock(&vm->mmu_lock);
	if (!view->root) {
		view->root = root;
		WRITE_ONCE(view->eptp, ept_pointer(__pa(root), false));
		root = NULL;
	}
	spin_unlock(&vm->mmu_lock);
	free_page((unsigned long)root);
	return 0;
}

int ept_init(struct vm *vm)
{
	return ept_view_prepare(vm, VIEW_PLAIN);
}

static void free_table(u64 *table, int level)
{
	unsigned int i;

	for (i = 0; level > 1 && i < EPT_ENTRIES; i++)
		if (ept_present(table[i]) && !ept_leaf(table[i], level))
			free_table(table_of(table[i]), level - 1);
	free_page((unsigned long)table);
}

/* No vCPU is left, or can come. */
void ept_free(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < VIEW_COUNT; i++)
		if (vm->view[i].root)
			free_table(vm->view[i].root, EPT_LEVELS);
}

/* Changes a leaf that is present. Return: what the TLBs have is wrong now. */
typedef bool (*leaf_fn)(u64 *entry, int level);

static bool zap_leaf(u64 *entry, int level)
{
	WRITE_ONCE(*entry, 0);
	return true;
}

static bool protect_leaf(u64 *entry, int level)
{
	if (level > 1)
		return zap_leaf(entry, level);
	if (!(*entry & EPT_W))
		return false;
	WRITE_ONCE(*entry, *entry & ~EPT_W);
	return true;
}

/* A large leaf that is only partly in [start, end) is changed as a whole. */
static bool each_leaf(u64 *table, int level, u64 base, u64 start, u64 end, leaf_fn fn)
{
	u64 size = ept_level_size(level);
	unsigned int i = start > base ? ept_index(start, level) : 0;
	bool flush = false;

	for (; i < EPT_ENTRIES && base + i * size < end; i++) {
		if (!ept_present(table[i]))
			continue;
		if (ept_leaf(table[i], level))
			flush |= fn(&table[i], level);
		else
			flush |= each_leaf(table_of(table[i]), level - 1,
					   base + i * size, start, end, fn);
	}
	return flush;
}

static bool both_views(struct vm *vm, u64 start, u64 end, leaf_fn fn)
{
	bool flush = false;
	unsigned int i;

	lockdep_assert_held(&vm->mmu_lock);
	for (i = 0; i < VIEW_COUNT; i++)
		if (vm->view[i].root)
			flush |= each_leaf(vm->view[i].root, EPT_LEVELS, 0, start, end, fn);
	return flush;
}

bool ept_zap(struct vm *vm, u64 start, u64 end)
{
	return both_views(vm, start, end, zap_leaf);
}

bool ept_write_protect(struct vm *vm, u64 start, u64 end)
{
	return both_views(vm, start, end, protect_leaf);
}

/* The entry of @gpa, with the tables above it, or NULL without @cache. */
static u64 *entry_of(struct ept_view *view, u64 gpa, int to, struct table_cache *cache)
{
	u64 *table = view->root;
	int level;

	for (level = EPT_LEVELS; level > to; level--) {
		u64 *e = &table[ept_index(gpa, level)];

		if (!ept_present(*e)) {
			u64 *t = cache->table[--cache->nr];

			WRITE_ONCE(*e, ept_make_table(__pa(t)));
		}
		table = table_of(*e);
	}
	return &table[ept_index(gpa, to)];
}

static void nothing(void *unused)
{
}

/* One interrupt to each CPU that is in a guest of this VM, and wait for all. */
void ept_flush(struct vm *vm)
{
	cpumask_var_t cpus;
	bool mask = zalloc_cpumask_var(&cpus, GFP_ATOMIC);
	unsigned int i;

	preempt_disable();
	for (i = 0; i < VM_MAX_VCPUS; i++) {
		struct vcpu *vcpu = vm_vcpu(vm, i);
		int cpu;

		if (!vcpu)
			continue;
		if (!mask) {
			vcpu_request(vcpu, REQ_FLUSH, true);
			continue;
		}
		set_bit(REQ_FLUSH, &vcpu->requests);
		smp_mb__after_atomic();	/* pairs with enter() in run.c */
		cpu = READ_ONCE(vcpu->guest_cpu);
		if (cpu >= 0)
			cpumask_set_cpu(cpu, cpus);
	}
	if (mask)
		smp_call_function_many(cpus, nothing, NULL, true);
	preempt_enable();
	free_cpumask_var(cpus);
}

/* A page of the VMM, referenced; writable if that is free or @write asks. */
static struct page *pin(u64 hva, bool readonly, bool write, bool *writable)
{
	struct page *page;
	long got;

	*writable = !readonly;
	if (!readonly && get_user_page_fast_only(hva, FOLL_WRITE, &page))
		return page;
	*writable = write;
	got = get_user_pages_unlocked(hva, 1, &page, write ? FOLL_WRITE : 0);
	return got == 1 ? page : NULL;
}

struct mapping {
	u64 gpa;
	struct memslot slot;
	struct page *page;
	unsigned long seq;	/* of the VM when @slot and @page were looked up */
	bool writable;		/* the host lets it be written */
	bool write;		/* the guest wants to */
};

static u64 hooked_leaf(struct hook *hook, struct page *page)
{
	void *map = kmap_local_page(page);

	hook_fill(hook, map);
	kunmap_local(map);
	return ept_make_leaf(__pa(hook->copy), 1, EPT_X);
}

/*
 * mmu_lock held: what this view shows of the page. Hooked pages in the plain
 * view, and logged ones, may be written only after a fault for writing, so that
 * every write to them is known.
 */
static u64 leaf_for(struct vm *vm, enum ept_view_id view, const struct mapping *m)
{
	struct hook *hook = hook_find(vm, m->gpa >> PAGE_SHIFT);
	bool writable = m->writable;

	if (hook && view == VIEW_HOOKED)
		return hooked_leaf(hook, m->page);
	if ((hook || m->slot.dirty) && !m->write)
		writable = false;
	if (writable && m->slot.dirty)
		dirty_log_mark(&m->slot, m->gpa);
	/* Cleaning it again goes through the notifier first. */
	if (writable && !PageReserved(m->page))
		SetPageDirty(m->page);
	return ept_make_leaf(page_to_phys(m->page), 1,
			     EPT_R | EPT_X | (writable ? EPT_W : 0));
}

static int map_page(struct vcpu *vcpu, const struct mapping *m, struct table_cache *cache)
{
	struct vm *vm = vcpu->vm;
	enum ept_view_id view = vcpu->view;
	int r = -EAGAIN;
	u64 *entry;

	spin_lock(&vm->mmu_lock);
	if (!vm->mmu_invalidating && vm->mmu_seq == m->seq) {
		entry = entry_of(&vm->view[view], m->gpa, 1, cache);
		WRITE_ONCE(*entry, leaf_for(vm, view, m));
		r = 0;
	}
	spin_unlock(&vm->mmu_lock);
	return r;
}

static int fault_once(struct vcpu *vcpu, struct mapping *m, struct table_cache *cache)
{
	struct vm *vm = vcpu->vm;
	bool readonly;
	int r;

	m->seq = READ_ONCE(vm->mmu_seq);
	smp_rmb();	/* the slot and the page are as new as seq */
	if (!memslot_find(vm, m->gpa, &m->slot))
		return -ENXIO;
	readonly = m->slot.flags & KVM_MEM_READONLY;
	if (m->write && readonly)
		return -ENXIO;
	m->page = pin(m->slot.hva + ((m->gpa - m->slot.gpa) & PAGE_MASK), readonly,
		      m->write, &m->writable);
	if (!m->page)
		return fatal_signal_pending(current) ? -EINTR : -EFAULT;
	r = cache_fill(cache);
	if (!r)
		r = map_page(vcpu, m, cache);
	put_page(m->page);
	return r;
}

int ept_fault(struct vcpu *vcpu, u64 gpa, bool write)
{
	struct mapping m = { .gpa = gpa, .write = write };
	struct table_cache cache = { };
	int r;

	do {
		r = fault_once(vcpu, &m, &cache);
		cond_resched();
	} while (r == -EAGAIN && !signal_pending(current));
	cache_empty(&cache);
	/* A signal that waits is seen to before the next entry. */
	return r == -EAGAIN ? 0 : r;
}
