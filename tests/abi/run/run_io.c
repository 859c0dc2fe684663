// SPDX-License-Identifier: GPL-2.0-only
/* Exits to the VMM: ports, MMIO, HLT, shutdown, entries that fail. */
#include <string.h>

#include "guest.h"

GUEST64(outs_of_each_size,
	"mov $0x11223344, %eax\n"
	"out %al, $0x10\n"
	"out %ax, $0x11\n"
	"out %eax, $0x12\n"
	"mov $0x1234, %edx\n"
	"out %al, %dx; out %ax, %dx; out %eax, %dx\n"
	"hlt");

static void out_sizes(void)
{
	static const struct { u16 port; u8 size; u32 value; } wanted[] = {
		{ 0x10, 1, 0x44 }, { 0x11, 2, 0x3344 }, { 0x12, 4, 0x11223344 },
		{ 0x1234, 1, 0x44 }, { 0x1234, 2, 0x3344 }, { 0x1234, 4, 0x11223344 },
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(outs_of_each_size));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		CHECK_EQ(vcpu_run_out(v, wanted[i].port), wanted[i].value);
		CHECK_EQ(v->run->io.size, wanted[i].size);
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(ins_of_each_size,
	"mov $-1, %rax; in $0x10, %al; mov %rax, %rbx\n"
	"mov $-1, %rax; in $0x10, %ax; mov %rax, %rcx\n"
	"mov $-1, %rax; mov $0x4321, %edx; in %dx, %eax\n"
	"hlt");

static void in_sizes(void)
{
	static const u8 sizes[] = { 1, 2, 4 };
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(ins_of_each_size));
	unsigned int i;
	u32 value = 0x89abcdef;

	for (i = 0; i < 3; i++) {
		vcpu_run_to(v, KVM_EXIT_IO);
		CHECK_EQ(v->run->io.direction, KVM_EXIT_IO_IN);
		CHECK_EQ(v->run->io.size, sizes[i]);
		CHECK_EQ(v->run->io.port, i < 2 ? 0x10 : 0x4321);
		CHECK_EQ(v->run->io.count, 1);
		memcpy(vcpu_io_data(v), &value, sizes[i]);
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rbx, 0xffffffffffffffef);
	CHECK_EQ(regs.rcx, 0xffffffffffffcdef);
	CHECK_EQ(regs.rax, 0x89abcdef);
}

/* An access completes in the next KVM_RUN, and only then rip moves. */
static void in_is_completed_by_the_next_run(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(ins_of_each_size));

	vcpu_run_to(v, KVM_EXIT_IO);
	*(u8 *)vcpu_io_data(v) = 0x5c;
	v->run->immediate_exit = 1;
	CHECK_EQ(vcpu_run(v), -EINTR);
	v->run->immediate_exit = 0;
	get_regs(v, &regs);
	CHECK_EQ(regs.rax, 0xffffffffffffff5c);
	CHECK_EQ(regs.rip, GUEST_CODE + 9);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(v->run->io.size, 2);
}

/* The VMM may look at the exit that it answered afterwards. */
static void an_immediate_exit_leaves_the_last_one(void)
{
	static struct kvm_run before;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(ins_of_each_size));
	int i;

	vcpu_run_to(v, KVM_EXIT_IO);
	v->run->immediate_exit = 1;
	before = *v->run;
	for (i = 0; i < 2; i++) {
		CHECK_EQ(vcpu_run(v), -EINTR);
		CHECK_EQ(v->run->exit_reason, KVM_EXIT_IO);
		CHECK(!memcmp(&v->run->io, &before.io, sizeof(before.io)));
	}
	v->run->kvm_dirty_regs = 1ULL << 63;
	CHECK_EQ(vcpu_run(v), -EINVAL);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_IO);
	v->run->kvm_dirty_regs = 0;
	v->run->immediate_exit = 0;
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(v->run->io.size, 2);
}

GUEST64(rep_outs,
	"mov $0xc000, %esi; mov $7, %ecx; mov $0x30, %edx; cld\n"
	"rep outsb\n"
	"mov $0xc100, %esi; mov $5, %ecx; rep outsw\n"
	"mov $0xc200, %esi; mov $3, %ecx; rep outsl\n"
	"mov $0xc006, %esi; mov $4, %ecx; std; rep outsb\n"
	"mov $0, %ecx; rep outsb\n"
	"hlt");

/* Collect @bytes of an OUTS, however many units each exit has. */
static void collect_out(struct vcpu *v, u8 size, u8 *buf, unsigned int bytes)
{
	unsigned int n, at = 0;

	while (at < bytes) {
		vcpu_run_to(v, KVM_EXIT_IO);
		REQUIRE(v->run->io.direction == KVM_EXIT_IO_OUT);
		REQUIRE_EQ(v->run->io.port, 0x30);
		REQUIRE_EQ(v->run->io.size, size);
		n = v->run->io.size * v->run->io.count;
		REQUIRE(n > 0 && at + n <= bytes);
		memcpy(buf + at, vcpu_io_data(v), n);
		at += n;
	}
}

static void rep_outs_of_each_size(void)
{
	static const struct { u8 size, count; u16 from; } parts[] = {
		{ 1, 7, 0xc000 }, { 2, 5, 0xc100 }, { 4, 3, 0xc200 },
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(rep_outs));
	unsigned int i;
	u8 buf[16];

	for (i = 0; i < 0x300; i++)
		vm.mem[0xc000 + i] = i * 3 + 1;
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		collect_out(v, parts[i].size, buf, parts[i].size * parts[i].count);
		CHECK(!memcmp(buf, vm.mem + parts[i].from, parts[i].size * parts[i].count));
	}
	collect_out(v, 1, buf, 4);
	for (i = 0; i < 4; i++)
		CHECK_EQ(buf[i], vm.mem[0xc006 - i]);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(rep_ins,
	"mov $0xc000, %edi; mov $9, %ecx; mov $0x30, %edx; cld\n"
	"rep insb\n"
	"mov $0xcffe, %edi; mov $3, %ecx; rep insl\n"
	"hlt");

static void feed_in(struct vcpu *v, u8 size, unsigned int bytes, u8 *next)
{
	unsigned int i, n, at = 0;

	while (at < bytes) {
		vcpu_run_to(v, KVM_EXIT_IO);
		REQUIRE(v->run->io.direction == KVM_EXIT_IO_IN);
		REQUIRE_EQ(v->run->io.size, size);
		n = v->run->io.size * v->run->io.count;
		REQUIRE(n > 0 && at + n <= bytes);
		for (i = 0; i < n; i++)
			((u8 *)vcpu_io_data(v))[i] = (*next)++;
		at += n;
	}
}

static void rep_ins_across_a_page(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(rep_ins));
	unsigned int i;
	u8 next = 1;

	feed_in(v, 1, 9, &next);
	feed_in(v, 4, 12, &next);
	vcpu_run_to(v, KVM_EXIT_HLT);
	for (i = 0; i < 9; i++)
		CHECK_EQ(vm.mem[0xc000 + i], i + 1);
	for (i = 0; i < 12; i++)
		CHECK_EQ(vm.mem[0xcffe + i], i + 10);
	get_regs(v, &regs);
	CHECK_EQ(regs.rcx, 0);
	CHECK_EQ(regs.rdi, 0xcffe + 12);
}

/* The VMM lowers RCX while it has the exit. */
static void rep_ins_that_the_vmm_shortens(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(rep_ins));
	u8 next = 1;

	vm.mem[0xc004] = 0;
	vcpu_run_to(v, KVM_EXIT_IO);
	REQUIRE_EQ(v->run->io.count, 9);
	memset(vcpu_io_data(v), 0xaa, 9);
	get_regs(v, &regs);
	regs.rcx = 4;
	set_regs(v, &regs);
	feed_in(v, 4, 12, &next);
	CHECK_EQ(vm.mem[0xc003], 0xaa);
	CHECK_EQ(vm.mem[0xc004], 0);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(ins_to_mmio, "mov $0xd0000000, %edi; mov $0x30, %edx; mov $1, %ecx; rep insb; hlt");

/* INS whose destination is MMIO: two exits for one instruction */
static void ins_to_mmio_is_two_exits(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(ins_to_mmio));

	vcpu_run_to(v, KVM_EXIT_IO);
	*(u8 *)vcpu_io_data(v) = 0x99;
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.is_write, 1);
	CHECK_EQ(v->run->mmio.data[0], 0x99);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(outs_from_mmio, "mov $0xd0000000, %esi; mov $0x30, %edx; mov $2, %ecx; rep outsw; hlt");

/* The device at the source is read first; its data goes to the port. */
static void outs_from_mmio_is_two_exits(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(outs_from_mmio));
	unsigned int i;

	for (i = 0; i < 2; i++) {
		u16 value = 0x1234 + i;

		vcpu_run_to(v, KVM_EXIT_MMIO);
		CHECK_EQ(v->run->mmio.is_write, 0);
		CHECK_EQ(v->run->mmio.phys_addr, GUEST_MMIO + 2 * i);
		CHECK_EQ(v->run->mmio.len, 2);
		memcpy(v->run->mmio.data, &value, 2);
		CHECK_EQ(vcpu_run_out(v, 0x30), value);
		CHECK_EQ(v->run->io.size, 2);
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rsi, GUEST_MMIO + 4);
	CHECK_EQ(regs.rcx, 0);
}

GUEST16(io_real, "mov $0x5a, %al; out %al, $0x20; in $0x21, %al; hlt");

static void io_in_real_mode(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_REAL, PROG(io_real));

	CHECK_EQ(vcpu_run_out(v, 0x20), 0x5a);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(v->run->io.port, 0x21);
	*(u8 *)vcpu_io_data(v) = 0xa5;
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rax & 0xff, 0xa5);
}

/* One instruction each, then hlt; rbx is the MMIO address, rax and rcx are as below. */
#define MMIO_RAX	0x1122334455667788
#define MMIO_RCX	0x99aabbccddeeff00
#define MMIO_READ	0xf1e2d3c4b5a69788	/* the data of a read, low bytes first */

#define MMIO_GUEST(name, text) GUEST64(name, text "; hlt")
MMIO_GUEST(store8, "mov %al, (%rbx)");
MMIO_GUEST(store8_ah, "mov %ah, 1(%rbx)");
MMIO_GUEST(store16, "mov %ax, 2(%rbx)");
MMIO_GUEST(store32, "mov %eax, 4(%rbx)");
MMIO_GUEST(store64, "mov %rax, 8(%rbx)");
MMIO_GUEST(store_r9, "mov %r9, 8(%rbx)");
MMIO_GUEST(store_imm8, "movb $0x5a, (%rbx)");
MMIO_GUEST(store_imm16, "movw $0x5a5b, (%rbx)");
MMIO_GUEST(store_imm32, "movl $0x5a5b5c5d, (%rbx)");
MMIO_GUEST(store_imm64, "movq $-2, (%rbx)");
MMIO_GUEST(store_sib, "mov %eax, 0x10(%rbx, %rdx, 4)");
MMIO_GUEST(store_moffs, "movabs %eax, 0xd0000040");
MMIO_GUEST(store_addr32, "mov %eax, 0x20(%ebx)");
MMIO_GUEST(stos32, "mov %rbx, %rdi; stosl");
MMIO_GUEST(load8, "mov (%rbx), %al");
MMIO_GUEST(load8_ah, "mov (%rbx), %ah");
MMIO_GUEST(load16, "mov (%rbx), %ax");
MMIO_GUEST(load32, "mov (%rbx), %eax");
MMIO_GUEST(load64, "mov (%rbx), %rax");
MMIO_GUEST(load_moffs, "movabs 0xd0000040, %eax");
MMIO_GUEST(movzx8, "movzbl (%rbx), %eax");
MMIO_GUEST(movzx16, "movzwq (%rbx), %rax");
MMIO_GUEST(movsx8, "movsbl (%rbx), %eax");
MMIO_GUEST(movsx8_64, "movsbq (%rbx), %rax");
MMIO_GUEST(movsx16, "movswq (%rbx), %rax");
MMIO_GUEST(movsxd, "movslq (%rbx), %rax");
MMIO_GUEST(add_load, "add (%rbx), %eax");
MMIO_GUEST(and_load, "and (%rbx), %rax");
MMIO_GUEST(lods8, "mov %rbx, %rsi; lodsb");

#define OFF		GUEST_MMIO
#define STORE(name, off, len, data) { #name, name##_begin, name##_end, true, OFF + off, len, data }
#define LOAD(name, off, len, rax)   { #name, name##_begin, name##_end, false, OFF + off, len, rax }

static const struct {
	const char *name;
	const u8 *begin, *end;
	bool write;
	u64 addr;
	u8 len;
	u64 value;		/* written, or rax after a read */
} mmio[] = {
	STORE(store8, 0, 1, 0x88),
	STORE(store8_ah, 1, 1, 0x77),
	STORE(store16, 2, 2, 0x7788),
	STORE(store32, 4, 4, 0x55667788),
	STORE(store64, 8, 8, MMIO_RAX),
	STORE(store_r9, 8, 8, MMIO_RCX),
	STORE(store_imm8, 0, 1, 0x5a),
	STORE(store_imm16, 0, 2, 0x5a5b),
	STORE(store_imm32, 0, 4, 0x5a5b5c5d),
	STORE(store_imm64, 0, 8, 0xfffffffffffffffe),
	STORE(store_sib, 0x20, 4, 0x55667788),
	STORE(store_moffs, 0x40, 4, 0x55667788),
	STORE(store_addr32, 0x20, 4, 0x55667788),
	STORE(stos32, 0, 4, 0x55667788),
	LOAD(load8, 0, 1, 0x1122334455667788),
	LOAD(load8_ah, 0, 1, 0x1122334455668888),
	LOAD(load16, 0, 2, 0x1122334455669788),
	LOAD(load32, 0, 4, 0xb5a69788),
	LOAD(load64, 0, 8, MMIO_READ),
	LOAD(load_moffs, 0x40, 4, 0xb5a69788),
	LOAD(movzx8, 0, 1, 0x88),
	LOAD(movzx16, 0, 2, 0x9788),
	LOAD(movsx8, 0, 1, 0xffffff88),
	LOAD(movsx8_64, 0, 1, 0xffffffffffffff88),
	LOAD(movsx16, 0, 2, 0xffffffffffff9788),
	LOAD(movsxd, 0, 4, 0xffffffffb5a69788),
	LOAD(add_load, 0, 4, (u32)(0x55667788 + 0xb5a69788)),
	LOAD(and_load, 0, 8, MMIO_RAX & MMIO_READ),
	LOAD(lods8, 0, 1, 0x1122334455667788),
};

static void mmio_start(struct vcpu *v)
{
	struct kvm_regs regs;

	get_regs(v, &regs);
	regs.rax = MMIO_RAX;
	regs.rbx = GUEST_MMIO;
	regs.r9 = MMIO_RCX;
	regs.rdx = 4;
	set_regs(v, &regs);
}

static void mmio_one(unsigned int i)
{
	static const u64 read_value = MMIO_READ;
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, (struct prog){ mmio[i].begin, mmio[i].end });
	u64 written = 0;

	mmio_start(v);
	if (!CHECK_EQ(vcpu_run(v), KVM_EXIT_MMIO))
		tap_fail("MMIO instruction %s", mmio[i].name);
	CHECK_EQ(v->run->mmio.phys_addr, mmio[i].addr);
	CHECK_EQ(v->run->mmio.is_write, mmio[i].write);
	if (!CHECK_EQ(v->run->mmio.len, mmio[i].len))
		tap_fail("MMIO instruction %s", mmio[i].name);
	memcpy(&written, v->run->mmio.data, mmio[i].len);
	if (!mmio[i].write)
		memcpy(v->run->mmio.data, &read_value, 8);
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	if (!CHECK_EQ(mmio[i].write ? written : regs.rax, mmio[i].value))
		tap_note("MMIO instruction %s", mmio[i].name);
	vm_destroy(&vm);
}

static void mmio_instructions(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mmio); i++)
		mmio_one(i);
}

MMIO_GUEST(add_store, "add %eax, (%rbx)");
MMIO_GUEST(or_imm, "orl $0x80, (%rbx)");
MMIO_GUEST(xchg32, "xchg %eax, (%rbx)");
MMIO_GUEST(inc32, "incl (%rbx)");
MMIO_GUEST(not16, "notw (%rbx)");
MMIO_GUEST(bts32, "btsl $31, (%rbx)");

#define RMW(name, written, rax) { #name, name##_begin, name##_end, written, rax }

static const struct {
	const char *name;
	const u8 *begin, *end;
	u64 written, rax;
} rmw[] = {
	RMW(add_store, (u32)(0x55667788 + 0xb5a69708), MMIO_RAX),
	RMW(or_imm, 0xb5a69788, MMIO_RAX),
	RMW(xchg32, 0x55667788, 0xb5a69708),
	RMW(inc32, 0xb5a69709, MMIO_RAX),
	RMW(not16, 0x68f7, MMIO_RAX),
	RMW(bts32, 0xb5a69708, MMIO_RAX),
};

static void mmio_read_modify_write(void)
{
	struct kvm_regs regs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rmw); i++) {
		struct vm vm;
		struct vcpu *v = guest_make(&vm, MODE_LONG,
					    (struct prog){ rmw[i].begin, rmw[i].end });
		u64 value = 0xb5a69708;

		mmio_start(v);
		vcpu_run_to(v, KVM_EXIT_MMIO);
		CHECK_EQ(v->run->mmio.is_write, 0);
		memcpy(v->run->mmio.data, &value, 8);
		vcpu_run_to(v, KVM_EXIT_MMIO);
		CHECK_EQ(v->run->mmio.is_write, 1);
		value = 0;
		memcpy(&value, v->run->mmio.data, v->run->mmio.len);
		if (!CHECK_EQ(value, rmw[i].written))
			tap_note("instruction %s", rmw[i].name);
		vcpu_run_to(v, KVM_EXIT_HLT);
		get_regs(v, &regs);
		CHECK_EQ(regs.rax, rmw[i].rax);
		vm_destroy(&vm);
	}
}

GUEST64(rep_stos_mmio, "mov %rbx, %rdi; mov $3, %ecx; rep stosl; hlt");

static void rep_stos_to_mmio(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(rep_stos_mmio));
	unsigned int i;

	mmio_start(v);
	for (i = 0; i < 3; i++) {
		vcpu_run_to(v, KVM_EXIT_MMIO);
		CHECK_EQ(v->run->mmio.phys_addr, GUEST_MMIO + 4 * i);
		CHECK_EQ(v->run->mmio.len, 4);
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rcx, 0);
	CHECK_EQ(regs.rdi, GUEST_MMIO + 12);
}

GUEST64(movs_from_mmio, "mov %rbx, %rsi; mov $0xc000, %edi; movsq; hlt");

static void movs_from_mmio_to_ram(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(movs_from_mmio));

	mmio_start(v);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.is_write, 0);
	memset(v->run->mmio.data, 0x3c, 8);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&vm, 0), 0x3c3c3c3c3c3c3c3c);
}

GUEST16(mmio_real, "mov $0xa000, %ax; mov %ax, %es; mov $0x1234, %ax; mov %ax, %es:0x10; hlt");

static void mmio_in_real_mode(void)
{
	struct vm vm;
	struct vcpu *v;
	struct kvm_userspace_memory_region none = { .slot = 0 };
	struct kvm_userspace_memory_region low = { .slot = 0, .memory_size = 0xa0000 };

	v = guest_make(&vm, MODE_REAL, PROG(mmio_real));
	low.userspace_addr = (unsigned long)vm.mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &none));
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &low));
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, 0xa0010);
	CHECK_EQ(v->run->mmio.len, 2);
	CHECK_EQ(*(u16 *)v->run->mmio.data, 0x1234);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(two_halts, "hlt; nop; hlt");

static void hlt_exits_with_rip_after_it(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(two_halts));

	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(get_rip(v), GUEST_CODE + 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(get_rip(v), GUEST_CODE + 3);
}

GUEST64(triple, "movw $0, 0xc000; lidt 0xc000; int3");

static void triple_fault_is_shutdown(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(triple));

	vcpu_run_to(v, KVM_EXIT_SHUTDOWN);
	/* the VMM can reset the vCPU and run it again */
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, PROG(two_halts));
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void entry_with_bad_state_fails_and_says_so(void)
{
	struct kvm_sregs good, s;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(two_halts));
	int got;

	get_sregs(v, &good);
	s = good;
	s.cs.s = 0;		/* CS must be a code segment, not a system segment */
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	got = vcpu_run(v);
	if (CHECK(got == KVM_EXIT_FAIL_ENTRY || got == KVM_EXIT_INTERNAL_ERROR) &&
	    got == KVM_EXIT_FAIL_ENTRY)
		CHECK_EQ(v->run->fail_entry.hardware_entry_failure_reason, 0x80000021);
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &good));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void entry_with_vm86_in_long_mode_fails(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(two_halts));
	int got;

	get_regs(v, &regs);
	regs.rflags |= 1 << 17;
	set_regs(v, &regs);
	got = vcpu_run(v);
	CHECK(got == KVM_EXIT_FAIL_ENTRY || got == KVM_EXIT_INTERNAL_ERROR);
	get_regs(v, &regs);
	regs.rflags &= ~(1ULL << 17);
	regs.rip = GUEST_CODE;
	set_regs(v, &regs);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static const struct test tests[] = {
	TEST(out_sizes),
	TEST(in_sizes),
	TEST(in_is_completed_by_the_next_run),
	TEST(an_immediate_exit_leaves_the_last_one),
	TEST(rep_outs_of_each_size),
	TEST(rep_ins_across_a_page),
	TEST(rep_ins_that_the_vmm_shortens),
	TEST(ins_to_mmio_is_two_exits),
	TEST(outs_from_mmio_is_two_exits),
	TEST(io_in_real_mode),
	TEST(mmio_instructions),
	TEST(mmio_read_modify_write),
	TEST(rep_stos_to_mmio),
	TEST(movs_from_mmio_to_ram),
	TEST(mmio_in_real_mode),
	TEST(hlt_exits_with_rip_after_it),
	TEST(triple_fault_is_shutdown),
	TEST(entry_with_bad_state_fails_and_says_so),
	TEST(entry_with_vm86_in_long_mode_fails),
};

TAP_MAIN(tests)
