/* SPDX-License-Identifier: GPL-2.0-only */
/* The host's performance counters: stopped while a guest runs. */
#ifndef VMXDBG_VMX_HOST_PERF_H
#define VMXDBG_VMX_HOST_PERF_H

#include <linux/jump_label.h>
#include <linux/types.h>
#include <asm/msr-index.h>
#include <asm/vmx.h>

#include "vmx/vmcs.h"

/* Entries and exits load IA32_PERF_GLOBAL_CTRL. */
DECLARE_STATIC_KEY_FALSE(host_perf_stops);

/* The host's counters as a vCPU has to restore them */
struct host_perf {
	u64 restored;	/* HOST_IA32_PERF_GLOBAL_CTRL in the VMCS */
	u64 pebs;	/* IA32_PEBS_ENABLE, which is 0 while the guest runs */
	u32 counts;	/* @restored is not 0 */
};

/* At module load, after vmx_cpu_init(): stop counters where the controls for it are there. */
void host_perf_init(void);

/* The host uses its counters, or did so at the last entry. Return: as host_perf_stop() */
bool host_perf_change(struct host_perf *perf, u64 ctrl);

/* Undo what host_perf_stop() has done. Context: interrupts off, after the VM exit. */
void host_perf_restart(const struct host_perf *perf);

/**
 * host_perf_stop() - have this entry stop the host's counters, and its exit restart them
 * @perf: of the current VMCS
 * Context: interrupts off, before each VM entry: an interrupt may change the counters.
 * Return: whether host_perf_restart() is owed after the exit.
 */
static __always_inline bool host_perf_stop(struct host_perf *perf)
{
	u32 low, high;

	if (!static_branch_unlikely(&host_perf_stops))
		return false;
	/* The halves by themselves are less work than one value. */
	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (MSR_CORE_PERF_GLOBAL_CTRL));
	if (likely(!(low | high | perf->counts)))
		return false;
	return host_perf_change(perf, (u64)high << 32 | low);
}

#endif
