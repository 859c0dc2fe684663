// SPDX-License-Identifier: GPL-2.0-only
/*
 * EPT tables of both views. A table exists until the VM ends or a large page takes its
 * place.
 *
 * Processors cache leaves, and entries that point to tables, but never entries that are
 * not present (SDM vol. 3, 29.4). So no flush is needed to make an entry present or to
 * add a permission: a processor that has cached the old entry faults, which drops it
 * (29.4.3.1), and then finds the new one. Any other change - a leaf or a permission is
 * removed, a leaf maps another page, a table is unlinked - needs vm_flush_tlb() before
 * the page or table is given back. The flush comes after mmu_lock was released; until
 * then a guest may use the old entry. An old leaf (ept_age_long()) has lost its permissions
 * without a flush, so the next change of it needs one.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#include "lib/ept_entry.h"
#include "mmu/ept_table.h"
#include "mmu/page_ref.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vm.h"

/* The host shows these tables in /proc/meminfo and in the VMM's cgroup. */
static void account(u64 *table, int nr)
{
	mod_lruvec_page_state(virt_to_page(table), NR_SECONDARY_PAGETABLE, nr);
}

u64 *ept_table_alloc(void)
{
	u64 *table = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

	if (table)
		account(table, 1);
	return table;
}

void ept_table_free(u64 *table)
{
	if (!table)
		return;
	account(table, -1);
	free_page((unsigned long)table);
}

int ept_cache_fill(struct ept_cache *cache)
{
	while (cache->nr < ARRAY_SIZE(cache->table)) {
		u64 *t = ept_table_alloc();

		if (!t)
			return -ENOMEM;
		cache->table[cache->nr++] = t;
	}
	return 0;
}

void ept_cache_empty(struct ept_cache *cache)
{
	while (cache->nr)
		ept_table_free(cache->table[--cache->nr]);
}

/*
 * Processors tag translations with the address of the root (SDM vol. 3, 29.4.1), and keep
 * those of a root that is freed. The page may have been the root of another VM, whose
 * memory the guest would then see. So every vCPU flushes after the root is known, and
 * the view is ready after that. A vCPU that is created later, or comes to another CPU,
 * flushes before its first entry there.
 */
int ept_view_prepare(struct vm *vm, enum ept_view_id id)
{
	struct ept_view *view = &vm->view[id];
	u64 *root;

	/* Pairs with the release below: whoever uses the view comes after the flush. */
	if (smp_load_acquire(&view->ready))
		return 0;
	root = ept_table_alloc();
	if (!root)
		return -ENOMEM;
	spin_lock(&vm->mmu_lock);
	if (!view->root) {
		view->root = root;
		WRITE_ONCE(view->eptp, ept_pointer(__pa(root), false));
		root = NULL;
	}
	spin_unlock(&vm->mmu_lock);
	ept_table_free(root);
	smp_mb();	/* a vCPU that is not in the table yet finds eptp at its flush */
	vm_flush_tlb(vm);
	smp_store_release(&view->ready, true);	/* after the flush */
	return 0;
}

int ept_init(struct vm *vm)
{
	return ept_view_prepare(vm, VIEW_PLAIN);
}

/* May sleep. */
static void free_table(u64 *table, int level)
{
	unsigned int i;

	for (i = 0; level > 1 && i < EPT_ENTRIES; i++)
		if (ept_present(table[i]) && !ept_leaf(table[i], level))
			free_table(ept_table_of(table[i]), level - 1);
	if (level > 1)
		cond_resched();
	ept_table_free(table);
}

void ept_free(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < VIEW_COUNT; i++)
		if (vm->view[i].root)
			free_table(vm->view[i].root, EPT_LEVELS);
}

/* ---- single entries ---- */

void ept_zap_leaf(struct vm *vm, u64 *entry, int level)
{
	vm->pages[level]--;
	WRITE_ONCE(*entry, 0);
	smp_store_release(&vm->zapped, vm->zapped + 1);	/* pairs with vm_flush_tlb() */
}

bool ept_flush_owed(struct vm *vm)
{
	bool owed;

	spin_lock(&vm->mmu_lock);
	owed = vm->zapped != READ_ONCE(vm->flushed);
	spin_unlock(&vm->mmu_lock);
	return owed;
}

/* Zap all leaves of a table and of those below it. */
static void zap_table(struct vm *vm, u64 *table, int level)
{
	unsigned int i;

	for (i = 0; i < EPT_ENTRIES; i++) {
		if (!ept_present(table[i]))
			continue;
		if (ept_leaf(table[i], level))
			ept_zap_leaf(vm, &table[i], level);
		else
			zap_table(vm, ept_table_of(table[i]), level - 1);
	}
}

/* Return: a pointer to the leaf that maps @gpa, old or not, or NULL. */
static u64 *ept_any_leaf(struct vm *vm, enum ept_view_id view, u64 gpa, int *level)
{
	u64 *table = vm->view[view].root, *entry;

	for (*level = EPT_LEVELS; table; --*level) {
		entry = &table[ept_index(gpa, *level)];
		if (!ept_present(*entry))
			break;
		if (ept_leaf(*entry, *level))
			return entry;
		table = ept_table_of(*entry);
	}
	return NULL;
}

u64 *ept_find_entry(struct vm *vm, enum ept_view_id view, u64 gpa, int *level)
{
	u64 *entry = ept_any_leaf(vm, view, gpa, level);

	return entry && !(*entry & EPT_OLD) ? entry : NULL;
}

u64 ept_peek(struct vm *vm, enum ept_view_id view, u64 gpa, int *level)
{
	u64 *entry = ept_any_leaf(vm, view, gpa, level);

	return entry ? *entry : 0;
}

u64 ept_find(struct vm *vm, enum ept_view_id view, u64 gpa, int *level)
{
	u64 *entry = ept_find_entry(vm, view, gpa, level);

	return entry ? *entry : 0;
}

u64 *ept_small_leaf(struct vm *vm, enum ept_view_id view, u64 gpa)
{
	u64 *table = vm->view[view].root, *leaf;
	int level;

	lockdep_assert_held(&vm->mmu_lock);
	if (!table)
		return NULL;
	for (level = EPT_LEVELS; level > 1; level--) {
		u64 entry = table[ept_index(gpa, level)];

		if (!ept_present(entry) || ept_leaf(entry, level))
			return NULL;
		table = ept_table_of(entry);
	}
	leaf = &table[ept_index(gpa, 1)];
	return ept_present(*leaf) && !(*leaf & EPT_OLD) ? leaf : NULL;
}

u64 *ept_entry(struct vm *vm, struct ept_view *view, u64 gpa, int to,
	       struct ept_cache *cache, struct ept_change *change)
{
	u64 *table = view->root;
	int level;

	for (level = EPT_LEVELS; level > to; level--) {
		u64 *e = &table[ept_index(gpa, level)];

		if (ept_present(*e) && ept_leaf(*e, level)) {
			ept_zap_leaf(vm, e, level);
			change->flush = true;
		}
		if (!ept_present(*e))
			WRITE_ONCE(*e, ept_make_table(__pa(cache->table[--cache->nr])));
		table = ept_table_of(*e);
	}
	return &table[ept_index(gpa, to)];
}

void ept_set(struct vm *vm, u64 *entry, int level, u64 leaf, struct ept_change *change)
{
	if (ept_present(*entry) && ept_leaf(*entry, level)) {
		vm->pages[level]--;
		/* Before it became old, a processor may have cached that it is writable. */
		if (*entry & EPT_OLD)
			change->flush |= *entry & ~leaf & EPT_HOST_W;
	} else if (ept_present(*entry)) {
		change->flush = true;
		change->table = ept_table_of(*entry);
		change->level = level - 1;
		page_refs_void(vm);
		zap_table(vm, change->table, change->level);
	}
	vm->pages[level]++;
	WRITE_ONCE(*entry, leaf);
}

void ept_change_finish(struct vm *vm, struct ept_change *change)
{
	if (change->flush)
		vm_flush_tlb(vm);
	if (change->table)
		free_table(change->table, change->level);
}
