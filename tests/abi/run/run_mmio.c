// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions on MMIO. Each runs twice: on memory, by the processor alone, and on a
 * device that the test emulates. Registers, flags and memory must be equal
 * afterwards, and the device must see the accesses that KVM makes.
 */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>

#include "arith_flags.h"
#include "guest.h"
#include "mmio_rows.h"

/*
 * Four pages of linear memory, with frames apart, so that an access across two pages
 * is never one piece.
 */
#define WINDOW		0x180000ULL
#define PAGES		4
#define PAGE		0x1000ULL
#define FRAME(n)	(0x101000 + 2 * PAGE * (n))
#define DEVICE(n)	(GUEST_MMIO + 0x100000 + 2 * PAGE * (n))

#define WITHIN		0x1040		/* place of operands within one page */
#define FAR_DATA	(GUEST_DATA + 0x800)	/* results in memory */

/* Kinds of the window's pages: RAM or device. */
#define RAM_ONLY	"RRRR"
#define DEVICE_ONLY	"DDDD"
#define BOTH		"RDDR"


/* The code starts 16 bytes after GUEST_CODE, where the TLB is flushed. */
#define CODE_AT		(GUEST_CODE + 16)
GUEST64(flush, "mov %cr3, %r15; mov %r15, %cr3; jmp flush_begin + 16");

#define DEFINE(name, text, exits, flags)	GUEST64(x_##name, text "; hlt");
#define ENTRY(name, text, exits, flags)					\
	{ #name, x_##name##_begin, x_##name##_end, exits, flags },

ROWS(DEFINE)

static const struct row {
	const char *name;
	const u8 *begin, *end;
	const char *exits;
	unsigned int flags;
} rows[] = { ROWS(ENTRY) };

/* The state after a run, and the exits of the run. */
struct outcome {
	struct kvm_regs regs;
	u8 window[PAGES * PAGE];
	u8 data[PAGE];
	char exits[128];
};

static struct vm vm;
static struct vcpu *v;
static u8 device[PAGES][PAGE];
static const char *layout;

/* ---- the machine ---- */

static void start(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(flush));
}

/* Each page of the window has other bytes, the same for RAM and device. */
static u8 *page_of_window(unsigned int n)
{
	return layout[n] == 'D' ? device[n] : vm.mem + FRAME(n);
}

static void fill(const char *kinds)
{
	volatile u64 *pt = GUEST_PTR(&vm, GUEST_PT, u64);
	unsigned int n, i;

	layout = kinds;
	for (n = 0; n < PAGES; n++) {
		pt[WINDOW / PAGE + n] = (kinds[n] == 'D' ? DEVICE(n) : FRAME(n)) | 7;
		for (i = 0; i < PAGE; i++)
			page_of_window(n)[i] = 0x91 + 7 * i + 31 * n;
	}
	for (i = 0; i < PAGE; i++)
		vm.mem[GUEST_DATA + i] = 3 + 5 * i;
	memcpy(vm.mem + GUEST_DATA + 0x40, page_of_window(1) + 0x40, 0x40);
}

static void set_state(u64 operand, unsigned int flags)
{
	struct kvm_regs regs = {
		.rip = GUEST_CODE, .rflags = 2, .rsp = GUEST_STACK,
		.rax = 0x1122334455667788, .rbx = operand, .rcx = 0x99aabbccddeeff00,
		.rdx = 0x8070605040302010, .rbp = 2, .r9 = 0xfedcba9876543210,
	};
	struct kvm_sregs s;

	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	if (flags & WANTS_AVX) {
		get_sregs(v, &s);
		s.cr4 |= 1 << 18;	/* OSXSAVE */
		CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	}
	set_regs(v, &regs);
}

/* Return: the offset in the window of a device's address. */
static u64 window_offset(u64 gpa)
{
	u64 n = (gpa - DEVICE(0)) / (2 * PAGE), offset = (gpa - DEVICE(0)) % (2 * PAGE);

	REQUIRE(gpa >= DEVICE(0) && n < PAGES && offset < PAGE && layout[n] == 'D');
	return n * PAGE + offset;
}

/* The device: answer an exit, and record it. */
static void serve(struct outcome *o, u64 operand)
{
	struct kvm_run *run = v->run;
	u64 at = window_offset(run->mmio.phys_addr);
	long long from = at + WINDOW - operand;
	size_t used = strlen(o->exits);
	u8 *mem = &device[at / PAGE][at % PAGE];

	REQUIRE(run->mmio.len <= 8 && at % PAGE + run->mmio.len <= PAGE);
	if (run->mmio.is_write)
		memcpy(mem, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, mem, run->mmio.len);
	snprintf(o->exits + used, sizeof(o->exits) - used, "%s%c%s%llx.%u",
		 used ? " " : "", run->mmio.is_write ? 'w' : 'r', from < 0 ? "-" : "",
		 from < 0 ? -from : from, run->mmio.len);
}

/* Registers point into the window, at the same addresses in every layout. */
static bool run_row(const struct row *row, const char *kinds, u64 operand,
		    struct outcome *o)
{
	unsigned int n;
	int got;

	memset(o, 0, sizeof(*o));
	memcpy(vm.mem + CODE_AT, row->begin, row->end - row->begin);
	fill(kinds);
	set_state(operand, row->flags);
	while ((got = vcpu_run(v)) == KVM_EXIT_MMIO)
		serve(o, operand);
	for (n = 0; n < PAGES; n++)
		memcpy(o->window + n * PAGE, page_of_window(n), PAGE);
	memcpy(o->data, vm.mem + GUEST_DATA, PAGE);
	get_regs(v, &o->regs);
	if (got == KVM_EXIT_HLT)
		return true;
	tap_note("%s in %s: exit %d, trap %d, after \"%s\"", row->name, kinds, got,
		 vcpu_trap(v), o->exits);
	return false;
}

static bool has_feature(unsigned int flags)
{
	unsigned int a, b, c, d;

	__cpuid(1, a, b, c, d);
	if ((flags & WANTS_MOVBE) && !(c & bit_MOVBE))
		return false;
	return !(flags & WANTS_AVX) || (c & bit_AVX);
}

static bool can_run(const struct row *row)
{
	return has_feature(row->flags) && !(on_kvm() && (row->flags & NOT_KVM));
}

/* Return: the offset of the first difference, or -1. */
static int first_difference(const u8 *a, const u8 *b, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		if (a[i] != b[i])
			return i;
	return -1;
}

static void compare(const struct row *row, const char *kinds, u64 operand,
		    const char *exits)
{
	static struct outcome native, ours;
	u64 defined = defined_flags(row->flags);
	bool ok;
	int at;

	if (!CHECK(run_row(row, RAM_ONLY, operand, &native)) ||
	    !CHECK(run_row(row, kinds, operand, &ours)))
		return;
	ok = CHECK(!strcmp(ours.exits, exits));
	if (!ok)
		tap_note("exits were \"%s\", not \"%s\"", ours.exits, exits);
	ok &= CHECK_EQ(ours.regs.rflags & defined, native.regs.rflags & defined);
	native.regs.rflags = ours.regs.rflags;
	at = first_difference((u8 *)&ours.regs, (u8 *)&native.regs, sizeof(native.regs));
	ok &= CHECK_EQ(at, -1);
	at = first_difference(ours.window, native.window, sizeof(native.window));
	ok &= CHECK_EQ(at, -1);
	at = first_difference(ours.data, native.data, sizeof(native.data));
	ok &= CHECK_EQ(at, -1);
	if (!ok)
		tap_note("%s, window %s", row->name, kinds);
}

static void each_instruction(void)
{
	unsigned int i, left_out = 0;

	start();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (can_run(&rows[i]))
			compare(&rows[i], DEVICE_ONLY, WINDOW + WITHIN, rows[i].exits);
		else
			left_out++;
	}
	if (left_out)
		tap_note("%u of %u instructions left out: not in KVM, or not in this CPU",
			 left_out, i);
}

/* ---- operands that are on two pages ---- */

static const struct row *row_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	tap_fail("no instruction %s", name);
	return NULL;
}

static void each_crossing(void)
{
	static const struct {
		const char *name;
		u16 at;
		const char *exits;
	} crossings[] = {
		/* memory, then the device */
		{ "store32", 0xffd, "w3.1" },
		{ "load64", 0xffd, "r3.5" },
		{ "add", 0xffe, "r2.2 w2.2 r2.6" },
		{ "xchg", 0xfff, "r1.3 w1.3" },
		{ "movups", 0xffc, "r4.8 rc.4" },
		{ "movups_store", 0xff8, "w8.8 w10.3" },
		{ "rep_stos", 0xffa, "w6.2 w8.4" },
		{ "push", 0xfff, "r1.7" },
		/* two devices */
		{ "store32", 0x1ffd, "w0.3 w3.1" },
		{ "load64", 0x1ffd, "r0.3 r3.5" },
		{ "inc", 0x1ffe, "r0.2 r2.2 w0.2 w2.2" },
		{ "movdqu", 0x1fff, "r0.1 r1.8 r9.7 w0.1 w1.8 w9.7" },
		{ "cmps", 0x1ffe, "r0.2 r2.2" },
		{ "vmovdqu", 0x1ff4, "r0.8 r8.4 rc.8 r14.8 r1c.4 w0.8 w8.4 wc.8 w14.8 w1c.4" },
		/* the device, then memory */
		{ "store32", 0x2ffd, "w0.3" },
		{ "load64", 0x2ffd, "r0.3" },
		{ "cmp_reg", 0x2ffe, "r0.2" },
		{ "movups", 0x2ffc, "r0.4" },
	};
	unsigned int i;

	start();
	for (i = 0; i < ARRAY_SIZE(crossings); i++) {
		const struct row *row = row_named(crossings[i].name);

		if (can_run(row))
			compare(row, BOTH, WINDOW + crossings[i].at, crossings[i].exits);
	}
}

/* ---- division ---- */

GUEST64(div_8, "divb (%rbx); hlt");
GUEST64(div_16, "divw (%rbx); hlt");
GUEST64(div_32, "divl (%rbx); hlt");
GUEST64(div_64, "divq (%rbx); hlt");
GUEST64(idiv_8, "idivb (%rbx); hlt");
GUEST64(idiv_16, "idivw (%rbx); hlt");
GUEST64(idiv_32, "idivl (%rbx); hlt");
GUEST64(idiv_64, "idivq (%rbx); hlt");

#define TOP		0x8000000000000000ULL

/* The last quotients that fit, and the first that do not. */
static const struct division {
	struct prog prog;
	u64 rax, rdx, divisor;
	bool error;
} divisions[] = {
	{ PROG(div_8), 0xfeff, 0, 0xff, false },
	{ PROG(div_8), 0xff00, 0, 0xff, true },
	{ PROG(div_8), 7, 0, 0, true },
	{ PROG(div_16), 0xffff, 0xfffe, 0xffff, false },
	{ PROG(div_16), 0, 0xffff, 0xffff, true },
	{ PROG(div_32), 0xffffffff, 1, 2, false },
	{ PROG(div_32), 0, 2, 2, true },
	{ PROG(div_64), ~0ULL, 1, 2, false },
	{ PROG(div_64), 0, 2, 2, true },
	{ PROG(div_64), 5, 0, 0, true },
	{ PROG(idiv_8), 0x7f, 0, 1, false },
	{ PROG(idiv_8), 0x80, 0, 1, true },
	{ PROG(idiv_8), 0xff80, 0, 1, false },
	{ PROG(idiv_8), 0xff80, 0, 0xff, true },
	{ PROG(idiv_8), 0xff7f, 0, 1, true },
	{ PROG(idiv_16), 0x8000, 0xffff, 1, false },
	{ PROG(idiv_16), 0x8000, 0xffff, 0xffff, true },
	{ PROG(idiv_32), 0x80000000, 0xffffffff, 1, false },
	{ PROG(idiv_32), 0x80000000, 0xffffffff, 0xffffffff, true },
	{ PROG(idiv_32), 1, 0, 0, true },
	{ PROG(idiv_64), TOP - 1, 0, 1, false },
	{ PROG(idiv_64), TOP, 0, 1, true },
	{ PROG(idiv_64), TOP, ~0ULL, 1, false },
	{ PROG(idiv_64), TOP, ~0ULL, ~0ULL, true },
	{ PROG(idiv_64), 0, TOP, TOP, true },
	{ PROG(idiv_64), 0, 0xc000000000000000ULL, TOP, true },
	{ PROG(idiv_64), 1, 0xc000000000000000ULL, TOP, false },
};

static int divide(const struct division *d, const char *kinds, struct kvm_regs *regs)
{
	struct outcome o = { };
	int got;

	fill(kinds);
	memcpy(page_of_window(1) + 0x40, &d->divisor, 8);
	vm_load(&vm, d->prog);
	set_state(WINDOW + WITHIN, 0);
	get_regs(v, regs);
	regs->rax = d->rax;
	regs->rdx = d->rdx;
	set_regs(v, regs);
	while ((got = vcpu_run(v)) == KVM_EXIT_MMIO)
		serve(&o, WINDOW + WITHIN);
	get_regs(v, regs);
	regs->rflags &= ~(u64)FLAGS_ARITH;
	return got;
}

static void divisions_overflow_as_the_processors(void)
{
	struct kvm_regs native, ours;
	unsigned int i;
	bool ok;

	start();
	for (i = 0; i < ARRAY_SIZE(divisions); i++) {
		const struct division *d = &divisions[i];
		int wanted = d->error ? KVM_EXIT_IO : KVM_EXIT_HLT;

		ok = CHECK_EQ(divide(d, RAM_ONLY, &native), wanted);
		ok &= CHECK_EQ(divide(d, DEVICE_ONLY, &ours), wanted);
		if (d->error)
			ok &= CHECK_EQ(vcpu_trap(v), 0);
		ok &= CHECK(!memcmp(&native, &ours, sizeof(ours)));
		if (!ok)
			tap_note("division %u", i);
	}
}

/* ---- code and page tables that change ---- */

/* An instruction across two pages. */
static void an_instruction_on_two_pages(void)
{
	static const u8 code[] = { 0xc7, 0x83, 8, 0, 0, 0, 0x78, 0x56, 0x34, 0x12, 0xf4 };
	unsigned int split;

	start();
	fill(DEVICE_ONLY);
	for (split = 1; split < 10; split++) {
		u64 rip = 0x9000 - split;

		memcpy(vm.mem + rip, code, sizeof(code));
		set_state(WINDOW + WITHIN, 0);
		set_rip(v, rip);
		vcpu_run_to(v, KVM_EXIT_MMIO);
		CHECK_EQ(v->run->mmio.len, 4);
		CHECK_EQ(*(u32 *)v->run->mmio.data, 0x12345678);
		vcpu_run_to(v, KVM_EXIT_HLT);
		CHECK_EQ(get_rip(v), rip + sizeof(code));
	}
}

/* Put other instructions at one address: each must store its value. */
static void expect_store(const u8 *code, unsigned int len, u64 rip, u32 value)
{
	memcpy(vm.mem + CODE_AT, code, len);
	set_state(WINDOW + WITHIN, 0);
	set_rip(v, rip);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.is_write, 1);
	CHECK_EQ(v->run->mmio.len, 4);
	CHECK_EQ(*(u32 *)v->run->mmio.data, value);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void code_that_changes_is_seen(void)
{
	static const u8 store_eax[] = { 0x89, 0x03, 0xf4 };
	static const u8 store_ecx[] = { 0x89, 0x0b, 0xf4 };
	unsigned int i;

	start();
	fill(DEVICE_ONLY);
	for (i = 0; i < 4; i++) {
		expect_store(store_eax, sizeof(store_eax), GUEST_CODE, 0x55667788);
		expect_store(store_ecx, sizeof(store_ecx), GUEST_CODE, 0xddeeff00);
	}
}

/* One address is mapped to another page, with other code. */
static void code_that_is_mapped_elsewhere_is_seen(void)
{
	static const u8 store_eax[] = { 0x89, 0x03, 0xf4 };
	static const u8 store_ecx[] = { 0x89, 0x0b, 0xf4 };
	volatile u64 *pt;
	unsigned int i;

	start();
	fill(DEVICE_ONLY);
	pt = GUEST_PTR(&vm, GUEST_PT, u64);
	memcpy(vm.mem + 0x120000, vm.mem + GUEST_CODE, PAGE);
	memcpy(vm.mem + 0x120010, store_ecx, sizeof(store_ecx));
	for (i = 0; i < 4; i++) {
		pt[0x150] = GUEST_CODE | 7;
		expect_store(store_eax, sizeof(store_eax), 0x150000, 0x55667788);
		pt[0x150] = 0x120000 | 7;
		expect_store(store_eax, sizeof(store_eax), 0x150000, 0xddeeff00);
	}
}

/* ---- what cannot be done, and faults on the way ---- */

GUEST64(movs_faults,
	"mov $0x181000, %esi; mov $0x183ff8, %edi; mov $4, %ecx; cld; rep movsl; hlt");

/* The element that faults is not read; the elements before it are done. */
static void a_fault_in_a_string_can_be_restarted(void)
{
	struct outcome o = { };
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	int got;

	start();
	fill("RDRR");
	GUEST_PTR(&vm, GUEST_PT, u64)[0x184] = 0;
	vm_load(&vm, PROG(movs_faults));
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	while ((got = vcpu_run(v)) == KVM_EXIT_MMIO)
		serve(&o, WINDOW);
	CHECK_EQ(got, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 14);
	get_sregs(v, &sregs);
	CHECK_EQ(sregs.cr2, 0x184000);
	get_regs(v, &regs);
	CHECK_EQ(regs.rcx, 2);
	CHECK_EQ(regs.rsi, 0x181008);
	CHECK_EQ(regs.rdi, 0x184000);
	CHECK(!memcmp(vm.mem + FRAME(3) + 0xff8, device[1], 8));
	/* error code and return address are on the stack */
	CHECK_EQ(GUEST_PTR(&vm, regs.rsp, u64)[0], 2);
	CHECK_EQ(GUEST_PTR(&vm, regs.rsp, u64)[1], GUEST_CODE + 16);

	GUEST_PTR(&vm, GUEST_PT, u64)[0x184] = 0x130000 | 7;
	regs.rip = GUEST_PTR(&vm, regs.rsp, u64)[1];
	set_regs(v, &regs);
	while ((got = vcpu_run(v)) == KVM_EXIT_MMIO)
		serve(&o, WINDOW);
	CHECK_EQ(got, KVM_EXIT_HLT);
	CHECK(!memcmp(vm.mem + 0x130000, device[1] + 8, 8));
}

GUEST64(movs_to_ram, "mov $0x181000, %esi; mov $0x182ffc, %edi; movsq; hlt");

/* A store to memory sets the accessed and dirty bits, on which an OS relies. */
static void stores_set_accessed_and_dirty(void)
{
	volatile u64 *pt;
	struct outcome o = { };
	int got;

	start();
	fill("RDRR");
	pt = GUEST_PTR(&vm, GUEST_PT, u64);
	vm_load(&vm, PROG(movs_to_ram));
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	CHECK_EQ(pt[0x182] & 0x60, 0);
	while ((got = vcpu_run(v)) == KVM_EXIT_MMIO)
		serve(&o, WINDOW);
	CHECK_EQ(got, KVM_EXIT_HLT);
	CHECK_EQ(pt[0x182] & 0x60, 0x60);
	CHECK_EQ(pt[0x183] & 0x60, 0x60);
	CHECK(!memcmp(vm.mem + FRAME(2) + 0xffc, device[1], 4));
	CHECK(!memcmp(vm.mem + FRAME(3), device[1] + 4, 4));
}

GUEST64(push_to_nowhere, "mov $0x0000800000000004, %rsp; push 0x181040; hlt");

static void a_stack_that_is_nowhere_is_the_guests_fault(void)
{
	start();
	fill(DEVICE_ONLY);
	vm_load(&vm, PROG(push_to_nowhere));
	/* give #SS a good stack (IST1) */
	GUEST_PTR(&vm, GUEST_TSS, u32)[9] = 0xe000;
	GUEST_PTR(&vm, GUEST_IDT, u64)[12 * 2] |= 1ULL << 32;
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	if (on_kvm()) {
		/*
		 * KVM reads the device first, and does not notice the fault of the
		 * push
		 */
		if (vcpu_run(v) == KVM_EXIT_MMIO)
			tap_skip("KVM reads the device before it looks at the stack");
	} else {
		vcpu_run_to(v, KVM_EXIT_IO);
	}
	CHECK_EQ(vcpu_trap(v), 12);
}

GUEST64(unknown, "mov $0x181040, %ebx; fldt (%rbx); hlt");

static void exit_has_the_bytes_of_an_unknown_instruction(void)
{
	struct kvm_run *run;
	const u8 *code;

	start();
	fill(DEVICE_ONLY);
	vm_load(&vm, PROG(unknown));
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	vcpu_run_to(v, KVM_EXIT_INTERNAL_ERROR);
	run = v->run;
	code = vm.mem + GUEST_CODE + 5;
	CHECK_EQ(run->emulation_failure.suberror, KVM_INTERNAL_ERROR_EMULATION);
	CHECK_EQ(run->emulation_failure.ndata, 8);
	CHECK_EQ(run->emulation_failure.flags,
		 KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES);
	CHECK_EQ(run->emulation_failure.insn_size, 15);
	CHECK(!memcmp(run->emulation_failure.insn_bytes, code, 15));
	CHECK_EQ(get_rip(v), GUEST_CODE + 5);
	/* the guest gets the exception then */
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 6);
}

/* ---- other modes ---- */

GUEST32(mode32,
	"mov $0x11223344, %eax; mov $0x8, %ecx\n"
	"mov %eax, (%ebx); mov %ax, %ds:4(%ebx); mov (%ebx, %ecx, 2), %edx\n"
	"addw $0x1111, 2(%ebx); pushl (%ebx); popl 0x20(%ebx)\n"
	"movups (%ebx), %xmm1; movups %xmm1, 0x30(%ebx)\n"
	"lea 0x50(%ebx), %edi; mov $2, %ecx; rep stosl; hlt");

static const char mode32_exits[] =
	"w0.4 w4.2 r10.4 r2.2 w2.2 r0.4 w20.4 r0.8 r8.8 w30.8 w38.8 w50.4 w54.4";

static void note_exit(struct outcome *o, u64 base, u8 *mem)
{
	struct kvm_run *run = v->run;
	u64 at = run->mmio.phys_addr - base;
	size_t used = strlen(o->exits);

	REQUIRE(at < PAGE);
	if (run->mmio.is_write)
		memcpy(mem + at, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, mem + at, run->mmio.len);
	snprintf(o->exits + used, sizeof(o->exits) - used, "%s%c%llx.%u", used ? " " : "",
		 run->mmio.is_write ? 'w' : 'r', (unsigned long long)at, run->mmio.len);
}

/* Run @prog on the memory at @base, which is at @mem for the test. */
static void run_at(enum guest_mode mode, struct prog prog, u64 base, u64 rbx, u8 *mem,
		   struct outcome *o)
{
	struct kvm_regs regs;
	unsigned int i;
	int got;

	memset(o, 0, sizeof(*o));
	for (i = 0; i < PAGE; i++)
		mem[i] = 11 + 3 * i;
	vm_load(&vm, prog);
	vcpu_reset(v, mode, GUEST_CODE);
	get_regs(v, &regs);
	regs.rbx = rbx;
	set_regs(v, &regs);
	while ((got = vcpu_run(v)) == KVM_EXIT_MMIO)
		note_exit(o, base, mem);
	if (!CHECK_EQ(got, KVM_EXIT_HLT))
		tap_note("trap %d after \"%s\"", vcpu_trap(v), o->exits);
	memcpy(o->window, mem, PAGE);
	get_regs(v, &o->regs);
}

static void modes_of_32_bits(void)
{
	static const enum guest_mode modes[] = { MODE_FLAT32, MODE_PAGED32, MODE_PAE };
	static struct outcome native, ours;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		v = guest_make(&vm, modes[i], PROG(mode32));
		run_at(modes[i], PROG(mode32), 0, GUEST_HIGH, vm.mem + GUEST_HIGH, &native);
		run_at(modes[i], PROG(mode32), GUEST_MMIO, GUEST_MMIO, device[0], &ours);
		if (!CHECK(!strcmp(ours.exits, mode32_exits)))
			tap_note("exits were \"%s\"", ours.exits);
		CHECK(!memcmp(ours.window, native.window, PAGE));
		CHECK_EQ(ours.regs.rdx, native.regs.rdx);
		CHECK_EQ(ours.regs.rflags, native.regs.rflags);
		CHECK_EQ(ours.regs.rsp, native.regs.rsp);
		CHECK_EQ(ours.regs.rdi - GUEST_MMIO, native.regs.rdi - GUEST_HIGH);
		vm_destroy(&vm);
	}
}

/* rbx has the segment; 16-bit addressing, and 32-bit with a prefix */
GUEST16(mode16,
	"mov %bx, %ds; mov %bx, %es; mov $0x20, %bx; mov $0x10, %si; mov $0x40, %di\n"
	"mov $0x1234, %ax; mov %ax, (%bx, %si); mov %al, 2(%bx, %di); mov %ax, 0x80\n"
	"mov 0x10(%bx), %ecx; orb $0x81, (%si); xor %ebp, %ebp; mov %eax, %ds:6(%ebp, %esi, 4)\n"
	"mov $2, %cx; rep movsw; pushw 0x30; popw %dx; call *0x90; hlt");

static void real_mode(void)
{
	static struct outcome native, ours;
	struct kvm_userspace_memory_region none = { .slot = 0 };
	struct kvm_userspace_memory_region low = { .slot = 0, .memory_size = 0xa0000 };
	/* the device's data is the address to call: put a HLT there */
	u16 hlt = (u8)(11 + 3 * 0x90) | (u16)(u8)(11 + 3 * 0x91) << 8;

	v = guest_make(&vm, MODE_REAL, PROG(mode16));
	low.userspace_addr = (unsigned long)vm.mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &none));
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &low));
	vm.mem[hlt] = 0xf4;
	run_at(MODE_REAL, PROG(mode16), 0, 0x9000, vm.mem + 0x90000, &native);
	run_at(MODE_REAL, PROG(mode16), 0xa0000, 0xa000, device[0], &ours);
	if (!CHECK(!strcmp(ours.exits, "w30.2 w62.1 w80.2 r30.4 r10.1 w10.1 w46.4 "
			   "r10.2 w40.2 r12.2 w42.2 r30.2 r90.2")))
		tap_note("exits were \"%s\"", ours.exits);
	CHECK(!memcmp(ours.window, native.window, PAGE));
	CHECK(!memcmp(&ours.regs, &native.regs, sizeof(ours.regs)));
	vm_destroy(&vm);
}

static const struct test tests[] = {
	TEST(each_instruction),
	TEST(each_crossing),
	TEST(divisions_overflow_as_the_processors),
	TEST(an_instruction_on_two_pages),
	TEST(code_that_changes_is_seen),
	TEST(code_that_is_mapped_elsewhere_is_seen),
	TEST(a_fault_in_a_string_can_be_restarted),
	TEST(stores_set_accessed_and_dirty),
	TEST(a_stack_that_is_nowhere_is_the_guests_fault),
	TEST(exit_has_the_bytes_of_an_unknown_instruction),
	TEST(modes_of_32_bits),
	TEST(real_mode),
};

TAP_MAIN(tests)
