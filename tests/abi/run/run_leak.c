// SPDX-License-Identifier: GPL-2.0-only
/* Memory of a VM is freed: a thousand VMs, and the host's pages counted. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define WARM_UP		20

/* Return: the sum of the lines of /proc/vmstat that begin with @prefix. */
static long vmstat(const char *prefix)
{
	FILE *file = fopen("/proc/vmstat", "r");
	char name[64];
	long value, sum = 0;

	REQUIRE(file);
	while (fscanf(file, "%63s %ld", name, &value) == 2)
		if (!strncmp(name, prefix, strlen(prefix)))
			sum += value;
	fclose(file);
	return sum;
}

/* Kernel memory in pages, after RCU has freed what it had to. */
struct usage {
	long used, slab;
};

static struct usage usage(void)
{
	struct usage u;

	sleep(7);
	u.slab = vmstat("nr_slab_");
	u.used = -vmstat("nr_free_pages") - vmstat("nr_file_pages") - vmstat("nr_anon_pages");
	return u;
}

GUEST64(stop_at_once, "hlt");

/* A VM with two vCPUs, a dirty log, small and large pages, and a vCPU that never ran. */
static void one_vm(void)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .flags = KVM_MEM_LOG_DIRTY_PAGES,
		.guest_phys_addr = 0x10000000, .memory_size = 0x100000,
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(stop_at_once));

	r.userspace_addr = (unsigned long)vm.mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	vcpu_run_to(v, KVM_EXIT_HLT);
	vm_add_vcpu(&vm, 1);
	vm_destroy(&vm);
}

static void vms_leave_nothing_behind(void)
{
	unsigned int i, nr = debug_kernel() ? 20 : on_kvm() ? 100 : 1000;
	struct usage before, after;

	for (i = 0; i < WARM_UP; i++)
		one_vm();
	before = usage();
	for (i = 0; i < nr; i++)
		one_vm();
	after = usage();
	tap_note("%u VMs: %ld pages more, %ld more of slabs", nr, after.used - before.used,
		 after.slab - before.slab);
	/* KASAN keeps freed memory for a while. */
	if (!tap_alone())
		tap_skip("others use the host's memory, too");
	if (debug_kernel())
		tap_skip("a debugging kernel's counts say nothing");
	CHECK(after.used - before.used < 128);
	CHECK(after.slab - before.slab < 64);
}

static const struct test tests[] = {
	TEST_SLOW(vms_leave_nothing_behind, 120),
};

TAP_MAIN(tests)
