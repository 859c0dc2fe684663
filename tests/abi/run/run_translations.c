// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translations that the processor keeps for a guest end when the guest, or its VMM,
 * changes what they come from (SDM vol. 3, "Invalidation of TLBs and Paging-Structure
 * Caches" and "Operations that Invalidate Cached Mappings").
 */
#include <string.h>

#include "guest.h"

#define PAGE_A		GUEST_HIGH
#define PAGE_B		(GUEST_HIGH + 0x1000)
#define OTHER_PD	(GUEST_HIGH + 0x10000)
#define OTHER_PT	(GUEST_HIGH + 0x11000)
#define PTE_FLAGS	7U		/* present, writable, user */
#define PDE_USER	4U
#define CR4_SMEP	(1UL << 20)
#define PORT		0x20

#define OUT_A		"mov 0x100000, %eax; out %al, $0x20\n"
/* page A becomes page B, and no instruction says so */
#define MAP_B		"movl $0x101007, 0x28000 + 0x100 * 4\n"

GUEST32(reads, "1:" OUT_A "jmp 1b");
GUEST32(paging_off_and_on,
	OUT_A MAP_B
	"mov %cr0, %ebx; and $0x7fffffff, %ebx; mov %ebx, %cr0\n"
	"or $0x80000000, %ebx; mov %ebx, %cr0\n"
	OUT_A "hlt");
GUEST32(smep_on,
	OUT_A MAP_B
	"mov %cr4, %ebx; or $0x100000, %ebx; mov %ebx, %cr4\n"
	OUT_A "hlt");

/* With 32-bit paging, page A holds 'A' and page B 'B'. */
static struct vcpu *make(struct vm *vm, struct prog prog)
{
	struct vcpu *v = guest_make(vm, MODE_PAGED32, prog);

	*GUEST_PTR(vm, PAGE_A, u8) = 'A';
	*GUEST_PTR(vm, PAGE_B, u8) = 'B';
	return v;
}

/* Make tables at OTHER_PD that differ from the guest's in that page A becomes page B. */
static void make_other_tables(struct vm *vm)
{
	memcpy(vm->mem + OTHER_PD, vm->mem + GUEST_PD32, 0x1000);
	memcpy(vm->mem + OTHER_PT, vm->mem + GUEST_PT32, 0x1000);
	*GUEST_PTR(vm, OTHER_PD, u32) = OTHER_PT | PTE_FLAGS;
	GUEST_PTR(vm, OTHER_PT, u32)[PAGE_A >> 12] = PAGE_B | PTE_FLAGS;
}

static void load_cr3(struct vcpu *v, u64 cr3)
{
	struct kvm_sregs sregs;

	get_sregs(v, &sregs);
	sregs.cr3 = cr3;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &sregs));
}

static void cr3_loaded_by_the_vmm(void)
{
	struct vm vm;
	struct vcpu *v = make(&vm, PROG(reads));

	make_other_tables(&vm);
	CHECK_EQ(vcpu_run_out(v, PORT), 'A');
	load_cr3(v, OTHER_PD);
	CHECK_EQ(vcpu_run_out(v, PORT), 'B');
	load_cr3(v, GUEST_PD32);
	CHECK_EQ(vcpu_run_out(v, PORT), 'A');
}

static void expect_a_then_b(struct vcpu *v)
{
	CHECK_EQ(vcpu_run_out(v, PORT), 'A');
	CHECK_EQ(vcpu_run_out(v, PORT), 'B');
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void guest_turns_paging_off_and_on(void)
{
	struct vm vm;

	expect_a_then_b(make(&vm, PROG(paging_off_and_on)));
}

/* MOV to CR4 that sets SMEP. The guest's code must not be in user pages then. */
static void guest_sets_smep(void)
{
	struct kvm_sregs sregs;
	struct vm vm;
	struct vcpu *v = make(&vm, PROG(smep_on));

	*GUEST_PTR(&vm, GUEST_PD32, u32) &= ~PDE_USER;
	get_sregs(v, &sregs);
	sregs.cr4 |= CR4_SMEP;
	if (ioctl(v->fd, KVM_SET_SREGS, &sregs))
		tap_skip("no SMEP");
	sregs.cr4 &= ~CR4_SMEP;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &sregs));
	expect_a_then_b(v);
}

/* Two vCPUs on one CPU of the host, each with tables of its own. */
static void vcpus_in_turn(void)
{
	struct vcpu *first, *second;
	struct vm vm;

	first = make(&vm, PROG(reads));
	make_other_tables(&vm);
	second = guest_add_vcpu(&vm, 1, MODE_PAGED32, GUEST_CODE);
	load_cr3(second, OTHER_PD);
	for (unsigned int i = 0; i < 4; i++) {
		CHECK_EQ(vcpu_run_out(first, PORT), 'A');
		CHECK_EQ(vcpu_run_out(second, PORT), 'B');
	}
}

/* A new VM gets the VPID of the one before, and maybe its pages as EPT tables. */
static void vms_one_after_another(void)
{
	for (unsigned int i = 1; i <= 8; i++) {
		struct vm vm;
		struct vcpu *v = make(&vm, PROG(reads));

		*GUEST_PTR(&vm, PAGE_A, u8) = i;
		CHECK_EQ(vcpu_run_out(v, PORT), i);
		vm_destroy(&vm);
	}
}

static const struct test tests[] = {
	TEST(cr3_loaded_by_the_vmm),
	TEST(guest_turns_paging_off_and_on),
	TEST(guest_sets_smep),
	TEST(vcpus_in_turn),
	TEST(vms_one_after_another),
};

TAP_MAIN(tests)
