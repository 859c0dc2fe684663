/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time of a VM: the host's without the intervals in which it was held. Every clock of
 * a guest that the module has counts in it, and hears here when it stops and goes on.
 */
#ifndef VMXDBG_IRQ_VM_TIME_H
#define VMXDBG_IRQ_VM_TIME_H

#include <linux/types.h>

#include "vm.h"

struct vmxdbg_held;

/* The time stands still from now on, if it does not already. dbg_lock held. */
void vm_time_hold(struct vm *vm);

void vm_time_go_on_now(struct vm *vm);

/*
 * The time goes on, if it was held. dbg_lock held. Each vCPU needs REQ_TIME before it
 * enters the guest again.
 */
static inline void vm_time_go_on(struct vm *vm)
{
	if (vm->time.held)
		vm_time_go_on_now(vm);
}

/* Return: the time, in ticks of the host's TSC. Takes dbg_lock. */
u64 vm_time(struct vm *vm);

/* Return: the time at a value of the host's TSC that was read under dbg_lock, which is held. */
u64 vm_time_at(struct vm *vm, u64 tsc);

/* Return: @ticks of the time in nanoseconds. */
u64 vm_time_ns(const struct vm *vm, u64 ticks);

/* VMXDBG_GET_HELD. Takes dbg_lock. */
void vm_time_get_held(struct vm *vm, struct vmxdbg_held *held);

#endif
