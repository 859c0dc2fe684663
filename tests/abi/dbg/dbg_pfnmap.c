// SPDX-License-Identifier: GPL-2.0-only
/*
 * A session on a guest whose memory has no struct page. RAM of the kernel's it can use,
 * memory of a device it cannot.
 * Suite: 46-host
 */
#include <string.h>

#include "pfnmap.h"
#include "vmm.h"

#define PHYS		VMXDBG_MEM_PHYSICAL
#define LAZY_GPA	(PFNMAP_GPA + PFNMAP_SIZE)
#define SCREEN_GPA	(LAZY_GPA + PFNMAP_SIZE)

/* MOV to EAX, NOP, RET */
static const u8 function[] = { 0xb8, 0x5a, 0, 0, 0, 0x90, 0xc3 };
#define FUNCTION	(PFNMAP_GPA + 0x100)

/* In the VMM */
static void add_parts(struct vm *vm)
{
	int fd = pfnmap_open();
	u8 *mem;

	mem = pfnmap_slot(vm, fd, PFNMAP_RAM, PROT_READ | PROT_WRITE, PFNMAP_GPA);
	memcpy(mem + 0x100, function, sizeof(function));
	pfnmap_slot(vm, fd, PFNMAP_LAZY, PROT_READ | PROT_WRITE, LAZY_GPA);
	pfnmap_slot(vm, fd, PFNMAP_SCREEN, PROT_READ | PROT_WRITE, SCREEN_GPA);
}

static const struct vmm_options options = { .prepare = add_parts };

GUEST64(use,
	"1: mov $0x300100, %eax; call *%rax; mov %eax, 0xc000\n"
	"incl 0x300008; incl 0x305008; incl 0x309008\n"
	"mov 0x300008, %eax; mov %eax, 0xc004; mov 0x309008, %eax; jmp 1b");

static u32 read32(struct dbg *d, u64 gpa)
{
	u32 value = 0;

	CHECK_EQ(session_read(d->fd, 0, PHYS, gpa, &value, 4), 4);
	return value;
}

static void memory_is_read_and_written(void)
{
	u32 value = 500;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(use), &options);
	CHECK_EQ(session_write(d.fd, 0, PHYS, PFNMAP_GPA + 8, &value, 4), 4);
	CHECK_EQ(read32(&d, PFNMAP_GPA + 8), 500);
	/* not mapped in the VMM yet */
	CHECK_EQ(session_write(d.fd, 0, PHYS, LAZY_GPA + 0x1008, &value, 4), 4);
	CHECK_EQ(read32(&d, LAZY_GPA + 0x1008), 500);
	CHECK_EQ(session_read(d.fd, 0, PHYS, SCREEN_GPA, &value, 4), -ENXIO);
	CHECK_EQ(session_write(d.fd, 0, PHYS, SCREEN_GPA, &value, 4), -ENXIO);
	/* up to where the memory of the device begins */
	CHECK_EQ(session_read(d.fd, 0, PHYS, SCREEN_GPA - 2, &value, 4), 2);
}

static void breakpoint_and_watchpoint_hit(void)
{
	struct vmxdbg_event event;
	u8 bytes[sizeof(function)];
	struct dbg d;
	u32 zero = 0;

	dbg_start(&d, MODE_LONG, PROG(use), &options);
	CHECK_EQ(session_write(d.fd, 0, PHYS, PFNMAP_GPA + 8, &zero, 4), 4);
	session_must_add(d.fd, (struct vmxdbg_bp){
			.type = VMXDBG_BP_SOFT, .addr = FUNCTION + 5, .len = 1 });
	session_must_add(d.fd, (struct vmxdbg_bp){
			.type = VMXDBG_BP_WRITE, .addr = PFNMAP_GPA + 8, .len = 4,
			.flags = VMXDBG_BP_PHYSICAL });
	for (unsigned int i = 0; i < 3; i++) {
		resume_to(&d, VMXDBG_WHY_BREAKPOINT, FUNCTION + 5);
		CHECK_EQ(session_get_regs(d.fd, 0).rax, 0x5a);
		CHECK_OK(session_resume(d.fd, 0, 0));
		event = next_event(d.fd);
		CHECK_EQ(event.why, VMXDBG_WHY_WATCH);
		CHECK_EQ(read32(&d, PFNMAP_GPA + 8), i + 1);
	}
	CHECK_EQ(session_read(d.fd, 0, PHYS, FUNCTION, bytes, sizeof(bytes)), sizeof(bytes));
	CHECK(!memcmp(bytes, function, sizeof(bytes)));
}

/* The module watches the memory of a device, but cannot make a copy of it. */
static void memory_of_a_device_has_no_breakpoint(void)
{
	struct vmxdbg_event event;
	struct dbg d;
	u64 here;

	dbg_start(&d, MODE_LONG, PROG(use), &options);
	CHECK_EQ(session_add_bp(d.fd, (struct vmxdbg_bp){
			.type = VMXDBG_BP_SOFT, .addr = SCREEN_GPA + 0x1000, .len = 1,
			.flags = VMXDBG_BP_PHYSICAL }), -ENXIO);
	session_must_add(d.fd, (struct vmxdbg_bp){
			.type = VMXDBG_BP_ACCESS, .addr = SCREEN_GPA + 0x1008, .len = 4,
			.flags = VMXDBG_BP_PHYSICAL });
	CHECK_OK(session_resume(d.fd, 0, 0));
	event = next_event(d.fd);
	CHECK_EQ(event.why, VMXDBG_WHY_WATCH);
	here = session_get_regs(d.fd, 0).rip;
	CHECK_OK(session_resume(d.fd, 0, 0));
	event = next_event(d.fd);
	CHECK_EQ(event.why, VMXDBG_WHY_WATCH);
	CHECK(session_get_regs(d.fd, 0).rip > here);
}

static const struct test tests[] = {
	TEST(memory_is_read_and_written),
	TEST(breakpoint_and_watchpoint_hit),
	TEST(memory_of_a_device_has_no_breakpoint),
};

TAP_MAIN(tests)
