/* SPDX-License-Identifier: GPL-2.0-only */
/* Work of the host's kernel that a thread in KVM_RUN must do before it enters a guest. */
#ifndef VMXDBG_RUN_HOST_WORK_H
#define VMXDBG_RUN_HOST_WORK_H

#include <linux/interrupt.h>
#include <linux/preempt.h>
#include <linux/thread_info.h>

#include "lib/compat.h"

/* Signals, rescheduling, and work for the return to user mode */
#define HOST_WORK	(COMPAT_RESCHED | _TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL | \
			 _TIF_NOTIFY_RESUME)

/* Return: whether this thread must not enter a guest yet. Interrupts off. */
static inline bool host_wants_cpu(void)
{
	/*
	 * Where kernel_fpu_begin() disables softirqs, those of interrupts wait for the end
	 * of the section. Others that are pending are ksoftirqd's, and the scheduler's.
	 */
	return (read_thread_flags() & HOST_WORK) ||
	       (unlikely(local_softirq_pending()) && softirq_count());
}

/**
 * host_work() - reschedule and run task work
 * Task work of a machine check kills the process, or makes it wait for a cgroup.
 * Context: may sleep.
 * Return: 0, -EINTR if a signal is pending.
 */
int host_work(void);

#endif
