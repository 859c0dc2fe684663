// SPDX-License-Identifier: GPL-2.0-only
/* --list */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "guest/target.h"
#include "list.h"
#include "log.h"

static const char *vm_state(const struct vmxdbg_vm_info *vm)
{
	if (vm->flags & VMXDBG_VM_ATTACHED)
		return "attached";
	return vm->flags & VMXDBG_VM_HELD ? "held" : "free";
}

static void print_table(const struct vmxdbg_vm_info *vms, int count)
{
	int i;

	printf("%-8s %-8s %-6s %-10s %-9s %s\n", "VM", "PID", "VCPUS",
	       "MEMORY/KIB", "STATE", "COMMAND");
	for (i = 0; i < count; i++)
		printf("%-8u %-8d %-6u %-10llu %-9s %.16s\n", vms[i].id,
		       vms[i].pid, vms[i].vcpus,
		       (unsigned long long)vms[i].memory >> 10, vm_state(&vms[i]),
		       vms[i].comm);
}

/*
 * A name can have any bytes but 0. JSON has characters: those beyond ASCII are printed as if
 * they were of Latin-1.
 */
static void print_string(const char *text, size_t max)
{
	size_t i;

	putchar('"');
	for (i = 0; i < max && text[i]; i++) {
		unsigned char c = text[i];

		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_json(const struct vmxdbg_vm_info *vms, int count)
{
	int i;

	putchar('[');
	for (i = 0; i < count; i++) {
		printf("%s\n  {\"vm\": %u, \"pid\": %d, \"vcpus\": %u, \"memory\": %llu, \"state\": \"%s\", \"command\": ",
		       i ? "," : "", vms[i].id, vms[i].pid, vms[i].vcpus,
		       (unsigned long long)vms[i].memory, vm_state(&vms[i]));
		print_string(vms[i].comm, sizeof(vms[i].comm));
		putchar('}');
	}
	puts(count ? "\n]" : "]");
}

int list_vms(struct target *t, bool json)
{
	struct vmxdbg_vm_info *vms;
	int count = t->ops->list(t, &vms);

	if (count < 0) {
		log_say(LOG_ERROR, "cannot list the VMs: %s", strerror(-count));
		return EXIT_FAILED;
	}
	if (json)
		print_json(vms, count);
	else
		print_table(vms, count);
	free(vms);
	return 0;
}
