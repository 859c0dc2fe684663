// SPDX-License-Identifier: GPL-2.0-only
/* Guest memory through a session, by linear and by physical address. */
#include <string.h>
#include <sys/mman.h>

#include "vmm.h"

#define PHYS		VMXDBG_MEM_PHYSICAL
#define ALIAS		0x100000	/* a test maps this page to the one at GUEST_DATA */

GUEST64(halt, "hlt");

/* Set the entry of ALIAS in the tables of @mode. */
static void map_alias(struct vm *vm, enum guest_mode mode, u32 entry)
{
	if (mode == MODE_PAGED32)
		GUEST_PTR(vm, GUEST_PT32, u32)[ALIAS >> 12] = entry;
	else if (mode == MODE_PAE || mode == MODE_LONG)
		GUEST_PTR(vm, GUEST_PT, u64)[ALIAS >> 12] = entry;
}

static bool has_paging(enum guest_mode mode)
{
	return mode == MODE_PAGED32 || mode == MODE_PAE || mode == MODE_LONG;
}

static void read_in_mode(enum guest_mode mode)
{
	struct vmxdbg_translate t = { .gva = ALIAS + 0x123 };
	struct dbg d;
	u64 value = 0;

	dbg_start(&d, mode, PROG(halt), NULL);
	DATA64(&d.vmm.vm, 2) = 0x1122334455667788;
	CHECK_EQ(session_read(d.fd, 0, 0, GUEST_DATA + 16, &value, 8), 8);
	CHECK_EQ(value, 0x1122334455667788);
	if (!has_paging(mode))
		return;
	map_alias(&d.vmm.vm, mode, GUEST_DATA | 5);	/* user, read-only */
	value = 0;
	CHECK_EQ(session_read(d.fd, 0, 0, ALIAS + 16, &value, 8), 8);
	CHECK_EQ(value, 0x1122334455667788);
	CHECK_OK(ioctl(d.fd, VMXDBG_TRANSLATE, &t));
	CHECK_EQ(t.gpa, GUEST_DATA + 0x123);
	CHECK_EQ(t.page_size, 4096);
	CHECK_EQ(t.flags, VMXDBG_PAGE_USER | VMXDBG_PAGE_EXEC);
	/* a session may write to pages that the guest cannot write */
	value = 0x99;
	CHECK_EQ(session_write(d.fd, 0, 0, ALIAS + 16, &value, 8), 8);
	CHECK_EQ(DATA64(&d.vmm.vm, 2), 0x99);
	map_alias(&d.vmm.vm, mode, 0);
	CHECK_EQ(session_read(d.fd, 0, 0, ALIAS, &value, 8), -ENXIO);
	t = (struct vmxdbg_translate){ .gva = ALIAS };
	CHECK_ERR(ioctl(d.fd, VMXDBG_TRANSLATE, &t), ENXIO);
}

static void real_mode(void)
{
	read_in_mode(MODE_REAL);
}

static void flat_32_bit(void)
{
	read_in_mode(MODE_FLAT32);
}

static void paged_32_bit(void)
{
	read_in_mode(MODE_PAGED32);
}

static void pae(void)
{
	read_in_mode(MODE_PAE);
}

static void long_mode(void)
{
	read_in_mode(MODE_LONG);
}

static void large_pages(void)
{
	struct vmxdbg_translate t = { .gva = 0x345678 };
	struct dbg d;
	u64 value = 0;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	CHECK_OK(ioctl(d.fd, VMXDBG_TRANSLATE, &t));
	CHECK_EQ(t.gpa, 0x345678);
	CHECK_EQ(t.page_size, 2 << 20);
	CHECK_EQ(t.flags, VMXDBG_PAGE_WRITE | VMXDBG_PAGE_USER | VMXDBG_PAGE_EXEC);
	/* 2 MiB at 6 MiB: the page at 0 again */
	GUEST_PTR(&d.vmm.vm, GUEST_PD, u64)[3] = 0x87;
	DATA64(&d.vmm.vm, 0) = 0x77;
	CHECK_EQ(session_read(d.fd, 0, 0, 0x600000 + GUEST_DATA, &value, 8), 8);
	CHECK_EQ(value, 0x77);
	/* not canonical */
	CHECK_EQ(session_read(d.fd, 0, 0, 0x800000000000, &value, 8), -ENXIO);
}

static void unpaged_translation(void)
{
	struct vmxdbg_translate t = { .gva = 0x1234 };
	struct dbg d;

	dbg_start(&d, MODE_REAL, PROG(halt), NULL);
	CHECK_OK(ioctl(d.fd, VMXDBG_TRANSLATE, &t));
	CHECK_EQ(t.gpa, 0x1234);
	CHECK_EQ(t.flags, VMXDBG_PAGE_WRITE | VMXDBG_PAGE_USER | VMXDBG_PAGE_EXEC);
}

static void physical(void)
{
	u8 buf[64], *ram;
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	ram = d.vmm.vm.mem;
	for (i = 0; i < 0x2000; i++)
		ram[0x180000 + i] = i * 5;
	CHECK_EQ(session_read(d.fd, 0, PHYS, 0x180ff0, buf, 32), 32);
	CHECK(!memcmp(buf, ram + 0x180ff0, 32));
	memset(buf, 0xee, 32);
	CHECK_EQ(session_write(d.fd, 0, PHYS, 0x180ff0, buf, 32), 32);
	CHECK(!memcmp(buf, ram + 0x180ff0, 32));
	CHECK_EQ(ram[0x180fef], (u8)(0xfef * 5));
	CHECK_EQ(ram[0x181010], (u8)(0x1010 * 5));
	CHECK_EQ(session_read(d.fd, 0, PHYS, GUEST_MMIO, buf, 1), -ENXIO);
	CHECK_EQ(session_read(d.fd, 1, PHYS, 0, buf, 1), -EINVAL);	/* vcpu must be 0 */
}

static void partial_results(void)
{
	u8 buf[64];
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	/* the end of RAM */
	CHECK_EQ(session_read(d.fd, 0, PHYS, GUEST_RAM - 8, buf, 64), 8);
	CHECK_EQ(session_write(d.fd, 0, PHYS, GUEST_RAM - 8, buf, 64), 8);
	CHECK_EQ(session_read(d.fd, 0, PHYS, GUEST_RAM, buf, 64), -ENXIO);
	CHECK_EQ(session_read(d.fd, 0, PHYS, ~0ULL - 7, buf, 64), -ENXIO);
	/* a page that the guest has not mapped */
	map_alias(&d.vmm.vm, MODE_LONG, 0);
	CHECK_EQ(session_read(d.fd, 0, 0, ALIAS - 20, buf, 64), 20);
	CHECK_EQ(session_read(d.fd, 0, 0, ALIAS + 0xff0, buf, 64), -ENXIO);
	CHECK_EQ(session_read(d.fd, 0, 0, GUEST_DATA, buf, 0), 0);
}

static void across_a_page_boundary(void)
{
	u8 buf[64];
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	/* two pages that are neighbours by linear address only */
	map_alias(&d.vmm.vm, MODE_LONG, GUEST_DATA | 7);
	for (i = 0; i < 32; i++) {
		d.vmm.vm.mem[ALIAS - 32 + i] = i;
		d.vmm.vm.mem[GUEST_DATA + i] = 32 + i;
	}
	CHECK_EQ(session_read(d.fd, 0, 0, ALIAS - 32, buf, 64), 64);
	for (i = 0; i < 64; i++)
		if (!CHECK_EQ(buf[i], i))
			break;
	memset(buf, 0x5a, 64);
	CHECK_EQ(session_write(d.fd, 0, 0, ALIAS - 32, buf, 64), 64);
	CHECK_EQ(d.vmm.vm.mem[ALIAS - 1], 0x5a);
	CHECK_EQ(d.vmm.vm.mem[GUEST_DATA], 0x5a);
	CHECK_EQ(d.vmm.vm.mem[GUEST_DATA + 32], 0);
}

static void bad_callers_buffer(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	CHECK_EQ(session_read(d.fd, 0, 0, GUEST_DATA, bad_pointer(), 8), -EFAULT);
	CHECK_EQ(session_write(d.fd, 0, 0, GUEST_DATA, bad_pointer(), 8), -EFAULT);
	CHECK_EQ(session_read(d.fd, 0, 0, GUEST_DATA, NULL, VMXDBG_MEM_MAX + 1), -EINVAL);
	CHECK_EQ(session_read(d.fd, 5, 0, GUEST_DATA, NULL, 8), -ENOENT);
	CHECK_EQ(session_read(d.fd, 0, 4, GUEST_DATA, NULL, 8), -EINVAL);
}

static void a_whole_mib_at_once(void)
{
	static u8 buf[1 << 20];
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	for (i = 0; i < 1 << 20; i += 512)
		d.vmm.vm.mem[0x100000 + i] = i >> 9;
	CHECK_EQ(session_read(d.fd, 0, 0, 0x100000, buf, sizeof(buf)), sizeof(buf));
	CHECK(!memcmp(buf, d.vmm.vm.mem + 0x100000, sizeof(buf)));
}

GUEST64(read_it, "mov 0xc000, %rax; mov %rax, 0xc008; hlt");

static void guest_sees_what_was_written(void)
{
	struct dbg d;
	u64 value = 0x4242;

	dbg_start(&d, MODE_LONG, PROG(read_it), NULL);
	CHECK_EQ(session_write(d.fd, 0, 0, GUEST_DATA, &value, 8), 8);
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, 1), 0x4242);
}

/* The vCPU executes the code that was written while it was stopped there. */
static void code_that_is_written_is_executed(void)
{
	static const u8 code[] = { 0xc7, 0x04, 0x25, 0x00, 0xc0, 0, 0, 0x77, 0, 0, 0, 0xf4 };
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(read_it), NULL);
	CHECK_EQ(session_write(d.fd, 0, 0, GUEST_CODE, code, sizeof(code)), sizeof(code));
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 0x77);
}

GUEST64(counter, "1: incq 0xc000; jmp 1b");

static void physical_while_the_guest_runs(void)
{
	static const struct vmm_options running = { .no_hold = true };
	struct dbg d;
	u64 value = 0;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(counter), &running);
	/* The guest may not have started yet. */
	for (i = 0; i < 1000 && !value; i++) {
		sleep_ms(5);
		CHECK_EQ(session_read(d.fd, 0, PHYS, GUEST_DATA, &value, 8), 8);
	}
	CHECK(value > 0);
	CHECK_EQ(session_read(d.fd, 0, 0, GUEST_DATA, &value, 8), -EBUSY);
}

#define ROM_GPA		0x10000000

static void add_rom(struct vm *vm)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .flags = KVM_MEM_READONLY, .guest_phys_addr = ROM_GPA,
		.memory_size = 0x2000,
	};

	if (!has_cap(vm, KVM_CAP_READONLY_MEM))
		return;
	r.userspace_addr = (unsigned long)mmap(NULL, 0x2000, PROT_READ | PROT_WRITE,
					       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &r));
}

static void read_only_slots_refuse_writes(void)
{
	struct dbg d;
	u64 value = 0;

	dbg_start(&d, MODE_LONG, PROG(halt), &(struct vmm_options){ .prepare = add_rom });
	if (!ioctl(d.dev, KVM_CHECK_EXTENSION, KVM_CAP_READONLY_MEM))
		tap_skip("no KVM_CAP_READONLY_MEM");
	CHECK_EQ(session_read(d.fd, 0, 0, ROM_GPA, &value, 8), 8);
	CHECK_EQ(session_write(d.fd, 0, 0, ROM_GPA, &value, 8), -ENXIO);
	CHECK_EQ(session_write(d.fd, 0, PHYS, ROM_GPA, &value, 8), -ENXIO);
}

/* rbx: a page with a breakpoint that is not hit */
GUEST64(write_hooked, "mov $0x100000, %ebx; incl 8(%rbx); out %al, $0x10; jmp write_hooked_begin");

static u64 low_log(struct vm *vm)
{
	u64 bits[GUEST_RAM / 4096 / 64];
	struct kvm_dirty_log log = { .dirty_bitmap = bits };

	CHECK_OK(ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log));
	return bits[4] & 7;	/* the bits of GUEST_HIGH and the two pages after it */
}

/* Writes of a session, and writes of the guest to a page that has a copy. */
static void dirty_log_has_all_writes(void)
{
	struct kvm_userspace_memory_region r = {
		.flags = KVM_MEM_LOG_DIRTY_PAGES, .memory_size = GUEST_RAM,
	};
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL,
		.addr = GUEST_HIGH + 0x800,
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(write_hooked));
	int fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd)), i;
	u32 value = 7;

	r.userspace_addr = (unsigned long)vm.mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	CHECK_OK(session_add_bp(fd, bp));
	for (i = 0; i < 2; i++) {
		CHECK_EQ(low_log(&vm), 0);
		vcpu_run_out(v, 0x10);
		CHECK_EQ(low_log(&vm), 1);
		CHECK_EQ(session_write(fd, 0, PHYS, GUEST_HIGH + 0x1000, &value, 4), 4);
		CHECK_EQ(low_log(&vm), 2);
		CHECK_EQ(session_write(fd, 0, PHYS, GUEST_HIGH + 0x1ffe, &value, 4), 4);
		CHECK_EQ(low_log(&vm), 6);
	}
	CHECK_EQ(*GUEST_PTR(&vm, GUEST_HIGH + 8, u32), 2);
}

GUEST64(call_high, "mov $0x100000, %eax; call *%rax; out %eax, $0x10; jmp call_high_begin");

/* the VMM stores code, as its disk would, on a page with a breakpoint */
static void the_vmm_stores_code_by_itself(void)
{
	static const u8 code[] = { 0xb8, 1, 0, 0, 0, 0xc3 };	/* mov $1, %eax; ret */
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL,
		.addr = GUEST_HIGH + 0x800,
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(call_high));
	int fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd)), i;

	memcpy(vm.mem + GUEST_HIGH, code, sizeof(code));
	CHECK_OK(session_add_bp(fd, bp));
	bp.addr += 7;	/* a second breakpoint in the same word */
	CHECK_OK(session_add_bp(fd, bp));
	CHECK_EQ(vcpu_run_out(v, 0x10), 1);
	for (i = 2; i < 5; i++) {
		vm.mem[GUEST_HIGH + 1] = i;
		CHECK_EQ(vcpu_run_out(v, 0x10), i);
		CHECK_EQ(vcpu_run_out(v, 0x10), i);
	}
	/* at the breakpoint itself the copy need not follow */
	vm.mem[GUEST_HIGH + 0x800] = 0x90;
	CHECK_EQ(vcpu_run_out(v, 0x10), 4);
}

/*
 * vCPU 0 exits to its VMM all the time, which starts KVM_RUN again; vCPU 1 executes
 * the pages.
 */
GUEST64(sums, "test %edi, %edi; jnz 2f; 1: out %al, $0x10; jmp 1b\n"
	"2: xor %ecx, %ecx; mov $0x100000, %ebx\n"
	"3: call *%rbx; add %eax, %ecx; add $0x1000, %ebx; cmp 0xc010, %ebx; jb 3b\n"
	"mov %ecx, 0xc000; jmp 2b");

static void code_stored_while_it_is_executed(unsigned int pages)
{
	static const u8 code[] = { 0xb8, 0, 0, 0, 0, 0xc3 };	/* mov $0, %eax; ret */
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL };
	unsigned int i, value;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(sums), &(struct vmm_options){ .vcpus = 2 });
	DATA64(&d.vmm.vm, 2) = GUEST_HIGH + pages * 0x1000;
	for (i = 0; i < pages; i++) {
		memcpy(d.vmm.vm.mem + GUEST_HIGH + i * 0x1000, code, sizeof(code));
		bp.addr = GUEST_HIGH + i * 0x1000 + 0x800;
		CHECK_OK(session_add_bp(d.fd, bp));
	}
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	for (value = 1; value < 20; value++) {
		for (i = 0; i < pages; i++)
			d.vmm.vm.mem[GUEST_HIGH + i * 0x1000 + 1] = value;
		CHECK(wait_for(&DATA32(&d.vmm.vm, 0), pages * value));
		CHECK_EQ(DATA32(&d.vmm.vm, 0), pages * value);
	}
	CHECK(d.vmm.shared->vcpu[0].outs > 0);
}

static void a_page_stored_while_it_is_executed(void)
{
	code_stored_while_it_is_executed(1);
}

static void pages_stored_while_they_are_executed(void)
{
	code_stored_while_it_is_executed(20);
}

#define MIB		(1UL << 20)
#define LARGE_GPA	0x10000000

GUEST64(touch_large,
	"1: mov $0x10000000, %ebx\n"
	"2: incl (%rbx); add $0x1000, %rbx; cmp $0x10400000, %rbx; jne 2b\n"
	"out %al, $0x10; jmp 1b");

/*
 * A breakpoint in the first of two large pages splits it, until the breakpoint is
 * removed.
 */
static void breakpoint_in_a_large_page(void)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .guest_phys_addr = LARGE_GPA, .memory_size = 4 * MIB,
	};
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL,
		.addr = LARGE_GPA + 0x5800,
	};
	long large = stat_of("pages_2m"), faults;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_large));
	int fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	u8 *raw = mmap(NULL, 6 * MIB, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u8 *mem = (u8 *)(((unsigned long)raw + 2 * MIB - 1) & ~(2 * MIB - 1));
	u32 id;

	if (madvise(mem, 4 * MIB, MADV_HUGEPAGE))
		tap_skip("no transparent huge pages");
	mem[8] = mem[8 + 2 * MIB] = 1;
	r.userspace_addr = (unsigned long)mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(stat_of("pages_2m") - large, 2);
	id = CHECK_OK(session_add_bp(fd, bp));
	faults = stat_of("pf_taken");
	vcpu_run_out(v, 0x10);
	/* the second page, in both views */
	CHECK_EQ(stat_of("pages_2m") - large, 2);
	CHECK(stat_of("pf_taken") - faults < 20);
	CHECK_OK(ioctl(fd, VMXDBG_DEL_BP, id));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(stat_of("pages_2m") - large, 3);
	CHECK_EQ(*(u32 *)mem, 3);
	CHECK_EQ(*(u32 *)(mem + 0x5000), 3);
}

static const struct test tests[] = {
	TEST(real_mode),
	TEST(flat_32_bit),
	TEST(paged_32_bit),
	TEST(pae),
	TEST(long_mode),
	TEST(large_pages),
	TEST(unpaged_translation),
	TEST(physical),
	TEST(physical_while_the_guest_runs),
	TEST(partial_results),
	TEST(across_a_page_boundary),
	TEST(bad_callers_buffer),
	TEST(a_whole_mib_at_once),
	TEST(guest_sees_what_was_written),
	TEST(code_that_is_written_is_executed),
	TEST(read_only_slots_refuse_writes),
	TEST(dirty_log_has_all_writes),
	TEST(the_vmm_stores_code_by_itself),
	TEST(a_page_stored_while_it_is_executed),
	TEST(pages_stored_while_they_are_executed),
	TEST(breakpoint_in_a_large_page),
};

TAP_MAIN(tests)
