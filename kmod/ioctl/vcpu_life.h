/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of a vCPU. */
#ifndef VMXDBG_IOCTL_VCPU_LIFE_H
#define VMXDBG_IOCTL_VCPU_LIFE_H

#include <linux/types.h>

struct vcpu;
struct vm;

int vcpu_add(struct vm *vm, u32 id);	/* vm->lock held */
void vcpu_free(struct vcpu *vcpu);	/* when the VM goes */

#endif
