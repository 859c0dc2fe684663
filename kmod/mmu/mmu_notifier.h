/* SPDX-License-Identifier: GPL-2.0-only */
/* Link to the host's memory management, which moves, swaps and frees the VMM's pages. */
#ifndef VMXDBG_MMU_MMU_NOTIFIER_H
#define VMXDBG_MMU_MMU_NOTIFIER_H

#include <linux/types.h>

struct vm;

/* In the VMM's process; may sleep. Return: 0 or a negative errno. */
int vm_notifier_register(struct vm *vm);
/* May sleep; does nothing if the notifier is not registered. */
void vm_notifier_unregister(struct vm *vm);

#endif
