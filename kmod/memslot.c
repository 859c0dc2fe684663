// SPDX-License-Identifier: GPL-2.0-only
/* Which guest-physical memory is where in the VMM's address space. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vm.h"

#define GPA_LIMIT	(1ULL << 46)	/* 4-level EPT maps 48 bits; RAM gets 46 */

static const struct memslot *find(const struct memslots *slots, u64 gpa)
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
	s = find(rcu_dereference(vm->slots), gpa);
	if (s)
		*slot = *s;
	rcu_read_unlock();
	return s;
}

bool memslot_is_at(struct vm *vm, u64 gpa)
{
	bool is;

	rcu_read_lock();
	is = find(rcu_dereference(vm->slots), gpa);
	rcu_read_unlock();
	return is;
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

static int check(const struct kvm_userspace_memory_region *r)
{
	/* The upper half of the number names an address space: one here (SMM). */
	if (r->slot >= VM_MAX_SLOTS)
		return -EINVAL;
	if (r->flags & ~(u32)KVM_MEM_READONLY)
		return -EINVAL;
	if ((r->memory_size | r->guest_phys_addr | r->userspace_addr) & ~PAGE_MASK)
		return -EINVAL;
	if (r->guest_phys_addr + r->memory_size < r->guest_phys_addr ||
	    r->guest_phys_addr + r->memory_size > GPA_LIMIT)
		return -EINVAL;
	if (!access_ok((void __user *)(unsigned long)r->userspace_addr,
		       r->memory_size))
		return -EINVAL;
	return 0;
}

static bool overlap(const struct memslot *s,
		    const struct kvm_userspace_memory_region *r)
{
	return s->gpa < r->guest_phys_addr + r->memory_size &&
	       r->guest_phys_addr < s->gpa + s->size;
}

/* What KVM refuses to change in a slot that exists. */
static int check_change(const struct memslot *old,
			const struct kvm_userspace_memory_region *r)
{
	if (r->memory_size != old->size || r->userspace_addr != old->hva ||
	    ((r->flags ^ old->flags) & KVM_MEM_READONLY))
		return -EINVAL;
	return 0;
}

static void insert_sorted(struct memslots *slots, const struct memslot *slot)
{
	unsigned int i = slots->nr++;

	for (; i && slots->slot[i - 1].gpa > slot->gpa; i--)
		slots->slot[i] = slots->slot[i - 1];
	slots->slot[i] = *slot;
}

/* The list after the change; @old gets the slot that goes, if any. */
static struct memslots *build(const struct memslots *now,
			      const struct kvm_userspace_memory_region *r,
			      struct memslot *old)
{
	unsigned int i, nr = now ? now->nr : 0;
	struct memslots *next;
	int err = 0;

	next = kzalloc(struct_size(next, slot, nr + 1), GFP_KERNEL_ACCOUNT);
	if (!next)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < nr && !err; i++) {
		const struct memslot *s = &now->slot[i];

		if (s->id == r->slot) {
			*old = *s;
			if (r->memory_size)
				err = check_change(s, r);
		} else if (r->memory_size && overlap(s, r)) {
			err = -EEXIST;
		} else {
			next->slot[next->nr++] = *s;
		}
	}
	if (!err && !r->memory_size && !old->size)
		err = -EINVAL;	/* deleting what is not there */
	if (err) {
		kfree(next);
		return ERR_PTR(err);
	}
	if (r->memory_size)
		insert_sorted(next, &(struct memslot){
			.id = r->slot, .flags = r->flags,
			.gpa = r->guest_phys_addr, .size = r->memory_size,
			.hva = r->userspace_addr });
	return next;
}

static void publish(struct vm *vm, struct memslots *next, const struct memslot *old)
{
	bool flush = false;

	spin_lock(&vm->mmu_lock);
	rcu_assign_pointer(vm->slots, next);
	vm->mmu_seq++;	/* a fault that looked at the old list starts again */
	if (old->size)
		flush = ept_zap(vm, old->gpa, old->gpa + old->size);
	spin_unlock(&vm->mmu_lock);
	if (flush)
		ept_flush(vm);
}

int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *r)
{
	struct memslots *now, *next;
	struct memslot old = { };
	int err = check(r);

	if (err) {
		pr_debug_ratelimited("memory region %u refused: %d\n", r->slot, err);
		return err;
	}
	mutex_lock(&vm->lock);
	now = rcu_dereference_protected(vm->slots, lockdep_is_held(&vm->lock));
	next = build(now, r, &old);
	if (!IS_ERR(next))
		publish(vm, next, &old);
	mutex_unlock(&vm->lock);
	if (IS_ERR(next))
		return PTR_ERR(next);
	if (now)
		kfree_rcu(now, rcu);
	return 0;
}

/* The VM has no user any more. */
void memslots_free(struct vm *vm)
{
	kfree(rcu_dereference_protected(vm->slots, true));
}
