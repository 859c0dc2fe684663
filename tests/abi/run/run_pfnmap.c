// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots on memory that has no struct page, or whose pages nobody may reference.
 * Suite: 46-host
 */
#include <string.h>

#include "pfnmap.h"

#define RW	(PROT_READ | PROT_WRITE)

static struct vm vm;
static struct vcpu *v;

/* Increment the first word of each page, then report the sum. */
GUEST64(count,
	"1: mov $0x300000, %ebx; mov $4, %ecx; xor %eax, %eax\n"
	"2: incl (%rbx); add (%rbx), %eax; add $0x1000, %ebx; dec %ecx; jnz 2b\n"
	"out %eax, $0x10; jmp 1b");

static void guest_uses_the_memory(enum pfnmap_part part)
{
	unsigned int i;
	u8 *mem;

	v = guest_make(&vm, MODE_LONG, PROG(count));
	mem = pfnmap_slot(&vm, pfnmap_open(), part, RW, PFNMAP_GPA);
	for (i = 0; i < PFNMAP_PAGES; i++)
		*(volatile u32 *)(mem + 0x1000 * i) = 10 * i;
	CHECK_EQ(vcpu_run_out(v, 0x10), 64);
	CHECK_EQ(vcpu_run_out(v, 0x10), 68);
	for (i = 0; i < PFNMAP_PAGES; i++)
		CHECK_EQ(*(volatile u32 *)(mem + 0x1000 * i), 10 * i + 2);
	*(volatile u32 *)mem += 100;
	CHECK_EQ(vcpu_run_out(v, 0x10), 172);
}

static void guest_uses_ram(void)
{
	guest_uses_the_memory(PFNMAP_RAM);
}

static void guest_uses_ram_that_is_mapped_when_used(void)
{
	guest_uses_the_memory(PFNMAP_LAZY);
}

static void guest_uses_the_memory_of_a_device(void)
{
	guest_uses_the_memory(PFNMAP_SCREEN);
}

/* The guest is the first to access the pages. */
static void guest_faults_pages_in(void)
{
	volatile u32 *mem;
	u32 before;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(count));
	fd = pfnmap_open();
	CHECK_EQ(write(fd, "", 1), 1);
	mem = (volatile u32 *)pfnmap_slot(&vm, fd, PFNMAP_LAZY, RW, PFNMAP_GPA);
	before = vcpu_run_out(v, 0x10);
	CHECK_EQ(mem[0] + mem[0x400] + mem[0x800] + mem[0xc00], before);
	CHECK_EQ(vcpu_run_out(v, 0x10), before + 4);
}

/* The device takes its pages away: the guest must not see them any more. */
static void pages_that_go_are_not_used(void)
{
	volatile u32 *mem;
	int fd, round;

	v = guest_make(&vm, MODE_LONG, PROG(count));
	fd = pfnmap_open();
	mem = (volatile u32 *)pfnmap_slot(&vm, fd, PFNMAP_LAZY, RW, PFNMAP_GPA);
	for (round = 0; round < 2; round++) {
		for (int i = 0; i < PFNMAP_PAGES; i++)
			mem[0x400 * i] = 1000 * (round + 1);
		CHECK_EQ(vcpu_run_out(v, 0x10), 4000 * (round + 1) + 4);
		CHECK_EQ(write(fd, "", 1), 1);
	}
	/* the pages of the first round again */
	CHECK_EQ(vcpu_run_out(v, 0x10), 4008);
	CHECK_EQ(write(fd, "", 1), 1);
	CHECK_EQ(vcpu_run_out(v, 0x10), 8008);
	CHECK_OK(munmap((void *)mem, PFNMAP_SIZE));
	CHECK_EQ(vcpu_run(v), -EFAULT);
}

GUEST64(jump, "mov $0x300000, %eax; jmp *%rax");
GUEST64(halt, "hlt");

/* Code, a page table and an operand of an access to MMIO: the module reads all three. */
static void code_is_executed(void)
{
	static const u8 code[] = { 0xb0, 0x5a, 0xe6, 0x10, 0xf4 };	/* OUT of 0x5a, HLT */
	u8 *mem;

	v = guest_make(&vm, MODE_LONG, PROG(jump));
	mem = pfnmap_slot(&vm, pfnmap_open(), PFNMAP_RAM, RW, PFNMAP_GPA);
	memcpy(mem, code, sizeof(code));
	CHECK_EQ(vcpu_run_out(v, 0x10), 0x5a);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(get_rip(v), PFNMAP_GPA + sizeof(code));
}

static void page_tables_are_read(void)
{
	struct kvm_translation t = { .linear_address = GUEST_DATA + 5 };
	struct kvm_sregs sregs;
	u8 *mem;

	v = guest_make(&vm, MODE_LONG, PROG(halt));
	mem = pfnmap_slot(&vm, pfnmap_open(), PFNMAP_RAM, RW, PFNMAP_GPA);
	memcpy(mem, vm.mem + GUEST_PML4, 0x1000);
	get_sregs(v, &sregs);
	sregs.cr3 = PFNMAP_GPA;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &sregs));
	CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
	CHECK(t.valid);
	CHECK_EQ(t.physical_address, GUEST_DATA + 5);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(moves,
	"mov $0xd0000000, %esi; mov $0x300000, %edi; movsq\n"
	"mov $0x300000, %esi; mov $0xd0000010, %edi; movsq; hlt");

static void mmio_is_moved_to_and_from(void)
{
	u64 value = 0x1122334455667788;
	u8 *mem;

	v = guest_make(&vm, MODE_LONG, PROG(moves));
	mem = pfnmap_slot(&vm, pfnmap_open(), PFNMAP_RAM, RW, PFNMAP_GPA);
	memset(mem, 0, 8);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.is_write, 0);
	memcpy(v->run->mmio.data, &value, 8);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.is_write, 1);
	CHECK(!memcmp(v->run->mmio.data, &value, 8));
	CHECK(!memcmp(mem, &value, 8));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(store, "mov 0x300000, %eax; out %eax, $0x10; movl $7, 0x300000; hlt");

/* A write to a read-only mapping goes to the VMM, as a write to a read-only slot does. */
static void read_only_mapping(void)
{
	u32 *writable;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(store));
	fd = pfnmap_open();
	writable = mmap(NULL, PFNMAP_SIZE, RW, MAP_SHARED, fd, 0);
	REQUIRE(writable != MAP_FAILED);
	*writable = 1234;
	pfnmap_slot(&vm, fd, PFNMAP_RAM, PROT_READ, PFNMAP_GPA);
	CHECK_EQ(vcpu_run_out(v, 0x10), 1234);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, PFNMAP_GPA);
	CHECK_EQ(v->run->mmio.is_write, 1);
	CHECK_EQ(*(u32 *)v->run->mmio.data, 7);
	CHECK_EQ(*writable, 1234);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void dirty_log_of_such_memory(void)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .flags = KVM_MEM_LOG_DIRTY_PAGES, .guest_phys_addr = PFNMAP_GPA,
		.memory_size = PFNMAP_SIZE,
	};
	u64 bits = 0;
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = &bits };

	v = guest_make(&vm, MODE_LONG, PROG(count));
	r.userspace_addr = (unsigned long)pfnmap_slot(&vm, pfnmap_open(), PFNMAP_RAM, RW,
						      PFNMAP_GPA);
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	CHECK_EQ(bits, 0xf);
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	CHECK_EQ(bits, 0);
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	CHECK_EQ(bits, 0xf);
}

static const struct test tests[] = {
	TEST(guest_uses_ram),
	TEST(guest_uses_ram_that_is_mapped_when_used),
	TEST(guest_uses_the_memory_of_a_device),
	TEST(guest_faults_pages_in),
	TEST(pages_that_go_are_not_used),
	TEST(code_is_executed),
	TEST(page_tables_are_read),
	TEST(mmio_is_moved_to_and_from),
	TEST(read_only_mapping),
	TEST(dirty_log_of_such_memory),
};

TAP_MAIN(tests)
