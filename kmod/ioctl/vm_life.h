/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of a VM. */
#ifndef VMXDBG_IOCTL_VM_LIFE_H
#define VMXDBG_IOCTL_VM_LIFE_H

#include <linux/types.h>

struct vm;

int vm_create(struct vm **out);	/* with one user, or an errno */
struct vm *vm_get_by_id(u32 id);	/* with a reference, or NULL */
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);
void vm_user_get(struct vm *vm);	/* a run-plane fd more, with a reference */
void vm_user_put(struct vm *vm);	/* the last one: dead, session is told */
/* calls @fn for each VM under a mutex, oldest first; @fn must not sleep long */
int vm_for_each(int (*fn)(struct vm *vm, void *arg), void *arg);

#endif
