// SPDX-License-Identifier: GPL-2.0-only
/*
 * The time of a VM: the host's without the intervals in which it was held. The host's TSC
 * counts it, for the guest's TSC (vcpu/tsc.c) and for the clocks that the VMM emulates
 * (VMXDBG_GET_HELD). So no clock of the guest is fast beside another.
 */
#include <linux/math64.h>
#include <linux/spinlock.h>
#include <linux/time64.h>

#include "irq/vm_time.h"
#include "lib/held_clock.h"
#include "vm.h"
#include "vmxdbg.h"

u64 vm_time(struct vm *vm)
{
	u64 now;

	spin_lock(&vm->dbg_lock);
	now = held_clock_now(&vm->time, vm_host_ticks());
	spin_unlock(&vm->dbg_lock);
	return now;
}

u64 vm_time_behind(struct vm *vm)
{
	u64 behind;

	spin_lock(&vm->dbg_lock);
	behind = held_clock_total(&vm->time, vm_host_ticks()) - vmx_host_tsc.lost;
	spin_unlock(&vm->dbg_lock);
	return behind;
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
	now = vm_host_ticks();
	spin_unlock(&vm->dbg_lock);
	*held = (struct vmxdbg_held){
		.flags = time.held ? VMXDBG_HELD_NOW : 0,
		.ns = vm_time_ns(vm, held_clock_now(&time, now)),
		.held_ns = vm_time_ns(vm, held_clock_total(&time, now)),
		.held_tsc = held_clock_total(&time, now),
	};
}
