/* SPDX-License-Identifier: GPL-2.0-only */
/* The copy of a hooked page; everything here with vm->mmu_lock held. */
#ifndef VMXDBG_HOOK_COPY_H
#define VMXDBG_HOOK_COPY_H

#include <linux/types.h>

struct hook;
struct vm;

/* Can its copy be executed? Then hook->page is what it is a copy of. */
bool hook_open(struct vm *vm, struct hook *hook);
/* It is what its page is now, with the int3s put in. For one that is open. */
void hook_sync(struct hook *hook);
/* Its copy goes, or has gone from the view. */
void hook_shut(struct hook *hook);

#endif
