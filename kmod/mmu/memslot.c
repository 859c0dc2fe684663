// SPDX-License-Identifier: GPL-2.0-only
/* Memory slots: the map from guest-physical memory to the VMM's address space. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "lib/compat.h"
#include "mmu/dirty_log.h"
#include "mmu/ept_range.h"
#include "mmu/ept_table.h"
#include "mmu/memslot.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vm.h"
#include "vmxdbg.h"

#define EPT_BITS	48	/* four levels of EPT map no more */
#define MAX_PAGES	((1UL << 31) - 1)	/* in one slot, as KVM has it */

/* @set: all pages are dirty */
static struct dirty_log *log_alloc(u64 size, bool set)
{
	struct dirty_log *log;

	log = kvzalloc(struct_size(log, bits, dirty_log_words(size)), GFP_KERNEL_ACCOUNT);
	if (log && set)
		bitmap_set(log->bits, 0, size >> PAGE_SHIFT);
	return log;
}

static void log_free(struct dirty_log *log)
{
	if (log)
		kvfree_rcu(log, rcu);
}

static const struct memslot *slot_find(const struct memslots *slots, u64 gpa)
{
	unsigned int lo = 0, hi = slots ? slots->nr : 0;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;
		const struct memslot *s = &slots->slot[mid];

		if (gpa < s->gpa)
			hi = mid;
		else if (gpa - s->gpa >= s->size)
			lo = mid + 1;
		else
			return s;
	}
	return NULL;
}

bool memslot_find(struct vm *vm, u64 gpa, struct memslot *slot)
{
	const struct memslot *s;

	rcu_read_lock();
	s = slot_find(rcu_dereference(vm->slots), gpa);
	if (s)
		*slot = *s;
	rcu_read_unlock();
	return s;
}

void __user *memslot_user(struct vm *vm, u64 gpa)
{
	const struct memslot *s;
	u64 hva = 0;

	rcu_read_lock();
	s = slot_find(rcu_dereference(vm->slots), gpa);
	if (s)
		hva = s->hva + (gpa - s->gpa);
	rcu_read_unlock();
	return (void __user *)(unsigned long)hva;
}

bool memslots_within(struct vm *vm, u64 first, u64 last)
{
	const struct memslots *slots;
	unsigned int i;
	bool any = false;

	rcu_read_lock();
	slots = rcu_dereference(vm->slots);
	for (i = 0; slots && i < slots->nr && !any; i++)
		any = slots->slot[i].gpa <= last &&
		      slots->slot[i].gpa + slots->slot[i].size > first;
	rcu_read_unlock();
	return any;
}

bool memslot_is_at(struct vm *vm, u64 gpa)
{
	bool is;

	rcu_read_lock();
	is = slot_find(rcu_dereference(vm->slots), gpa);
	rcu_read_unlock();
	return is;
}

bool memslot_by_id(struct vm *vm, u32 id, struct memslot *slot)
{
	const struct memslots *slots =
		rcu_dereference_protected(vm->slots, lockdep_is_held(&vm->lock));
	unsigned int i;

	for (i = 0; slots && i < slots->nr; i++) {
		if (slots->slot[i].id == id) {
			*slot = slots->slot[i];
			return true;
		}
	}
	return false;
}

void memslot_mark_dirty(struct vm *vm, u64 gpa)
{
	const struct memslot *s;

	/*
	 * Pairs with slot_publish(): either the thread that turns the log on sees the
	 * write, or this one sees the log.
	 */
	smp_mb();
	rcu_read_lock();
	s = slot_find(rcu_dereference(vm->slots), gpa);
	if (s && s->dirty)
		dirty_log_mark(s, gpa);
	rcu_read_unlock();
}

u64 memslots_bytes(struct vm *vm)
{
	struct memslots *slots;
	unsigned int i;
	u64 sum = 0;

	rcu_read_lock();
	slots = rcu_dereference(vm->slots);
	for (i = 0; slots && i < slots->nr; i++)
		sum += slots->slot[i].size;
	rcu_read_unlock();
	return sum;
}

u32 memslots_copy(struct vm *vm, struct vmxdbg_slot *to, u32 room)
{
	const struct memslots *slots;
	u32 i, nr;

	rcu_read_lock();
	slots = rcu_dereference(vm->slots);
	nr = slots ? slots->nr : 0;
	for (i = 0; i < min(nr, room); i++) {
		to[i].slot = slots->slot[i].id;
		to[i].flags = slots->slot[i].flags;
		to[i].gpa = slots->slot[i].gpa;
		to[i].size = slots->slot[i].size;
		to[i].hva = slots->slot[i].hva;
	}
	rcu_read_unlock();
	return nr;
}

enum slot_change { SLOT_SAME, SLOT_CREATE, SLOT_DELETE, SLOT_MOVE, SLOT_FLAGS };

static int slot_check(const struct kvm_userspace_memory_region *r)
{
	/* The upper half of the number is an address space: only 0, as there is no SMM. */
	if (r->slot >= VM_MAX_SLOTS)
		return -EINVAL;
	if (r->flags & ~(u32)(KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES))
		return -EINVAL;
	if ((r->memory_size | r->guest_phys_addr | r->userspace_addr) & ~PAGE_MASK)
		return -EINVAL;
	if (!access_ok((void __user *)(unsigned long)r->userspace_addr,
		       r->memory_size))
		return -EINVAL;
	if (r->guest_phys_addr + r->memory_size < r->guest_phys_addr)
		return -EINVAL;
	if (r->memory_size >> PAGE_SHIFT > MAX_PAGES)
		return -EINVAL;
	return 0;
}

/* @old: the slot as it is, or NULL. Return: an enum slot_change, or -EINVAL. */
static int classify(const struct memslot *old,
		    const struct kvm_userspace_memory_region *r)
{
	if (!r->memory_size)
		return old ? SLOT_DELETE : -EINVAL;
	if (!old)
		return SLOT_CREATE;
	/* KVM refuses these changes of an existing slot. */
	if (r->memory_size != old->size || r->userspace_addr != old->hva ||
	    ((r->flags ^ old->flags) & KVM_MEM_READONLY))
		return -EINVAL;
	if (r->guest_phys_addr != old->gpa)
		return SLOT_MOVE;
	return r->flags == old->flags ? SLOT_SAME : SLOT_FLAGS;
}

static bool overlap(const struct memslot *a, const struct memslot *b)
{
	return a->gpa < b->gpa + b->size && b->gpa < a->gpa + a->size;
}

static void insert_sorted(struct memslots *slots, const struct memslot *slot)
{
	unsigned int i = slots->nr++;

	for (; i && slots->slot[i - 1].gpa > slot->gpa; i--)
		slots->slot[i] = slots->slot[i - 1];
	slots->slot[i] = *slot;
}

/* Return: the first address behind those that a guest can have. As KVM, count key bits too. */
static u64 gpa_end(void)
{
	return BIT_ULL(min_t(u32, cpuid_eax(0x80000008) & 0xff, EPT_BITS));
}

/* Return: a new list with @slot in place of its old version; without it if its size is 0. */
static struct memslots *build(const struct memslots *now, const struct memslot *slot)
{
	unsigned int i, nr = now ? now->nr : 0;
	struct memslots *next;

	next = kvzalloc(struct_size(next, slot, nr + 1), GFP_KERNEL_ACCOUNT);
	if (!next)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < nr; i++) {
		const struct memslot *s = &now->slot[i];

		if (s->id == slot->id)
			continue;
		if (slot->size && overlap(s, slot)) {
			kvfree(next);
			return ERR_PTR(-EEXIST);
		}
		next->slot[next->nr++] = *s;
	}
	if (slot->gpa + slot->size > gpa_end() && slot->size) {
		kvfree(next);
		return ERR_PTR(-EINVAL);
	}
	if (slot->size)
		insert_sorted(next, slot);
	return next;
}

static void slot_publish(struct vm *vm, struct memslots *next, enum slot_change change,
			 const struct memslot *old)
{
	bool goes = change == SLOT_DELETE || change == SLOT_MOVE;
	u64 end = old->gpa + old->size;
	bool flush = false;

	spin_lock(&vm->mmu_lock);
	if (goes)
		vm->leaving = *old;	/* the notifier zaps it too, until it is flushed */
	rcu_assign_pointer(vm->slots, next);
	vm->mmu_seq++;	/* a fault that has read the old list starts again */
	spin_unlock(&vm->mmu_lock);
	smp_mb();	/* pairs with memslot_mark_dirty() */
	if (change == SLOT_FLAGS)
		flush = old->dirty ? ept_collapse_long(vm, old->gpa, end, true) :
				     ept_write_protect_long(vm, old->gpa, end, true);
	else if (goes)
		flush = ept_zap_long(vm, old->gpa, end, true);
	/* A leaf that somebody has zapped, and not flushed yet, may have been writable. */
	if (flush || ept_flush_owed(vm))
		vm_flush_tlb(vm);
	if (goes) {
		spin_lock(&vm->mmu_lock);
		vm->leaving.size = 0;
		spin_unlock(&vm->mmu_lock);
	}
	/*
	 * The memory is the VMM's own from now on: wait for those who have found the old
	 * slot and access it (gpa.c), or act for the guest with preemption off.
	 */
	if (goes)
		synchronize_rcu_expedited();
	vm->listener->slots_changed(vm);
}

/* Set @slot->dirty. A slot that moves keeps its log, as in KVM. */
static int give_log(struct vm *vm, struct memslot *slot, const struct memslot *old)
{
	bool set = vm->manual_dirty_log & KVM_DIRTY_LOG_INITIALLY_SET;

	if (!(slot->flags & KVM_MEM_LOG_DIRTY_PAGES) || !slot->size)
		return 0;
	slot->dirty = old->dirty ?: log_alloc(slot->size, set);
	return slot->dirty ? 0 : -ENOMEM;
}

/* vm->lock held. @old: the slot as it is, or all zero. */
static int change_slot(struct vm *vm, enum slot_change change, struct memslot *slot,
		       const struct memslot *old)
{
	struct memslots *now, *next;
	int r = give_log(vm, slot, old);

	if (r)
		return r;
	now = rcu_dereference_protected(vm->slots, lockdep_is_held(&vm->lock));
	next = build(now, slot);
	if (IS_ERR(next)) {
		if (slot->dirty != old->dirty)
			log_free(slot->dirty);
		return PTR_ERR(next);
	}
	slot_publish(vm, next, change, old);
	if (now)
		kvfree_rcu(now, rcu);
	if (slot->dirty != old->dirty)
		log_free(old->dirty);
	return 0;
}

int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *region)
{
	struct memslot slot = {
		.id = region->slot, .flags = region->flags,
		.gpa = region->guest_phys_addr, .size = region->memory_size,
		.hva = region->userspace_addr,
	};
	struct memslot old = { };
	int r = slot_check(region);

	if (r) {
		pr_debug_ratelimited("memory region %#x refused: %d\n", slot.id, r);
		return r;
	}
	mutex_lock(&vm->lock);
	r = classify(memslot_by_id(vm, slot.id, &old) ? &old : NULL, region);
	if (r > SLOT_SAME)
		r = change_slot(vm, r, &slot, &old);
	mutex_unlock(&vm->lock);
	return r;
}

void memslots_free(struct vm *vm)
{
	struct memslots *slots = rcu_dereference_protected(vm->slots, true);
	unsigned int i;

	for (i = 0; slots && i < slots->nr; i++)
		log_free(slots->slot[i].dirty);
	kvfree(slots);
}
