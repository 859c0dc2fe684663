// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmxdbgd: lets gdb debug guests of the vmxdbg module over its remote protocol.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "guest/target.h"
#include "options.h"
#include "server.h"
#include "target_device.h"

static const char *vm_state(const struct vmxdbg_vm_info *vm)
{
	if (vm->flags & VMXDBG_VM_ATTACHED)
		return "attached";
	return vm->flags & VMXDBG_VM_HELD ? "held" : "free";
}

static int list_vms(struct target *t)
{
	struct vmxdbg_vm_info *vms;
	int i, count = t->ops->list(t, &vms);

	if (count < 0) {
		fprintf(stderr, "vmxdbgd: cannot list the VMs: %s\n",
			strerror(-count));
		return EXIT_FAILED;
	}
	printf("%-8s %-8s %-6s %-10s %-9s %s\n", "VM", "PID", "VCPUS",
	       "MEMORY/KIB", "STATE", "COMMAND");
	for (i = 0; i < count; i++)
		printf("%-8u %-8d %-6u %-10llu %-9s %.16s\n", vms[i].id,
		       vms[i].pid, vms[i].vcpus,
		       (unsigned long long)vms[i].memory >> 10, vm_state(&vms[i]),
		       vms[i].comm);
	free(vms);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options;
	struct target *target;
	int status;

	status = options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	target = target_open(&options);
	if (!target) {
		fprintf(stderr, "vmxdbgd: %s: %s%s\n",
			options.device, strerror(errno), errno == ENOENT ?
			"; is the module loaded?" : "");
		return EXIT_FAILED;
	}
	status = options.list ? list_vms(target) : server_run(&options, target);
	target->ops->close(target);
	return status;
}
