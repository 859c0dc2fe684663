/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's CPU time, as the host's kernel accounts for it. */
#ifndef VMXDBG_RUN_GUEST_TIME_H
#define VMXDBG_RUN_GUEST_TIME_H

#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/types.h>

#include "lib/compat.h"

/*
 * A tick that makes the guest exit accounts for the guest's time if the thread has PF_VCPU,
 * except where kernel_fpu_begin() disables softirqs: there, it takes the time for the
 * kernel's. So these two are around the instructions where such a tick comes in.
 * Context: preemption off. guest_time_after() has interrupts on or off.
 */
static __always_inline u64 guest_time_before(void)
{
	return COMPAT_FPU_STOPS_SOFTIRQS ? READ_ONCE(current->stime) : 0;
}

/* Make time of the guest's of what was accounted as the kernel's meanwhile, in nanoseconds. */
void guest_time_move(u64 ns);

/* @before: of guest_time_before() */
static __always_inline void guest_time_after(u64 before)
{
	u64 ns = COMPAT_FPU_STOPS_SOFTIRQS ? READ_ONCE(current->stime) - before : 0;

	if (unlikely(ns))
		guest_time_move(ns);
}

#endif
