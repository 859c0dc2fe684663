// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of written pages. While a slot has one, EPT maps its pages in 4 KiB and
 * writable only after a write fault, which logs the page. Handing out the log takes
 * the write permission back. gpa_write() logs the writes that the module makes for
 * the guest.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/bitmap.h>
#include <linux/find.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "mmu/dirty_log.h"
#include "mmu/ept_range.h"
#include "mmu/memslot.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vm.h"

#define CHUNK_WORDS	64	/* of the log, in one section of mmu_lock */

/*
 * Move some words of the log to @out and write-protect their pages. Return: whether a
 * flush is needed.
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
	for (i = 0; i < words; i++)
		out[i] = READ_ONCE(bits[i]) ? xchg(&bits[i], 0) : 0;
	/* A leaf that somebody has zapped, and not flushed yet, may have been writable. */
	for_each_set_bitrange(from, to, out, words * BITS_PER_LONG) {
		ept_write_protect(vm, base + ((u64)from << PAGE_SHIFT),
				  base + ((u64)to << PAGE_SHIFT));
		flush = true;
	}
	spin_unlock(&vm->mmu_lock);
	return flush;
}

/* vm->lock held. */
static void log_take(struct vm *vm, const struct memslot *slot, unsigned long *out)
{
	size_t word, all = dirty_log_words(slot->size);
	bool flush = false;

	for (word = 0; word < all; word += CHUNK_WORDS) {
		flush |= take_chunk(vm, slot, word, min_t(size_t, all - word, CHUNK_WORDS),
				    out + word);
		cond_resched();
	}
	/* A write through a stale TLB entry before this is to a page in @out. */
	if (flush)
		vm_flush_tlb(vm);
}

/* Return: the bits, taken from the log, which the caller frees; or an ERR_PTR(). */
static unsigned long *snapshot(struct vm *vm, u32 id, struct memslot *slot)
{
	unsigned long *bits;

	mutex_lock(&vm->lock);
	if (!memslot_by_id(vm, id, slot) || !slot->dirty) {
		bits = ERR_PTR(-ENOENT);
	} else {
		bits = kvcalloc(dirty_log_words(slot->size), sizeof(long), GFP_KERNEL_ACCOUNT);
		if (bits)
			log_take(vm, slot, bits);
		else
			bits = ERR_PTR(-ENOMEM);
	}
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
	if (memslot_by_id(vm, id, &slot) && slot.dirty == was->dirty)
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
