// SPDX-License-Identifier: GPL-2.0-only
/*
 * The copy of a hooked page, which the guest executes in place of the page, follows
 * all stores to the page. The module sees the stores of the guest and of debuggers, but
 * not those that the VMM makes itself, as for disk DMA. So a copy is *open* only from
 * the first fetch, which exits and compares copy and page, until the next KVM_RUN, which
 * takes the execute permission back, or compares itself if the guest executes the copy
 * again and again. The cost depends on the pages executed in between, not on the number of
 * pages with breakpoints.
 *
 * Words that differ are stored one by one, so that a vCPU that executes the copy
 * meanwhile never sees a byte without its int3.
 */
#include <linux/bitmap.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <asm/fpu/api.h>

#include "lib/ept_entry.h"
#include "lib/mc_equal.h"
#include "lib/mc_read.h"
#include "lib/watch_tree.h"
#include "mmu/ept_range.h"
#include "mmu/ept_table.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx/vmx_cpu.h"

#define WORDS		(HOOK_LINE / sizeof(u64))	/* of a line */
#define FEW		8	/* comparing up to 8 copies costs less than an interrupt */

/*
 * A comparison costs less than a flush, and the exit of the next fetch with a comparison. So
 * a copy that was fetched and equal LIKELY times in a row is compared instead, and after
 * GUESSES comparisons an exit tells whether the guest still executes it.
 */
#define LIKELY		2
#define GUESSES		7
#define GUESSED_MOST	256	/* in one KVM_RUN: the time under mmu_lock is bounded */

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

/* Return: @bytes with an int3 in place of each byte whose bit is set in @int3. */
static u64 hooked_word(u64 bytes, u8 int3)
{
	unsigned int i;

	for (i = 0; int3; i++, int3 >>= 1)
		if (int3 & 1)
			((u8 *)&bytes)[i] = INT3;
	return bytes;
}

static bool line_differs(const u64 *copy, const u64 *page)
{
	BUILD_BUG_ON(WORDS != 8);
	return mc_read_xor(copy[0], &page[0]) | mc_read_xor(copy[1], &page[1]) |
	       mc_read_xor(copy[2], &page[2]) | mc_read_xor(copy[3], &page[3]) |
	       mc_read_xor(copy[4], &page[4]) | mc_read_xor(copy[5], &page[5]) |
	       mc_read_xor(copy[6], &page[6]) | mc_read_xor(copy[7], &page[7]);
}

/* Return: whether nothing had to be stored. */
static noinline bool sync_line(u64 *copy, const u64 *page, u64 int3)
{
	bool same = true;
	unsigned int i;
	u64 now;

	for (i = 0; i < WORDS; i++, int3 >>= BITS_PER_BYTE) {
		now = mc_read_word(&page[i]);
		if (unlikely((u8)int3))
			now = hooked_word(now, int3);
		if (now != copy[i]) {
			WRITE_ONCE(copy[i], now);
			same = false;
		}
	}
	return same;
}

bool hook_sync(struct hook *hook)
{
	u64 *page = kmap_local_page(hook->page), *copy = hook->copy;
	bool same = true;
	unsigned int i;

	for (i = 0; i < HOOK_LINES; i++, page += WORDS, copy += WORDS)
		if (line_differs(copy, page))
			same &= sync_line(copy, page, hook->int3[i]);
	kunmap_local(page - HOOK_LINES * WORDS);
	return same;
}

/* As hook_sync(), between kernel_fpu_begin() and _end(). Lines without int3 are the most. */
static bool sync_wide(struct hook *hook)
{
	void *page = kmap_local_page(hook->page), *copy = hook->copy;
	unsigned long broken = hook->broken;
	unsigned int i, end, at;
	bool same = true;

	BUILD_BUG_ON(HOOK_LINE != MC_EQUAL_LINE);
	for_each_clear_bitrange(i, end, &broken, HOOK_LINES) {
		at = i * HOOK_LINE;
		same = same && mc_equal(copy + at, page + at, end - i);
	}
	for_each_set_bit(i, &broken, HOOK_LINES) {
		at = i * HOOK_LINE;
		same = sync_line(copy + at, page + at, hook->int3[i]) && same;
	}
	kunmap_local(page);
	if (!same)
		hook_sync(hook);
	return same;
}

/* Compare for what the module did not see. @wide: between kernel_fpu_begin() and _end() */
static void compare_copy(struct hook *hook, bool wide)
{
	bool same = wide ? sync_wide(hook) : hook_sync(hook);

	hook->same = same ? min(hook->same + 1, LIKELY) : 0;
}

void hook_follow(struct hook *hook, const void *at, unsigned int len)
{
	unsigned int i = offset_in_page(at) / sizeof(u64);
	unsigned int last = (offset_in_page(at) + len - 1) / sizeof(u64);
	const u64 *page = PTR_ALIGN_DOWN(at, PAGE_SIZE);
	u64 *copy = hook->copy;

	for (; i <= last; i++) {
		u8 int3 = hook->int3[i / WORDS] >> i % WORDS * BITS_PER_BYTE;

		WRITE_ONCE(copy[i], hooked_word(mc_read_word(&page[i]), int3));
	}
}

void hook_fill(struct vm *vm, struct hook *hook, struct page *page)
{
	hook->page = page;
	hook->guesses = 0;
	compare_copy(hook, false);
	if (list_empty(&hook->open))
		list_add(&hook->open, &vm->open_hooks);
}

/* ---- open and shut ---- */

/* Without execute-only translations, executable pages must be readable. */
u64 hook_prot(void)
{
	return vmx_ctl.exec_only ? EPT_X : EPT_R | EPT_X;
}

void hook_shut(struct hook *hook)
{
	list_del_init(&hook->open);
}

bool hook_open(struct vm *vm, struct hook *hook)
{
	if (list_empty(&hook->open))
		return false;
	/* The host's memory management may have unmapped the page. */
	if (!ept_maps(vm, VIEW_HOOKED, hook->gfn << PAGE_SHIFT))
		hook_shut(hook);
	return !list_empty(&hook->open);
}

/* mmu_lock held. Return: whether the copy was shut and can be executed now. */
static bool open_again(struct vm *vm, u64 gpa)
{
	struct hook *hook = hook_find(vm, gpa >> PAGE_SHIFT);
	u64 *entry, leaf, deny;

	if (!hook || !hook->copy || !hook->settled || !list_empty(&hook->open))
		return false;
	entry = ept_small_leaf(vm, VIEW_HOOKED, gpa);
	if (!entry || (*entry & EPT_FOREIGN))
		return false;
	hook_fill(vm, hook, hook->page);
	deny = watch_denies(&vm->watches, gpa & PAGE_MASK, gpa | ~PAGE_MASK);
	leaf = ept_deny((*entry & ~EPT_HELD) | hook_prot(), deny, vmx_ctl.exec_only);
	if (!(leaf & EPT_X))
		return false;
	WRITE_ONCE(*entry, leaf);
	return true;
}

bool hook_fetched(struct vm *vm, u64 gpa)
{
	bool opened;

	spin_lock(&vm->mmu_lock);
	opened = open_again(vm, gpa);
	spin_unlock(&vm->mmu_lock);
	return opened;
}

static bool other_in_guest(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct vcpu_walk walk;
	struct vcpu *other;

	vm_for_each_vcpu(vm, other, walk)
		if (other != vcpu && READ_ONCE(other->guest_cpu) >= 0)
			return true;
	return false;
}

/* Return: the leaf of an open copy, or NULL if the host's memory management has taken it. */
static u64 *leaf_of(struct vm *vm, const struct hook *hook)
{
	return ept_small_leaf(vm, VIEW_HOOKED, hook->gfn << PAGE_SHIFT);
}

/* mmu_lock held. The caller flushes, which makes step views forget it, too. */
static void shut_copy(struct hook *hook, u64 *entry)
{
	if (entry)
		WRITE_ONCE(*entry, (*entry & ~EPT_RWX) | EPT_HELD);
	hook_shut(hook);
}

static void shut_all(struct vm *vm)
{
	struct hook *hook, *next;

	list_for_each_entry_safe(hook, next, &vm->open_hooks, open)
		shut_copy(hook, leaf_of(vm, hook));
}

/* Compare up to FEW open copies; mmu_lock held. Return: whether there are no more. */
static bool sync_few(struct vm *vm, bool wide)
{
	struct hook *hook, *next;
	unsigned int nr = 0;

	list_for_each_entry_safe(hook, next, &vm->open_hooks, open) {
		if (!hook_open(vm, hook))
			continue;
		if (nr++ == FEW)
			return false;
		compare_copy(hook, wide);
	}
	return true;
}

static bool likely_fetched(struct hook *hook)
{
	return hook->same >= LIKELY && hook->guesses++ < GUESSES;
}

/*
 * Compare copies that are likely to be fetched, and shut the others; mmu_lock held. Return:
 * whether any was shut.
 */
static bool compare_likely(struct vm *vm, bool wide)
{
	unsigned int room = GUESSED_MOST;
	struct hook *hook, *next;
	bool shut = false;
	u64 *entry;

	list_for_each_entry_safe(hook, next, &vm->open_hooks, open) {
		entry = leaf_of(vm, hook);
		if (room && entry && likely_fetched(hook)) {
			compare_copy(hook, wide);
			room--;
		} else {
			shut_copy(hook, entry);
			shut = true;
		}
	}
	return shut;
}

/* mmu_lock held. Return: whether copies were shut: a flush is due. */
static bool check_all(struct vm *vm, bool shared, bool wide)
{
	if (!shared)
		return compare_likely(vm, wide);
	if (sync_few(vm, wide))
		return false;
	shut_all(vm);
	return true;
}

void hook_check(struct vcpu *vcpu)
{
	bool wide = mc_equal_works(), shared, shut;
	struct vm *vm = vcpu->vm;

	if (list_empty_careful(&vm->open_hooks))
		return;
	/* Shutting copies while another vCPU is in the guest would interrupt it. */
	shared = other_in_guest(vcpu);
	spin_lock(&vm->mmu_lock);
	if (wide)
		kernel_fpu_begin_mask(0);
	shut = check_all(vm, shared, wide);
	if (wide)
		kernel_fpu_end();
	spin_unlock(&vm->mmu_lock);
	if (shut)
		vm_flush_tlb(vm);
}
