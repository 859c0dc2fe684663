// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting breakpoints in the guest of a VMM that waits for a debugger:
 *	breaks DEVICE PID ADDRESS...
 * Resumes the guest, and prints "boot_hits" and the number of all hits at the
 * end of standard input.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/types.h>
#include "vmxdbg.h"

#define VMS		64
#define BREAKS		128
#define PATIENCE_MS	5000

static void must(int r, const char *what)
{
	if (r >= 0)
		return;
	perror(what);
	exit(1);
}

/* Wait until process @pid has a VM with vCPUs. Return: the id of the VM. */
static __u32 find_vm(int dev, int pid)
{
	struct vmxdbg_vm_info vms[VMS];
	unsigned int ms, i;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		struct vmxdbg_vm_list list = { .count = VMS, .vms = (unsigned long)vms };

		must(ioctl(dev, VMXDBG_LIST_VMS, &list), "VMXDBG_LIST_VMS");
		for (i = 0; i < list.count && i < VMS; i++)
			if (vms[i].pid == pid && vms[i].vcpus)
				return vms[i].id;
		usleep(1000);
	}
	fprintf(stderr, "breaks: process %d has no VM\n", pid);
	exit(1);
}

static __u32 add(int session, __u64 addr)
{
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_SOFT, .addr = addr, .len = 1,
		.options = (unsigned long)&options,
	};

	must(ioctl(session, VMXDBG_ADD_BP, &bp), "VMXDBG_ADD_BP");
	return bp.id;
}

static __u64 hits_of(int session, __u32 id)
{
	struct vmxdbg_object object = { .id = id };

	must(ioctl(session, VMXDBG_GET_OBJECT, &object), "VMXDBG_GET_OBJECT");
	return object.hits;
}

int main(int argc, char **argv)
{
	struct vmxdbg_resume resume = { .vcpu = VMXDBG_ALL_VCPUS };
	struct vmxdbg_stop stop = { .vcpu = VMXDBG_ALL_VCPUS };
	struct vmxdbg_attach attach = { 0 };
	unsigned long long hits = 0;
	__u32 ids[BREAKS];
	int dev, session, i;
	char byte;

	if (argc < 4 || argc > 3 + BREAKS) {
		fprintf(stderr, "usage: breaks DEVICE PID ADDRESS...\n");
		return 2;
	}
	dev = open(argv[1], O_RDWR | O_CLOEXEC);
	must(dev, argv[1]);
	attach.target = find_vm(dev, atoi(argv[2]));
	session = ioctl(dev, VMXDBG_ATTACH, &attach);
	must(session, "VMXDBG_ATTACH");
	must(ioctl(session, VMXDBG_STOP, &stop), "VMXDBG_STOP");
	for (i = 3; i < argc; i++)
		ids[i - 3] = add(session, strtoull(argv[i], NULL, 16));
	must(ioctl(session, VMXDBG_RESUME, &resume), "VMXDBG_RESUME");
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	must(ioctl(session, VMXDBG_STOP, &stop), "VMXDBG_STOP");
	for (i = 3; i < argc; i++)
		hits += hits_of(session, ids[i - 3]);
	printf("boot_hits %llu\n", hits);
	return 0;
}
