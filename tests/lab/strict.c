// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the emulated CPU as strict as a real one? Asked through KVM, which is not
 * under test here. Prints TAP; with an argument, a reason, it skips each test.
 *
 * Each guest is a few bytes of code at GUEST_CODE, in real mode or with paging on.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/kvm.h>

#define GUEST_SIZE	0x10000
#define GUEST_CODE	0x1000

/* With paging on: a page directory and a page table, which maps GUEST_SIZE to itself. */
#define GUEST_DIRECTORY	0x2000
#define GUEST_TABLE	0x3000
#define GUEST_IDT	0x4000
#define GUEST_STACK	0x5000
#define GUEST_GDT	0x6000
#define GUEST_PAGE	0x8000
#define GUEST_OTHER	0x9000

#define PTE_FLAGS	0x67U	/* present, writable, user, accessed, dirty */
#define PTE_GLOBAL	0x100U

#define CR0_PE		(1UL << 0)
#define CR0_PG		(1UL << 31)
#define CR4_PGE		(1UL << 7)

#define RFLAGS_FIXED	(1UL << 1)
#define RFLAGS_TF	(1UL << 8)
#define RFLAGS_IF	(1UL << 9)
#define RFLAGS_RF	(1UL << 16)

#define DR6_B0		(1UL << 0)
#define DR6_BS		(1UL << 14)
#define DR6_EVENTS	0xe00fUL

/* DR7: breakpoint 0 enabled, on execution. */
#define DR7_EXECUTE_0	0x401UL

/* Basic exit reason 33 "VM-entry failure due to invalid guest state", bit 31. */
#define ENTRY_FAILURE	0x80000021UL

struct guest {
	int kvm, vm, vcpu;
	unsigned char *memory;
	struct kvm_run *run;
	size_t run_size;
};

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void guest_create(struct guest *guest, const void *code, size_t size,
			 unsigned long rflags)
{
	struct kvm_userspace_memory_region region = { .memory_size = GUEST_SIZE };
	struct kvm_regs regs = { .rip = GUEST_CODE, .rflags = rflags };
	struct kvm_sregs sregs;

	guest->kvm = open("/dev/kvm", O_RDWR);
	if (guest->kvm < 0)
		die("/dev/kvm");
	guest->vm = ioctl(guest->kvm, KVM_CREATE_VM, 0);
	if (guest->vm < 0)
		die("KVM_CREATE_VM");
	guest->memory = mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (guest->memory == MAP_FAILED)
		die("mmap of the guest's memory");
	memcpy(guest->memory + GUEST_CODE, code, size);
	region.userspace_addr = (unsigned long)guest->memory;
	if (ioctl(guest->vm, KVM_SET_TSS_ADDR, 0xfffbd000UL) ||
	    ioctl(guest->vm, KVM_SET_USER_MEMORY_REGION, &region))
		die("KVM_SET_USER_MEMORY_REGION");
	guest->vcpu = ioctl(guest->vm, KVM_CREATE_VCPU, 0);
	guest->run_size = ioctl(guest->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	guest->run = mmap(NULL, guest->run_size, PROT_READ | PROT_WRITE,
			  MAP_SHARED, guest->vcpu, 0);
	if (guest->run == MAP_FAILED)
		die("mmap of struct kvm_run");
	if (ioctl(guest->vcpu, KVM_GET_SREGS, &sregs))
		die("KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(guest->vcpu, KVM_SET_SREGS, &sregs) ||
	    ioctl(guest->vcpu, KVM_SET_REGS, &regs))
		die("KVM_SET_REGS");
}

static void guest_destroy(struct guest *guest)
{
	munmap(guest->run, guest->run_size);
	munmap(guest->memory, GUEST_SIZE);
	close(guest->vcpu);
	close(guest->vm);
	close(guest->kvm);
}

/* Run to the next exit; true if KVM_RUN succeeded with this exit reason. */
static bool guest_exits(struct guest *guest, unsigned int reason)
{
	int status = ioctl(guest->vcpu, KVM_RUN, 0);

	if (status == 0 && guest->run->exit_reason == reason)
		return true;
	printf("# KVM_RUN %d (%s), exit reason %u, wanted %u\n", status,
	       status ? strerror(errno) : "success", guest->run->exit_reason, reason);
	return false;
}

/* Run to the next debug exit; true if it is for these events alone. */
static bool guest_debug_exits(struct guest *guest, unsigned long events)
{
	unsigned long dr6;

	if (!guest_exits(guest, KVM_EXIT_DEBUG))
		return false;
	dr6 = guest->run->debug.arch.dr6;
	if ((dr6 & DR6_EVENTS) == events)
		return true;
	printf("# DR6 is %#lx, wanted events %#lx\n", dr6, events);
	return false;
}

static void guest_debug(struct guest *guest, unsigned int control, unsigned long address)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE | control };

	debug.arch.debugreg[0] = address;
	debug.arch.debugreg[7] = DR7_EXECUTE_0;
	if (ioctl(guest->vcpu, KVM_SET_GUEST_DEBUG, &debug))
		die("KVM_SET_GUEST_DEBUG");
}

static void guest_set_shadow(struct guest *guest, unsigned int shadow)
{
	struct kvm_vcpu_events events;

	if (ioctl(guest->vcpu, KVM_GET_VCPU_EVENTS, &events))
		die("KVM_GET_VCPU_EVENTS");
	events.flags = KVM_VCPUEVENT_VALID_SHADOW;
	events.interrupt.shadow = shadow;
	if (ioctl(guest->vcpu, KVM_SET_VCPU_EVENTS, &events))
		die("KVM_SET_VCPU_EVENTS");
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* A host timer has to end KVM_RUN of a guest that does nothing but this code. */
static bool alarm_ends_run(const void *code, size_t size)
{
	struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct sigaction action = { .sa_handler = on_alarm };
	struct guest guest;
	bool ok;

	guest_create(&guest, code, size, RFLAGS_FIXED);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	ok = ioctl(guest.vcpu, KVM_RUN, 0) < 0 && errno == EINTR;
	guest_destroy(&guest);
	return ok;
}

/* SDM vol. 3, "Event Blocking in VMX Non-Root Operation". */
static bool if_clear_is_interruptible(void)
{
	static const unsigned char code[] = { 0xeb, 0xfe };	/* jmp . */

	return alarm_ends_run(code, sizeof(code));
}

/* An entry with this shadow and these flags, without pending BS, gives @reason. */
static bool entry_gives(unsigned int shadow, unsigned long rflags, unsigned int reason)
{
	static const unsigned char code[] = { 0x90, 0xe6, 0x80 };	/* nop; out 0x80 */
	struct guest guest;
	bool ok;

	guest_create(&guest, code, sizeof(code), rflags);
	guest_set_shadow(&guest, shadow);
	ok = guest_exits(&guest, reason);
	if (ok && reason == KVM_EXIT_FAIL_ENTRY) {
		unsigned long why = guest.run->fail_entry.hardware_entry_failure_reason;

		ok = why == ENTRY_FAILURE;
		if (!ok)
			printf("# entry failure reason %#lx\n", why);
	}
	guest_destroy(&guest);
	return ok;
}

/* SDM vol. 3, "Checks on Guest Non-Register State". */
static bool sti_shadow_with_tf_needs_bs(void)
{
	return entry_gives(KVM_X86_SHADOW_INT_STI, RFLAGS_FIXED | RFLAGS_IF | RFLAGS_TF,
			   KVM_EXIT_FAIL_ENTRY);
}

static bool mov_ss_shadow_with_tf_needs_bs(void)
{
	return entry_gives(KVM_X86_SHADOW_INT_MOV_SS, RFLAGS_FIXED | RFLAGS_TF,
			   KVM_EXIT_FAIL_ENTRY);
}

static bool shadow_without_tf_needs_no_bs(void)
{
	return entry_gives(KVM_X86_SHADOW_INT_STI, RFLAGS_FIXED | RFLAGS_IF, KVM_EXIT_IO);
}

/*
 * SDM vol. 3, "Instruction-Breakpoint Exception Condition": of all faults, this
 * one leaves RF as it was, so whoever resumes from it without setting RF hits
 * it again.
 */
static bool code_breakpoint_leaves_rf_clear(void)
{
	static const unsigned char code[] = { 0x90, 0x90, 0xe6, 0x80 };
	struct kvm_regs regs;
	struct guest guest;
	bool ok;

	guest_create(&guest, code, sizeof(code), RFLAGS_FIXED);
	guest_debug(&guest, KVM_GUESTDBG_USE_HW_BP, GUEST_CODE + 1);
	ok = guest_debug_exits(&guest, DR6_B0);
	if (ok) {
		ioctl(guest.vcpu, KVM_GET_REGS, &regs);
		ok = regs.rip == GUEST_CODE + 1 && !(regs.rflags & RFLAGS_RF) &&
		     guest_debug_exits(&guest, DR6_B0);
	}
	guest_destroy(&guest);
	return ok;
}

static bool rf_passes_a_code_breakpoint(void)
{
	static const unsigned char code[] = { 0x90, 0xe6, 0x80 };
	struct guest guest;
	bool ok;

	guest_create(&guest, code, sizeof(code), RFLAGS_FIXED | RFLAGS_RF);
	guest_debug(&guest, KVM_GUESTDBG_USE_HW_BP, GUEST_CODE);
	ok = guest_exits(&guest, KVM_EXIT_IO);
	guest_destroy(&guest);
	return ok;
}

/* SDM vol. 3, "Priority Among Concurrent Events": a trap, then a fault. */
static bool step_onto_code_breakpoint_gives_two(void)
{
	static const unsigned char code[] = { 0x90, 0x90, 0xe6, 0x80 };
	struct guest guest;
	bool ok;

	guest_create(&guest, code, sizeof(code), RFLAGS_FIXED);
	guest_debug(&guest, KVM_GUESTDBG_USE_HW_BP | KVM_GUESTDBG_SINGLESTEP,
		    GUEST_CODE + 1);
	ok = guest_debug_exits(&guest, DR6_BS) && guest_debug_exits(&guest, DR6_B0);
	guest_destroy(&guest);
	return ok;
}

/*
 * A guest with 32-bit paging that reads GUEST_PAGE, lets its page table map GUEST_OTHER
 * there, and exits. GUEST_PAGE holds 'A', GUEST_OTHER 'B'.
 */
static void paging_guest_create(struct guest *guest, const void *code, size_t size,
				unsigned int flags)
{
	const struct kvm_segment data = {
		.limit = ~0U, .type = 3, .present = 1, .s = 1, .db = 1, .g = 1, .selector = 16,
	};
	struct kvm_regs regs = {
		.rip = GUEST_CODE, .rsp = GUEST_STACK, .rflags = RFLAGS_FIXED,
	};
	struct kvm_sregs sregs;
	unsigned int *table;

	guest_create(guest, code, size, RFLAGS_FIXED);
	table = (unsigned int *)(guest->memory + GUEST_TABLE);
	for (unsigned int page = 0; page < GUEST_SIZE / 0x1000; page++)
		table[page] = page << 12 | PTE_FLAGS;
	table[GUEST_PAGE >> 12] |= flags;
	*(unsigned int *)(guest->memory + GUEST_DIRECTORY) = GUEST_TABLE | PTE_FLAGS;
	guest->memory[GUEST_PAGE] = 'A';
	guest->memory[GUEST_OTHER] = 'B';

	if (ioctl(guest->vcpu, KVM_GET_SREGS, &sregs))
		die("KVM_GET_SREGS");
	sregs.ds = data;
	sregs.es = data;
	sregs.fs = data;
	sregs.gs = data;
	sregs.ss = data;
	sregs.cs = data;
	sregs.cs.type = 11;
	sregs.cs.selector = 8;
	sregs.cr0 |= CR0_PE | CR0_PG;
	sregs.cr3 = GUEST_DIRECTORY;
	sregs.cr4 = CR4_PGE;
	if (ioctl(guest->vcpu, KVM_SET_SREGS, &sregs) ||
	    ioctl(guest->vcpu, KVM_SET_REGS, &regs))
		die("KVM_SET_SREGS");
}

/* Run to the next OUT; true if it writes this byte. */
static bool guest_outputs(struct guest *guest, char byte)
{
	char found;

	if (!guest_exits(guest, KVM_EXIT_IO))
		return false;
	found = *((char *)guest->run + guest->run->io.data_offset);
	if (found == byte)
		return true;
	printf("# the guest wrote %#x, wanted %#x\n", found, byte);
	return false;
}

#define READ_AND_OUT	0xa0, 0x00, 0x80, 0x00, 0x00,	/* mov GUEST_PAGE, %al */ \
			0xe6, 0x80			/* out %al, $0x80 */
/* movl $GUEST_OTHER | PTE_FLAGS, GUEST_TABLE + 8 * 4 */
#define MAP_OTHER	0xc7, 0x05, 0x20, 0x30, 0x00, 0x00, 0x67, 0x90, 0x00, 0x00
#define INVLPG		0x0f, 0x01, 0x3d, 0x00, 0x80, 0x00, 0x00
#define RELOAD_CR3	0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8

static bool guest_reads(const void *code, size_t size, unsigned int flags, const char *bytes)
{
	struct guest guest;
	bool ok = true;

	paging_guest_create(&guest, code, size, flags);
	for (; ok && *bytes; bytes++)
		ok = guest_outputs(&guest, *bytes);
	guest_destroy(&guest);
	return ok;
}

/*
 * SDM vol. 3, "Operations that Invalidate Cached Mappings": with VPID, neither VM exits
 * nor VM entries.
 */
static bool exits_keep_translations(void)
{
	static const unsigned char code[] = {
		READ_AND_OUT, MAP_OTHER, READ_AND_OUT, READ_AND_OUT, INVLPG, READ_AND_OUT,
	};

	return guest_reads(code, sizeof(code), 0, "AAAB");
}

static bool cr3_drops_translations(void)
{
	static const unsigned char code[] = {
		READ_AND_OUT, MAP_OTHER, READ_AND_OUT, RELOAD_CR3, READ_AND_OUT,
	};

	return guest_reads(code, sizeof(code), 0, "AAB");
}

static bool cr3_keeps_global_translations(void)
{
	static const unsigned char code[] = {
		READ_AND_OUT, MAP_OTHER, RELOAD_CR3, READ_AND_OUT, INVLPG, READ_AND_OUT,
	};

	return guest_reads(code, sizeof(code), PTE_GLOBAL, "AAB");
}

/*
 * SDM vol. 3, "Saving RIP, RSP, RFLAGS, and SSP": RF of an EPT violation in the delivery
 * of INT n, to which KVM has mapped no stack yet.
 */
static bool interrupted_delivery_saves_no_rf(void)
{
	static const unsigned char code[] = {
		0xcd, 0x20,				/* int $0x20 */
		0x58, 0x58, 0x58,			/* pop %eax, three times: EFLAGS */
		0xc1, 0xe8, 0x10,			/* shr $16, %eax */
		0xe6, 0x80,				/* out %al, $0x80 */
	};
	unsigned long long *gdt, *gate;
	struct kvm_sregs sregs;
	struct guest guest;
	bool ok;

	paging_guest_create(&guest, code, sizeof(code), 0);
	gdt = (unsigned long long *)(guest.memory + GUEST_GDT);
	gdt[1] = 0x00cf9b000000ffffULL;
	gdt[2] = 0x00cf93000000ffffULL;
	gate = (unsigned long long *)(guest.memory + GUEST_IDT) + 0x20;
	*gate = 0x00008e0000080000ULL | (GUEST_CODE + 2);
	ioctl(guest.vcpu, KVM_GET_SREGS, &sregs);
	sregs.gdt.base = GUEST_GDT;
	sregs.gdt.limit = 3 * 8 - 1;
	sregs.idt.base = GUEST_IDT;
	sregs.idt.limit = 0x21 * 8 - 1;
	if (ioctl(guest.vcpu, KVM_SET_SREGS, &sregs))
		die("KVM_SET_SREGS");
	ok = guest_outputs(&guest, 0);
	guest_destroy(&guest);
	return ok;
}

static const struct {
	const char *name;
	bool (*test)(void);
} tests[] = {
	{ "host interrupts end a guest that spins with IF=0", if_clear_is_interruptible },
	{ "entry with TF=1 in an STI shadow fails without BS", sti_shadow_with_tf_needs_bs },
	{ "entry with TF=1 in a MOV SS shadow fails without BS",
	  mov_ss_shadow_with_tf_needs_bs },
	{ "entry with TF=0 in an STI shadow succeeds without BS",
	  shadow_without_tf_needs_no_bs },
	{ "the #DB of a code breakpoint leaves RF clear", code_breakpoint_leaves_rf_clear },
	{ "RF=1 passes a code breakpoint once", rf_passes_a_code_breakpoint },
	{ "a step onto a code breakpoint gives BS, then B0",
	  step_onto_code_breakpoint_gives_two },
	{ "an EPT violation in the delivery of INT n saves no RF",
	  interrupted_delivery_saves_no_rf },
	{ "VM exits and entries keep a guest's translations", exits_keep_translations },
	{ "MOV to CR3 drops a translation that exits kept", cr3_drops_translations },
	{ "MOV to CR3 and exits keep a global translation", cr3_keeps_global_translations },
};

int main(int argc, char **argv)
{
	size_t count = sizeof(tests) / sizeof(tests[0]);
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		if (argc > 1) {
			printf("ok %zu - %s # SKIP %s\n", i + 1, tests[i].name, argv[1]);
			continue;
		}
		bool ok = tests[i].test();

		printf("%s %zu - %s\n", ok ? "ok" : "not ok", i + 1, tests[i].name);
		failed += !ok;
	}
	return failed != 0;
}
