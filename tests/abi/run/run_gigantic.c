// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page of 1 GiB, which the host must have set aside at boot.
 * Suite: 43-gigantic-pages
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "guest.h"

#define PAGE		4096UL
#define MIB		(1UL << 20)
#define GIB		(1UL << 30)
#define GIB_GPA		0x40000000UL

/* Without paging, page tables of the guest cause no EPT violation. */
GUEST32(touch,
	"1: out %al, $0x10\n"
	"incl 0x40000000\n"
	"incl 0x40300000; incl 0x5ffff000; incl 0x7fffffe8\n"
	"jmp 1b");

static const u32 touched[] = { 0, 0x300000, 0x1ffff000, 0x3fffffe8 };

static u32 *word(u8 *mem, unsigned int i)
{
	return (u32 *)(mem + touched[i]);
}

static u8 *gigantic(void)
{
	u8 *mem = mmap(NULL, GIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		       MAP_HUGETLB | 30 << MAP_HUGE_SHIFT, -1, 0);

	if (mem == MAP_FAILED)
		tap_skip("the host has no page of 1 GiB to give");
	return mem;
}

static void set_slot(struct vm *vm, u32 flags, u64 gpa, u64 size, void *mem)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = (unsigned long)mem,
	};

	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &r));
}

/* leaf entries and violations since the guest was about to touch the page */
struct figures {
	long gib, mib, violations;
};

static struct figures figures_since(const struct figures *before)
{
	return (struct figures){
		.gib = stat_of("pages_1g") - before->gib,
		.mib = stat_of("pages_2m") - before->mib,
		.violations = stat_of("pf_taken") - before->violations,
	};
}

static struct vcpu *start(struct vm *vm, struct figures *before)
{
	struct vcpu *v = guest_make(vm, MODE_FLAT32, PROG(touch));

	vcpu_run_out(v, 0x10);
	*before = figures_since(&(struct figures){ 0 });
	return v;
}

static void one_violation_maps_all_of_it(void)
{
	struct figures before, now;
	struct vm vm;
	struct vcpu *v = start(&vm, &before);
	u8 *mem = gigantic();
	unsigned int i;

	set_slot(&vm, 0, GIB_GPA, GIB, mem);
	vcpu_run_out(v, 0x10);
	now = figures_since(&before);
	CHECK_EQ(now.gib, 1);
	CHECK_EQ(now.mib, 0);
	CHECK_EQ(now.violations, 1);
	for (i = 0; i < ARRAY_SIZE(touched); i++)
		CHECK_EQ(*word(mem, i), 1);
	CHECK_OK(munmap(mem, GIB));
	CHECK_EQ(figures_since(&before).gib, 0);
	CHECK_EQ(vcpu_run(v), -EFAULT);
}

static void a_slot_that_it_does_not_fit_has_smaller_ones(void)
{
	struct figures before, now;
	struct vm vm;
	struct vcpu *v = start(&vm, &before);
	u8 *mem = gigantic();

	/* the slot starts 2 MiB lower: no page of 1 GiB fits into it */
	set_slot(&vm, 0, GIB_GPA - 2 * MIB, GIB, mem);
	*(u32 *)(mem + GIB - 4) = 0;
	vcpu_run_to(v, KVM_EXIT_MMIO);		/* behind the slot */
	now = figures_since(&before);
	CHECK_EQ(now.gib, 0);
	CHECK_EQ(now.mib, 3);
	CHECK_EQ(*(u32 *)(mem + 0x200000), 1);
	CHECK_EQ(*(u32 *)(mem + 0x500000), 1);
}

static void a_dirty_log_splits_it_and_its_end_makes_it_whole(void)
{
	static u64 bits[GIB / PAGE / 64], want[GIB / PAGE / 64];
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bits };
	struct figures before;
	struct vm vm;
	struct vcpu *v = start(&vm, &before);
	u8 *mem = gigantic();
	unsigned int i;

	set_slot(&vm, 0, GIB_GPA, GIB, mem);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(figures_since(&before).gib, 1);
	set_slot(&vm, KVM_MEM_LOG_DIRTY_PAGES, GIB_GPA, GIB, mem);
	CHECK_EQ(figures_since(&before).gib, 0);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(figures_since(&before).gib, 0);
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	for (i = 0; i < ARRAY_SIZE(touched); i++)
		want[touched[i] / PAGE / 64] |= 1ULL << touched[i] / PAGE % 64;
	CHECK(!memcmp(bits, want, sizeof(bits)));
	set_slot(&vm, 0, GIB_GPA, GIB, mem);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(figures_since(&before).gib, 1);
	CHECK_EQ(figures_since(&before).mib, 0);
	for (i = 0; i < ARRAY_SIZE(touched); i++)
		CHECK_EQ(*word(mem, i), 3);
}

static const struct test tests[] = {
	TEST(one_violation_maps_all_of_it),
	TEST(a_slot_that_it_does_not_fit_has_smaller_ones),
	TEST(a_dirty_log_splits_it_and_its_end_makes_it_whole),
};

TAP_MAIN(tests)
