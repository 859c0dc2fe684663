// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's performance counters, stopped while a guest runs: the entry loads
 * IA32_PERF_GLOBAL_CTRL with the guest's value, 0, and the exit with the host's
 * (SDM vol. 3, 27.3.2.1 and 28.5.1). A counter that ran on would count the guest, and with
 * PEBS write records to linear addresses of the host's, by the guest's page tables.
 */
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/vmx.h>

#include "lib/compat.h"
#include "vmx/host_perf.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

DEFINE_STATIC_KEY_FALSE(host_perf_stops);
static DEFINE_STATIC_KEY_FALSE(has_pebs);

void __init host_perf_init(void)
{
	if (!vmx_ctl.perf)
		return;
	static_branch_enable(&host_perf_stops);
	if (boot_cpu_has(X86_FEATURE_PEBS))
		static_branch_enable(&has_pebs);
}

/* Counters stop within the entry, but a PEBS record may be under way then. */
static bool pebs_stop(struct host_perf *perf)
{
	rdmsrl(MSR_IA32_PEBS_ENABLE, perf->pebs);
	if (perf->pebs)
		wrmsrl(MSR_IA32_PEBS_ENABLE, 0);
	return perf->pebs;
}

bool host_perf_change(struct host_perf *perf, u64 ctrl)
{
	if (perf->restored != ctrl) {
		vmcs_write(HOST_IA32_PERF_GLOBAL_CTRL, ctrl);
		perf->restored = ctrl;
		perf->counts = ctrl != 0;
	}
	return ctrl && static_branch_unlikely(&has_pebs) && pebs_stop(perf);
}

void host_perf_restart(const struct host_perf *perf)
{
	wrmsrl(MSR_IA32_PEBS_ENABLE, perf->pebs);
}
