// SPDX-License-Identifier: GPL-2.0-only
/* The MSRs of the guest and of its VMM, and the TSC. */
#include "guest.h"

#define MSR_TSC			0x10
#define MSR_FEATURE_CONTROL	0x3a
#define MSR_APICBASE		0x1b
#define MSR_UCODE_REV		0x8b
#define MSR_PERF_CAPABILITIES	0x345
#define MSR_SYSENTER_EIP	0x176
#define MSR_MISC_ENABLE		0x1a0
#define MSR_POWER_CTL		0x1fc
#define MSR_UNKNOWN		0x4b564d10

#define APIC_X2APIC		(1 << 10)

#define FAR			(1ULL << 44)

GUEST64(halt, "hlt");

/* accesses the MSR in RCX: reads it if RBX is 0, else writes RDX:RAX */
GUEST64(access,
	"test %ebx, %ebx; jnz 1f; rdmsr; jmp 2f; 1: wrmsr\n"
	"2: out %al, $0x10; hlt");

static const struct {
	u32 index;
	bool write;
	u64 value;
	bool fault;
} accesses[] = {
	{ MSR_UNKNOWN, false, 0, true },
	{ MSR_UNKNOWN, true, 0, true },
	{ 0x802, false, 0, true },		/* x2APIC, which is up to the VMM */
	{ 0x802, true, 0, true },
	{ MSR_UCODE_REV, true, 0, false },
	{ MSR_UCODE_REV, false, 0, false },
	{ MSR_PERF_CAPABILITIES, true, 0, true },
	{ MSR_PERF_CAPABILITIES, false, 0, true },	/* CPUID has no PDCM */
	{ 0x2a, false, 0, false },		/* EBL_CR_POWERON */
	{ 0x2a, true, 0, true },
	{ 0xcd, false, 0, false },		/* FSB_FREQ */
	{ 0x79, true, 0, false },		/* microcode update */
	{ 0x1db, false, 0, false },		/* last branch */
	{ MSR_POWER_CTL, true, 0x1234, false },	/* C1E and the like: without effect */
	{ MSR_POWER_CTL, false, 0, false },
	{ MSR_FEATURE_CONTROL, false, 0, false },
	{ MSR_FEATURE_CONTROL, true, 1, false },
	{ MSR_FEATURE_CONTROL, true, 1 << 8, true },	/* reserved */
	{ MSR_MISC_ENABLE, true, 0x1800 | 1, false },
	{ MSR_MISC_ENABLE, true, 1, true },	/* BTS, PEBS do not exist */
	{ MSR_APICBASE, true, 0xfee00000 | APIC_X2APIC, true },
};

static void msrs_of_the_guest(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct vm vm;
		struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(access));
		struct kvm_regs r;

		get_regs(v, &r);
		r.rcx = accesses[i].index;
		r.rbx = accesses[i].write;
		r.rax = (u32)accesses[i].value;
		r.rdx = accesses[i].value >> 32;
		set_regs(v, &r);
		vcpu_run_to(v, KVM_EXIT_IO);
		if (!CHECK_EQ(vcpu_trap(v), accesses[i].fault ? 13 : -1))
			tap_note("%s of %#x", accesses[i].write ? "write" : "read",
				 accesses[i].index);
		vm_destroy(&vm);
	}
}

static void msrs_of_the_vmm(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_EQ(set_msr(v, MSR_UNKNOWN, 0), 0);
	CHECK_EQ(set_msr(v, MSR_SYSENTER_EIP, 0x8000800000000000), 1);
	CHECK_EQ(get_msr(v, MSR_SYSENTER_EIP), 0xffff800000000000);
	CHECK_EQ(set_msr(v, MSR_UCODE_REV, 5ULL << 32), 1);
	CHECK_EQ(get_msr(v, MSR_UCODE_REV), 5ULL << 32);
	CHECK_EQ(set_msr(v, MSR_POWER_CTL, ~0ULL), 1);
	CHECK_EQ(get_msr(v, MSR_POWER_CTL), ~0ULL);
	CHECK_EQ(set_msr(v, MSR_PERF_CAPABILITIES, 0), 1);
	CHECK_EQ(get_msr(v, MSR_PERF_CAPABILITIES), 0);
	CHECK_EQ(set_msr(v, MSR_PERF_CAPABILITIES, 1ULL << 63), 0);
	CHECK_EQ(set_msr(v, MSR_APICBASE, 0xfee00000 | APIC_X2APIC), 0);
	CHECK_EQ(set_msr(v, MSR_APICBASE, 0xfee00001), 0);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void a_locked_feature_control(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(access));
	struct kvm_regs r;

	CHECK_EQ(set_msr(v, MSR_FEATURE_CONTROL, 1 << 8), 0);
	CHECK_EQ(set_msr(v, MSR_FEATURE_CONTROL, 1), 1);
	CHECK_EQ(get_msr(v, MSR_FEATURE_CONTROL), 1);
	get_regs(v, &r);
	r.rcx = MSR_FEATURE_CONTROL;
	r.rax = r.rbx = 1;
	r.rdx = 0;
	set_regs(v, &r);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
	CHECK_EQ(set_msr(v, MSR_FEATURE_CONTROL, 0), 1);	/* the VMM's key */
	set_regs(v, &r);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), -1);
	CHECK_EQ(get_msr(v, MSR_FEATURE_CONTROL), 1);
}

struct list {
	struct kvm_msr_list head;
	u32 indices[1024];
};

/* A VMM can write back all that it reads with the list of MSRs. */
static void msrs_of_the_list_can_be_written_back(void)
{
	struct list list = { .head.nmsrs = 1024 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	if (on_kvm())
		tap_skip("KVM's list has some that depend on the CPUID");
	CHECK_OK(ioctl(vm.dev, KVM_GET_MSR_INDEX_LIST, &list));
	for (i = 0; i < list.head.nmsrs; i++)
		if (!CHECK_EQ(set_msr(v, list.indices[i],
				      get_msr(v, list.indices[i])), 1))
			tap_note("MSR %#x", list.indices[i]);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void features_are_read_without_a_vcpu(void)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = { .head.nmsrs = 1 };
	struct list list = { .head.nmsrs = 0 };
	int dev = dev_open();
	unsigned int i;

	CHECK_ERR(ioctl(dev, KVM_GET_MSR_FEATURE_INDEX_LIST, &list), E2BIG);
	REQUIRE(list.head.nmsrs > 0 && list.head.nmsrs <= 1024);
	CHECK_OK(ioctl(dev, KVM_GET_MSR_FEATURE_INDEX_LIST, &list));
	for (i = 0; i < list.head.nmsrs; i++) {
		msr.entry.index = list.indices[i];
		if (!CHECK_EQ(ioctl(dev, KVM_GET_MSRS, &msr), 1))
			tap_note("MSR %#x", list.indices[i]);
	}
	msr.entry.index = MSR_UNKNOWN;
	CHECK_EQ(ioctl(dev, KVM_GET_MSRS, &msr), 0);
}

/* ---- time ---- */

/* the vCPUs have one clock: a later read gives more */
static void check_together(struct vcpu *a, struct vcpu *b)
{
	u64 t0 = get_msr(a, MSR_TSC), t1 = get_msr(b, MSR_TSC), t2 = get_msr(a, MSR_TSC);

	if (!CHECK(t0 <= t1) || !CHECK(t1 <= t2))
		tap_note("%#llx %#llx %#llx", (unsigned long long)t0,
			 (unsigned long long)t1, (unsigned long long)t2);
}

static void vcpus_count_together(void)
{
	struct vm vm;
	struct vcpu *a = guest_make(&vm, MODE_LONG, PROG(halt)), *b;

	CHECK(get_msr(a, MSR_TSC) < FAR);	/* counts from the creation of the vCPU */
	CHECK_EQ(set_msr(a, MSR_TSC, FAR), 1);
	b = vm_add_vcpu(&vm, 1);
	CHECK(get_msr(b, MSR_TSC) >= FAR);
	check_together(a, b);
}

static void vcpus_that_are_restored_count_together(void)
{
	struct vm vm;
	struct vcpu *a = guest_make(&vm, MODE_LONG, PROG(halt)), *b;

	b = vm_add_vcpu(&vm, 1);
	CHECK_EQ(set_msr(a, MSR_TSC, FAR), 1);
	CHECK_EQ(set_msr(b, MSR_TSC, FAR), 1);
	CHECK(get_msr(b, MSR_TSC) >= FAR);
	check_together(a, b);
	CHECK_EQ(set_msr(b, MSR_TSC, 0), 1);
	check_together(a, b);
}

static void a_vcpu_that_is_moved_far_counts_alone(void)
{
	struct vm vm;
	struct vcpu *a = guest_make(&vm, MODE_LONG, PROG(halt)), *b;

	b = vm_add_vcpu(&vm, 1);
	CHECK_EQ(set_msr(b, MSR_TSC, FAR), 1);
	CHECK(get_msr(b, MSR_TSC) >= FAR);
	CHECK(get_msr(a, MSR_TSC) < FAR);
}

static void frequency_of_a_vcpu(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	int khz = CHECK_OK(ioctl(v->fd, KVM_GET_TSC_KHZ, 0));
	int ret;

	REQUIRE(khz > 10000);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, 0));
	CHECK_EQ(ioctl(v->fd, KVM_GET_TSC_KHZ, 0), khz);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz + khz / 10000));
	CHECK_EQ(ioctl(v->fd, KVM_GET_TSC_KHZ, 0), khz + khz / 10000);
	CHECK_EQ(ioctl(vm.fd, KVM_GET_TSC_KHZ, 0), khz);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, 0));
	CHECK_EQ(ioctl(v->fd, KVM_GET_TSC_KHZ, 0), khz);
	if (has_cap(&vm, KVM_CAP_TSC_CONTROL))
		return;
	CHECK_ERR(ioctl(v->fd, KVM_SET_TSC_KHZ, khz / 2), EINVAL);
	ret = ioctl(v->fd, KVM_SET_TSC_KHZ, khz * 2);
	KNOWN_DIFFERENCE(ret < 0 && errno == EINVAL,
			 "lets the guest's clock fall behind, and catch up");
}

/* The VM has that of vCPUs that are created later, so it is set before any, as new KVMs want. */
static void frequency_of_later_vcpus(void)
{
	struct vcpu *late;
	struct vm vm;
	int khz, ret;

	vm_make(&vm, NULL);
	khz = CHECK_OK(ioctl(vm.fd, KVM_GET_TSC_KHZ, 0));
	CHECK_OK(ioctl(vm.fd, KVM_SET_TSC_KHZ, khz + khz / 10000));
	CHECK_EQ(ioctl(vm.fd, KVM_GET_TSC_KHZ, 0), khz + khz / 10000);
	CHECK_OK(ioctl(vm.fd, KVM_SET_TSC_KHZ, 0));
	CHECK_EQ(ioctl(vm.fd, KVM_GET_TSC_KHZ, 0), khz);
	CHECK_OK(ioctl(vm.fd, KVM_SET_TSC_KHZ, khz + khz / 10000));
	if (!has_cap(&vm, KVM_CAP_TSC_CONTROL)) {
		ret = ioctl(vm.fd, KVM_SET_TSC_KHZ, khz / 2);
		KNOWN_DIFFERENCE(ret < 0 && errno == EINVAL,
				 "accepts what no vCPU of it will have");
		CHECK_OK(ioctl(vm.fd, KVM_SET_TSC_KHZ, khz + khz / 10000));
	}
	late = vm_add_vcpu(&vm, 0);
	CHECK_EQ(ioctl(late->fd, KVM_GET_TSC_KHZ, 0), khz + khz / 10000);
}

static const struct test tests[] = {
	TEST(msrs_of_the_guest),
	TEST(msrs_of_the_vmm),
	TEST(a_locked_feature_control),
	TEST(msrs_of_the_list_can_be_written_back),
	TEST(features_are_read_without_a_vcpu),
	TEST(vcpus_count_together),
	TEST(vcpus_that_are_restored_count_together),
	TEST(a_vcpu_that_is_moved_far_counts_alone),
	TEST(frequency_of_a_vcpu),
	TEST(frequency_of_later_vcpus),
};

TAP_MAIN(tests)
