// SPDX-License-Identifier: GPL-2.0-only
/* KVM_IOEVENTFD: writes that signal an eventfd, without an exit. */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event_fd.h"
#include "guest.h"

#define PIO		KVM_IOEVENTFD_FLAG_PIO
#define MATCH		KVM_IOEVENTFD_FLAG_DATAMATCH
#define GONE		KVM_IOEVENTFD_FLAG_DEASSIGN
#define BELL		(GUEST_MMIO + 0x100)
#define PORT		0x70

static struct vm vm;
static struct vcpu *v;

static int bell(u32 flags, u64 addr, u32 len, int fd, u64 datamatch)
{
	struct kvm_ioeventfd arg = {
		.datamatch = datamatch, .addr = addr, .len = len, .fd = fd, .flags = flags,
	};

	return ioctl(vm.fd, KVM_IOEVENTFD, &arg);
}

/* Return: the eventfd of a new one. */
static int new_bell(u32 flags, u64 addr, u32 len, u64 datamatch)
{
	int fd = event_fd(0);

	CHECK_OK(bell(flags, addr, len, fd, datamatch));
	return fd;
}

static void exit_is(bool write, u64 addr, u32 len, int line)
{
	struct kvm_run *run = v->run;

	vcpu_run_to(v, KVM_EXIT_MMIO);
	if (!tap_check(run->mmio.is_write == write && run->mmio.phys_addr == addr &&
		       run->mmio.len == len, "the exit", __FILE__, line))
		tap_note("%c %llx.%u", run->mmio.is_write ? 'w' : 'r',
			 (unsigned long long)run->mmio.phys_addr, run->mmio.len);
}

#define EXIT(write, addr, len)	exit_is(write, addr, len, __LINE__)

static void port_exit(u16 port, u8 direction, u32 size)
{
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(v->run->io.port, port);
	CHECK_EQ(v->run->io.direction, direction);
	CHECK_EQ(v->run->io.size, size);
	CHECK_EQ(v->run->io.count, 1);
}

/* ---- arguments ---- */

static void capabilities(void)
{
	vm_make(&vm, NULL);
	CHECK_EQ(has_cap(&vm, KVM_CAP_IOEVENTFD), 1);
	CHECK_EQ(has_cap(&vm, KVM_CAP_IOEVENTFD_NO_LENGTH), 1);
	CHECK_EQ(has_cap(&vm, KVM_CAP_IOEVENTFD_ANY_LENGTH), 1);
}

static void lengths_and_ranges(void)
{
	int fd = event_fd(0);
	u32 len;

	vm_make(&vm, NULL);
	for (len = 0; len < 20; len++) {
		bool good = len <= 8 && !(len & (len - 1));

		CHECK_EQ(bell(0, BELL + 0x100 * len, len, fd, 0), good ? 0 : -1);
		CHECK_EQ(bell(PIO, 0x100 * len, len, fd, 0), good ? 0 : -1);
		if (!good)
			CHECK_ERR(bell(0, BELL, len, fd, 0), EINVAL);
	}
	CHECK_ERR(bell(0, BELL, ~0U, fd, 0), EINVAL);
	CHECK_ERR(bell(0, BELL, 1U << 31, fd, 0), EINVAL);
	CHECK_OK(bell(0, ~0ULL, 0, fd, 0));
	CHECK_ERR(bell(0, ~0ULL, 1, fd, 0), EINVAL);	/* wraps to 0 */
	CHECK_OK(bell(0, ~0ULL - 8, 8, fd, 0));
	CHECK_ERR(bell(0, ~0ULL - 7, 8, fd, 0), EINVAL);
	CHECK_ERR(bell(0, ~0ULL - 6, 8, fd, 0), EINVAL);
	CHECK_OK(bell(0, 0, 8, fd, 0));
	CHECK_OK(bell(PIO, 0x10000, 4, fd, 0));		/* no such port */
	CHECK_OK(bell(PIO, ~0ULL - 4, 4, fd, 0));
}

static void flags_and_descriptors(void)
{
	int fd = event_fd(0), closed = event_fd(0);
	unsigned int bit;

	vm_make(&vm, NULL);
	close(closed);
	for (bit = 5; bit < 32; bit++)
		CHECK_ERR(bell(1U << bit, BELL, 4, fd, 0), EINVAL);
	CHECK_ERR(bell(MATCH, BELL, 0, fd, 0), EINVAL);
	CHECK_ERR(bell(MATCH | PIO, PORT, 0, fd, 0), EINVAL);
	KNOWN_DIFFERENCE(bell(KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY, BELL, 4, fd, 0) == -1 &&
			 errno == EINVAL, "takes it, and never signals: s390 has CCW");
	CHECK_ERR(bell(0, BELL, 4, closed, 0), EBADF);
	CHECK_ERR(bell(0, BELL, 4, -1, 0), EBADF);
	CHECK_ERR(bell(0, BELL, 4, vm.fd, 0), EINVAL);	/* no eventfd */
	CHECK_ERR(bell(0, BELL, 3, -1, 0), EINVAL);	/* the length is checked first */
	CHECK_ERR(bell(1U << 31, BELL, 4, -1, 0), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_IOEVENTFD, bad_pointer()), EFAULT);
	/* all of these were refused */
	CHECK_OK(bell(0, BELL, 4, fd, 0));
}

static void deassign(void)
{
	int fd = event_fd(0), other = event_fd(0), same = dup(fd);

	vm_make(&vm, NULL);
	CHECK_ERR(bell(GONE, BELL, 4, fd, 0), ENOENT);
	CHECK_ERR(bell(GONE, BELL, 4, -1, 0), EBADF);
	CHECK_ERR(bell(GONE, BELL, 4, vm.fd, 0), EINVAL);
	CHECK_OK(bell(0, BELL, 4, fd, 0));
	CHECK_OK(bell(MATCH, BELL + 8, 4, fd, 5));
	CHECK_ERR(bell(GONE, BELL, 4, other, 0), ENOENT);
	CHECK_ERR(bell(GONE, BELL + 4, 4, fd, 0), ENOENT);
	CHECK_ERR(bell(GONE, BELL, 2, fd, 0), ENOENT);
	CHECK_ERR(bell(GONE, BELL, 3, fd, 0), ENOENT);
	CHECK_ERR(bell(GONE, BELL, 0, fd, 0), ENOENT);
	CHECK_ERR(bell(GONE | PIO, BELL, 4, fd, 0), ENOENT);
	CHECK_ERR(bell(GONE | MATCH, BELL, 4, fd, 0), ENOENT);
	CHECK_ERR(bell(GONE, BELL + 8, 4, fd, 5), ENOENT);
	CHECK_ERR(bell(GONE | MATCH, BELL + 8, 4, fd, 6), ENOENT);
	CHECK_OK(bell(GONE | MATCH, BELL + 8, 4, fd, 5));
	CHECK_ERR(bell(GONE | MATCH, BELL + 8, 4, fd, 5), ENOENT);
	/* an eventfd counts, not its descriptor; unknown flags do not */
	CHECK_OK(bell(GONE | 1U << 31, BELL, 4, same, 7));
	CHECK_ERR(bell(GONE, BELL, 4, fd, 0), ENOENT);
	CHECK_OK(bell(0, BELL, 0, fd, 0));
	CHECK_OK(bell(GONE, BELL, 0, fd, 0));
	CHECK_ERR(bell(GONE, BELL, 0, fd, 0), ENOENT);
}

/* two at one address */
static void collisions(void)
{
	static const struct {
		u32 flags, len;
		u64 datamatch;
		u32 flags2, len2;
		u64 datamatch2;
		bool good;
	} pair[] = {
		{ 0, 4, 0, 0, 4, 0, false },
		{ 0, 4, 0, 0, 2, 0, true },
		{ 0, 4, 0, MATCH, 4, 1, false },
		{ MATCH, 4, 1, 0, 4, 0, false },
		{ MATCH, 4, 1, MATCH, 4, 1, false },
		{ MATCH, 4, 1, MATCH, 4, 2, true },
		{ MATCH, 4, 1, MATCH, 8, 1, true },
		{ 0, 0, 0, 0, 0, 0, false },
		{ 0, 0, 0, 0, 4, 0, false },
		{ 0, 0, 0, MATCH, 4, 1, false },
		{ 0, 4, 0, 0, 0, 0, false },
		{ MATCH, 4, 1, 0, 0, 0, false },
		{ PIO, 4, 0, 0, 4, 0, true },
		{ PIO, 4, 0, PIO, 4, 0, false },
		{ PIO, 0, 0, 0, 0, 0, true },
		{ PIO | MATCH, 1, 1, PIO | MATCH, 1, 1, false },
	};
	int fd = event_fd(0), fd2 = event_fd(0);
	unsigned int i;

	vm_make(&vm, NULL);
	for (i = 0; i < ARRAY_SIZE(pair); i++) {
		u64 addr = 0x1000 + 0x10 * i;

		CHECK_OK(bell(pair[i].flags, addr, pair[i].len, fd, pair[i].datamatch));
		if (pair[i].good)
			CHECK_OK(bell(pair[i].flags2, addr, pair[i].len2, fd2,
				      pair[i].datamatch2));
		else if (!CHECK_ERR(bell(pair[i].flags2, addr, pair[i].len2, fd2,
					 pair[i].datamatch2), EEXIST))
			tap_note("pair %u", i);
	}
	CHECK_OK(bell(0, 0x8000, 4, fd, 0));
	CHECK_OK(bell(0, 0x8002, 4, fd, 0));	/* overlaps */
}

/* ---- memory ---- */

GUEST64(stores,
	"mov $0xd0000100, %ebx; mov $0x1122334455667788, %rax\n"
	"mov %al, (%rbx); mov %ax, (%rbx); mov %eax, (%rbx); mov %rax, (%rbx)\n"
	"mov %al, 1(%rbx); mov %ax, 2(%rbx); mov %eax, -2(%rbx)\n"
	"mov (%rbx), %ecx; mov (%rbx), %rdx\n"
	"hlt");

static void one_length(u32 len, u32 index)
{
	static const u32 lens[] = { 1, 2, 4, 8 };
	unsigned int i;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(stores));
	fd = new_bell(0, BELL, len, 0);
	for (i = 0; i < 4; i++)
		if (i != index)
			EXIT(true, BELL, lens[i]);
	EXIT(true, BELL + 1, 1);
	EXIT(true, BELL + 2, 2);
	EXIT(true, BELL - 2, 4);
	EXIT(false, BELL, 4);
	memset(v->run->mmio.data, 0x5a, 8);
	EXIT(false, BELL, 8);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(count_of(fd), 1);
	close(fd);
	vm_destroy(&vm);
}

static void stores_of_its_length(void)
{
	one_length(1, 0);
	one_length(2, 1);
	one_length(4, 2);
	one_length(8, 3);
}

static void stores_of_any_length(void)
{
	struct kvm_regs regs;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(stores));
	fd = new_bell(0, BELL, 0, 0);
	EXIT(true, BELL + 1, 1);
	CHECK_EQ(count_of(fd), 4);
	EXIT(true, BELL + 2, 2);
	EXIT(true, BELL - 2, 4);
	vcpu_run(v);
	KNOWN_DIFFERENCE(v->run->exit_reason == KVM_EXIT_MMIO,
			 "signals for a read as well, and loads nothing");
	if (v->run->exit_reason == KVM_EXIT_MMIO) {
		CHECK(!v->run->mmio.is_write && v->run->mmio.phys_addr == BELL);
		memset(v->run->mmio.data, 0x5a, 8);
		EXIT(false, BELL, 8);
		memset(v->run->mmio.data, 0x77, 8);
		vcpu_run_to(v, KVM_EXIT_HLT);
		get_regs(v, &regs);
		CHECK_EQ(regs.rcx, 0x5a5a5a5a);
		CHECK_EQ(regs.rdx, 0x7777777777777777);
		CHECK_EQ(count_of(fd), 0);
	}
}

GUEST64(repeated,
	"mov $0xd0000100, %ebx; mov %eax, (%rbx); mov %eax, (%rbx)\n"
	"mov $3, %ecx; mov %ebx, %edi; rep stosl; out %al, $0x70; hlt");

static void strings_of_any_length(void)
{
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(repeated));
	fd = new_bell(0, BELL, 0, 0);
	vcpu_run(v);
	KNOWN_DIFFERENCE(v->run->exit_reason == KVM_EXIT_MMIO, "skips the rest of the REP");
	CHECK_EQ(count_of(fd), 3);
	if (v->run->exit_reason == KVM_EXIT_MMIO) {
		CHECK_EQ(v->run->mmio.phys_addr, BELL + 4);
		EXIT(true, BELL + 8, 4);
		port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	}
}

GUEST64(forms,
	"mov $0xd0000100, %ebx; mov $0xc000, %esi; mov $5, %eax\n"
	"mov %eax, (%rbx)\n"			/* a first one, decoded slowly */
	"movl $5, (%rbx); mov %rax, %r9; mov %r9d, (%rbx); mov %esp, (%rbx)\n"
	"incl (%rbx)\n"				/* reads first */
	"lock add %eax, (%rbx)\n"
	"xchg %eax, (%rbx)\n"
	"push $5; pop %rcx; lea (%rbx), %rdi; movsl\n"
	"mov $0xd0000100, %edi; mov $3, %ecx; rep stosl\n"
	"movups (%rsi), %xmm0; movups %xmm0, (%rbx)\n"
	"sub $4, %rbx; mov %rax, (%rbx)\n"	/* around it */
	"hlt");

static void reads_first(u32 value, u32 len)
{
	EXIT(false, BELL, len);
	memcpy(v->run->mmio.data, &value, 4);
}

static void other_forms_of_stores(void)
{
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(forms));
	fd = new_bell(0, BELL, 4, 0);
	reads_first(1, 4);
	CHECK_EQ(count_of(fd), 4);
	reads_first(2, 4);
	reads_first(3, 4);
	EXIT(true, BELL + 4, 4);		/* REP STOS */
	CHECK_EQ(count_of(fd), 3 + 1 + 1);
	EXIT(true, BELL + 8, 4);
	EXIT(true, BELL, 8);			/* MOVUPS */
	EXIT(true, BELL + 8, 8);
	EXIT(true, BELL - 4, 8);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(count_of(fd), 0);
}

GUEST64(halves,
	"mov $0xd0000100, %ebx; mov $0xc000, %esi; movups (%rsi), %xmm0\n"
	"movups %xmm0, (%rbx)\n"
	"mov $0x0000000500000004, %rax; mov %rax, 0xefc(%rbx)\n"	/* across pages */
	"mov %rax, 0x1efc(%rbx); hlt");

static void a_store_in_two_parts(void)
{
	int low, high, before, behind;

	v = guest_make(&vm, MODE_LONG, PROG(halves));
	low = new_bell(0, BELL, 8, 0);
	high = new_bell(0, BELL + 8, 8, 0);
	before = new_bell(MATCH, GUEST_MMIO + 0xffc, 4, 4);
	behind = new_bell(MATCH, GUEST_MMIO + 0x1000, 4, 5);
	EXIT(true, GUEST_MMIO + 0x1ffc, 4);
	EXIT(true, GUEST_MMIO + 0x2000, 4);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(count_of(low), 1);
	CHECK_EQ(count_of(high), 1);
	CHECK_EQ(count_of(before), 1);
	CHECK_EQ(count_of(behind), 1);
}

GUEST64(values,
	"mov $0xd0000100, %ebx; mov $6, %ecx\n"
	"1: mov %ecx, (%rbx); dec %ecx; jnz 1b\n"
	"mov $0x200000003, %rax; mov %rax, (%rbx); movw $3, (%rbx); hlt");

static void data_that_match(void)
{
	int two, three, wide, huge;

	v = guest_make(&vm, MODE_LONG, PROG(values));
	two = new_bell(MATCH, BELL, 4, 2);
	three = new_bell(MATCH, BELL, 4, 3);
	wide = new_bell(MATCH, BELL, 8, 0x200000003);
	huge = new_bell(MATCH, BELL, 2, 0x10003);	/* no word has this value */
	EXIT(true, BELL, 4);
	CHECK_EQ(*(u32 *)v->run->mmio.data, 6);
	EXIT(true, BELL, 4);
	EXIT(true, BELL, 4);
	CHECK_EQ(*(u32 *)v->run->mmio.data, 4);
	EXIT(true, BELL, 4);
	CHECK_EQ(*(u32 *)v->run->mmio.data, 1);
	EXIT(true, BELL, 2);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(count_of(two), 1);
	CHECK_EQ(count_of(three), 1);
	CHECK_EQ(count_of(wide), 1);
	CHECK_EQ(count_of(huge), 0);
}

GUEST64(numbers,
	"mov $0xd0000100, %ebx; mov $1999, %ecx\n"
	"1: mov %ecx, (%rbx); sub $7, %ecx; jns 1b; hlt");

static void many_at_one_address(void)
{
	unsigned int i;
	u64 total = 0;
	int odd = event_fd(0), even = event_fd(0);

	v = guest_make(&vm, MODE_LONG, PROG(numbers));
	for (i = 0; i < 2000; i++)
		CHECK_OK(bell(MATCH, BELL, 4, i & 1 ? odd : even, i));
	vcpu_run_to(v, KVM_EXIT_HLT);
	total = count_of(odd);
	CHECK_EQ(total, 143);
	CHECK_EQ(count_of(even), 143);
	for (i = 0; i < 2000; i += 2)
		CHECK_OK(bell(GONE | MATCH, BELL, 4, even, i));
	set_rip(v, GUEST_CODE);
	for (i = 0; i < 143; i++)
		EXIT(true, BELL, 4);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(count_of(odd), 143);
}

GUEST64(again, "1: mov %eax, 0xd0000100; out %al, $0x70; hlt; jmp 1b");

static void slots_come_first(void)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .guest_phys_addr = GUEST_MMIO, .memory_size = 0x1000,
	};
	void *mem = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_regs regs;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(again));
	fd = new_bell(0, BELL, 4, 0);
	new_bell(0, PORT, 1, 0);		/* MMIO at this number */
	get_regs(v, &regs);
	regs.rax = 0x99;
	set_regs(v, &regs);
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	CHECK_EQ(count_of(fd), 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
	r.userspace_addr = (unsigned long)mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	CHECK_EQ(count_of(fd), 0);
	CHECK_EQ(((u32 *)mem)[0x40], 0x99);
	vcpu_run_to(v, KVM_EXIT_HLT);
	/* Writes to read-only memory are MMIO. */
	r.memory_size = 0;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	r.memory_size = 0x1000;
	r.flags = KVM_MEM_READONLY;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	CHECK_EQ(count_of(fd), 1);
}

/* An eventfd is asked before the coalesced zones around it. */
static void zones_beside_it(void)
{
	struct kvm_coalesced_mmio_zone around = { .addr = BELL - 4, .size = 0x20 };
	struct kvm_coalesced_mmio_zone same = { .addr = BELL, .size = 0x20 };
	struct kvm_coalesced_mmio_ring *ring;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(again));
	ring = (void *)((u8 *)v->run + 2 * 0x1000);
	CHECK_OK(ioctl(vm.fd, KVM_REGISTER_COALESCED_MMIO, &same));
	fd = new_bell(0, BELL, 4, 0);
	CHECK_OK(ioctl(vm.fd, KVM_REGISTER_COALESCED_MMIO, &around));
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	CHECK_EQ(count_of(fd), 1);
	CHECK_EQ(ring->last, 0);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(bell(GONE, BELL, 4, fd, 0));
	CHECK_OK(bell(MATCH, BELL, 4, fd, 0x12345678));
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	CHECK_EQ(count_of(fd), 0);
	CHECK_EQ(ring->last, 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(ioctl(vm.fd, KVM_UNREGISTER_COALESCED_MMIO, &same));
	CHECK_OK(ioctl(vm.fd, KVM_UNREGISTER_COALESCED_MMIO, &around));
	CHECK_EQ(vcpu_run(v), KVM_EXIT_MMIO);
}

/* Ioeventfds are not counted, but do not come beside 1000 zones. */
static void number_of_zones_and_others(void)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = 0x10000000, .size = 1 };
	int fd = event_fd(0), port = event_fd(0);
	unsigned int i;

	vm_make(&vm, NULL);
	for (i = 0; i < 1500; i++)
		CHECK_OK(bell(0, 8 * i, 4, fd, 0));
	for (i = 0; i < 1000; i++, zone.addr++)
		CHECK_OK(ioctl(vm.fd, KVM_REGISTER_COALESCED_MMIO, &zone));
	CHECK_ERR(ioctl(vm.fd, KVM_REGISTER_COALESCED_MMIO, &zone), ENOSPC);
	CHECK_ERR(bell(0, BELL, 4, fd, 0), ENOSPC);
	CHECK_OK(bell(PIO, PORT, 1, port, 0));
	CHECK_OK(bell(GONE, 8, 4, fd, 0));
	CHECK_ERR(bell(0, 8, 4, fd, 0), ENOSPC);
	zone.addr--;
	CHECK_OK(ioctl(vm.fd, KVM_UNREGISTER_COALESCED_MMIO, &zone));
	CHECK_OK(bell(0, 8, 4, fd, 0));
	CHECK_OK(ioctl(vm.fd, KVM_REGISTER_COALESCED_MMIO, &zone));
}

/* ---- ports ---- */

GUEST64(ports,
	"mov $0x11223344, %eax\n"
	"out %al, $0x70; out %ax, $0x70; out %eax, $0x70; out %ax, $0x71\n"
	"in $0x70, %ax; out %ax, $0x70\n"
	"cld; mov $0xc000, %esi; mov $0x70, %edx; mov $3, %ecx; rep outsw; outsb\n"
	"mov $0xc100, %edi; insw; hlt");

static void writes_of_ports(void)
{
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(ports));
	fd = new_bell(PIO, PORT, 2, 0);
	new_bell(0, PORT, 4, 0);		/* memory of this number */
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	port_exit(PORT, KVM_EXIT_IO_OUT, 4);
	CHECK_EQ(count_of(fd), 1);
	port_exit(PORT + 1, KVM_EXIT_IO_OUT, 2);
	port_exit(PORT, KVM_EXIT_IO_IN, 2);
	*(u16 *)vcpu_io_data(v) = 0x5566;
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);	/* OUTSB */
	CHECK_EQ(count_of(fd), 1 + 3);
	port_exit(PORT, KVM_EXIT_IO_IN, 2);
	*(u16 *)vcpu_io_data(v) = 0x7788;
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(count_of(fd), 0);
	CHECK_EQ(DATA16(&vm, 0x80), 0x7788);
}

GUEST64(outs,
	"cld; mov $0xc000, %esi; mov $0x70, %edx; mov $6, %ecx; rep outsb\n"
	"std; mov $0xc005, %esi; mov $6, %ecx; rep outsb\n"
	"cld; mov $0xd0000000, %esi; mov $2, %ecx; rep outsb; hlt");

static void data_of_a_string(void)
{
	static const u8 data[] = { 1, 2, 3, 2, 1, 2 };
	unsigned int i;
	int one, two;

	v = guest_make(&vm, MODE_LONG, PROG(outs));
	memcpy(vm.mem + GUEST_DATA, data, sizeof(data));
	one = new_bell(PIO | MATCH, PORT, 1, 1);
	two = new_bell(PIO | MATCH, PORT, 1, 2);
	for (i = 0; i < 2; i++) {
		port_exit(PORT, KVM_EXIT_IO_OUT, 1);
		CHECK_EQ(*(u8 *)vcpu_io_data(v), 3);
	}
	for (i = 0; i < 2; i++) {		/* from MMIO */
		EXIT(false, GUEST_MMIO + i, 1);
		v->run->mmio.data[0] = 1 + i;
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(count_of(one), 2 + 2 + 1);
	CHECK_EQ(count_of(two), 3 + 3 + 1);
}

static void ports_of_any_length(void)
{
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(ports));
	fd = new_bell(PIO, PORT, 0, 0);
	port_exit(PORT + 1, KVM_EXIT_IO_OUT, 2);
	CHECK_EQ(count_of(fd), 3);
	port_exit(PORT, KVM_EXIT_IO_IN, 2);
	port_exit(PORT, KVM_EXIT_IO_IN, 2);
	CHECK_EQ(count_of(fd), 1 + 3 + 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* ---- who hears ---- */

static void closed_eventfds(void)
{
	int fd, other;

	v = guest_make(&vm, MODE_LONG, PROG(again));
	fd = new_bell(0, BELL, 4, 0);
	other = dup(fd);
	close(fd);
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	CHECK_EQ(count_of(other), 1);
	close(other);
	/* Nobody hears, and the number is free for another one. */
	vcpu_run_to(v, KVM_EXIT_HLT);
	port_exit(PORT, KVM_EXIT_IO_OUT, 1);
	fd = event_fd(0);
	CHECK_ERR(bell(GONE, BELL, 4, fd, 0), ENOENT);
	CHECK_ERR(bell(0, BELL, 4, fd, 0), EEXIST);
	vm_destroy(&vm);
}

GUEST64(rings, "mov $0xd0000100, %ebx; mov %eax, (%rbx)\n"
	"1: pause; cmpl $0, 0xc000; je 1b; out %al, $0x71; hlt");

/* The VM is destroyed before its eventfd, which the next one then uses. */
static void outlives_the_vm(void)
{
	int fd = event_fd(0), i;

	for (i = 0; i < 3; i++) {
		v = guest_make(&vm, MODE_LONG, PROG(again));
		CHECK_OK(bell(PIO, PORT, 1, fd, 0));
		CHECK_OK(bell(0, BELL, 0, fd, 0));
		vcpu_run_to(v, KVM_EXIT_HLT);
		vm_destroy(&vm);
		CHECK_EQ(count_of(fd), 2);
	}
}

static void *answer(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };

	CHECK_EQ(poll(&p, 1, -1), 1);
	DATA32(&vm, 0) = 1;
	return NULL;
}

/* The thread of the device is woken while the vCPU stays in the guest. */
static void wakes_a_device(void)
{
	pthread_t thread;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(rings));
	fd = new_bell(0, BELL, 4, 0);
	REQUIRE(!pthread_create(&thread, NULL, answer, &fd));
	port_exit(PORT + 1, KVM_EXIT_IO_OUT, 1);
	pthread_join(thread, NULL);
	CHECK_EQ(count_of(fd), 1);
}

/* ---- at the same time ---- */

#define WRITES	2000

GUEST64(ringing,
	"mov $2000, %ecx; mov $0xd0000100, %ebx\n"
	"1: mov %ecx, (%rbx); out %al, $0x70; dec %ecx; jnz 1b; hlt");

static u32 mmios, outs_seen;	/* exits of all vCPUs */

static void *ring_all(void *arg)
{
	struct vcpu *vcpu = arg;

	while (vcpu_run(vcpu) != KVM_EXIT_HLT) {
		if (vcpu->run->exit_reason == KVM_EXIT_MMIO)
			__atomic_add_fetch(&mmios, 1, __ATOMIC_SEQ_CST);
		else if (vcpu->run->exit_reason == KVM_EXIT_IO)
			__atomic_add_fetch(&outs_seen, 1, __ATOMIC_SEQ_CST);
		else
			tap_fail("exit reason %u", vcpu->run->exit_reason);
	}
	return NULL;
}

static void make_two(void)
{
	guest_make(&vm, MODE_LONG, PROG(ringing));
	guest_add_vcpu(&vm, 1, MODE_LONG, GUEST_CODE);
}

static void start_two(pthread_t thread[2])
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		REQUIRE(!pthread_create(&thread[i], NULL, ring_all, &vm.vcpu[i]));
}

static void join_two(pthread_t thread[2])
{
	pthread_join(thread[0], NULL);
	pthread_join(thread[1], NULL);
}

static void *read_counts(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };
	u64 total = 0;

	while (total < 4 * WRITES) {
		poll(&p, 1, -1);
		total += count_of(p.fd);
	}
	return (void *)total;
}

static void no_write_is_lost(void)
{
	pthread_t thread[2], reader;
	int fd = event_fd(0);
	void *total;

	make_two();
	CHECK_OK(bell(0, BELL, 4, fd, 0));
	CHECK_OK(bell(PIO, PORT, 1, fd, 0));
	REQUIRE(!pthread_create(&reader, NULL, read_counts, &fd));
	start_two(thread);
	join_two(thread);
	pthread_join(reader, &total);
	CHECK_EQ((u64)total, 4 * WRITES);
	CHECK_EQ(mmios, 0);
	CHECK_EQ(outs_seen, 0);
}

/* Each write signals, or exits. None signals after the end of the call that deassigns. */
static void come_and_go_while_it_rings(void)
{
	u64 mmio_signals = 0, port_signals = 0;
	int mmio = event_fd(0), port = event_fd(0), other = event_fd(0), rounds = 0;
	pthread_t thread[2];

	make_two();
	start_two(thread);
	do {
		CHECK_OK(bell(0, BELL, rounds & 1 ? 0 : 4, mmio, 0));
		CHECK_OK(bell(0, BELL + 8, 4, other, 0));
		CHECK_OK(bell(PIO, PORT, 1, port, 0));
		usleep(100);
		CHECK_OK(bell(GONE, BELL, rounds & 1 ? 0 : 4, mmio, 0));
		mmio_signals += count_of(mmio);
		CHECK_OK(bell(GONE | PIO, PORT, 1, port, 0));
		port_signals += count_of(port);
		CHECK_OK(bell(GONE, BELL + 8, 4, other, 0));
		usleep(rounds & 2 ? 100 : 0);
		CHECK_EQ(count_of(mmio), 0);
		CHECK_EQ(count_of(port), 0);
		rounds++;
	} while (mmio_signals + mmios < 2 * WRITES || port_signals + outs_seen < 2 * WRITES);
	join_two(thread);
	CHECK_EQ(mmio_signals + mmios, 2 * WRITES);
	CHECK_EQ(port_signals + outs_seen, 2 * WRITES);
	tap_note("%d rounds, %u exits", rounds, mmios + outs_seen);
}

static const struct test tests[] = {
	TEST(capabilities),
	TEST(lengths_and_ranges),
	TEST(flags_and_descriptors),
	TEST(deassign),
	TEST(collisions),
	TEST(stores_of_its_length),
	TEST(stores_of_any_length),
	TEST(strings_of_any_length),
	TEST(other_forms_of_stores),
	TEST(a_store_in_two_parts),
	TEST(data_that_match),
	TEST_SLOW(many_at_one_address, 60),
	TEST(slots_come_first),
	TEST(zones_beside_it),
	TEST_SLOW(number_of_zones_and_others, 60),
	TEST(writes_of_ports),
	TEST(data_of_a_string),
	TEST(ports_of_any_length),
	TEST(closed_eventfds),
	TEST(outlives_the_vm),
	TEST(wakes_a_device),
	TEST_SLOW(no_write_is_lost, 60),
	TEST_SLOW(come_and_go_while_it_rings, 60),
};

TAP_MAIN(tests)
