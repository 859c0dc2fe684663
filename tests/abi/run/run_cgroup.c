// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a VM is charged to the cgroup of its VMM: page tables and vCPUs too. A
 * VMM that exceeds its limit is killed alone.
 * Suite: 50-debian
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "hostmem.h"

#define AREA_GPA	0x10000000UL
#define AREA_END	0xd0000000UL
#define STEP		(2L * (long)MIB)	/* memory that one table of small pages maps */
#define TOUCHED		(512 * STEP)

/* Reads one page of each 2 MiB, without paging, so the guest has no page tables. */
GUEST32(read_some,
	"mov $0x10000000, %ebx\n"
	"1: mov (%ebx), %eax; add $0x200000, %ebx; cmp $0x50000000, %ebx; jne 1b\n"
	"out %al, $0x10");
GUEST32(read_all,
	"mov $0x10000000, %ebx\n"
	"1: mov (%ebx), %eax; add $0x200000, %ebx; cmp $0xd0000000, %ebx; jne 1b\n"
	"hlt");
GUEST32(write_all,
	"mov $0x10000000, %ebx\n"
	"1: mov %eax, (%ebx); add $0x1000, %ebx; cmp $0xd0000000, %ebx; jne 1b\n"
	"hlt");

static u8 *small_pages(size_t size)
{
	u8 *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	REQUIRE(mem != MAP_FAILED);
	madvise(mem, size, MADV_NOHUGEPAGE);
	return mem;
}

static struct vcpu *guest_with_memory(struct vm *vm, struct prog prog)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .guest_phys_addr = AREA_GPA, .memory_size = AREA_END - AREA_GPA,
	};
	struct vcpu *v = guest_make(vm, MODE_FLAT32, prog);

	r.userspace_addr = (unsigned long)small_pages(r.memory_size);
	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &r));
	return v;
}

/* ---- charged ---- */

struct charges {
	long kernel, tables;
};

static struct charges *charged;	/* shared with the VMM */

static void touch_some(void)
{
	struct vm vm;
	struct vcpu *v = guest_with_memory(&vm, PROG(read_some));
	long before = group_kernel_memory(), tables = group_memory("sec_pagetables");

	vcpu_run_out(v, 0x10);
	charged->kernel = group_kernel_memory() - before;
	charged->tables = group_memory("sec_pagetables") - tables;
}

static void make_vcpus(void)
{
	long before;
	struct vm vm;
	unsigned int i;

	vm_make(&vm, NULL);
	before = group_kernel_memory();
	for (i = 0; i < 32; i++)
		CHECK_OK(ioctl(vm.fd, KVM_CREATE_VCPU, i));
	charged->kernel = group_kernel_memory() - before;
}

static struct charges charged_by(void (*vmm)(void))
{
	group_make("max");
	charged = mmap(NULL, sizeof(*charged), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(charged != MAP_FAILED);
	CHECK_EQ(group_run(vmm), 0);
	group_remove();
	tap_note("%ld KiB, %ld for tables", charged->kernel / KIB, charged->tables / KIB);
	return *charged;
}

/* the host's page tables; CPUs hold small changes back until they are asked */
static long host_tables(void)
{
	REQUIRE(write_text("/proc/sys/vm/stat_refresh", "1"));
	return figure_of("/proc/vmstat", "nr_sec_page_table_pages");
}

static void page_tables_are_charged(void)
{
	long tables = host_tables();
	struct charges c = charged_by(touch_some);

	CHECK(c.kernel >= TOUCHED / STEP * 4 * KIB - 512 * KIB);
	CHECK(c.tables >= TOUCHED / STEP * 4 * KIB);
	CHECK_EQ(host_tables(), tables);
}

/* A vCPU needs at least a page for kvm_run and one for the VMCS. */
static void vcpus_are_charged(void)
{
	CHECK(charged_by(make_vcpus).kernel >= 32 * 8 * KIB);
}

/* ---- beyond the limit ---- */

static void dies_of(void (*vmm)(void))
{
	long before = stat_of("pages_4k");
	int status;

	group_make("8388608");
	status = group_run(vmm);
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGKILL);
	CHECK_EQ(figure_of(GROUP "/memory.events", "oom_kill"), 1);
	group_remove();
	CHECK_EQ(stat_of("pages_4k"), before);
}

static void read_too_much(void)
{
	struct vm vm;

	vcpu_run(guest_with_memory(&vm, PROG(read_all)));
}

static void write_too_much(void)
{
	struct vm vm;

	vcpu_run(guest_with_memory(&vm, PROG(write_all)));
}

static void make_too_many(void)
{
	struct vm vm;
	unsigned int i;

	for (;;) {
		vm_make(&vm, NULL);
		for (i = 0; i < 64; i++)
			CHECK_OK(ioctl(vm.fd, KVM_CREATE_VCPU, i));
	}
}

static void page_tables_beyond_the_limit(void)
{
	dies_of(read_too_much);
}

static void guest_memory_beyond_the_limit(void)
{
	dies_of(write_too_much);
}

static void vms_beyond_the_limit(void)
{
	dies_of(make_too_many);
}

static const struct test tests[] = {
	TEST_SLOW(page_tables_are_charged, 60),
	TEST_SLOW(vcpus_are_charged, 60),
	TEST_SLOW(page_tables_beyond_the_limit, 60),
	TEST_SLOW(guest_memory_beyond_the_limit, 60),
	TEST_SLOW(vms_beyond_the_limit, 60),
};

TAP_MAIN(tests)
