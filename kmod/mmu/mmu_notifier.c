// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's memory management moves, swaps and frees pages of the VMM. Before it does,
 * the notifier zaps their EPT entries. A fault that runs at the same time sees
 * mmu_invalidating or a new mmu_seq and starts again (ept_fault()).
 */
#include <linux/mmu_notifier.h>

#include "lib/compat.h"
#include "mmu/ept_range.h"
#include "mmu/ept_table.h"
#include "mmu/mmu_notifier.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vm.h"

/* A part of a slot, as guest-physical memory. */
struct slot_part {
	u64 start, end;
	u64 next;		/* the gpa from where to look for the next part */
};

/* Return: the index of the first slot at or above @gpa. */
static unsigned int slot_from(const struct memslots *slots, u64 gpa)
{
	unsigned int lo = 0, hi = slots->nr;

	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;

		if (slots->slot[mid].gpa < gpa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Return: whether a part of the slot is in [start, end) of the VMM; if so, @part is it. */
static bool part_of(const struct memslot *s, u64 start, u64 end, struct slot_part *part)
{
	u64 from = max(start, s->hva), to = min(end, s->hva + s->size);

	part->start = s->gpa + (from - s->hva);
	part->end = s->gpa + (to - s->hva);
	return from < to;
}

/*
 * Find the next guest memory in [start, end) of the VMM. Start with @part all zero. Slots
 * may change from call to call: mmu_invalidating keeps faults from mapping this memory at
 * another gpa meanwhile.
 */
static bool next_part(struct vm *vm, u64 start, u64 end, struct slot_part *part)
{
	const struct memslots *slots;
	bool found = false;
	unsigned int i;

	rcu_read_lock();
	slots = rcu_dereference(vm->slots);
	for (i = slots ? slot_from(slots, part->next) : 0; slots && i < slots->nr && !found; i++) {
		const struct memslot *s = &slots->slot[i];

		found = part_of(s, start, end, part);
		part->next = s->gpa + s->size;
	}
	rcu_read_unlock();
	return found;
}

/* Note one range that covers all invalidations in progress. */
static void notifier_begin(struct vm *vm, u64 start, u64 end)
{
	if (vm->mmu_invalidating++) {
		start = min(start, vm->invalid_start);
		end = max(end, vm->invalid_end);
	}
	vm->invalid_start = start;
	vm->invalid_end = end;
}

/*
 * Find the part of the slot that slot_publish() takes out, which is not in the list any
 * more. Call it after next_part() has found nothing: one of them finds the slot, or no
 * processor has translations of it.
 */
static bool leaving_part(struct vm *vm, u64 start, u64 end, struct slot_part *part)
{
	struct memslot s;

	spin_lock(&vm->mmu_lock);
	s = vm->leaving;
	spin_unlock(&vm->mmu_lock);
	return part_of(&s, start, end, part);
}

/*
 * The host gives the pages to others afterwards. So flush also for leaves that others have
 * zapped: their flush may still be to come.
 */
static void invalidate(struct vm *vm, u64 start, u64 end, bool may_sleep)
{
	struct slot_part part = { };
	bool any = false;

	spin_lock(&vm->mmu_lock);
	notifier_begin(vm, start, end);
	spin_unlock(&vm->mmu_lock);
	while (next_part(vm, start, end, &part)) {
		ept_zap_long(vm, part.start, part.end, may_sleep);
		any = true;
	}
	if (leaving_part(vm, start, end, &part)) {
		ept_zap_long(vm, part.start, part.end, may_sleep);
		any = true;
	}
	if (any && ept_flush_owed(vm))
		vm_flush_tlb(vm);
}

static int range_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	invalidate(container_of(mn, struct vm, notifier), range->start, range->end,
		   mmu_notifier_range_blockable(range));
	return 0;
}

static void range_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = container_of(mn, struct vm, notifier);

	spin_lock(&vm->mmu_lock);
	vm->mmu_seq++;
	vm->mmu_invalidating--;
	spin_unlock(&vm->mmu_lock);
}

/*
 * The accessed flags of EPT would tell whether the guest has used these pages, but they
 * make the guest's page walks count as writes (SDM vol. 3, 29.3.5). So a page is young
 * until its leaf loses all permissions, and again after the fault of the next use.
 */
static bool age(struct mmu_notifier *mn, unsigned long start, unsigned long end)
{
	struct vm *vm = container_of(mn, struct vm, notifier);
	struct slot_part part = { };
	bool young = false;

	while (next_part(vm, start, end, &part))
		young |= ept_age_long(vm, part.start, part.end);
	return young;
}

static compat_young_t clear_flush_young(struct mmu_notifier *mn, struct mm_struct *mm,
					unsigned long start, unsigned long end)
{
	bool young = age(mn, start, end);

	if (young)
		vm_flush_tlb(container_of(mn, struct vm, notifier));
	return young;
}

/* Without a flush: a page that the guest uses by a cached entry may count as old. */
static compat_young_t clear_young(struct mmu_notifier *mn, struct mm_struct *mm,
				  unsigned long start, unsigned long end)
{
	return age(mn, start, end);
}

static compat_young_t is_young(struct mmu_notifier *mn, struct mm_struct *mm,
			       unsigned long address)
{
	struct vm *vm = container_of(mn, struct vm, notifier);
	struct slot_part part = { };
	bool young = false;

	spin_lock(&vm->mmu_lock);
	while (!young && next_part(vm, address, address + PAGE_SIZE, &part))
		young = ept_young(vm, part.start, part.end);
	spin_unlock(&vm->mmu_lock);
	return young;
}

/* The VMM's address space ends. This invalidation never ends, so no later fault succeeds. */
static void release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	invalidate(container_of(mn, struct vm, notifier), 0, ~0ULL, true);
}

static const struct mmu_notifier_ops ops = {
	.invalidate_range_start = range_start,
	.invalidate_range_end = range_end,
	.clear_flush_young = clear_flush_young,
	.clear_young = clear_young,
	.test_young = is_young,
	.release = release,
};

int vm_notifier_register(struct vm *vm)
{
	int r;

	vm->notifier.ops = &ops;
	r = mmu_notifier_register(&vm->notifier, vm->mm);
	vm->notified = !r;
	return r;
}

void vm_notifier_unregister(struct vm *vm)
{
	if (vm->notified)
		mmu_notifier_unregister(&vm->notifier, vm->mm);
}
