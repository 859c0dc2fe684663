// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments of the ioctls of the device and of VMs at their bounds: the last value that is
 * accepted and the first that is not, and each bit of flags and reserved fields. The same
 * results are expected of KVM, which is the oracle. Those of vCPUs: run_vcpu_bounds.c.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "bounds.h"

#define PAGE		0x1000ULL
#define SLOTS		32764
#define TOP_PAGE	(~0ULL - PAGE + 1)
#define HVA		0x10000000ULL	/* memory that nobody touches */
#define HVA_END		0x7ffffffff000ULL	/* of a process, with four levels of paging */
#define MOST_PAGES	((1ULL << 31) - 1)	/* in a slot */
#define ALL		~0ULL
#define MANY_VCPUS	1024	/* KVM's default; more take much memory */

GUEST64(halt, "hlt");

static struct vm vm;
static struct vcpu *v;

static void start(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(halt));
}

static void still_runs(void)
{
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* ---- the device ---- */

static void numbers_of_the_device(void)
{
	int dev = dev_open();

	GIVES(ioctl(dev, KVM_GET_API_VERSION, 0), 0);
	GIVES(ioctl(dev, KVM_GET_API_VERSION, 1), EINVAL);
	GIVES(ioctl(dev, KVM_GET_VCPU_MMAP_SIZE, 0), 0);
	GIVES(ioctl(dev, KVM_GET_VCPU_MMAP_SIZE, 1), EINVAL);
	ACCEPTS(ioctl(dev, KVM_CREATE_VM, bit), 0);
	CHECK_EQ(check_extension(dev, 100000), 0);
	CHECK_EQ(check_extension(dev, 0x7fffffff), 0);
	CHECK_EQ(check_extension(dev, ~0UL), 0);
	CHECK_EQ(check_extension(dev, 1UL << 32 | KVM_CAP_USER_MEMORY), 0);
}

struct list {
	u32 nr;
	u32 entries[2048];
};

/* Lists whose length the call reports: exactly enough room, and one entry too few. */
static void lists_of_the_device(void)
{
	static const unsigned long calls[] = {
		KVM_GET_MSR_INDEX_LIST, KVM_GET_MSR_FEATURE_INDEX_LIST,
	};
	struct list list = { };
	unsigned int i;
	u32 nr;
	int dev = dev_open();

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		list.nr = 0;
		GIVES(ioctl(dev, calls[i], &list), E2BIG);
		nr = list.nr;
		REQUIRE(nr > 1 && nr < ARRAY_SIZE(list.entries));
		list.nr = nr - 1;
		GIVES(ioctl(dev, calls[i], &list), E2BIG);
		CHECK_EQ(list.nr, nr);
		GIVES(ioctl(dev, calls[i], &list), 0);
		list.nr = nr + 1;
		GIVES(ioctl(dev, calls[i], &list), 0);
		CHECK_EQ(list.nr, nr);
	}
}

struct cpuid {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[300];
};

static int cpuid_call(int fd, unsigned long cmd, struct cpuid *cpuid, u32 nr)
{
	cpuid->head.nent = nr;
	return ioctl(fd, cmd, cpuid);
}

static void numbers_of_cpuid_entries(void)
{
	static struct cpuid cpuid, got;
	u32 nr;

	start();
	GIVES(cpuid_call(vm.dev, KVM_GET_SUPPORTED_CPUID, &cpuid, 0), E2BIG);
	GIVES(cpuid_call(vm.dev, KVM_GET_SUPPORTED_CPUID, &cpuid, 300), 0);
	nr = cpuid.head.nent;
	REQUIRE(nr > 1 && nr < 256);
	GIVES(cpuid_call(vm.dev, KVM_GET_SUPPORTED_CPUID, &cpuid, nr - 1), E2BIG);
	GIVES(cpuid_call(vm.dev, KVM_GET_SUPPORTED_CPUID, &cpuid, nr), 0);
	GIVES(cpuid_call(v->fd, KVM_SET_CPUID2, &cpuid, 256), 0);
	GIVES(cpuid_call(v->fd, KVM_SET_CPUID2, &cpuid, 257), E2BIG);
	GIVES(cpuid_call(v->fd, KVM_SET_CPUID2, &cpuid, 0), 0);
	GIVES(cpuid_call(v->fd, KVM_GET_CPUID2, &got, 0), 0);
	cpuid.head.padding = ~0U;
	GIVES(cpuid_call(v->fd, KVM_SET_CPUID2, &cpuid, nr), 0);
	GIVES(cpuid_call(v->fd, KVM_GET_CPUID2, &got, nr - 1), E2BIG);
	GIVES(cpuid_call(v->fd, KVM_GET_CPUID2, &got, nr), 0);
	GIVES(cpuid_call(v->fd, KVM_GET_CPUID2, &got, ~0U), 0);
	still_runs();
}

struct msrs {
	struct kvm_msrs head;
	struct kvm_msr_entry entries[256];
};

/* Return: how many MSRs were accessed. IA32_PAT is in each entry but @bad. */
static int msrs_call(int fd, unsigned long cmd, u32 nr, u32 index, u32 bad)
{
	struct msrs msrs = { .head.nmsrs = nr, .head.pad = ~0U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(msrs.entries); i++)
		msrs.entries[i] = (struct kvm_msr_entry){
			.index = i == bad ? 0xdead : index, .reserved = ~0U,
			.data = 0x0007040600070406ULL };
	return ioctl(fd, cmd, &msrs);
}

static void numbers_of_msrs(void)
{
	start();
	CHECK_EQ(msrs_call(v->fd, KVM_GET_MSRS, 0, 0x277, ~0U), 0);
	CHECK_EQ(msrs_call(v->fd, KVM_GET_MSRS, 255, 0x277, ~0U), 255);
	CHECK_EQ(msrs_call(v->fd, KVM_GET_MSRS, 255, 0x277, 254), 254);
	GIVES(msrs_call(v->fd, KVM_GET_MSRS, 256, 0x277, ~0U), E2BIG);
	CHECK_EQ(msrs_call(v->fd, KVM_SET_MSRS, 255, 0x277, ~0U), 255);
	CHECK_EQ(msrs_call(v->fd, KVM_SET_MSRS, 255, 0x277, 0), 0);
	GIVES(msrs_call(v->fd, KVM_SET_MSRS, 256, 0x277, ~0U), E2BIG);
	/* IA32_ARCH_CAPABILITIES is a feature */
	CHECK_EQ(msrs_call(vm.dev, KVM_GET_MSRS, 255, 0x10a, ~0U), 255);
	GIVES(msrs_call(vm.dev, KVM_GET_MSRS, 256, 0x10a, ~0U), E2BIG);
	still_runs();
}

/* ---- vCPUs ---- */

static void numbers_of_vcpus(void)
{
	unsigned long ids;

	vm_make(&vm, NULL);
	ids = check_extension(vm.fd, KVM_CAP_MAX_VCPU_ID);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 1), 0);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 1), EEXIST);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 0), 0);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 0xffffffff), EINVAL);
	KNOWN_DIFFERENCE(error_of(ioctl(vm.fd, KVM_CREATE_VCPU, 1UL << 32 | 1)) == EINVAL,
			 "takes the low 32 bits, until 6.11");
}

static void allow_files(rlim_t nr)
{
	struct rlimit limit = { nr, nr };

	REQUIRE(!setrlimit(RLIMIT_NOFILE, &limit));
}

/* The ids are sparse, from the highest down. */
static void as_many_vcpus_as_it_says(void)
{
	unsigned long ids, nr, i, apart;
	struct vcpu last;

	vm_make(&vm, NULL);
	ids = check_extension(vm.fd, KVM_CAP_MAX_VCPU_ID);
	nr = check_extension(vm.fd, KVM_CAP_MAX_VCPUS);
	CHECK(nr >= MANY_VCPUS);
	CHECK_EQ(ids, 4 * nr);
	if (nr > MANY_VCPUS)
		tap_skip("so many vCPUs take too much memory");
	apart = ids / nr;
	allow_files(nr + 100);
	for (i = 1; i < nr; i++)
		REQUIRE(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 1 - i * apart) >= 0);
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, PROG(halt));
	last = *vm_add_vcpu_at(&vm, 0, ids - 1);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 2), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 1), EINVAL);	/* one that exists */
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 0), EINVAL);
	set_supported_cpuid(&last);
	vcpu_reset(&last, MODE_LONG, GUEST_CODE);
	vcpu_run_to(&last, KVM_EXIT_HLT);
}

static int limit_vcpus(u64 ids)
{
	struct kvm_enable_cap c = { .cap = KVM_CAP_MAX_VCPU_ID, .args = { ids } };

	return ioctl(vm.fd, KVM_ENABLE_CAP, &c);
}

static void limits_of_vcpus(void)
{
	unsigned long ids;

	vm_make(&vm, NULL);
	ids = check_extension(vm.fd, KVM_CAP_MAX_VCPU_ID);
	GIVES(limit_vcpus(ids + 1), EINVAL);
	GIVES(limit_vcpus(1ULL << 32 | 3), EINVAL);
	GIVES(limit_vcpus(0), 0);		/* says nothing */
	GIVES(limit_vcpus(3), 0);
	GIVES(limit_vcpus(3), 0);
	GIVES(limit_vcpus(2), EINVAL);
	GIVES(limit_vcpus(0), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 3), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 2), 0);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 2), EEXIST);
	vm_destroy(&vm);

	vm_make(&vm, NULL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 0), 0);
	GIVES(limit_vcpus(3), EINVAL);		/* after a vCPU */
	GIVES(limit_vcpus(ids), 0);
}

static void numbers_of_the_boot_cpu(void)
{
	unsigned long ids;

	vm_make(&vm, NULL);
	ids = check_extension(vm.fd, KVM_CAP_MAX_VCPU_ID);
	if (on_kvm() && !host_since(6, 11)) {
		tap_skip("KVM takes any number, before Linux 6.11");
		return;
	}
	CHECK_OK(ioctl(vm.fd, KVM_SET_BOOT_CPU_ID, ids));
	CHECK_ERR(ioctl(vm.fd, KVM_SET_BOOT_CPU_ID, ids + 1), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_BOOT_CPU_ID, ~0UL), EINVAL);
	CHECK_ERR(limit_vcpus(3), EINVAL);	/* below the number of the boot CPU */
	CHECK_OK(ioctl(vm.fd, KVM_SET_BOOT_CPU_ID, 2));
	CHECK_OK(limit_vcpus(3));
	CHECK_ERR(ioctl(vm.fd, KVM_SET_BOOT_CPU_ID, 4), EINVAL);
	CHECK_OK(ioctl(vm.fd, KVM_SET_BOOT_CPU_ID, 1));
}

/* KVM's mapping may be larger than the pages that exist. */
static void mappings_of_vcpus(void)
{
	size_t size;

	start();
	size = vm.run_size;
	GIVES((long)mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0), 0);
	GIVES((long)mmap(NULL, size + PAGE, PROT_READ, MAP_SHARED, v->fd, 0), 0);
	GIVES((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, v->fd, 16 * PAGE), 0);
}

/* ---- memory slots ---- */

static int set_slot(u32 slot, u32 flags, u64 gpa, u64 size, u64 hva)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = hva,
	};

	return ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region);
}

/* Make a slot and delete it. */
static int try_slot(u32 slot, u32 flags, u64 gpa, u64 size, u64 hva)
{
	int r = set_slot(slot, flags, gpa, size, hva);

	if (!r)
		CHECK_OK(set_slot(slot, 0, gpa, 0, hva));
	return r;
}

static void numbers_of_slots(void)
{
	start();
	CHECK_EQ(check_extension(vm.fd, KVM_CAP_NR_MEMSLOTS), SLOTS);
	GIVES(try_slot(SLOTS - 1, 0, GUEST_MMIO, PAGE, HVA), 0);
	GIVES(try_slot(SLOTS, 0, GUEST_MMIO, PAGE, HVA), EINVAL);
	GIVES(try_slot(0xffff, 0, GUEST_MMIO, PAGE, HVA), EINVAL);
	GIVES(try_slot(2 << 16, 0, GUEST_MMIO, PAGE, HVA), EINVAL);
	KNOWN_DIFFERENCE(error_of(try_slot(1 << 16, 0, GUEST_MMIO, PAGE, HVA)) == EINVAL,
			 "has the address space of SMM");
	ACCEPTS(try_slot(1, bit, GUEST_MMIO, PAGE, HVA),
		KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES | 0xffffffff00000000ULL);
	still_runs();
}

static void sizes_of_slots(void)
{
	start();
	GIVES(set_slot(1, 0, GUEST_MMIO, 0, HVA), EINVAL);
	ACCEPTS(try_slot(1, 0, GUEST_MMIO, bit, HVA),
		(guest_physical_end() - 1) & (MOST_PAGES * PAGE));
	GIVES(try_slot(1, 0, 0, MOST_PAGES * PAGE, HVA), EEXIST);
	GIVES(try_slot(1, 0, 0, (MOST_PAGES + 1) * PAGE, HVA), EINVAL);
	still_runs();
}

static void addresses_of_slots(void)
{
	u64 end = guest_physical_end();

	start();
	GIVES(try_slot(1, 0, GUEST_RAM, PAGE, HVA), 0);
	GIVES(try_slot(1, 0, GUEST_RAM - PAGE, PAGE, HVA), EEXIST);
	GIVES(try_slot(1, 0, GUEST_MMIO + 1, PAGE, HVA), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE + 1, HVA), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE, HVA + 1), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE, HVA_END - PAGE), 0);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE, HVA_END), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, 2 * PAGE, HVA_END - PAGE), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE, TOP_PAGE), EINVAL);
	GIVES(try_slot(1, 0, end - PAGE, PAGE, HVA), 0);
	GIVES(try_slot(1, 0, end, PAGE, HVA), EINVAL);
	GIVES(try_slot(1, 0, end - PAGE, 2 * PAGE, HVA), EINVAL);
	GIVES(try_slot(1, 0, TOP_PAGE, PAGE, HVA), EINVAL);
	GIVES(try_slot(1, 0, TOP_PAGE, 2 * PAGE, HVA), EINVAL);
	still_runs();
}

static void changes_of_slots(void)
{
	start();
	CHECK_OK(set_slot(1, 0, GUEST_MMIO, 2 * PAGE, HVA));
	GIVES(set_slot(1, 0, GUEST_MMIO, PAGE, HVA), EINVAL);
	GIVES(set_slot(1, 0, GUEST_MMIO, 3 * PAGE, HVA), EINVAL);
	GIVES(set_slot(1, 0, GUEST_MMIO, 2 * PAGE, HVA + PAGE), EINVAL);
	GIVES(set_slot(1, KVM_MEM_READONLY, GUEST_MMIO, 2 * PAGE, HVA), EINVAL);
	GIVES(set_slot(1, KVM_MEM_LOG_DIRTY_PAGES, GUEST_MMIO, 2 * PAGE, HVA), 0);
	GIVES(set_slot(1, 0, GUEST_MMIO, 2 * PAGE, HVA), 0);
	GIVES(set_slot(1, 0, guest_physical_end() - PAGE, 2 * PAGE, HVA), EINVAL);
	GIVES(set_slot(1, 0, GUEST_RAM - PAGE, 2 * PAGE, HVA), EEXIST);
	GIVES(set_slot(1, 0, GUEST_RAM, 2 * PAGE, HVA), 0);
	GIVES(set_slot(2, 0, GUEST_RAM + PAGE, PAGE, HVA), EEXIST);
	GIVES(set_slot(2, 0, GUEST_RAM + 2 * PAGE, PAGE, HVA), 0);
	GIVES(set_slot(1, ~0U, GUEST_RAM, 0, HVA), EINVAL);
	GIVES(set_slot(1, 0, GUEST_RAM + 1, 0, HVA), EINVAL);
	GIVES(set_slot(1, 0, 0, 0, 0), 0);
	GIVES(set_slot(1, 0, 0, 0, 0), EINVAL);
	still_runs();
}

static int dirty_log(u32 slot)
{
	u64 bits[8];
	struct kvm_dirty_log log = { .slot = slot, .padding1 = ~0U, .dirty_bitmap = bits };

	return ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log);
}

static void slots_of_the_dirty_log(void)
{
	start();
	GIVES(dirty_log(0), ENOENT);
	GIVES(dirty_log(1), ENOENT);
	GIVES(dirty_log(SLOTS - 1), ENOENT);
	GIVES(dirty_log(SLOTS), EINVAL);
	GIVES(dirty_log(2 << 16), EINVAL);
	GIVES(dirty_log(~0U), EINVAL);
	KNOWN_DIFFERENCE(error_of(dirty_log(1 << 16)) == EINVAL, "has the address space of SMM");
	CHECK_OK(set_slot(SLOTS - 1, KVM_MEM_LOG_DIRTY_PAGES, GUEST_MMIO, PAGE, HVA));
	GIVES(dirty_log(SLOTS - 1), 0);
}

/* ---- other calls on a VM ---- */

static int identity_map(u64 addr)
{
	return ioctl(vm.fd, KVM_SET_IDENTITY_MAP_ADDR, &addr);
}

/* Return: whether the VM has the events of triple faults. */
static bool has_triple_fault_event(void)
{
	struct kvm_vcpu_events events;

	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events));
	return events.flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
}

static void addresses_and_capabilities_of_a_vm(void)
{
	vm_make(&vm, NULL);
	GIVES(identity_map(0), 0);
	GIVES(identity_map(0xfffbc000), 0);
	v = vm_add_vcpu(&vm, 0);
	GIVES(identity_map(0xfffbc000), EINVAL);	/* after the first vCPU */

	GIVES(ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000UL), 0);
	GIVES(ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xffffd000UL), 0);
	GIVES(ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xffffd001UL), EINVAL);
	GIVES(ioctl(vm.fd, KVM_SET_TSS_ADDR, 1UL << 32), EINVAL);

	GIVES(ioctl(vm.fd, KVM_SET_NR_MMU_PAGES, 0), EINVAL);
	GIVES(ioctl(vm.fd, KVM_SET_NR_MMU_PAGES, 63), EINVAL);
	GIVES(ioctl(vm.fd, KVM_SET_NR_MMU_PAGES, 64), 0);
	GIVES(ioctl(vm.fd, KVM_SET_NR_MMU_PAGES, 1UL << 32), 0);

	ACCEPTS(enable_cap(&vm, KVM_CAP_X86_TRIPLE_FAULT_EVENT, bit, 1), 0xffffffff00000000ULL);
	CHECK(has_triple_fault_event());
	GIVES(enable_cap(&vm, KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, 0), 0);
	CHECK(!has_triple_fault_event());
	GIVES(enable_cap(&vm, KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, 2), 0);
	CHECK(has_triple_fault_event());
	GIVES(enable_cap(&vm, 0, 0, 0), EINVAL);
	GIVES(enable_cap(&vm, KVM_CAP_USER_MEMORY, 0, 0), EINVAL);
	GIVES(enable_cap(&vm, 100000, 0, 0), EINVAL);
	GIVES(enable_cap(&vm, ~0U, 0, 0), EINVAL);
}

static const struct test tests[] = {
	TEST(numbers_of_the_device),
	TEST(lists_of_the_device),
	TEST(numbers_of_cpuid_entries),
	TEST(numbers_of_msrs),
	TEST(numbers_of_vcpus),
	TEST(as_many_vcpus_as_it_says),
	TEST(limits_of_vcpus),
	TEST(numbers_of_the_boot_cpu),
	TEST(mappings_of_vcpus),
	TEST(numbers_of_slots),
	TEST(sizes_of_slots),
	TEST(addresses_of_slots),
	TEST(changes_of_slots),
	TEST(slots_of_the_dirty_log),
	TEST(addresses_and_capabilities_of_a_vm),
};

TAP_MAIN(tests)
