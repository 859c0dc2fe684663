// SPDX-License-Identifier: GPL-2.0-only
/* CPUID faulting, and the MSRs that say so: MSR_PLATFORM_INFO, MSR_MISC_FEATURES_ENABLES. */
#include <string.h>

#include "guest.h"

#define GP			13
#define MSR_PLATFORM_INFO	0xce
#define MSR_MISC_FEATURES	0x140
#define CAN_FAULT		(1ULL << 31)
#define FAULTS			1

static struct vm vm;
static struct vcpu *v;

static void show_platform_info(u64 on)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_MSR_PLATFORM_INFO, .args = { on } };

	CHECK_OK(ioctl(vm.fd, KVM_ENABLE_CAP, &cap));
}

/* ECX: MSR, EAX: value, EDX: 0 */
GUEST64(writes, "wrmsr; out %al, $0x10; hlt");
GUEST64(reads, "rdmsr; out %eax, $0x10; hlt");

/* Return: what the guest reads from an MSR, or ~0 with #GP. */
static u64 guest_reads(u32 index)
{
	struct kvm_regs regs;

	vm_load(&vm, PROG(reads));
	get_regs(v, &regs);
	regs.rip = GUEST_CODE;
	regs.rcx = index;
	set_regs(v, &regs);
	vcpu_run_to(v, KVM_EXIT_IO);
	if (vcpu_trap(v) == GP)
		return ~0ULL;
	get_regs(v, &regs);
	return regs.rdx << 32 | (u32)regs.rax;
}

/* Return: whether the guest's write faults. */
static bool guest_write_faults(u32 index, u32 val)
{
	struct kvm_regs regs;

	vm_load(&vm, PROG(writes));
	get_regs(v, &regs);
	regs.rip = GUEST_CODE;
	regs.rcx = index;
	regs.rax = val;
	regs.rdx = 0;
	set_regs(v, &regs);
	vcpu_run_to(v, KVM_EXIT_IO);
	return vcpu_trap(v) == GP;
}

/* Later KVMs change it only before the first KVM_RUN: so each value has a guest. */
static void the_vmms_platform_info(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(reads));
	CHECK_EQ(has_cap(&vm, KVM_CAP_MSR_PLATFORM_INFO), 1);
	CHECK_EQ(get_msr(v, MSR_PLATFORM_INFO), CAN_FAULT);
	CHECK_EQ(guest_reads(MSR_PLATFORM_INFO), CAN_FAULT);
	v = guest_make(&vm, MODE_LONG, PROG(reads));
	CHECK_EQ(set_msr(v, MSR_PLATFORM_INFO, 0x123456789abcULL), 1);
	CHECK_EQ(guest_reads(MSR_PLATFORM_INFO), 0x123456789abcULL);
	CHECK(guest_write_faults(MSR_PLATFORM_INFO, 0));
	show_platform_info(0);
	CHECK_EQ(guest_reads(MSR_PLATFORM_INFO), ~0ULL);
	CHECK_EQ(get_msr(v, MSR_PLATFORM_INFO), 0x123456789abcULL);
	show_platform_info(5);
	CHECK_EQ(guest_reads(MSR_PLATFORM_INFO), 0x123456789abcULL);
}

static void values_that_cannot_be(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(reads));
	CHECK_EQ(guest_reads(MSR_MISC_FEATURES), 0);
	CHECK(guest_write_faults(MSR_MISC_FEATURES, 2));
	CHECK_EQ(set_msr(v, MSR_MISC_FEATURES, 1ULL << 63), 0);
	CHECK(!guest_write_faults(MSR_MISC_FEATURES, FAULTS));
	CHECK_EQ(get_msr(v, MSR_MISC_FEATURES), FAULTS);
	/* a processor that faults can fault */
	CHECK_EQ(set_msr(v, MSR_PLATFORM_INFO, 0), 0);
	v = guest_make(&vm, MODE_LONG, PROG(reads));
	CHECK_EQ(set_msr(v, MSR_PLATFORM_INFO, CAN_FAULT | 1), 1);
	CHECK(!guest_write_faults(MSR_MISC_FEATURES, 0));
	v = guest_make(&vm, MODE_LONG, PROG(reads));
	CHECK_EQ(set_msr(v, MSR_PLATFORM_INFO, 0), 1);
	CHECK(guest_write_faults(MSR_MISC_FEATURES, FAULTS));
	CHECK_EQ(set_msr(v, MSR_MISC_FEATURES, FAULTS), 0);
}

GUEST64(asks, "xor %eax, %eax; asks_1: cpuid; hlt");
LABEL(asks_1);

static void cpuid_in_ring_0(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(asks));
	CHECK_EQ(set_msr(v, MSR_MISC_FEATURES, FAULTS), 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* The handler tells the error code, and where. */
GUEST64(asks_in_ring_3,
	"xor %eax, %eax; ar_1: cpuid; ud2\n"
	"ar_handler: pop %rax; out %eax, $0x10; pop %rax; out %eax, $0x11; hlt");
LABEL(ar_1); LABEL(ar_handler);

static void cpuid_in_ring_3(void)
{
	struct kvm_regs regs;

	v = guest_make(&vm, MODE_LONG, PROG(asks_in_ring_3));
	vm_gate(&vm, MODE_LONG, GP, AT(asks_in_ring_3, ar_handler));
	CHECK_EQ(set_msr(v, MSR_MISC_FEATURES, FAULTS), 1);
	vcpu_to_ring3(v);
	get_regs(v, &regs);
	regs.rbx = 0x1234;
	set_regs(v, &regs);
	CHECK_EQ(vcpu_run_out(v, 0x10), 0);
	CHECK_EQ(vcpu_run_out(v, 0x11), AT(asks_in_ring_3, ar_1));
	get_regs(v, &regs);
	CHECK_EQ(regs.rbx, 0x1234);
}

GUEST64(asks_freely, "xor %eax, %eax; cpuid; af_1: ud2");
LABEL(af_1);

static void cpuid_in_ring_3_as_ever(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(asks_freely));
	vcpu_to_ring3(v);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 6);
}

static const struct test tests[] = {
	TEST(the_vmms_platform_info),
	TEST(values_that_cannot_be),
	TEST(cpuid_in_ring_0),
	TEST(cpuid_in_ring_3),
	TEST(cpuid_in_ring_3_as_ever),
};

TAP_MAIN(tests)
