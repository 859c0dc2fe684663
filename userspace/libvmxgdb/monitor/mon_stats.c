// SPDX-License-Identifier: MIT
/* "monitor stats": why the guest left the processor, and what the module keeps for it. */
#include <errno.h>

#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "monitor/monitor_command.h"

#define EXITS_MAX	128

/* Basic exit reasons (SDM vol. 3, appendix C) */
static const char * const reasons[EXITS_MAX] = {
	[0] = "exception or NMI", [1] = "interrupt of the host", [2] = "triple fault",
	[3] = "INIT", [4] = "SIPI", [7] = "interrupt window", [8] = "NMI window",
	[9] = "task switch", [10] = "CPUID", [11] = "GETSEC", [12] = "HLT", [13] = "INVD",
	[14] = "INVLPG", [15] = "RDPMC", [16] = "RDTSC", [17] = "RSM", [18] = "VMCALL",
	[19] = "VMCLEAR", [20] = "VMLAUNCH", [21] = "VMPTRLD", [22] = "VMPTRST", [23] = "VMREAD",
	[24] = "VMRESUME", [25] = "VMWRITE", [26] = "VMXOFF", [27] = "VMXON",
	[28] = "control register", [29] = "debug register", [30] = "I/O port", [31] = "RDMSR",
	[32] = "WRMSR", [33] = "entry: guest state", [34] = "entry: MSR", [36] = "MWAIT",
	[37] = "monitor trap flag", [39] = "MONITOR", [40] = "PAUSE", [41] = "entry: machine check",
	[43] = "TPR below threshold", [44] = "APIC access", [45] = "EOI", [46] = "GDTR or IDTR",
	[47] = "LDTR or TR", [48] = "EPT violation", [49] = "EPT misconfiguration",
	[50] = "INVEPT", [51] = "RDTSCP", [52] = "preemption timer", [53] = "INVVPID",
	[54] = "WBINVD", [55] = "XSETBV", [56] = "APIC write", [57] = "RDRAND", [58] = "INVPCID",
	[59] = "VMFUNC", [60] = "ENCLS", [61] = "RDSEED", [62] = "page-modification log full",
	[63] = "XSAVES", [64] = "XRSTORS", [67] = "UMWAIT", [68] = "TPAUSE", [69] = "LOADIWKEY",
	[74] = "bus lock", [75] = "notification",
};

static void show_exits(struct stub *s, const uint64_t *exits, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count && i < EXITS_MAX; i++) {
		if (!exits[i])
			continue;
		if (reasons[i])
			reply_console(s, "%12llu  %s\n", ull(exits[i]), reasons[i]);
		else
			reply_console(s, "%12llu  exit reason %u\n", ull(exits[i]), i);
	}
}

static void show_vm(struct stub *s, const struct vmxdbg_stats *stats)
{
	reply_console(s, "EPT: %llu faults; %llu pages of 4 KiB, %llu of 2 MiB, %llu of 1 GiB\n",
		      ull(stats->ept_faults), ull(stats->pages_4k), ull(stats->pages_2m),
		      ull(stats->pages_1g));
	reply_console(s, "debugging: %u hooked pages, %u watched ranges, %u page table entries followed in %u address spaces\n",
		      stats->hooked_pages, stats->watched_ranges, stats->followed_entries,
		      stats->followed_spaces);
}

static int mon_stats(struct stub *s, int argc, char **argv)
{
	uint64_t exits[EXITS_MAX], vcpu = VMXDBG_ALL_VCPUS;
	struct vmxdbg_stats stats;
	int result;

	if (argc > 2 || (argc == 2 && !monitor_number(argv[1], &vcpu)))
		return monitor_usage(s);
	if (argc == 2 && (vcpu >= VCPUS_MAX || !vcpu_exists(s, vcpu)))
		return reply_error(s, -ESRCH, "there is no vCPU %s", argv[1]);
	result = target_call(s->target, stats, vcpu, &stats, exits, EXITS_MAX);
	if (result == -EOPNOTSUPP || result == -ENOTTY)
		return reply_error(s, result, "the target does not count");
	if (result < 0)
		return result;
	reply_console(s, "%s%s: %llu VM entries (%llu failed), %llu returns of KVM_RUN\n",
		      argc == 2 ? "vCPU " : "all vCPUs", argc == 2 ? argv[1] : "",
		      ull(stats.entries), ull(stats.failed_entries), ull(stats.vmm_exits));
	reply_console(s, "VM exits:\n");
	show_exits(s, exits, stats.count);
	show_vm(s, &stats);
	return 0;
}

const struct monitor_command monitor_stats[] = {
	{ "stats", "[VCPU]", "show how often the guest left the processor, and why",
	  .handler = mon_stats },
	{ 0 },
};
