// SPDX-License-Identifier: GPL-2.0-only
/* Watchpoints by linear address and EPT: they follow the guest's mappings. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define WHY_WATCH	VMXDBG_WHY_WATCH
#define ALIAS		0x100000	/* mapped by entry 0x100 of GUEST_PT */
#define ALIAS_PAGES	8		/* not mapped at the start */
#define PML4_B		0x29000		/* a second address space */
#define MAX_FOLLOWED	"/sys/module/vmxdbg/parameters/max_followed"

/* for the guests' assembly: map the page at @gva, below 2 MiB, with @entry */
#define MAP(gva, entry)							\
	"movq $" #entry ", 0x26000 + (" #gva " >> 12) * 8; invlpg " #gva "\n"

static void start(struct dbg *d, enum guest_mode mode, struct prog prog,
		  const struct vmm_options *o)
{
	unsigned int i;

	dbg_start(d, mode, prog, o);
	for (i = 0; i < ALIAS_PAGES; i++)
		GUEST_PTR(&d->vmm.vm, GUEST_PT, u64)[(ALIAS >> 12) + i] = 0;
	GUEST_PTR(&d->vmm.vm, 0x28000, u32)[ALIAS >> 12] = 0;
}

static void stop(struct dbg *d)
{
	close(d->fd);
	vmm_kill(&d->vmm);
	close(d->dev);
}

static u32 add_bp(struct dbg *d, struct vmxdbg_bp bp)
{
	return session_must_add(d->fd, bp);
}

static u32 add(struct dbg *d, u32 type, u64 addr, u64 len)
{
	return add_bp(d, (struct vmxdbg_bp){ .type = type, .addr = addr, .len = len });
}

/* a watchpoint that counts and does not stop */
static u32 add_counter(struct dbg *d, u32 type, u64 addr, u64 len)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };

	return add_bp(d, (struct vmxdbg_bp){ .type = type, .addr = addr, .len = len,
					     .options = (unsigned long)&count });
}

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

/* ---- one page ---- */

/* writes to X and Y, by ALIAS and by their own addresses */
GUEST64(moved,
	"mov $2, %ebx\n"
	"1: " MAP(0x100000, 0x30007) "moved_x: incl 0x100040\n"
	"incl 0x30040; incl 0x31040\n"
	MAP(0x100000, 0x31007) "moved_y: incl 0x100040\n"
	"incl 0x30040; incl 0x31040\n"
	MAP(0x100000, 0)
	"incl 0x30040; incl 0x31040\n"
	"dec %ebx; jnz 1b; hlt");
LABEL(moved_x); LABEL(moved_y);

static void expect(struct dbg *d, u64 insn, u64 gva, u64 gpa)
{
	struct vmxdbg_event e;

	CHECK_OK(session_resume(d->fd, 0, 0));
	e = next_event(d->fd);
	CHECK_EQ(e.why, WHY_WATCH);
	CHECK_EQ(e.insn, insn);
	CHECK_EQ(e.addr, gva);
	CHECK_EQ(e.gpa, gpa);
}

static void follows(u32 type)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(moved), NULL);
	add(&d, type, ALIAS + 0x41, 3);
	for (i = 0; i < 2; i++) {
		expect(&d, AT(moved, moved_x), ALIAS + 0x40, 0x30040);
		expect(&d, AT(moved, moved_y), ALIAS + 0x40, 0x31040);
	}
	dbg_finish(&d);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0x30040, u32), 8);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0x31040, u32), 8);
	stop(&d);
}

static void mapped_later_moved_and_unmapped(void)
{
	follows(VMXDBG_BP_WRITE);
	follows(VMXDBG_BP_READ);
	follows(VMXDBG_BP_ACCESS);
}

#define SUB(g, base)	"(" #g "_sub - " #g "_begin + " base ")"

GUEST64(run,
	"mov $" SUB(run, "0x100000") ", %edx; mov $" SUB(run, "0x8000") ", %esi\n"
	"mov $" SUB(run, "0x30000") ", %edi\n"
	MAP(0x100000, 0x8007) "call *%rdx; call *%rsi; call *%rdi\n"
	MAP(0x100000, 0x30007) "call *%rdx; call *%rsi; call *%rdi\n"
	"hlt\n"
	"run_sub: nop; ret");
LABEL(run_sub);

static void execution(void)
{
	u64 at = AT(run, run_sub) - GUEST_CODE + ALIAS;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(run), NULL);
	memcpy(d.vmm.vm.mem + 0x30000, d.vmm.vm.mem + GUEST_CODE, 0x1000);
	add(&d, VMXDBG_BP_EXEC, at, 2);
	for (i = 0; i < 2; i++) {
		resume_to(&d, VMXDBG_WHY_BREAKPOINT, at);
		resume_to(&d, VMXDBG_WHY_BREAKPOINT, at + 1);
	}
	dbg_finish(&d);
}

/* the frame is used for something else, and the page comes back in another frame */
GUEST64(paged,
	"mov $3, %ebx\n"
	"1: " MAP(0x100000, 0x30007) "paged_x: incl 0x100040\n"
	MAP(0x100000, 0x30006)
	"mov $0x30000, %esi; mov $0x31000, %edi; mov $0x200, %ecx; rep movsq\n"
	"mov $0x30000, %edi; mov $0x200, %ecx; xor %eax, %eax; rep stosq\n"
	MAP(0x100000, 0x31007) "paged_y: incl 0x100040\n"
	MAP(0x100000, 0)
	"mov $0x31000, %esi; mov $0x30000, %edi; mov $0x200, %ecx; rep movsq\n"
	"dec %ebx; jnz 1b; hlt");
LABEL(paged_x); LABEL(paged_y);

static void paged_out_and_in(void)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(paged), NULL);
	add(&d, VMXDBG_BP_ACCESS, ALIAS + 0x41, 3);
	for (i = 0; i < 3; i++) {
		expect(&d, AT(paged, paged_x), ALIAS + 0x40, 0x30040);
		expect(&d, AT(paged, paged_y), ALIAS + 0x40, 0x31040);
	}
	dbg_finish(&d);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0x30040, u32), 6);
}

/* ---- ranges ---- */

/* maps pages 1 and 3 first; then 2 is mapped, 1 moves, all are unmapped */
GUEST64(range,
	MAP(0x101000, 0x31007) MAP(0x103000, 0x33007)
	"range_1: incl 0x101000\n"
	"incl 0x10100c; incl 0x31000; incl 0x33000\n"
	"range_3: incl 0x103004\n"
	"incl 0x103008\n"
	MAP(0x102000, 0x30007)
	"range_2: incl 0x1027fc\n"
	"range_cross: incl 0x102ffe\n"
	MAP(0x101000, 0x32007)
	"range_moved: incl 0x101ff0\n"
	"incl 0x31ff0; incl 0x32ff0\n"
	MAP(0x101000, 0) MAP(0x102000, 0) MAP(0x103000, 0)
	"mov $0x30000, %edi; mov $0x800, %ecx; xor %eax, %eax; rep stosq; hlt");
LABEL(range_1); LABEL(range_2); LABEL(range_3); LABEL(range_cross); LABEL(range_moved);

static void several_pages(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(range), NULL);
	/* from a page that is never mapped to the middle of the third */
	add(&d, VMXDBG_BP_WRITE, ALIAS + 0xff0, 0x2010 + 8);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_EQ(next_event(d.fd).insn, AT(range, range_1));
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_EQ(next_event(d.fd).insn, AT(range, range_1) + 7);
	expect(&d, AT(range, range_3), ALIAS + 0x3004, 0x33004);
	expect(&d, AT(range, range_2), ALIAS + 0x27fc, 0x307fc);
	expect(&d, AT(range, range_cross), ALIAS + 0x2ffe, 0x30ffe);
	expect(&d, AT(range, range_moved), ALIAS + 0x1ff0, 0x32ff0);
	dbg_finish(&d);
}

/* 2 MiB at 8 MiB: of small pages, one of them moved, and of one large page again */
GUEST64(large,
	"large_1: incl 0x830040\n"
	"xor %ecx, %ecx; mov $7, %eax\n"
	"1: mov %rax, 0x2a000(,%rcx,8); add $0x1000, %eax; inc %ecx; cmp $0x200, %ecx; jne 1b\n"
	"movq $0x31007, 0x2a000 + 0x30 * 8\n"
	"movq $0x2a007, 0x22000 + 4 * 8; invlpg 0x830000\n"
	"large_2: incl 0x830040\n"
	"incl 0x30040\n"
	"movq $0x32007, 0x2a000 + 0x30 * 8; invlpg 0x830000\n"
	"large_3: incl 0x830040\n"
	"movq $0x87, 0x22000 + 4 * 8; invlpg 0x830000\n"
	"large_4: incl 0x830040\n"
	"movq $0x30007, 0x2a000 + 0x30 * 8\n"	/* the page is no table any more */
	"incl 0x831040; hlt");
LABEL(large_1); LABEL(large_2); LABEL(large_3); LABEL(large_4);

static void large_page_and_small_ones(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(large), NULL);
	GUEST_PTR(&d.vmm.vm, GUEST_PD, u64)[4] = 0x87;
	add(&d, VMXDBG_BP_WRITE, 0x830041, 3);
	expect(&d, AT(large, large_1), 0x830040, 0x30040);
	expect(&d, AT(large, large_2), 0x830040, 0x31040);
	expect(&d, AT(large, large_3), 0x830040, 0x32040);
	expect(&d, AT(large, large_4), 0x830040, 0x30040);
	dbg_finish(&d);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0x30040, u32), 3);
}

/* 128 TiB: the guest maps little of it, and then two pages of the same memory */
GUEST64(huge,
	"incl 0x30040; movq $0x87, 0x23000; invlpg 0x40000000\n"
	"mov $0x40030040, %eax\n"
	"huge_1: incl (%rax)\n"
	"movq $0x30003, 0x2b000 + 0x30 * 8; movq $0x2b003, 0x2a000\n"
	"movq $0x2a003, 0x21000 + 5 * 8\n"
	"movabs $0x140030040, %rax\n"
	"huge_2: incl (%rax)\n"
	"movq $0, 0x21000 + 5 * 8; invlpg (%rax); incl 0x30040; hlt");
LABEL(huge_1); LABEL(huge_2);

static void half_of_linear_memory(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(huge), NULL);
	memset(d.vmm.vm.mem + GUEST_PD + 0x1000, 0, 0x3000);
	/* the range leaves out the tables, which the processor reads */
	add(&d, VMXDBG_BP_ACCESS, 0x40030041, (1ULL << 47) - 0x40030041);
	expect(&d, AT(huge, huge_1), 0x40030040, 0x30040);
	expect(&d, AT(huge, huge_2), 0x140030040, 0x30040);
	dbg_finish(&d);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0x30040, u32), 4);
}

/* one watchpoint for each four bytes of some pages, and one for all of them */
GUEST64(many,
	MAP(0x100000, 0x30007) MAP(0x101000, 0x31007)
	"mov $0x100000, %esi; mov $0x800, %ecx; 1: incl (%rsi); add $4, %esi; loop 1b\n"
	MAP(0x100000, 0x32007)
	"mov $0x100000, %esi; mov $0x400, %ecx; 1: incl (%rsi); add $4, %esi; loop 1b\n"
	"hlt");

static void many_and_ranges_over_them(void)
{
	u32 id[64], all;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(many), NULL);
	all = add_counter(&d, VMXDBG_BP_WRITE, ALIAS, 0x2000);
	for (i = 0; i < ARRAY_SIZE(id); i++)
		id[i] = add_counter(&d, VMXDBG_BP_WRITE, ALIAS + 0x80 * i + 1, 3);
	/* removing some does not disturb the others */
	for (i = 1; i < ARRAY_SIZE(id); i += 2)
		CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id[i]));
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, all), 0xc00);
	for (i = 0; i < ARRAY_SIZE(id); i += 2)
		CHECK_EQ(hits_of(&d, id[i]), i < 32 ? 2 : 1);
}

/* ---- address spaces ---- */

/* the guest makes the address space B, whose own table maps ALIAS to 0x31000 */
GUEST64(both,
	"mov $0x21000, %esi; mov $0x2a000, %edi; mov $0x200, %ecx; rep movsq\n"
	"mov $0x22000, %esi; mov $0x2b000, %edi; mov $0x200, %ecx; rep movsq\n"
	"mov $0x26000, %esi; mov $0x2c000, %edi; mov $0x200, %ecx; rep movsq\n"
	"movq $0x30007, 0x26000 + 0x100 * 8\n"
	"movq $0x31007, 0x2c000 + 0x100 * 8\n"
	"movq $0x2c007, 0x2b000\n"
	"movq $0x2b007, 0x2a000\n"
	"movq $0x2a007, 0x29000\n"
	"mov $4, %ecx; mov $0x20000, %eax; mov $0x29000, %ebx\n"
	"mov %rax, %cr3\n"
	"both_1: incl 0x100040\n"
	"incl 0x30040; incl 0x31040\n"
	"xchg %rax, %rbx; mov %rax, %cr3; loop both_1; hlt");
LABEL(both_1);

static void in_each_address_space(void)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(both), NULL);
	add(&d, VMXDBG_BP_WRITE, ALIAS + 0x41, 3);
	for (i = 0; i < 4; i++)
		expect(&d, AT(both, both_1), ALIAS + 0x40, i & 1 ? 0x31040 : 0x30040);
	dbg_finish(&d);
}

/* also in an address space that no vCPU uses, or that does not exist yet */
static void in_one_address_space(void)
{
	static const u64 roots[] = { GUEST_PML4, PML4_B };
	struct dbg d;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		start(&d, MODE_LONG, PROG(both), NULL);
		add_bp(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_WRITE, .addr = ALIAS + 0x41,
			.len = 3, .flags = VMXDBG_BP_CR3, .cr3 = roots[i] });
		expect(&d, AT(both, both_1), ALIAS + 0x40, i ? 0x31040 : 0x30040);
		expect(&d, AT(both, both_1), ALIAS + 0x40, i ? 0x31040 : 0x30040);
		dbg_finish(&d);
		stop(&d);
	}
}

/* ---- modes ---- */

GUEST32(paged32,
	"movl $0x30007, 0x28000 + 0x100 * 4; invlpg 0x100000; paged32_1: incl 0x100040\n"
	"movl $0x31007, 0x28000 + 0x100 * 4; invlpg 0x100000; paged32_2: incl 0x100040\n"
	"incl 0x30040; incl 0x31040; hlt");
LABEL(paged32_1); LABEL(paged32_2);

GUEST32(pae,
	"movl $0x30007, 0x26000 + 0x100 * 8; invlpg 0x100000; pae_1: incl 0x100040\n"
	"movl $0x31007, 0x26000 + 0x100 * 8; invlpg 0x100000; pae_2: incl 0x100040\n"
	"mov %cr3, %eax; mov %eax, %cr3; incl 0x30040; hlt");
LABEL(pae_1); LABEL(pae_2);

static void with_32_bit_paging(void)
{
	struct dbg d;

	start(&d, MODE_PAGED32, PROG(paged32), NULL);
	add(&d, VMXDBG_BP_WRITE, ALIAS + 0x41, 3);
	expect(&d, AT(paged32, paged32_1), ALIAS + 0x40, 0x30040);
	expect(&d, AT(paged32, paged32_2), ALIAS + 0x40, 0x31040);
	dbg_finish(&d);
}

static void with_pae_paging(void)
{
	struct dbg d;

	start(&d, MODE_PAE, PROG(pae), NULL);
	add(&d, VMXDBG_BP_WRITE, ALIAS + 0x41, 3);
	expect(&d, AT(pae, pae_1), ALIAS + 0x40, 0x30040);
	expect(&d, AT(pae, pae_2), ALIAS + 0x40, 0x31040);
	dbg_finish(&d);
}

/* paging off, on, off: without paging ALIAS maps itself */
GUEST32(paging,
	"mov $2, %ecx\n"
	"1: paging_1: incl 0x100040\n"
	"mov $0x27000, %eax; mov %eax, %cr3\n"
	"mov %cr0, %eax; bts $31, %eax; mov %eax, %cr0; jmp 2f\n"
	"2: paging_2: incl 0x100040\n"
	"mov %cr0, %eax; btr $31, %eax; mov %eax, %cr0; jmp 3f\n"
	"3: loop 1b; hlt");
LABEL(paging_1); LABEL(paging_2);

static void with_paging_on_and_off(void)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_FLAT32, PROG(paging), NULL);
	for (i = 0; i < 0x400; i++)
		GUEST_PTR(&d.vmm.vm, 0x28000, u32)[i] = i << 12 | 7;
	GUEST_PTR(&d.vmm.vm, 0x28000, u32)[ALIAS >> 12] = 0x30007;
	GUEST_PTR(&d.vmm.vm, 0x27000, u32)[0] = 0x28007;
	add(&d, VMXDBG_BP_WRITE, ALIAS + 0x41, 3);
	for (i = 0; i < 2; i++) {
		expect(&d, AT(paging, paging_1), ALIAS + 0x40, ALIAS + 0x40);
		expect(&d, AT(paging, paging_2), ALIAS + 0x40, 0x30040);
	}
	dbg_finish(&d);
}

/* ---- two vCPUs ---- */

/*
 * vCPU 0 maps ALIAS to one of two pages by turns, vCPU 1 writes to it; 0xc000 says
 * whose turn it is
 */
GUEST64(pair,
	"test %edi, %edi; jnz 2f\n"
	"mov $20, %ecx; mov $0x30007, %ebx; mov $0x31007, %edx\n"
	"1: mov %rbx, 0x26000 + 0x100 * 8; xchg %rbx, %rdx; movl $1, 0xc000\n"
	"3: pause; cmpl $0, 0xc000; jne 3b; loop 1b; hlt\n"
	"2: mov $20, %ecx\n"
	"4: pause; cmpl $1, 0xc000; jne 4b\n"
	"invlpg 0x100000; incl 0x100040; movl $0, 0xc000; loop 4b; hlt");

static void remapped_by_another_vcpu(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(pair), &(struct vmm_options){ .vcpus = 2 });
	add(&d, VMXDBG_BP_WRITE, ALIAS + 0x41, 3);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	for (i = 0; i < 20; i++) {
		e = next_event(d.fd);
		CHECK_EQ(e.vcpu, 1);
		CHECK_EQ(e.gpa, i & 1 ? 0x31040 : 0x30040);
		CHECK_OK(session_resume(d.fd, 1, 0));
	}
	vmm_wait_done(&d.vmm);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0x30040, u32), 10);
	CHECK_EQ(*GUEST_PTR(&d.vmm.vm, 0x31040, u32), 10);
}

/* ---- more than is followed ---- */

static void set_max_followed(unsigned int max)
{
	FILE *f = fopen(MAX_FOLLOWED, "w");

	if (!f)
		tap_skip("no " MAX_FOLLOWED);
	fprintf(f, "%u", max);
	REQUIRE(!fclose(f));
}

/* links a table of 512 entries that map nothing, again and again */
GUEST64(excess,
	"incl 0xc000; movq $0x2a007, 0x22008; incl 0xc000\n"
	"movq $0x2a007, 0x22010; excess_1: incl 0xc000\n"
	"movq $0x2a007, 0x22018; incl 0xc000\n"
	"movl $1, 0x30000; excess_2: hlt");
LABEL(excess_1); LABEL(excess_2);

static void more_than_is_followed(void)
{
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_WRITE, .addr = 0x30000, .len = 0x800000 };
	long max = read_number(MAX_FOLLOWED);
	struct vmxdbg_event e;
	struct dbg d;

	start(&d, MODE_LONG, PROG(excess), NULL);
	set_max_followed(300);
	CHECK_EQ(session_add_bp(d.fd, bp), -ENOSPC);
	set_max_followed(1100);
	add_bp(&d, bp);
	CHECK_OK(session_resume(d.fd, 0, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_ERROR);
	CHECK_EQ(e.error, VMXDBG_ERROR_PLACES);
	CHECK_EQ(e.rip, AT(excess, excess_1));
	/* reported once; everything that is followed stays followed */
	resume_to(&d, WHY_WATCH, AT(excess, excess_2));
	dbg_finish(&d);
	set_max_followed(max);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 4);
}

static const struct test tests[] = {
	TEST_HARD(33, mapped_later_moved_and_unmapped),
	TEST(execution),
	TEST_HARD(33, paged_out_and_in),
	TEST(several_pages),
	TEST(large_page_and_small_ones),
	TEST(half_of_linear_memory),
	TEST(many_and_ranges_over_them),
	TEST(in_each_address_space),
	TEST_HARD(22, in_one_address_space),
	TEST(with_32_bit_paging),
	TEST(with_pae_paging),
	TEST(with_paging_on_and_off),
	TEST(remapped_by_another_vcpu),
	TEST(more_than_is_followed),
};

TAP_MAIN(tests)
