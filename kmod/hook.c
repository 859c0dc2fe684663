// SPDX-License-Identifier: GPL-2.0-only
/*
 * Software breakpoints without a write to guest memory. A hooked page has a
 * copy with int3 at the breakpoints, mapped execute-only in the hooked view;
 * ept.c fills it when it is first fetched from, and zapping it is how it is
 * told that the page beneath has changed.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "hook.h"
#include "vcpu.h"
#include "vm.h"

#define INT3	0xcc

struct hook *hook_find(struct vm *vm, u64 gfn)
{
	lockdep_assert_held(&vm->mmu_lock);
	return vm->nr_hooks ? xa_load(&vm->hooks, gfn) : NULL;
}

bool hook_within(struct vm *vm, u64 gfn, u64 nr)
{
	unsigned long index = gfn;

	lockdep_assert_held(&vm->mmu_lock);
	return vm->nr_hooks && xa_find(&vm->hooks, &index, gfn + nr - 1, XA_PRESENT);
}

void hook_fill(struct hook *hook, struct page *page)
{
	void *map = kmap_local_page(page);
	struct soft_break *sb;
	u8 *copy = hook->copy;

	memcpy(copy, map, PAGE_SIZE);
	kunmap_local(map);
	hook->page = page;
	list_for_each_entry(sb, &hook->breaks, link)
		copy[offset_in_page(sb->gpa)] = INT3;
}

static void hook_free(struct hook *hook)
{
	if (!hook)
		return;
	free_page((unsigned long)hook->copy);
	kfree(hook);
}

static struct hook *hook_alloc(u64 gfn)
{
	struct hook *hook = kzalloc(sizeof(*hook), GFP_KERNEL_ACCOUNT);

	if (!hook)
		return NULL;
	hook->gfn = gfn;
	INIT_LIST_HEAD(&hook->breaks);
	hook->copy = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!hook->copy) {
		kfree(hook);
		return NULL;
	}
	return hook;
}

static void zap_page(struct vm *vm, u64 gfn)
{
	ept_zap(vm, gfn << PAGE_SHIFT, (gfn + 1) << PAGE_SHIFT);
}

/* The page is hooked after this; @fresh is used up or not. */
static void link_break(struct vm *vm, struct soft_break *sb, struct hook **fresh)
{
	u64 gfn = sb->gpa >> PAGE_SHIFT;
	struct hook *hook;

	spin_lock(&vm->mmu_lock);
	hook = xa_load(&vm->hooks, gfn);
	if (!hook) {
		hook = *fresh;
		*fresh = NULL;
		/* The slot was reserved: this cannot fail. */
		xa_store(&vm->hooks, gfn, hook, GFP_ATOMIC);
		WRITE_ONCE(vm->nr_hooks, vm->nr_hooks + 1);
	}
	list_add_tail(&sb->link, &hook->breaks);
	zap_page(vm, gfn);
	spin_unlock(&vm->mmu_lock);
}

int hook_insert(struct vm *vm, struct soft_break *sb, u64 gpa)
{
	u64 gfn = gpa >> PAGE_SHIFT;
	struct memslot slot;
	struct hook *fresh;
	int r;

	if (!vmx_ctl.exec_only)
		return -EOPNOTSUPP;
	if (!memslot_find(vm, gpa, &slot))
		return -ENXIO;
	r = ept_view_prepare(vm, VIEW_HOOKED);
	if (r)
		return r;
	fresh = hook_alloc(gfn);
	if (!fresh)
		return -ENOMEM;
	r = xa_reserve(&vm->hooks, gfn, GFP_KERNEL_ACCOUNT);
	if (!r) {
		sb->gpa = gpa;
		link_break(vm, sb, &fresh);
		/* Also makes each vCPU look which view it is to use. */
		ept_flush(vm);
	}
	hook_free(fresh);
	return r;
}

void hook_remove(struct vm *vm, struct soft_break *sb)
{
	u64 gfn = sb->gpa >> PAGE_SHIFT;
	struct hook *hook;

	spin_lock(&vm->mmu_lock);
	hook = xa_load(&vm->hooks, gfn);
	list_del_init(&sb->link);
	if (list_empty(&hook->breaks)) {
		xa_erase(&vm->hooks, gfn);
		WRITE_ONCE(vm->nr_hooks, vm->nr_hooks - 1);
	} else {
		hook = NULL;
	}
	zap_page(vm, gfn);
	/* The last one of a large page: it comes back whole. */
	if (!hook_within(vm, round_down(gfn, EPT_ENTRIES), EPT_ENTRIES))
		ept_collapse(vm, gfn << PAGE_SHIFT, (gfn + 1) << PAGE_SHIFT);
	spin_unlock(&vm->mmu_lock);
	/* Nobody executes the copy once this has returned. */
	ept_flush(vm);
	hook_free(hook);
}

/* Is this hit one that @sb was put there for? */
static bool wants(const struct soft_break *sb, const struct vcpu *vcpu, u64 gva, u64 cr3)
{
	return (sb->physical || sb->gva == gva) &&
	       (sb->any_cr3 || sb->cr3 == cr3) &&
	       (sb->vcpu_mask & BIT_ULL(vcpu->id));
}

bool hook_hits(struct vcpu *vcpu, u64 gpa, u64 gva, u32 *ids, unsigned int max,
	       unsigned int *nr)
{
	struct vm *vm = vcpu->vm;
	struct soft_break *sb;
	struct hook *hook;
	bool any = false;
	u64 cr3;

	vmcs_get(&vcpu->vmcs);
	cr3 = vmcs_read(GUEST_CR3) & ~0xfffULL;
	vmcs_put();
	*nr = 0;
	spin_lock(&vm->mmu_lock);
	hook = hook_find(vm, gpa >> PAGE_SHIFT);
	if (hook) {
		list_for_each_entry(sb, &hook->breaks, link) {
			if (sb->gpa != gpa)
				continue;
			any = true;
			if (*nr < max && wants(sb, vcpu, gva, cr3))
				ids[(*nr)++] = sb->id;
		}
	}
	spin_unlock(&vm->mmu_lock);
	return any;
}

void hook_refresh(struct vm *vm, u64 gpa, size_t len)
{
	u64 gfn = gpa >> PAGE_SHIFT, last = (gpa + len - 1) >> PAGE_SHIFT;
	bool flush = false;

	spin_lock(&vm->mmu_lock);
	for (; gfn <= last; gfn++) {
		if (hook_find(vm, gfn)) {
			zap_page(vm, gfn);
			flush = true;
		}
	}
	spin_unlock(&vm->mmu_lock);
	if (flush)
		ept_flush(vm);
}

/* What the copy has to have at @word of the page, @bytes being the page's. */
static u64 hooked_word(const struct hook *hook, unsigned int word, u64 bytes)
{
	struct soft_break *sb;

	list_for_each_entry(sb, &hook->breaks, link)
		if (offset_in_page(sb->gpa) / sizeof(u64) == word)
			((u8 *)&bytes)[sb->gpa % sizeof(u64)] = INT3;
	return bytes;
}

/* A copy that nobody can execute is made anew in any case. */
static bool outdated(struct vm *vm, const struct hook *hook)
{
	const u64 *copy = hook->copy;
	bool differs = false;
	unsigned int i;
	u64 *page, now;

	if (!ept_maps(vm, VIEW_HOOKED, hook->gfn << PAGE_SHIFT))
		return false;
	page = kmap_local_page(hook->page);
	for (i = 0; i < PAGE_SIZE / sizeof(u64) && !differs; i++) {
		now = READ_ONCE(page[i]);
		differs = now != copy[i] && hooked_word(hook, i, now) != copy[i];
	}
	kunmap_local(page);
	return differs;
}

void hook_check(struct vm *vm)
{
	unsigned long gfn = 0;
	struct hook *hook;
	bool flush = false;

	do {
		spin_lock(&vm->mmu_lock);
		hook = xa_find(&vm->hooks, &gfn, ULONG_MAX, XA_PRESENT);
		if (hook && outdated(vm, hook)) {
			zap_page(vm, gfn);
			flush = true;
		}
		spin_unlock(&vm->mmu_lock);
		cond_resched();
		gfn++;
	} while (hook);
	if (flush)
		ept_flush(vm);
}
