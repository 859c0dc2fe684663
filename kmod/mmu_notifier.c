// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's memory management moves, swaps and frees pages of the VMM: what
 * EPT maps must be gone before it does. A fault that runs meanwhile sees
 * mmu_invalidating or a new mmu_seq and starts again (ept_fault()).
 */
#include <linux/mmu_notifier.h>

#include "vm.h"

static bool zap_hva(struct vm *vm, u64 start, u64 end)
{
	struct memslots *slots;
	bool flush = false;
	unsigned int i;

	rcu_read_lock();
	slots = rcu_dereference(vm->slots);
	for (i = 0; slots && i < slots->nr; i++) {
		const struct memslot *s = &slots->slot[i];
		u64 from = max(start, s->hva);
		u64 to = min(end, s->hva + s->size);

		if (from < to)
			flush |= ept_zap(vm, s->gpa + (from - s->hva),
					 s->gpa + (to - s->hva));
	}
	rcu_read_unlock();
	return flush;
}

static int range_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = container_of(mn, struct vm, notifier);
	bool flush;

	spin_lock(&vm->mmu_lock);
	vm->mmu_invalidating++;
	flush = zap_hva(vm, range->start, range->end);
	spin_unlock(&vm->mmu_lock);
	if (flush)
		ept_flush(vm);
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

/* The VMM's address space goes: whoever still holds the VM has no memory. */
static void release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct vm *vm = container_of(mn, struct vm, notifier);
	bool flush;

	spin_lock(&vm->mmu_lock);
	vm->mmu_invalidating++;	/* for ever */
	flush = zap_hva(vm, 0, ~0ULL);
	spin_unlock(&vm->mmu_lock);
	if (flush)
		ept_flush(vm);
}

static const struct mmu_notifier_ops ops = {
	.invalidate_range_start = range_start,
	.invalidate_range_end = range_end,
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
