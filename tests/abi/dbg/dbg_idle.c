// SPDX-License-Identifier: GPL-2.0-only
/*
 * A debugger that does nothing costs nothing: the same guest has the same exits, as
 * many of each reason, with and without one.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define REASONS		128
#define HOST_INTERRUPT	1	/* exits that the host causes, at any time */
#define PTE_MARKS	0x60	/* accessed, dirty */

/*
 * Some each of the instructions that can be made to exit, and some pages that are
 * touched.
 */
GUEST64(work,
	"mov $50, %ebp\n"
	"1: xor %eax, %eax; cpuid\n"
	"rdtsc\n"
	"mov %cr3, %rax; mov %rax, %cr3\n"
	"mov %cr0, %rax; xor $8, %rax; mov %rax, %cr0\n"
	"mov %cr4, %rax; xor $0x80, %rax; mov %rax, %cr4\n"
	"mov $0xc0000102, %ecx; rdmsr; wrmsr\n"
	"mov $0xc0000082, %ecx; rdmsr\n"
	"sgdt 0xc010; lgdt 0xc010; sidt 0xc020; str %ax\n"
	"out %al, $0x10; mov 0xd0000000, %eax; vmcall\n"
	"incl 0x100000\n"
	"int $0x21\n"
	"dec %ebp; jnz 1b\n"
	"hlt\n"
	".balign 16\n"
	"work_int: incl 0xc000; iretq");
LABEL(work_int);

struct exits {
	unsigned long nr[REASONS];
};

/*
 * Set the accessed and dirty bits that the processor would set in tables that are
 * followed.
 */
static void mark(struct vm *vm, u64 table)
{
	unsigned int i;

	for (i = 0; i < 512; i++)
		GUEST_PTR(vm, table, u64)[i] |= PTE_MARKS;
}

static void prepare(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, 0x21, AT(work, work_int));
	mark(vm, GUEST_PML4);
	mark(vm, GUEST_PDPT);
	mark(vm, GUEST_PD);
	mark(vm, GUEST_PT);
}

/* read the exit reasons of the only VM */
static struct exits exits_now(void)
{
	static const char path[] = "/sys/kernel/debug/vmxdbg/exit_reasons";
	struct exits exits = { 0 };
	unsigned long reason, nr;
	FILE *f;

	stat_of("exits");		/* mounts debugfs, or ends the test */
	f = fopen(path, "r");
	if (!f)
		tap_fail("%s: %s", path, strerror(errno));
	while (fscanf(f, "%lu %lu", &reason, &nr) == 2)
		if (reason < REASONS && reason != HOST_INTERRUPT)
			exits.nr[reason] = nr;
	fclose(f);
	return exits;
}

static struct exits unattached(void)
{
	static const struct vmm_options options = { .prepare = prepare, .no_hold = true };
	struct exits exits;
	struct vmm vmm;

	vmm_start(&vmm, MODE_LONG, PROG(work), &options);
	vmm_wait_done(&vmm);
	CHECK_EQ(DATA32(&vmm.vm, 0), 50);
	exits = exits_now();
	vmm_kill(&vmm);
	close(vmm.vm_fd);
	return exits;
}

static void same(const struct exits *got, const struct exits *want)
{
	unsigned int i;

	CHECK(want->nr[10] >= 50);	/* CPUID: the comparison is not empty */
	for (i = 0; i < REASONS; i++)
		if (got->nr[i] != want->nr[i]) {
			tap_note("exits for reason %u", i);
			CHECK_EQ(got->nr[i], want->nr[i]);
		}
}

static void start(struct dbg *d)
{
	static const struct vmm_options options = { .prepare = prepare };

	dbg_start(d, MODE_LONG, PROG(work), &options);
}

static void compare(struct dbg *d, const struct exits *want)
{
	struct exits got;

	vmm_wait_done(&d->vmm);
	CHECK_EQ(DATA32(&d->vmm.vm, 0), 50);
	got = exits_now();
	same(&got, want);
}

static void attached(void)
{
	struct exits want = unattached();
	struct dbg d;

	start(&d);
	CHECK_OK(session_resume(d.fd, 0, 0));
	compare(&d, &want);
}

static void hooks_elsewhere(void)
{
	struct exits want = unattached();
	struct dbg d;
	unsigned int i;

	start(&d);
	for (i = 0; i < 64; i++)
		CHECK(session_add(d.fd, VMXDBG_BP_SOFT, GUEST_HIGH + 0x1000 * (i + 1), 1) > 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	compare(&d, &want);
}

/* add catches of all types, with the widest filters */
static void add_catches(struct dbg *d, u32 *ids)
{
	static const u64 last[VMXDBG_CATCH_TYPES] = {
		[VMXDBG_CATCH_IO] = 0xffff, [VMXDBG_CATCH_MSR] = 0xffffffff,
		[VMXDBG_CATCH_CR] = 8, [VMXDBG_CATCH_CPUID] = 0xffffffff,
		[VMXDBG_CATCH_RDTSC] = 1, [VMXDBG_CATCH_EXCEPTION] = 31,
		[VMXDBG_CATCH_INTERRUPT] = 255, [VMXDBG_CATCH_VMCALL] = -1ULL,
		[VMXDBG_CATCH_TABLE] = VMXDBG_TABLE_STR, [VMXDBG_CATCH_MMIO] = -1ULL,
		[VMXDBG_CATCH_EOI] = 255, [VMXDBG_CATCH_IPI] = 0x7ff,
	};
	u32 type;

	for (type = 0; type < VMXDBG_CATCH_TYPES; type++) {
		struct vmxdbg_catch c = { .type = type, .last = last[type] };

		if (type == VMXDBG_CATCH_MMIO)
			c.first = GUEST_MMIO;
		CHECK_OK(ioctl(d->fd, VMXDBG_ADD_CATCH, &c));
		ids[type] = c.id;
	}
}

/* each kind of object was added, was active in the processor, and was removed */
static void catches_removed(void)
{
	u32 ids[VMXDBG_CATCH_TYPES], i;
	struct exits want = unattached();
	struct vmxdbg_event e;
	struct dbg d;

	start(&d);
	add_catches(&d, ids);
	e = resume_to(&d, VMXDBG_WHY_CATCH, GUEST_CODE + 7);
	CHECK_EQ(e.bps[0], ids[VMXDBG_CATCH_CPUID]);
	for (i = 0; i < VMXDBG_CATCH_TYPES; i++)
		CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, ids[i]));
	want.nr[10]++;		/* the one that was caught exits again */
	CHECK_OK(session_resume(d.fd, 0, 0));
	compare(&d, &want);
}

static void session_closed(void)
{
	u32 ids[VMXDBG_CATCH_TYPES];
	struct exits want = unattached();
	struct dbg d;

	start(&d);
	add_catches(&d, ids);
	resume_to(&d, VMXDBG_WHY_CATCH, GUEST_CODE + 7);
	close(d.fd);
	want.nr[10]++;
	compare(&d, &want);
}

static const struct test tests[] = {
	TEST(attached),
	TEST(hooks_elsewhere),
	TEST(catches_removed),
	TEST(session_closed),
};

TAP_MAIN(tests)
