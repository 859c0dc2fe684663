// SPDX-License-Identifier: GPL-2.0-only
/*
 * The step view runs one instruction on pages that the hooked view protects. On the plain
 * view, accesses of the instruction to other watched pages would be missed; with pages
 * opened in the hooked view, accesses of other vCPUs would be missed. So each vCPU has a
 * root of its own. Below it are the tables of the hooked view, except that the tables on
 * the way to opened pages are copies. Pages are opened fault by fault.
 *
 * A zap in the hooked view is followed by a flush. Until the flush the vCPU may use the
 * old entry; at the flush all copies become invalid. An entry that is added to the hooked
 * view is found by a fault on the step view.
 *
 * The flush waits for vCPUs in the guest only. So a vCPU that handles an exit may have
 * copies that point to a table that is unlinked and freed: the module follows them only
 * if page_refs_seq says that no table was unlinked since.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "lib/ept_entry.h"
#include "mmu/ept_table.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

#define TABLES_FIRST	8
#define TABLES_MORE	8

int step_view_prepare(struct vcpu *vcpu)
{
	struct step_view *sv = &vcpu->step_view;
	unsigned int wanted = sv->nr_tables ? sv->nr_tables : TABLES_FIRST;

	if (sv->used == sv->nr_tables && sv->nr_tables)
		wanted = min(wanted + TABLES_MORE, STEP_TABLES);
	if (!sv->root) {
		u64 *root = ept_table_alloc();

		if (!root)
			return -ENOMEM;
		sv->eptp = ept_pointer(__pa(root), false);
		sv->root = root;
	}
	while (sv->nr_tables < wanted) {
		u64 *table = ept_table_alloc();

		if (!table)
			return -ENOMEM;
		sv->table[sv->nr_tables++] = table;
	}
	return 0;
}

int step_views_prepare(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;
	int r = 0;

	mutex_lock(&vm->lock);
	for (i = 0; !r && !vm->step_views && (vcpu = vm_next_vcpu(vm, &i)); i++)
		r = step_view_prepare(vcpu);
	/* From now on vcpu_life.c gives each new vCPU a step view. */
	vm->step_views = !r;
	mutex_unlock(&vm->lock);
	return r;
}

void step_view_free(struct vcpu *vcpu)
{
	struct step_view *sv = &vcpu->step_view;

	while (sv->nr_tables)
		ept_table_free(sv->table[--sv->nr_tables]);
	ept_table_free(sv->root);
}

/* ---- copies ---- */

/* Start with the hooked view and nothing open; mmu_lock held. */
static void view_begin(struct vcpu *vcpu)
{
	struct step_view *sv = &vcpu->step_view;

	memcpy(sv->root, vcpu->vm->view[VIEW_HOOKED].root, PAGE_SIZE);
	sv->used = 0;
	sv->nr_open = 0;
	sv->seq = vcpu->vm->page_refs_seq;
	sv->valid = true;
	sv->over = false;
	sv->invept = true;
}

static void copy_below(u64 *copy, u64 entry, int level)
{
	unsigned int i;

	if (!ept_present(entry)) {
		memset(copy, 0, PAGE_SIZE);
	} else if (!ept_leaf(entry, level)) {
		memcpy(copy, ept_table_of(entry), PAGE_SIZE);
	} else {
		for (i = 0; i < EPT_ENTRIES; i++)
			copy[i] = ept_split_leaf(entry, level, i);
	}
}

/*
 * Copy the tables on the way to @gpa. Return: the entry for the 4 KiB page, or NULL if
 * there are too few tables.
 */
static u64 *own_entry(struct step_view *sv, u64 gpa)
{
	u64 *table = sv->root, *entry, *copy;
	int level;

	for (level = EPT_LEVELS; level > 1; level--) {
		entry = &table[ept_index(gpa, level)];
		if (!(*entry & EPT_OWN)) {
			if (sv->used == sv->nr_tables)
				return NULL;
			copy = sv->table[sv->used++];
			copy_below(copy, *entry, level);
			WRITE_ONCE(*entry, ept_make_table(__pa(copy)) | EPT_OWN);
		}
		table = ept_table_of(*entry);
	}
	return &table[ept_index(gpa, 1)];
}

/* ---- opening and closing ---- */

static struct step_open *find_open(struct step_view *sv, u64 gpa)
{
	unsigned int i;

	for (i = 0; i < sv->nr_open; i++)
		if (sv->open[i].gpa == gpa)
			return &sv->open[i];
	return NULL;
}

static void close_all(struct step_view *sv)
{
	while (sv->nr_open) {
		struct step_open *open = &sv->open[--sv->nr_open];

		WRITE_ONCE(*open->entry, open->was);
	}
	sv->over = false;
	sv->invept = true;
}

/*
 * Return: the leaf @now with @prot added. It maps the guest's page and not the copy if
 * @guests, or if @prot permits reads or writes.
 */
static u64 opened(struct vm *vm, u64 now, u64 gpa, u64 prot, bool guests)
{
	struct hook *hook = hook_find(vm, gpa >> PAGE_SHIFT);
	u64 leaf = now | prot;

	if (hook && hook->copy && !(leaf & EPT_FOREIGN) &&
	    (guests || (prot & (EPT_R | EPT_W))))
		leaf = (leaf & ~EPT_ADDR) | page_to_phys(hook->page);
	if ((leaf & EPT_W) || ((leaf & EPT_X) && !vmx_ctl.exec_only))
		leaf |= EPT_R;
	return leaf;
}

static struct step_open *open_new(struct step_view *sv, u64 gpa)
{
	struct step_open *open;
	u64 *entry;

	if (sv->nr_open == STEP_OPEN)
		return NULL;
	entry = own_entry(sv, gpa);
	if (!entry)
		return NULL;
	open = &sv->open[sv->nr_open++];
	*open = (struct step_open){ .gpa = gpa, .entry = entry, .was = *entry };
	return open;
}

bool step_view_open(struct vcpu *vcpu, u64 gpa, u64 prot, bool guests)
{
	struct step_view *sv = &vcpu->step_view;
	struct step_open *open;
	u64 hooked, leaf;
	int level;

	gpa &= PAGE_MASK;
	hooked = ept_find(vcpu->vm, VIEW_HOOKED, gpa, &level);
	if (!hooked || ((prot & EPT_W) && !(hooked & EPT_HOST_W)))
		return false;
	if (!sv->valid || sv->seq != vcpu->vm->page_refs_seq)
		view_begin(vcpu);
	open = find_open(sv, gpa);
	if (sv->over) {
		/* In a loop, the same access to the same page finds it open already. */
		if (open && sv->nr_open == 1 &&
		    *open->entry == opened(vcpu->vm, open->was, gpa, prot, guests)) {
			sv->over = false;
			return true;
		}
		close_all(sv);
		open = NULL;
	}
	if (!open)
		open = open_new(sv, gpa);
	if (!open)
		return false;
	leaf = opened(vcpu->vm, *open->entry, gpa, prot, guests);
	if (!ept_present(open->was))
		return false;
	/* More permissions need no flush, another page does (ept_table.c). */
	if ((*open->entry & (EPT_RWX | EPT_OLD)) && ((*open->entry ^ leaf) & EPT_ADDR))
		sv->invept = true;
	WRITE_ONCE(*open->entry, leaf);
	return true;
}

bool step_view_shows_guest(struct vcpu *vcpu, u64 gpa)
{
	struct step_view *sv = &vcpu->step_view;
	struct hook *hook = hook_find(vcpu->vm, gpa >> PAGE_SHIFT);
	struct step_open *open;

	if (!hook || !hook->copy)
		return true;
	open = sv->valid && !sv->over ? find_open(sv, gpa & PAGE_MASK) : NULL;
	return open && (*open->entry & EPT_ADDR) != __pa(hook->copy);
}

void step_view_reset(struct vcpu *vcpu)
{
	vcpu->step_view.valid = false;
}

void step_view_over(struct vcpu *vcpu)
{
	vcpu->step_view.over = true;
}

void step_view_enter(struct vcpu *vcpu)
{
	struct step_view *sv = &vcpu->step_view;

	if (unlikely(!sv->valid)) {
		spin_lock(&vcpu->vm->mmu_lock);
		view_begin(vcpu);
		spin_unlock(&vcpu->vm->mmu_lock);
	}
	if (unlikely(sv->over))
		close_all(sv);
	if (sv->invept)
		vmx_invept(vmx_ctl.invept_single ? 1 : 2, sv->eptp);
	sv->invept = false;
}
