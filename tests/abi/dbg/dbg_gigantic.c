// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints in a page of 1 GiB, which the host must have set aside at boot.
 * Suite: 43-gigantic-pages
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "vmm.h"

#define GIB		(1UL << 30)
#define GIB_GPA		0x40000000UL
#define FIRST		(GIB_GPA + 0x300123)	/* routines in the page */
#define SECOND		(GIB_GPA + 0x500000)
#define LAST_WORD	(GIB_GPA + GIB - 4)

GUEST32(rounds,
	"rounds_here: mov $0x40300123, %eax; call *%eax\n"
	"mov $0x40500000, %eax; call *%eax\n"
	"incl 0x7ffffffc\n"
	"jmp rounds_here");
LABEL(rounds_here);

/* executes UD2 if its first byte is an int3 */
GUEST32(routine, "cmpb $0x80, (%eax); je 1f; ud2; 1: ret");

/* Add the page and its routines; runs in the VMM. */
static void add_gigantic(struct vm *vm)
{
	u8 *mem = mmap(NULL, GIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		       MAP_HUGETLB | 30 << MAP_HUGE_SHIFT, -1, 0);
	struct kvm_userspace_memory_region r = {
		.slot = 1, .guest_phys_addr = GIB_GPA, .memory_size = GIB,
		.userspace_addr = (unsigned long)mem,
	};

	if (mem == MAP_FAILED)
		return;
	memcpy(mem + FIRST - GIB_GPA, routine_begin, routine_end - routine_begin);
	memcpy(mem + SECOND - GIB_GPA, routine_begin, routine_end - routine_begin);
	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &r));
}

static void start(struct dbg *d)
{
	u32 word;

	dbg_start(d, MODE_FLAT32, PROG(rounds), &(struct vmm_options){ .prepare = add_gigantic });
	if (session_read(d->fd, 0, VMXDBG_MEM_PHYSICAL, LAST_WORD, &word, 4) != 4)
		tap_skip("the host has no page of 1 GiB to give");
}

static u32 add(struct dbg *d, u32 type, u64 addr)
{
	return session_must_add(d->fd, (struct vmxdbg_bp){
			.type = type, .addr = addr, .len = 1 });
}

static void one_round(struct dbg *d)
{
	resume_to(d, VMXDBG_WHY_BREAKPOINT, AT(rounds, rounds_here));
}

static void breakpoints_split_it_and_it_comes_back_whole(void)
{
	long whole, before;
	struct dbg d;
	u32 first, second, word = 0;

	start(&d);
	whole = stat_of("pages_1g");
	before = stat_of("pages_2m");
	add(&d, VMXDBG_BP_HARD, AT(rounds, rounds_here));
	one_round(&d);
	one_round(&d);
	CHECK_EQ(stat_of("pages_1g") - whole, 1);

	first = add(&d, VMXDBG_BP_SOFT, FIRST);
	second = add(&d, VMXDBG_BP_SOFT, SECOND);
	CHECK_EQ(stat_of("pages_1g") - whole, 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, FIRST);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, SECOND);
	one_round(&d);
	CHECK_EQ(stat_of("pages_1g") - whole, 0);
	CHECK_EQ(stat_of("pages_2m") - before, 1);	/* the 2 MiB of the last word */

	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, first));
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, SECOND);
	one_round(&d);
	CHECK_EQ(stat_of("pages_1g") - whole, 0);
	CHECK_EQ(stat_of("pages_2m") - before, 2);

	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, second));
	one_round(&d);
	CHECK_EQ(stat_of("pages_1g") - whole, 1);
	CHECK_EQ(session_read(d.fd, 0, VMXDBG_MEM_PHYSICAL, LAST_WORD, &word, 4), 4);
	CHECK_EQ(word, 4);
}

static const struct test tests[] = {
	TEST_HARD(35, breakpoints_split_it_and_it_comes_back_whole),
};

TAP_MAIN(tests)
