/* SPDX-License-Identifier: GPL-2.0-only */
/* Creation and end of a vCPU. */
#ifndef VMXDBG_IOCTL_VCPU_LIFE_H
#define VMXDBG_IOCTL_VCPU_LIFE_H

#include <linux/types.h>

struct vcpu;
struct vm;

/**
 * vcpu_may_add() - check whether the VM can have a new vCPU @id
 * Context: vm->lock held.
 * Return: 0, -EINVAL if the VM has no such number, or as many vCPUs as it can; -EEXIST.
 */
int vcpu_may_add(struct vm *vm, unsigned long id);

/**
 * vcpu_add() - create the vCPU @id, without a file descriptor
 * Context: vm->lock held; may sleep.
 * Return: 0, -ENOMEM, or as vcpu_may_add().
 */
int vcpu_add(struct vm *vm, u32 id);
/* Frees a vCPU that no other thread can find. vm_life.c calls it when the VM ends. */
void vcpu_free(struct vcpu *vcpu);

#endif
