// SPDX-License-Identifier: GPL-2.0-only
/* The processor that a VMM defines with KVM_SET_CPUID2, and its effects. */
#include <cpuid.h>
#include <string.h>

#include "cpuid_list.h"
#include "guest.h"

#define MSR_EFER	0xc0000080

#define CR4_FSGSBASE	(1U << 16)
#define CR4_OSXSAVE	(1U << 18)
#define CR4_SMEP	(1U << 20)
#define EFER_NX		(1U << 11)
#define APIC_ENABLE	(1U << 11)

#define OSXSAVE		(1U << 27)	/* leaf 1, ECX */
#define XSAVE		(1U << 26)
#define X2APIC		(1U << 21)
#define APIC		(1U << 9)	/* leaf 1, EDX */
#define LM		(1U << 29)	/* leaf 0x80000001, EDX */
#define NX		(1U << 20)
#define RDTSCP		(1U << 27)
#define INVPCID		(1U << 10)	/* leaf 7, EBX */
#define RDPID		(1U << 22)	/* leaf 7, ECX */

#define INDEXED	KVM_CPUID_FLAG_SIGNIFCANT_INDEX

struct cpuid {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[8];
};

/* FSGSBASE and XSAVE, but no SMEP, PCID, NX, x2APIC; two threads of one core */
static const struct cpuid small = {
	.head.nent = 8,
	.entries = {
		{ .function = 0, .eax = 0xd },
		{ .function = 1, .eax = 0x306c3, .ecx = XSAVE, .edx = APIC | 0x0789fbff },
		{ .function = 7, .flags = INDEXED, .ebx = 1 },
		{ .function = 0xb, .index = 0, .flags = INDEXED,
		  .eax = 1, .ebx = 2, .ecx = 0x100, .edx = 7 },
		{ .function = 0xb, .index = 1, .flags = INDEXED,
		  .eax = 4, .ebx = 16, .ecx = 0x201, .edx = 7 },
		{ .function = 0xd, .flags = INDEXED, .eax = 3, .ebx = 576, .ecx = 576 },
		{ .function = 0x80000000, .eax = 0x80000001 },
		{ .function = 0x80000001, .edx = LM },
	},
};

static int set_cpuid(struct vcpu *v, const struct cpuid *c)
{
	return ioctl(v->fd, KVM_SET_CPUID2, c);
}

static struct kvm_cpuid_entry2 get_entry(struct vcpu *v, u32 function)
{
	struct cpuid c = { .head.nent = ARRAY_SIZE(c.entries) };
	unsigned int i;

	CHECK_OK(ioctl(v->fd, KVM_GET_CPUID2, &c));
	for (i = 0; i < ARRAY_SIZE(c.entries); i++)
		if (c.entries[i].function == function)
			return c.entries[i];
	tap_fail("no leaf %#x", function);
}

GUEST64(halt, "hlt");

/* Make a vCPU with the small CPUID in place of the supported one. */
static struct vcpu *small_make(struct vm *vm, struct prog prog)
{
	struct vcpu *v = guest_make(vm, MODE_LONG, prog);

	CHECK_OK(set_cpuid(v, &small));
	return v;
}

static void after_a_run_only_the_same(void)
{
	struct cpuid other = small;
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(halt));

	other.entries[1].eax++;
	CHECK_OK(set_cpuid(v, &other));
	CHECK_OK(set_cpuid(v, &small));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(set_cpuid(v, &small));
	CHECK_ERR(set_cpuid(v, &other), EINVAL);
	other = small;
	other.head.nent = 7;
	CHECK_ERR(set_cpuid(v, &other), EINVAL);
	CHECK_EQ(get_entry(v, 1).eax, 0x306c3);
}

static void bits_that_follow_registers(void)
{
	struct kvm_sregs s;
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(halt));

	CHECK_EQ(get_entry(v, 1).ecx & OSXSAVE, 0);
	CHECK_EQ(get_entry(v, 1).edx & APIC, APIC);
	get_sregs(v, &s);
	s.cr4 |= CR4_OSXSAVE;
	s.apic_base &= ~(u64)APIC_ENABLE;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	CHECK_EQ(get_entry(v, 1).ecx & OSXSAVE, OSXSAVE);
	CHECK_EQ(get_entry(v, 1).edx & APIC, 0);
	vcpu_run_to(v, KVM_EXIT_HLT);
	/*
	 * setting the first CPUID again is no change of the processor, though
	 * KVM_GET_CPUID2 differs in these bits
	 */
	CHECK_OK(set_cpuid(v, &small));
	CHECK_EQ(get_entry(v, 1).edx & APIC, 0);
}

static void widths_and_components_are_checked(void)
{
	struct cpuid c = small;
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(halt));

	c.entries[6].eax = 0x80000008;
	c.entries[7] = (struct kvm_cpuid_entry2){ .function = 0x80000008, .eax = 0x3228 };
	CHECK_ERR(set_cpuid(v, &c), EINVAL);
	c.entries[7].eax = 0x3028;
	CHECK_OK(set_cpuid(v, &c));
	c = small;
	c.entries[5].eax |= 1 << 18;	/* AMX needs a permission that the process lacks */
	CHECK_ERR(set_cpuid(v, &c), EPERM);
}

static void cr4_bits_without_their_feature(void)
{
	struct kvm_sregs s;
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(halt));

	get_sregs(v, &s);
	s.cr4 |= CR4_SMEP;
	CHECK_ERR(ioctl(v->fd, KVM_SET_SREGS, &s), EINVAL);
	s.cr4 ^= CR4_SMEP | CR4_FSGSBASE;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(sets_smep,
	"mov %cr4, %rax; or $0x10000, %eax; mov %rax, %cr4; out %al, $0x10\n"
	"or $0x100000, %eax; mov %rax, %cr4; hlt");

static void guest_sets_cr4_bits_without_their_feature(void)
{
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(sets_smep));

	vcpu_run_out(v, 0x10);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
}

GUEST64(sets_nx,
	"mov $0xc0000080, %ecx; rdmsr; or $0x800, %eax; wrmsr; hlt");

static void guest_sets_nx_without_it(void)
{
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(sets_nx));

	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
}

/* the VMM may set NXE, as it may set MSRs before the CPUID */
static void vmm_sets_nx_without_it(void)
{
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(halt));

	CHECK_EQ(set_msr(v, MSR_EFER, get_msr(v, MSR_EFER) | EFER_NX), 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(reads_tsc_aux, "mov $0xc0000103, %ecx; rdmsr; hlt");
GUEST64(writes_tsc_aux, "mov $0xc0000103, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr; hlt");

/* RDTSCP and RDPID read it. The VMM may save it all the same. */
static void no_tsc_aux(void)
{
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(reads_tsc_aux));

	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
	vm_destroy(&vm);
	v = small_make(&vm, PROG(writes_tsc_aux));
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
	CHECK_EQ(set_msr(v, 0xc0000103, 5), 1);
	CHECK_EQ(get_msr(v, 0xc0000103), 5);
	vm_destroy(&vm);
	v = guest_make(&vm, MODE_LONG, PROG(reads_tsc_aux));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(rdtscp, "rdtscp; hlt");
GUEST64(rdpid, "rdpid %rax; hlt");
GUEST64(invpcid, "xor %eax, %eax; push %rax; push %rax; invpcid (%rsp), %rax; hlt");

/* @found: whether this CPU has the instruction */
static void check_instruction(struct prog prog, bool found)
{
	struct vm vm;
	struct vcpu *v = small_make(&vm, prog);

	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 6);
	vm_destroy(&vm);
	v = guest_make(&vm, MODE_LONG, prog);
	vcpu_run_to(v, found ? KVM_EXIT_HLT : KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), found ? -1 : 6);
	vm_destroy(&vm);
}

static void instructions_without_their_feature(void)
{
	u32 a, b = 0, c = 0, d = 0;

	CHECK(__get_cpuid(0x80000001, &a, &b, &c, &d));
	check_instruction(PROG(rdtscp), d & RDTSCP);
	CHECK(__get_cpuid_count(7, 0, &a, &b, &c, &d));
	check_instruction(PROG(rdpid), c & RDPID);
	check_instruction(PROG(invpcid), b & INVPCID);
}

GUEST64(topology,
	"mov $0xc000, %edi; xor %esi, %esi\n"
	"1: mov $0xb, %eax; mov %esi, %ecx; cpuid\n"
	"mov %eax, (%rdi); mov %ebx, 4(%rdi); mov %ecx, 8(%rdi); mov %edx, 12(%rdi)\n"
	"add $16, %rdi; inc %esi; cmp $4, %esi; jne 1b; hlt");

static void topology_as_the_vmm_gave_it(void)
{
	static const u32 want[4][4] = {
		{ 1, 2, 0x100, 7 }, { 4, 16, 0x201, 7 }, { 0, 0, 2, 7 }, { 0, 0, 3, 7 },
	};
	struct vm vm;
	struct vcpu *v = small_make(&vm, PROG(topology));
	unsigned int i, k;

	vcpu_run_to(v, KVM_EXIT_HLT);
	for (i = 0; i < 4; i++)
		for (k = 0; k < 4; k++)
			if (!CHECK_EQ(DATA32(&vm, 4 * i + k), want[i][k]))
				tap_note("subleaf %u, register %u", i, k);
}

#define RTM_HLE		(1U << 11 | 1U << 4)	/* leaf 7, EBX */
#define TSXLDTRK	(1U << 16)		/* leaf 7, EDX */

static void no_transactions(void)
{
	u32 a, ebx, x, d, found;
	struct kvm_cpuid_entry2 *e;
	struct cpuid_list list;

	if (!__get_cpuid_count(7, 0, &a, &ebx, &x, &d) || !(ebx & RTM_HLE))
		tap_skip("this CPU has no TSX");
	cpuid_supported(dev_open(), &list);
	e = cpuid_leaf(&list, 7);
	found = (e->ebx & RTM_HLE) | (e->edx & TSXLDTRK);
	KNOWN_DIFFERENCE(!found, "offers TSX, and an int3 in a transaction only aborts it");
}

static const struct test tests[] = {
	TEST(after_a_run_only_the_same),
	TEST(bits_that_follow_registers),
	TEST(widths_and_components_are_checked),
	TEST(cr4_bits_without_their_feature),
	TEST(guest_sets_cr4_bits_without_their_feature),
	TEST(guest_sets_nx_without_it),
	TEST(vmm_sets_nx_without_it),
	TEST(no_tsc_aux),
	TEST(instructions_without_their_feature),
	TEST(topology_as_the_vmm_gave_it),
	TEST(no_transactions),
};

TAP_MAIN(tests)
