/* SPDX-License-Identifier: GPL-2.0-only */
/* Link to the host's memory management, which moves, swaps and frees the VMM's pages. */
#ifndef VMXDBG_MMU_MMU_NOTIFIER_H
#define VMXDBG_MMU_MMU_NOTIFIER_H

#include <linux/types.h>

#include "vm.h"

/**
 * mmu_stale() - check a lookup of the VMM's memory before use
 * @seq: vm->mmu_seq before the lookup
 * @start, @size: the memory
 * Context: mmu_lock held. Until it is released, a result of false stays so.
 * Return: whether the host has invalidated any page since the lookup, or is invalidating
 * a part of this memory.
 */
static inline bool mmu_stale(struct vm *vm, unsigned long seq, u64 start, u64 size)
{
	return vm->mmu_seq != seq ||
	       (vm->mmu_invalidating && start < vm->invalid_end &&
		vm->invalid_start < start + size);
}

/* In the VMM's process; may sleep. Return: 0 or a negative errno. */
int vm_notifier_register(struct vm *vm);
/* May sleep; does nothing if the notifier is not registered. */
void vm_notifier_unregister(struct vm *vm);

#endif
