// SPDX-License-Identifier: GPL-2.0-only
/* The device, VMs and memory slots: arguments that the ioctls accept and refuse. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

GUEST64(halt, "hlt");

static void api_version(void)
{
	int dev = dev_open();

	CHECK_EQ(ioctl(dev, KVM_GET_API_VERSION, 0), 12);
	CHECK_ERR(ioctl(dev, KVM_GET_API_VERSION, 1), EINVAL);
}

static void extensions_that_a_vmm_needs(void)
{
	static const int caps[] = {
		KVM_CAP_USER_MEMORY, KVM_CAP_EXT_CPUID, KVM_CAP_NR_VCPUS,
		KVM_CAP_NR_MEMSLOTS, KVM_CAP_DESTROY_MEMORY_REGION_WORKS,
		KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, KVM_CAP_SYNC_MMU,
		KVM_CAP_SET_GUEST_DEBUG, KVM_CAP_DEBUGREGS, KVM_CAP_IMMEDIATE_EXIT,
		KVM_CAP_MAX_VCPUS,
	};
	int dev = dev_open();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		if (!CHECK(ioctl(dev, KVM_CHECK_EXTENSION, caps[i]) > 0))
			tap_note("capability %d", caps[i]);
}

static void unknown_extension_is_0(void)
{
	int dev = dev_open();

	CHECK_EQ(ioctl(dev, KVM_CHECK_EXTENSION, 0x7ffffff), 0);
	CHECK_EQ(ioctl(dev, KVM_CHECK_EXTENSION, -1), 0);
}

static void create_vm_of_unknown_type(void)
{
	CHECK_ERR(ioctl(dev_open(), KVM_CREATE_VM, 0x1234), EINVAL);
}

static void vcpu_mmap_size(void)
{
	int dev = dev_open();
	int size = ioctl(dev, KVM_GET_VCPU_MMAP_SIZE, 0);

	CHECK(size >= (int)sizeof(struct kvm_run));
	CHECK_EQ(size % getpagesize(), 0);
	CHECK_ERR(ioctl(dev, KVM_GET_VCPU_MMAP_SIZE, 1), EINVAL);
}

static void unknown_ioctls(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	int fds[] = { vm.dev, vm.fd, v->fd };
	unsigned int i;

	/* KVM gives EINVAL for some and ENOTTY for others; each means "unknown" */
	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		CHECK(ioctl(fds[i], _IO(KVMIO, 0x7f), 0) < 0);
		CHECK(errno == ENOTTY || errno == EINVAL);
		CHECK(ioctl(fds[i], _IO('q', 1), 0) < 0);
		CHECK(errno == ENOTTY || errno == EINVAL);
	}
}

/* each with an argument that the kernel cannot read or write */
static void bad_pointers_are_efault(void)
{
	static const unsigned long vcpu_calls[] = {
		KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS, KVM_SET_SREGS, KVM_GET_FPU,
		KVM_SET_FPU, KVM_GET_MSRS, KVM_SET_MSRS, KVM_SET_CPUID2, KVM_INTERRUPT,
		KVM_TRANSLATE, KVM_SET_GUEST_DEBUG, KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS,
		KVM_SET_SIGNAL_MASK, KVM_GET_SREGS2, KVM_SET_SREGS2, KVM_GET_XSAVE,
		KVM_GET_XSAVE2, KVM_SET_XSAVE, KVM_GET_XCRS, KVM_SET_XCRS,
		KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, KVM_GET_MP_STATE,
		KVM_SET_MP_STATE, KVM_X86_SETUP_MCE, KVM_X86_SET_MCE,
		KVM_TPR_ACCESS_REPORTING,
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	void *bad = bad_pointer();
	unsigned int i;

	CHECK_ERR(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, NULL), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, bad), EFAULT);
	CHECK_ERR(ioctl(vm.dev, KVM_GET_SUPPORTED_CPUID, bad), EFAULT);
	CHECK_ERR(ioctl(vm.dev, KVM_GET_MSR_INDEX_LIST, bad), EFAULT);
	for (i = 0; i < ARRAY_SIZE(vcpu_calls); i++)
		if (!CHECK_ERR(ioctl(v->fd, vcpu_calls[i], bad), EFAULT))
			tap_note("ioctl %#lx", vcpu_calls[i]);
	CHECK_EQ(vcpu_run(v), KVM_EXIT_HLT);
}

static void *host_page;

#define UADDR		0xffff0000	/* stands for host_page in the table */

static int set_region(int vm, u32 slot, u32 flags, u64 gpa, u64 size, u64 addr)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa, .memory_size = size,
		.userspace_addr = addr - UADDR < 0x10000 ?
			(unsigned long)host_page + (addr - UADDR) : addr,
	};

	return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &r);
}

/* in this order: each depends on those before; slot 0 is RAM at 0 - 2 MiB */
static const struct {
	const char *what;
	u32 slot, flags;
	u64 gpa, size, addr;
	int err;
} regions[] = {
	{ "beside slot 0", 1, 0, 0x200000, 0x2000, UADDR, 0 },
	{ "the same again", 1, 0, 0x200000, 0x2000, UADDR, 0 },
	{ "with a dirty log", 2, KVM_MEM_LOG_DIRTY_PAGES, 0x400000, 0x1000, UADDR, 0 },
	{ "unaligned gpa", 3, 0, 0x600800, 0x1000, UADDR, EINVAL },
	{ "unaligned size", 3, 0, 0x600000, 0x1800, UADDR, EINVAL },
	{ "unaligned host address", 3, 0, 0x600000, 0x1000, UADDR + 8, EINVAL },
	{ "kernel's address", 3, 0, 0x600000, 0x1000, 0xffff888000000000, EINVAL },
	{ "end of the address space", 3, 0, 0xfffffffffffff000, 0x2000, UADDR, EINVAL },
	{ "unknown flag", 3, 1U << 31, 0x600000, 0x1000, UADDR, EINVAL },
	{ "slot number too large", 0x7fff, 0, 0x600000, 0x1000, UADDR, EINVAL },
	{ "overlaps slot 0", 3, 0, 0x1ff000, 0x1000, UADDR, EEXIST },
	{ "overlaps slot 1's end", 3, 0, 0x201000, 0x2000, UADDR, EEXIST },
	{ "covers slot 1", 3, 0, 0x1ff000, 0x10000, UADDR, EEXIST },
	{ "slot 1 resized", 1, 0, 0x200000, 0x1000, UADDR, EINVAL },
	{ "slot 1 elsewhere in the host", 1, 0, 0x200000, 0x2000, UADDR + 0x1000, EINVAL },
	{ "slot 1 moved", 1, 0, 0x300000, 0x2000, UADDR, 0 },
	{ "slot 1 moved onto slot 0", 1, 0, 0x1000, 0x2000, UADDR, EEXIST },
	{ "where slot 1 was", 3, 0, 0x200000, 0x1000, UADDR, 0 },
	{ "slot 1 deleted", 1, 0, 0, 0, 0, 0 },
	{ "slot 1 deleted again", 1, 0, 0, 0, 0, EINVAL },
	{ "slot 1 anew", 1, 0, 0x300000, 0x3000, UADDR, 0 },
};

static void memory_regions(void)
{
	struct vm vm;
	unsigned int i;

	host_page = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	vm_make(&vm, NULL);
	for (i = 0; i < ARRAY_SIZE(regions); i++) {
		/* without the flag where it is not supported */
		u32 flags = regions[i].flags;
		int ret = set_region(vm.fd, regions[i].slot, flags, regions[i].gpa,
				     regions[i].size, regions[i].addr);
		int err = ret < 0 ? errno : 0;

		if (flags == KVM_MEM_LOG_DIRTY_PAGES && err == EINVAL && !on_kvm())
			tap_note("no dirty log");
		else if (!CHECK_EQ(err, regions[i].err))
			tap_note("region: %s: %s, wanted %s", regions[i].what,
				 strerror(err), strerror(regions[i].err));
	}
}

static void vcpu_ids(void)
{
	struct vm vm;
	int max;

	vm_make(&vm, NULL);
	max = has_cap(&vm, KVM_CAP_MAX_VCPU_ID);
	if (!max)
		max = has_cap(&vm, KVM_CAP_MAX_VCPUS);
	CHECK(max > 0);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_VCPU, 0));
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_VCPU, 0), EEXIST);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_VCPU, 3));
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_VCPU, max), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_VCPU, -1), EINVAL);
}

static void vcpu_page_size_is_checked(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	/* a mapping beyond the pages of the vCPU fails, or its access does */
	CHECK(v->run->exit_reason == KVM_EXIT_UNKNOWN);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, v->fd, 0) != MAP_FAILED);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, vm.dev, 0) == MAP_FAILED);
}

static void supported_cpuid_does_not_fit(void)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[1];
	} cpuid = { .head.nent = 1 };

	CHECK_ERR(ioctl(dev_open(), KVM_GET_SUPPORTED_CPUID, &cpuid), E2BIG);
}

static void msr_index_list(void)
{
	struct {
		struct kvm_msr_list head;
		u32 indices[1024];
	} list = { .head.nmsrs = 0 };
	static const u32 wanted[] = { 0x10, 0x174, 0xc0000081, 0xc0000082, 0xc0000102 };
	int dev = dev_open();
	unsigned int i, k, found = 0;

	CHECK_ERR(ioctl(dev, KVM_GET_MSR_INDEX_LIST, &list), E2BIG);
	REQUIRE(list.head.nmsrs > 0 && list.head.nmsrs <= 1024);
	CHECK_OK(ioctl(dev, KVM_GET_MSR_INDEX_LIST, &list));
	for (i = 0; i < list.head.nmsrs; i++)
		for (k = 0; k < ARRAY_SIZE(wanted); k++)
			found += list.indices[i] == wanted[k];
	CHECK_EQ(found, ARRAY_SIZE(wanted));
}

static void each_msr_of_the_list_can_be_read(void)
{
	struct {
		struct kvm_msr_list head;
		u32 indices[1024];
	} list = { .head.nmsrs = 1024 };
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = { .head.nmsrs = 1 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	CHECK_OK(ioctl(vm.dev, KVM_GET_MSR_INDEX_LIST, &list));
	for (i = 0; i < list.head.nmsrs; i++) {
		msr.entry.index = list.indices[i];
		if (ioctl(v->fd, KVM_GET_MSRS, &msr) != 1)
			KNOWN_DIFFERENCE(false, "lists MSRs that this guest has not");
	}
}

static const struct test tests[] = {
	TEST(api_version),
	TEST(extensions_that_a_vmm_needs),
	TEST(unknown_extension_is_0),
	TEST(create_vm_of_unknown_type),
	TEST(vcpu_mmap_size),
	TEST(unknown_ioctls),
	TEST(bad_pointers_are_efault),
	TEST(memory_regions),
	TEST(vcpu_ids),
	TEST(vcpu_page_size_is_checked),
	TEST(supported_cpuid_does_not_fit),
	TEST(msr_index_list),
	TEST(each_msr_of_the_list_can_be_read),
};

TAP_MAIN(tests)
