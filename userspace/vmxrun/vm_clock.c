// SPDX-License-Identifier: GPL-2.0-only
/*
 * The time of the VM, by which all timers of the machine count. On /dev/vmxdbg it stands
 * still while a debugger has stopped the guest, as the guest's TSC does.
 */
#include <sys/ioctl.h>
#include <time.h>

#include <vmxdbg.h>

#include "nsec.h"
#include "vm_clock.h"

static bool get_held(int vm, struct vmxdbg_held *held)
{
	return vm >= 0 && !ioctl(vm, VMXDBG_GET_HELD, held);
}

/**
 * vm_clock_init - choose the clock
 * @vm: file descriptor of the VM, on any device
 */
void vm_clock_init(struct vm_clock *clock, int vm)
{
	struct vmxdbg_held held;

	clock->vm = get_held(vm, &held) ? vm : -1;
}

/* Return: the time in ns. Its start has no meaning. */
uint64_t vm_clock_now(const struct vm_clock *clock)
{
	struct vmxdbg_held held;
	struct timespec now;

	if (get_held(clock->vm, &held))
		return held.ns;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/**
 * vm_clock_is_held - find out whether the time stands still
 *
 * If it does, poll() of @clock->vm reports POLLOUT when it goes on.
 */
bool vm_clock_is_held(const struct vm_clock *clock)
{
	struct vmxdbg_held held;

	return get_held(clock->vm, &held) && (held.flags & VMXDBG_HELD_NOW);
}
