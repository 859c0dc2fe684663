/* SPDX-License-Identifier: GPL-2.0-only */
/* Hold the time of a VM, and let it go on. */
#ifndef VMXDBG_IRQ_VM_HOLD_H
#define VMXDBG_IRQ_VM_HOLD_H

#include "vm.h"

/* The time stands still from now on, if it does not already. dbg_lock held. */
void vm_time_hold(struct vm *vm);

void vm_time_go_on_now(struct vm *vm);

/*
 * The time goes on, if it was held and the VM lives. dbg_lock held. Each vCPU needs
 * REQ_TIME before it enters the guest again.
 */
static inline void vm_time_go_on(struct vm *vm)
{
	if (vm->time.held && !vm->dead)
		vm_time_go_on_now(vm);
}

#endif
