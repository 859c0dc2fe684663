// SPDX-License-Identifier: GPL-2.0-only
/* The VMM changes memory under the guest. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define MIB		(1UL << 20)
#define GIB		(1UL << 30)
#define SPARSE_GPA	0x40000000
#define PAGES_GPA	0x10000000

static void *add_memory(struct vm *vm, u64 gpa, size_t size, u32 flags)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .flags = flags, .guest_phys_addr = gpa, .memory_size = size,
	};
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	REQUIRE(mem != MAP_FAILED);
	r.userspace_addr = (unsigned long)mem;
	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &r));
	return mem;
}

GUEST64(touch_sparse,
	"mov $0x40000000, %ebx\n"
	"1: mov %rbx, (%rbx); add $0x4000000, %rbx; cmp $-0x80000000, %ebx; jne 1b\n"
	"hlt");

static unsigned int resident_pages(void *mem, size_t size)
{
	static unsigned char vec[GIB / 4096];
	unsigned int i, n = 0;

	CHECK_OK(mincore(mem, size, vec));
	for (i = 0; i < size / 4096; i++)
		n += vec[i] & 1;
	return n;
}

static void sparse_memory_is_populated_on_demand(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_sparse));
	u8 *mem = add_memory(&vm, SPARSE_GPA, GIB, 0);
	unsigned int i;

	madvise(mem, GIB, MADV_NOHUGEPAGE);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK(resident_pages(mem, GIB) <= 64);
	for (i = 0; i < 16; i++)
		CHECK_EQ(*(u64 *)(mem + 64 * MIB * i), SPARSE_GPA + 64 * MIB * i);
}

/* rbx is PAGES_GPA; at each OUT the test can change the memory below it */
GUEST64(touch_page,
	"mov $0x10000000, %ebx\n"
	"mov $0x1234, %eax; mov %eax, (%rbx)\n"
	"out %al, $0x10\n"
	"mov (%rbx), %eax; out %eax, $0x11\n"
	"incl (%rbx); mov (%rbx), %eax; out %eax, $0x12\n"
	"hlt");

static void madvise_dontneed_under_the_guest(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));
	u32 *mem = add_memory(&vm, PAGES_GPA, 2 * MIB, 0);

	vcpu_run_out(v, 0x10);
	CHECK_EQ(*mem, 0x1234);
	CHECK_OK(madvise(mem, 2 * MIB, MADV_DONTNEED));
	CHECK_EQ(vcpu_run_out(v, 0x11), 0);
	CHECK_EQ(vcpu_run_out(v, 0x12), 1);
	CHECK_EQ(*mem, 1);
}

static void host_writes_are_seen(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));
	u32 *mem = add_memory(&vm, PAGES_GPA, 2 * MIB, 0);

	vcpu_run_out(v, 0x10);
	*mem = 0x77;
	CHECK_EQ(vcpu_run_out(v, 0x11), 0x77);
	CHECK_EQ(vcpu_run_out(v, 0x12), 0x78);
	CHECK_EQ(*mem, 0x78);
}

static void mprotect_under_the_guest(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));
	u32 *mem = add_memory(&vm, PAGES_GPA, 2 * MIB, 0);

	vcpu_run_out(v, 0x10);
	CHECK_OK(mprotect(mem, 2 * MIB, PROT_NONE));
	CHECK_EQ(vcpu_run(v), -EFAULT);
	CHECK_OK(mprotect(mem, 2 * MIB, PROT_READ));
	CHECK_EQ(vcpu_run_out(v, 0x11), 0x1234);
	CHECK_EQ(vcpu_run(v), -EFAULT);		/* the guest's write */
	CHECK_OK(mprotect(mem, 2 * MIB, PROT_READ | PROT_WRITE));
	CHECK_EQ(vcpu_run_out(v, 0x12), 0x1235);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void munmap_under_the_guest(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));
	u32 *mem = add_memory(&vm, PAGES_GPA, 2 * MIB, 0);

	vcpu_run_out(v, 0x10);
	CHECK_OK(munmap(mem, 2 * MIB));
	CHECK_EQ(vcpu_run(v), -EFAULT);
	REQUIRE(mmap(mem, 2 * MIB, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == mem);
	*mem = 5;
	CHECK_EQ(vcpu_run_out(v, 0x11), 5);
}

/* A private page is shared with a child: the guest's write must go to the VMM's copy. */
static void copy_on_write_under_the_guest(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));
	u32 *mem = add_memory(&vm, PAGES_GPA, 2 * MIB, 0);
	int to_child[2], from_child[2];
	u32 seen = 0;

	vcpu_run_out(v, 0x10);
	CHECK_OK(pipe(to_child));
	CHECK_OK(pipe(from_child));
	if (!fork()) {
		close(to_child[1]);
		if (read(to_child[0], &seen, 4) == 4 && write(from_child[1], mem, 4) == 4)
			_exit(0);
		_exit(1);
	}
	CHECK_EQ(vcpu_run_out(v, 0x11), 0x1234);
	CHECK_EQ(vcpu_run_out(v, 0x12), 0x1235);
	CHECK_EQ(*mem, 0x1235);
	CHECK_EQ(write(to_child[1], &seen, 4), 4);
	CHECK_EQ(read(from_child[0], &seen, 4), 4);
	CHECK_EQ(seen, 0x1234);
}

static void deleted_slot_is_mmio(void)
{
	struct kvm_userspace_memory_region none = { .slot = 1 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));

	add_memory(&vm, PAGES_GPA, 2 * MIB, 0);
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &none));
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, PAGES_GPA);
	*(u32 *)v->run->mmio.data = 0x55;
	CHECK_EQ(vcpu_run_out(v, 0x11), 0x55);
}

static void moved_slot_is_found_at_its_new_address(void)
{
	struct kvm_userspace_memory_region r = { .slot = 1, .memory_size = 2 * MIB };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));
	u32 *mem = add_memory(&vm, PAGES_GPA, 2 * MIB, 0);

	vcpu_run_out(v, 0x10);
	r.userspace_addr = (unsigned long)mem;
	r.guest_phys_addr = PAGES_GPA - MIB;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	mem[MIB / 4] = 0x99;
	CHECK_EQ(vcpu_run_out(v, 0x11), 0x99);
}

static void read_only_slot(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));
	u32 *mem;

	if (!has_cap(&vm, KVM_CAP_READONLY_MEM))
		tap_skip("no KVM_CAP_READONLY_MEM");
	mem = add_memory(&vm, PAGES_GPA, 2 * MIB, KVM_MEM_READONLY);
	*mem = 0x42;
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.is_write, 1);
	CHECK_EQ(v->run->mmio.phys_addr, PAGES_GPA);
	CHECK_EQ(*(u32 *)v->run->mmio.data, 0x1234);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(vcpu_run_out(v, 0x11), 0x42);
}

GUEST64(read_last, "mov 0x1ffffc, %eax; hlt");

static void last_bytes_of_ram(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(read_last));

	*GUEST_PTR(&vm, GUEST_RAM - 4, u32) = 0x1a57;
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rax, 0x1a57);
}

GUEST64(jump_to_nothing, "mov $0xd0000000, %eax; jmp *%rax");

static void code_fetched_from_mmio_is_an_error(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(jump_to_nothing));

	CHECK_EQ(vcpu_run(v), KVM_EXIT_INTERNAL_ERROR);
	CHECK_EQ(v->run->internal.suberror, KVM_INTERNAL_ERROR_EMULATION);
}

/* With 2 MiB pages in the host the values are the same, wherever a page is split. */
static void huge_pages(void)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .guest_phys_addr = PAGES_GPA, .memory_size = 4 * MIB,
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_page));
	u8 *raw = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u32 *mem = (u32 *)(((unsigned long)raw + 2 * MIB - 1) & ~(2 * MIB - 1));

	if (madvise(mem, 4 * MIB, MADV_HUGEPAGE))
		tap_skip("no transparent huge pages");
	mem[0] = 1;
	r.userspace_addr = (unsigned long)mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	vcpu_run_out(v, 0x10);
	/* dropping one small page splits the large one */
	CHECK_OK(madvise(mem, 4096, MADV_DONTNEED));
	CHECK_EQ(vcpu_run_out(v, 0x11), 0);
	CHECK_EQ(vcpu_run_out(v, 0x12), 1);
	CHECK_EQ(*mem, 1);
}

/* ---- the larger argument ---- */

static int set_memory2(struct vm *vm, u32 flags, u64 size, void *mem)
{
	struct kvm_userspace_memory_region2 r = {
		.slot = 2, .flags = flags, .guest_phys_addr = PAGES_GPA, .memory_size = size,
		.userspace_addr = (unsigned long)mem, .guest_memfd = -1, .guest_memfd_offset = 1,
	};

	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION2, &r);
}

GUEST64(reads_page, "mov $0x10000000, %ebx; mov (%rbx), %eax; out %eax, $0x10; hlt");

static void slot_by_the_larger_argument(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reads_page));
	char *pages = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);

	if (!has_cap(&vm, KVM_CAP_USER_MEMORY2) && on_kvm())
		tap_skip("KVM has it since Linux 6.8");
	CHECK_EQ(has_cap(&vm, KVM_CAP_USER_MEMORY2), 1);
	REQUIRE(pages != MAP_FAILED);
	/* No slot of guest_memfd: its flag needs another kind of VM. */
	CHECK_ERR(set_memory2(&vm, 1 << 2, 4096, pages), EINVAL);
	CHECK_ERR(set_memory2(&vm, 0, 4095, pages), EINVAL);
	/* all of the argument has to be there */
	memset(pages, 0, 2 * 4096);
	CHECK_OK(munmap(pages + 4096, 4096));
	CHECK_ERR(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION2, pages + 4096 - 32), EFAULT);
	memcpy(pages, "TEST", 4);
	CHECK_OK(set_memory2(&vm, KVM_MEM_READONLY, 4096, pages));
	CHECK_EQ(vcpu_run_out(v, 0x10), 0x54534554);
	CHECK_OK(set_memory2(&vm, 0, 0, pages));
	set_rip(v, GUEST_CODE);
	vcpu_run_to(v, KVM_EXIT_MMIO);
}

static const struct test tests[] = {
	TEST(sparse_memory_is_populated_on_demand),
	TEST(madvise_dontneed_under_the_guest),
	TEST(host_writes_are_seen),
	TEST(mprotect_under_the_guest),
	TEST(munmap_under_the_guest),
	TEST(copy_on_write_under_the_guest),
	TEST(deleted_slot_is_mmio),
	TEST(moved_slot_is_found_at_its_new_address),
	TEST(read_only_slot),
	TEST(last_bytes_of_ram),
	TEST(code_fetched_from_mmio_is_an_error),
	TEST(huge_pages),
	TEST(slot_by_the_larger_argument),
};

TAP_MAIN(tests)
