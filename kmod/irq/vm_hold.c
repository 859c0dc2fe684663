// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold the time of a VM, and let it go on: timers of the host that a clock of the guest needs
 * stop and start with it, and the VMM, whose clocks count in it, hears of it.
 */
#include <linux/wait.h>

#include "irq/lapic_timer.h"
#include "irq/pit.h"
#include "irq/vm_hold.h"
#include "irq/vm_time.h"
#include "lib/held_clock.h"
#include "vm.h"

/* The VMM waits in poll() of the VM's file descriptor. */
static void wake_pollers(struct vm *vm)
{
	/* Pairs with the barrier between a poller's place in the queue and its condition. */
	if (wq_has_sleeper(&vm->time_wq))
		wake_up_all(&vm->time_wq);
}

void vm_time_hold(struct vm *vm)
{
	if (vm->time.held)
		return;
	held_clock_hold(&vm->time, vm_host_ticks());
	lapic_timers_hold(vm);
	pit_hold(vm);
	wake_pollers(vm);
}

void vm_time_go_on_now(struct vm *vm)
{
	held_clock_go_on(&vm->time, vm_host_ticks());
	lapic_timers_go_on(vm);
	pit_go_on(vm);
	wake_pollers(vm);
}
