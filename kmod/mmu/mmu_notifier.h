/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's memory management moves, swaps and frees pages of the VMM: what
 * EPT maps must be gone before it does. A fault that runs meanwhile sees
 * mmu_invalidating or a new mmu_seq and starts again (ept_fault()).
 */
#ifndef VMXDBG_MMU_MMU_NOTIFIER_H
#define VMXDBG_MMU_MMU_NOTIFIER_H

#include <linux/types.h>

struct vm;

int vm_notifier_register(struct vm *vm);
void vm_notifier_unregister(struct vm *vm);

#endif
