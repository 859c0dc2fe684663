// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code on pages with breakpoints that the guest executes in each KVM_RUN: their copies stay open
 * most of the time (kmod/mmu/hook_copy.c). What the VMM or anybody else stores there must be
 * executed all the same.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"

#define EPT_VIOLATION	48	/* exit reason */
#define REASONS		64
#define LONG_ENOUGH	24	/* KVM_RUNs after which a copy stays open */
#define PAGE		4096

/* Call the function at GUEST_HIGH and tell the VMM what it returns. */
GUEST64(caller, "mov $0x100000, %eax; call *%rax; out %eax, $0x10; jmp caller_begin");

/* mov $VALUE, %eax; ret */
static void put_code(u8 *at, u8 value)
{
	const u8 code[] = { 0xb8, value, 0, 0, 0, 0xc3 };

	memcpy(at, code, sizeof(code));
}

struct copied {
	struct vm vm;
	struct vcpu *v;
	int fd;		/* of the session */
	u8 *code;	/* the function that the guest calls */
};

static u64 violations(const struct copied *c)
{
	u64 exits[REASONS] = { 0 };
	struct vmxdbg_stats stats = {
		.vcpu = VMXDBG_ALL_VCPUS, .count = REASONS, .exits = (unsigned long)exits };

	CHECK_OK(ioctl(c->fd, VMXDBG_GET_STATS, &stats));
	return exits[EPT_VIOLATION];
}

static void expect_value(struct copied *c, u8 value, unsigned int times)
{
	while (times--)
		if (!CHECK_EQ(vcpu_run_out(c->v, 0x10), value))
			return;
}

static u32 hook(struct copied *c, u64 gpa)
{
	return CHECK_OK(session_add_bp(c->fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL, .addr = gpa }));
}

static void begin(struct copied *c)
{
	c->v = guest_make(&c->vm, MODE_LONG, PROG(caller));
	c->fd = CHECK_OK(attach(c->vm.dev, VMXDBG_ATTACH_FD, c->vm.fd));
	c->code = c->vm.mem + GUEST_HIGH;
	put_code(c->code, 1);
	hook(c, GUEST_HIGH + 0x800);
}

static void begin_open(struct copied *c)
{
	begin(c);
	expect_value(c, 1, LONG_ENOUGH);
}

/* Comparing is cheaper. A fetch exits now and then, to tell that there is still one. */
static void most_fetches_cause_no_exit(void)
{
	struct copied c;
	u64 before;

	begin(&c);
	expect_value(&c, 1, 4);
	before = violations(&c);
	expect_value(&c, 1, 40);
	CHECK(violations(&c) - before <= 40 / 7 + 1);
}

/* A copy that is no more executed is not compared for ever. */
static void what_rests_is_shut(void)
{
	struct copied c;
	u64 before;
	u8 *code;

	begin(&c);
	hook(&c, GUEST_HIGH + 0x1800);
	code = c.code + PAGE;
	put_code(code, 2);
	/* mov $0x101000, %eax in place of mov $0x100000, %eax */
	c.vm.mem[GUEST_CODE + 2] = 0x10;
	expect_value(&c, 2, 4);
	c.vm.mem[GUEST_CODE + 2] = 0;
	expect_value(&c, 1, LONG_ENOUGH);
	before = violations(&c);
	c.vm.mem[GUEST_CODE + 2] = 0x10;
	code[1] = 3;
	expect_value(&c, 3, 1);
	CHECK(violations(&c) > before);
}

/* after each number of KVM_RUNs */
static void the_vmm_stores(void)
{
	unsigned int i;
	struct copied c;

	begin_open(&c);
	for (i = 2; i < 100; i++) {
		c.code[1] = i;
		expect_value(&c, i, i);
	}
}

static void the_vmm_reads(void)
{
	const u8 code[] = { 0xb8, 1, 0, 0, 0, 0xc3 };
	struct copied c;

	begin_open(&c);
	CHECK(!memcmp(c.code, code, sizeof(code)));
	CHECK_EQ(c.code[0x800], 0);
	expect_value(&c, 1, LONG_ENOUGH);
}

static void the_kernel_stores(void)
{
	u8 value = 2;
	int pipes[2];
	struct copied c;

	begin_open(&c);
	CHECK_OK(pipe(pipes));
	CHECK_EQ(write(pipes[1], &value, 1), 1);
	CHECK_EQ(read(pipes[0], c.code + 1, 1), 1);
	expect_value(&c, 2, 3);
}

static void another_process_stores(void)
{
	u8 value = 2;
	struct copied c;
	int status;

	begin_open(&c);
	if (!fork()) {
		struct iovec from = { &value, 1 }, to = { c.code + 1, 1 };

		_exit(process_vm_writev(getppid(), &from, 1, &to, 1, 0) != 1);
	}
	CHECK_OK(wait(&status));
	CHECK_EQ(status, 0);
	expect_value(&c, 2, LONG_ENOUGH);
}

/* The page of the child stays as it was at the fork. */
static void the_vmm_forks(void)
{
	int pipes[2], status;
	struct copied c;
	u8 byte;

	begin_open(&c);
	CHECK_OK(pipe(pipes));
	if (!fork()) {
		byte = c.code[1];
		if (byte != 1 || read(pipes[0], &byte, 1) != 1)
			_exit(1);
		_exit(c.code[1] != 1);
	}
	expect_value(&c, 1, LONG_ENOUGH);
	c.code[1] = 2;
	expect_value(&c, 2, LONG_ENOUGH);
	CHECK_EQ(write(pipes[1], "x", 1), 1);
	CHECK_OK(wait(&status));
	CHECK_EQ(status, 0);
	expect_value(&c, 2, 3);
}

/* as a disk's DMA does: without the VMM's page tables. Other tests swap to ram0. */
static void direct_io_stores(void)
{
	struct copied c;
	int disk = open("/dev/ram1", O_RDWR | O_DIRECT);
	u8 *block = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	if (disk < 0)
		tap_skip("the host has no /dev/ram1");
	begin_open(&c);
	for (i = 2; i < 6; i++) {
		put_code(block, i);
		REQUIRE(pwrite(disk, block, PAGE, 0) == PAGE);
		REQUIRE(pread(disk, c.code, PAGE, 0) == PAGE);
		expect_value(&c, i, LONG_ENOUGH);
	}
}

/* The VMM has given the page to a pipe, and then stores into it. */
static void held_while_it_is_open(void)
{
	struct iovec page;
	struct copied c;
	int pipes[2];

	begin_open(&c);
	CHECK_OK(pipe(pipes));
	page = (struct iovec){ c.code, PAGE };
	CHECK_EQ(vmsplice(pipes[1], &page, 1, 0), PAGE);
	c.code[1] = 2;
	expect_value(&c, 2, LONG_ENOUGH);
	c.code[1] = 3;
	expect_value(&c, 3, LONG_ENOUGH);
}

static void another_page_takes_its_place(void)
{
	struct copied c;
	u8 *other = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	begin_open(&c);
	put_code(other, 2);
	CHECK(mremap(other, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, c.code) == c.code);
	expect_value(&c, 2, LONG_ENOUGH);
	CHECK_OK(madvise(c.code, PAGE, MADV_DONTNEED));
	CHECK_EQ(c.code[1], 0);
	put_code(c.code, 3);
	expect_value(&c, 3, LONG_ENOUGH);
}

static void the_vmm_protects_it(void)
{
	struct copied c;

	begin_open(&c);
	CHECK_OK(mprotect(c.code, PAGE, PROT_READ));
	expect_value(&c, 1, LONG_ENOUGH);
	CHECK_OK(mprotect(c.code, PAGE, PROT_READ | PROT_WRITE));
	c.code[1] = 2;
	expect_value(&c, 2, LONG_ENOUGH);
}

static void the_debugger_reads_and_writes(void)
{
	const u8 code[] = { 0xb8, 1, 0, 0, 0, 0xc3 };
	u8 buf[sizeof(code)], value = 2;
	struct copied c;

	begin_open(&c);
	CHECK_EQ(session_read(c.fd, 0, VMXDBG_MEM_PHYSICAL, GUEST_HIGH, buf, sizeof(buf)),
		 sizeof(buf));
	CHECK(!memcmp(buf, code, sizeof(buf)));
	CHECK_EQ(session_write(c.fd, 0, VMXDBG_MEM_PHYSICAL, GUEST_HIGH + 1, &value, 1), 1);
	expect_value(&c, 2, LONG_ENOUGH);
	CHECK_EQ(c.code[1], 2);
}

/* The guest changes the function, and reads it back. */
GUEST64(changer,
	"mov $1, %ecx\n"
	"1: mov $0x100000, %ebx; call *%rbx; out %eax, $0x10\n"
	"inc %ecx; test $0x1f, %cl; jnz 1b\n"
	"incb 1(%rbx); movzbl 1(%rbx), %eax; out %eax, $0x11; jmp 1b");

static void the_guest_stores(void)
{
	unsigned int i, value;
	struct copied c;

	begin(&c);
	vm_load(&c.vm, PROG(changer));
	for (value = 1; value < 8; value++) {
		for (i = value == 1; i < 32; i++)
			CHECK_EQ(vcpu_run_out(c.v, 0x10), value);
		CHECK_EQ(vcpu_run_out(c.v, 0x11), value + 1);
		CHECK_EQ(c.code[1], value + 1);
	}
}

static void breakpoints_come_and_go(void)
{
	struct vmxdbg_event e;
	struct copied c;
	u32 id, i;

	begin_open(&c);
	id = CHECK_OK(session_add_bp(c.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL,
		.addr = GUEST_HIGH + 5,
		.options = (unsigned long)&(struct vmxdbg_options){
			.action = VMXDBG_ACTION_COUNT } }));
	for (i = 1; i < LONG_ENOUGH; i++) {
		struct vmxdbg_object object = { .id = id };

		expect_value(&c, 1, 1);
		CHECK_OK(ioctl(c.fd, VMXDBG_GET_OBJECT, &object));
		CHECK_EQ(object.hits, i);
	}
	CHECK_OK(ioctl(c.fd, VMXDBG_DEL_BP, id));
	expect_value(&c, 1, LONG_ENOUGH);
	CHECK(!event_within(c.fd, 0, &e));
	close(c.fd);
	expect_value(&c, 1, 3);
	c.code[1] = 2;
	expect_value(&c, 2, 3);
}

/* ---- more vCPUs ---- */

/*
 * vCPU 0 exits to its VMM all the time, which starts KVM_RUN again; the others execute the
 * page and do not exit.
 */
GUEST64(many, "test %edi, %edi; jnz 2f\n"
	"1: mov $0x100000, %ebx; call *%rbx; mov %eax, 0xc000; out %al, $0x10; jmp 1b\n"
	"2: mov $0x100000, %ebx; call *%rbx; mov %eax, 0xc000(, %rdi, 4); jmp 2b");

static void *run_many(void *arg)
{
	struct vcpu *v = arg;

	while (vcpu_run(v) == KVM_EXIT_IO)
		;
	return NULL;
}

static bool shows(volatile u32 *word, u32 value)
{
	unsigned int ms;

	for (ms = 0; *word != value && ms < 2000 * tap_patience(); ms++)
		usleep(1000);
	return CHECK_EQ(*word, value);
}

static void stored_beside(unsigned int vcpus)
{
	pthread_t thread[VM_VCPUS];
	unsigned int i, value;
	struct copied c;

	begin(&c);
	vm_load(&c.vm, PROG(many));
	for (i = 1; i < vcpus; i++)
		guest_add_vcpu(&c.vm, i, MODE_LONG, GUEST_CODE);
	for (i = 0; i < vcpus; i++) {
		set_regs(&c.vm.vcpu[i], &(struct kvm_regs){
			.rip = GUEST_CODE, .rdi = i, .rflags = 2, .rsp = GUEST_STACK - 0x400 * i });
		REQUIRE(!pthread_create(&thread[i], NULL, run_many, &c.vm.vcpu[i]));
	}
	for (value = 2; value < 30; value++) {
		usleep(value % 4 * 20000);
		c.code[1] = value;
		for (i = 0; i < vcpus; i++)
			if (!shows(&DATA32(&c.vm, i), value))
				return;
	}
}

static void stored_beside_one_vcpu(void)
{
	stored_beside(1);
}

static void stored_beside_two_vcpus(void)
{
	stored_beside(2);
}

static void stored_beside_four_vcpus(void)
{
	stored_beside(4);
}

static const struct test tests[] = {
	TEST(most_fetches_cause_no_exit),
	TEST(what_rests_is_shut),
	TEST(the_vmm_stores),
	TEST(the_vmm_reads),
	TEST(the_kernel_stores),
	TEST(another_process_stores),
	TEST(the_vmm_forks),
	TEST(direct_io_stores),
	TEST(held_while_it_is_open),
	TEST(another_page_takes_its_place),
	TEST(the_vmm_protects_it),
	TEST(the_debugger_reads_and_writes),
	TEST(the_guest_stores),
	TEST(breakpoints_come_and_go),
	TEST(stored_beside_one_vcpu),
	TEST(stored_beside_two_vcpus),
	TEST(stored_beside_four_vcpus),
};

TAP_MAIN(tests)
