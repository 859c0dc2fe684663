// SPDX-License-Identifier: GPL-2.0-only
/* The guest's CPU time: see guest_time.h. */
#include <linux/irqflags.h>
#include <linux/kernel_stat.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>
#include <linux/vtime.h>

#include "run/guest_time.h"

/*
 * account_guest_time() of the kernel is not for modules: do the same, and undo
 * account_system_time(). A control group's share of it stays system time.
 */
void guest_time_move(u64 ns)
{
	bool nice = task_nice(current) > 0;
	unsigned long flags;

	/* Without ticks, the kernel looks at the clock instead. */
	if (vtime_accounting_enabled_this_cpu())
		return;
	local_irq_save(flags);
	current->stime -= ns;
	current->utime += ns;
	current->gtime += ns;
	account_group_system_time(current, -ns);
	account_group_user_time(current, ns);
	__this_cpu_sub(kernel_cpustat.cpustat[CPUTIME_SYSTEM], ns);
	__this_cpu_add(kernel_cpustat.cpustat[nice ? CPUTIME_NICE : CPUTIME_USER], ns);
	__this_cpu_add(kernel_cpustat.cpustat[nice ? CPUTIME_GUEST_NICE : CPUTIME_GUEST], ns);
	local_irq_restore(flags);
}
