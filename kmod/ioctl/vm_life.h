/* SPDX-License-Identifier: GPL-2.0-only */
/* Creation and end of a VM, and the list of all VMs. */
#ifndef VMXDBG_IOCTL_VM_LIFE_H
#define VMXDBG_IOCTL_VM_LIFE_H

#include <linux/types.h>

struct vm;

/**
 * vm_create() - create a VM of the current process and turn VMX on for it
 * @out: the VM, with one user and one reference
 * Context: may sleep.
 * Return: 0; -EBUSY if somebody else uses VMX; -ENOMEM; -EINTR.
 */
int vm_create(struct vm **out);
struct vm *vm_get_by_id(u32 id);	/* with a reference, or NULL */
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);
void vm_user_get(struct vm *vm);	/* for another run-plane fd; takes a reference */
void vm_user_put(struct vm *vm);	/* the last user: the VM is dead, its session is told */
/*
 * Calls @fn for each VM, oldest first, under a mutex, until it returns an error.
 * Return: 0 or that error.
 */
int vm_for_each(int (*fn)(struct vm *vm, void *arg), void *arg);

#endif
