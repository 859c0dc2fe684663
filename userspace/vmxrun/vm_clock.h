/* SPDX-License-Identifier: GPL-2.0-only */
/* The time of the VM, by which all timers of the machine count. */
#ifndef VMXRUN_VM_CLOCK_H
#define VMXRUN_VM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct vm_clock - the time of a VM
 * @vm: file descriptor of the VM if a debugger can hold its time, else -1
 */
struct vm_clock {
	int vm;
};

void vm_clock_init(struct vm_clock *clock, int vm);
uint64_t vm_clock_now(const struct vm_clock *clock);
bool vm_clock_is_held(const struct vm_clock *clock);

#endif
