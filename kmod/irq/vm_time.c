// SPDX-License-Identifier: GPL-2.0-only
/*
 * The time of a VM: the host's without the intervals in which it was held. The host's TSC
 * counts it, for the guest's TSC (vcpu/tsc.c) and for the clocks that the VMM emulates
 * (VMXDBG_GET_HELD). So no clock of the guest is fast beside another. Timers of the host
 * that a clock of the guest needs stop with it.
 */
#include <linux/math64.h>
#include <linux/spinlock.h>
#include <linux/time64.h>
#include <linux/wait.h>
#include <asm/msr.h>

#include "lib/held_clock.h"
#include "lib/host_tsc.h"
#include "irq/lapic_timer.h"
#include "irq/pit.h"
#include "irq/vm_time.h"
#include "vm.h"
#include "vmx/vmcs_slot.h"
#include "vmxdbg.h"

/* The host's TSC, as if no suspend had ever set it back. */
static u64 host_ticks(void)
{
	return rdtsc() + vmx_host_tsc.lost;
}

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
	held_clock_hold(&vm->time, host_ticks());
	lapic_timers_hold(vm);
	pit_hold(vm);
	wake_pollers(vm);
}

void vm_time_go_on_now(struct vm *vm)
{
	held_clock_go_on(&vm->time, host_ticks());
	lapic_timers_go_on(vm);
	pit_go_on(vm);
	wake_pollers(vm);
}

u64 vm_time(struct vm *vm)
{
	u64 now;

	spin_lock(&vm->dbg_lock);
	now = held_clock_now(&vm->time, host_ticks());
	spin_unlock(&vm->dbg_lock);
	return now;
}

u64 vm_time_at(struct vm *vm, u64 tsc)
{
	return held_clock_now(&vm->time, tsc + vmx_host_tsc.lost);
}

u64 vm_time_ns(const struct vm *vm, u64 ticks)
{
	return mul_u64_u32_div(ticks, NSEC_PER_MSEC, vm->tsc_khz);
}

void vm_time_get_held(struct vm *vm, struct vmxdbg_held *held)
{
	struct held_clock time;
	u64 now;

	spin_lock(&vm->dbg_lock);
	time = vm->time;
	now = host_ticks();
	spin_unlock(&vm->dbg_lock);
	*held = (struct vmxdbg_held){
		.flags = time.held ? VMXDBG_HELD_NOW : 0,
		.ns = vm_time_ns(vm, held_clock_now(&time, now)),
		.held_ns = vm_time_ns(vm, held_clock_total(&time, now)),
		.held_tsc = held_clock_total(&time, now),
	};
}
