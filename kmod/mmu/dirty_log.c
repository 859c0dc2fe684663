// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of written pages. While a slot has one, EPT maps its pages in 4 KiB and
 * writable only after a write fault, which logs the page. Handing out the log takes
 * the write permission back, or clearing it does if the VMM asked for that
 * (KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2). gpa_write() logs the writes that the module makes
 * for the guest.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "mmu/dirty_log.h"
#include "mmu/ept_range.h"
#include "mmu/memslot.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vm.h"

#define CHUNK_WORDS	64	/* of the log, in one section of mmu_lock */

/*
 * Take those bits of some words of the log that are set in @out, in and out, and
 * write-protect their pages. Return: whether a flush is needed.
 */
static bool take_chunk(struct vm *vm, const struct memslot *slot, size_t word,
		       size_t words, unsigned long *out)
{
	unsigned long *bits = slot->dirty->bits + word;
	u64 base = slot->gpa + ((u64)word * BITS_PER_LONG << PAGE_SHIFT);
	unsigned long from, to;
	bool flush = false;
	size_t i;

	spin_lock(&vm->mmu_lock);
	for (i = 0; i < words; i++) {
		out[i] &= READ_ONCE(bits[i]);
		if (out[i])
			atomic_long_andnot(out[i], (atomic_long_t *)&bits[i]);
	}
	/* A leaf that somebody has zapped, and not flushed yet, may have been writable. */
	for_each_set_bitrange(from, to, out, words * BITS_PER_LONG) {
		ept_write_protect(vm, base + ((u64)from << PAGE_SHIFT),
				  base + ((u64)to << PAGE_SHIFT));
		flush = true;
	}
	spin_unlock(&vm->mmu_lock);
	return flush;
}

/* Take the bits of the log from @first on that are set in @out. vm->lock held. */
static void log_take(struct vm *vm, const struct memslot *slot, size_t first, size_t words,
		     unsigned long *out)
{
	bool flush = false;
	size_t word;

	for (word = 0; word < words; word += CHUNK_WORDS) {
		flush |= take_chunk(vm, slot, first + word,
				    min_t(size_t, words - word, CHUNK_WORDS), out + word);
		cond_resched();
	}
	/* A write through a stale TLB entry before this is to a page in @out. */
	if (flush)
		vm_flush_tlb(vm);
}

static unsigned long *log_alloc_words(size_t words)
{
	return kvmalloc_array(words, sizeof(long), GFP_KERNEL_ACCOUNT);
}

/* The VMM clears the log by itself. Each write after the copy is to a page that it has. */
static void log_copy(const struct memslot *slot, size_t words, unsigned long *out)
{
	size_t i;

	for (i = 0; i < words; i++)
		out[i] = READ_ONCE(slot->dirty->bits[i]);
}

/*
 * Copy the log, and clear it unless the VMM does. vm->lock held.
 * Return: the bits, which the caller frees, or an ERR_PTR().
 */
static unsigned long *log_snapshot(struct vm *vm, const struct memslot *slot)
{
	size_t words = dirty_log_words(slot->size);
	unsigned long *bits = log_alloc_words(words);

	if (!bits)
		return ERR_PTR(-ENOMEM);
	if (vm->manual_dirty_log) {
		log_copy(slot, words, bits);
	} else {
		memset(bits, 0xff, words * sizeof(long));
		log_take(vm, slot, 0, words, bits);
	}
	return bits;
}

static unsigned long *snapshot(struct vm *vm, u32 id, struct memslot *slot)
{
	unsigned long *bits = ERR_PTR(-ENOENT);

	mutex_lock(&vm->lock);
	if (memslot_by_id(vm, id, slot) && slot->dirty)
		bits = log_snapshot(vm, slot);
	mutex_unlock(&vm->lock);
	return bits;
}

/* The copy to the caller failed, so the pages are still dirty. */
static void log_put_back(struct vm *vm, u32 id, const struct memslot *was,
			 const unsigned long *bits)
{
	struct memslot slot;
	unsigned long nr;

	mutex_lock(&vm->lock);
	if (memslot_by_id(vm, id, &slot) && slot.dirty == was->dirty &&
	    slot.size == was->size)
		for_each_set_bit(nr, bits, slot.size >> PAGE_SHIFT)
			set_bit(nr, slot.dirty->bits);
	mutex_unlock(&vm->lock);
}

int dirty_log_get(struct vm *vm, const struct kvm_dirty_log *arg)
{
	struct memslot slot;
	unsigned long *bits;
	int r = 0;

	if (arg->slot >= VM_MAX_SLOTS) {
		pr_debug_ratelimited("dirty log refused: there is no slot %#x\n", arg->slot);
		return -EINVAL;
	}
	bits = snapshot(vm, arg->slot, &slot);
	if (IS_ERR(bits))
		return PTR_ERR(bits);
	if (copy_to_user(arg->dirty_bitmap, bits, dirty_log_words(slot.size) * sizeof(long))) {
		log_put_back(vm, arg->slot, &slot, bits);
		r = -EFAULT;
	}
	kvfree(bits);
	return r;
}

/* vm->lock held. Return: 0 with the slot whose log @arg clears, -ENOENT, or -EINVAL. */
static int slot_to_clear(struct vm *vm, const struct kvm_clear_dirty_log *arg,
			 struct memslot *slot)
{
	u64 pages;

	if (!memslot_by_id(vm, arg->slot, slot) || !slot->dirty)
		return -ENOENT;
	pages = slot->size >> PAGE_SHIFT;
	if (arg->first_page > pages || arg->num_pages > pages - arg->first_page)
		return -EINVAL;
	/* Only the last word of the log may be incomplete. */
	if (arg->num_pages % BITS_PER_LONG && arg->num_pages < pages - arg->first_page)
		return -EINVAL;
	return 0;
}

/* Return: the VMM's bits, which the caller frees, or an ERR_PTR(). */
static unsigned long *bits_to_clear(struct vm *vm, const struct kvm_clear_dirty_log *arg)
{
	size_t words = BITS_TO_LONGS(arg->num_pages);
	struct memslot slot;
	unsigned long *bits;
	int r;

	mutex_lock(&vm->lock);
	r = slot_to_clear(vm, arg, &slot);
	mutex_unlock(&vm->lock);
	if (r)
		return ERR_PTR(r);
	bits = log_alloc_words(words);
	if (!bits)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(bits, arg->dirty_bitmap, words * sizeof(long))) {
		kvfree(bits);
		return ERR_PTR(-EFAULT);
	}
	return bits;
}

int dirty_log_clear(struct vm *vm, const struct kvm_clear_dirty_log *arg)
{
	struct memslot slot;
	unsigned long *bits;
	int r;

	if (arg->slot >= VM_MAX_SLOTS || arg->first_page % BITS_PER_LONG)
		return -EINVAL;
	bits = bits_to_clear(vm, arg);
	if (IS_ERR(bits))
		return PTR_ERR(bits);
	mutex_lock(&vm->lock);
	/* Checked again: the slot may have changed while the bits were copied. */
	r = slot_to_clear(vm, arg, &slot);
	if (!r)
		log_take(vm, &slot, arg->first_page / BITS_PER_LONG,
			 BITS_TO_LONGS(arg->num_pages), bits);
	mutex_unlock(&vm->lock);
	kvfree(bits);
	return r;
}

int dirty_log_manual(struct vm *vm, u64 flags)
{
	if ((flags & ~(u64)DIRTY_LOG_MANUAL) || flags == KVM_DIRTY_LOG_INITIALLY_SET)
		return -EINVAL;
	mutex_lock(&vm->lock);
	vm->manual_dirty_log = flags;
	mutex_unlock(&vm->lock);
	return 0;
}
