// SPDX-License-Identifier: MIT
/* Monitor commands about VMs. */
#include <stdlib.h>

#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "monitor/mon_qemu.h"
#include "monitor/monitor_command.h"

static int mon_vms(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_vm_info *vms;
	int i, count = target_call(s->target, list, &vms);

	if (count < 0)
		return count;
	for (i = 0; i < count; i++)
		reply_console(s, "VM %u: %.16s (pid %d), %u vCPUs, %llu KiB%s%s\n",
			     vms[i].id, vms[i].comm, vms[i].pid, vms[i].vcpus,
			     ull(vms[i].memory) >> 10,
			     vms[i].flags & VMXDBG_VM_HELD ? ", held" : "",
			     vms[i].flags & VMXDBG_VM_ATTACHED ?
			     ", attached" : "");
	free(vms);
	return 0;
}

static int mon_info(struct stub *s, int argc, char **argv)
{
	BUF_ON_STACK(vcpus, 800);
	struct vmxdbg_info info;
	int result;

	if (argc > 2)
		return monitor_usage(s);
	if (argc == 2)
		return qemu_info(s, argv[1]);
	result = target_call(s->target, info, &info);
	if (result < 0)
		return result;
	vcpus_put_ranges(&s->exist, &vcpus);
	reply_console(s, "VM %u of process %d, vCPU%s %s\n", info.vm, info.pid,
		      vcpu_is_alone(s) ? "" : "s", vcpus.len ? vcpus.data : "not yet");
	reply_console(s, "software breakpoints: up to %u, %s\n",
		     info.max_breakpoints,
		     info.features & VMXDBG_FEATURE_HOOKS ?
		     "guest memory is not written" :
		     "the guest sees them where it reads its code");
	reply_console(s, "debug registers: %u\n", info.hw_breakpoints);
	reply_console(s, "steps: %s\n", info.features & VMXDBG_FEATURE_MTF ?
		     "by the monitor trap flag" : "by RFLAGS.TF");
	return 0;
}

const struct monitor_command monitor_vms[] = {
	{ "info", "[WORD]", "show the VM and the limits of the debugger; with WORD as QEMU",
	  .more = "WORD is registers, mem, tlb, lapic, status, cpus or mtree.\n",
	  .handler = mon_info },
	{ "vms", "", "list all VMs", .no_vm = true, .handler = mon_vms },
	{ 0 },
};
