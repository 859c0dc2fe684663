// SPDX-License-Identifier: GPL-2.0-only
/* Breakpoints by linear address: they follow the guest's changes of its page tables. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define ALIAS		0x100000	/* mapped by entry 0x100 of GUEST_PT */
#define PML4_B		0x29000		/* a second address space */
#define FREE		0x2a000		/* four pages for tables */
#define COPY		0x30000		/* a second copy of the code */
#define FAR		0x8080604000ULL	/* indexes 1, 2, 3, 4, which no table maps */
#define WHY_BP		VMXDBG_WHY_BREAKPOINT

/* for the guests' assembly: set the entry of ALIAS */
#define MAP(what)	"movq $" what ", 0x26000 + 0x100 * 8; invlpg 0x100000\n"
#define SUB(g, base)	"(" #g "_sub - " #g "_begin + " base ")"

static void start(struct dbg *d, enum guest_mode mode, struct prog prog,
		  const struct vmm_options *o)
{
	dbg_start(d, mode, prog, o);
	memcpy(d->vmm.vm.mem + COPY, d->vmm.vm.mem + GUEST_CODE, 0x1000);
	GUEST_PTR(&d->vmm.vm, GUEST_PT, u64)[0x100] = 0;
}

static u32 add(struct dbg *d, u64 addr)
{
	return session_must_add(d->fd, (struct vmxdbg_bp){
			.type = VMXDBG_BP_SOFT, .addr = addr, .len = 1 });
}

static u32 add_in(struct dbg *d, u64 addr, u64 cr3)
{
	long id = session_add_bp(d->fd, (struct vmxdbg_bp){ .type = VMXDBG_BP_SOFT, .len = 1,
				.addr = addr, .flags = VMXDBG_BP_CR3, .cr3 = cr3 });

	if (id <= 0)
		tap_fail("VMXDBG_ADD_BP at %#llx: %s", (unsigned long long)addr, strerror(-id));
	return id;
}

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

/* ---- one page ---- */

GUEST64(later,
	"nop\n"
	MAP("0x8007")
	"mov $" SUB(later, "0x100000") ", %edx\n"
	"call *%rdx; call *%rdx; hlt\n"
	"later_sub: incl 0xc000; ret");
LABEL(later_sub);

/* more breakpoints than debug registers, which are all in use anyway */
static void mapped_later(void)
{
	u64 at = AT(later, later_sub) - GUEST_CODE + ALIAS;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(later), NULL);
	for (i = 0; i < 4; i++)
		CHECK(session_add(d.fd, VMXDBG_BP_HARD, 0x5000 + i, 1) > 0);
	for (i = 0; i < 8; i++)
		add(&d, ALIAS + 0xf00 + i);
	add(&d, at);
	resume_to(&d, WHY_BP, at);
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
}

/* X by ALIAS while ALIAS maps it, then Y; both also by their own addresses */
GUEST64(moved,
	"mov $" SUB(moved, "0x8000") ", %ebx; mov $" SUB(moved, "0x100000") ", %edx\n"
	"mov $" SUB(moved, "0x30000") ", %esi\n"
	MAP("0x8007") "call *%rdx; call *%rbx; call *%rsi\n"
	MAP("0x30007") "call *%rdx; call *%rbx; call *%rsi\n"
	MAP("0x8067") "call *%rdx\n"
	"hlt\n"
	"moved_sub: incl 0xc000; ret");
LABEL(moved_sub);

static void moved_and_mapped_twice(void)
{
	u64 at = AT(moved, moved_sub) - GUEST_CODE + ALIAS;
	struct dbg d;
	u32 id;

	start(&d, MODE_LONG, PROG(moved), NULL);
	id = add(&d, at);
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 6);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 7);
	CHECK_EQ(hits_of(&d, id), 3);
}

/*
 * the page is unmapped, its frame used for something else, and mapped again in
 * another frame
 */
GUEST64(paged,
	"mov $" SUB(paged, "0x100000") ", %edx; mov $3, %ebx\n"
	"1: " MAP("0x30007") "call *%rdx\n"
	MAP("0x30006")
	"mov $0x30000, %esi; mov $0x31000, %edi; mov $0x200, %ecx; rep movsq\n"
	"mov $0x30000, %edi; mov $0x200, %ecx; mov $0x90, %al; rep stosb\n"
	MAP("0x31007") "call *%rdx\n"
	MAP("0")
	"mov $0x31000, %esi; mov $0x30000, %edi; mov $0x200, %ecx; rep movsq\n"
	"dec %ebx; jnz 1b; hlt\n"
	"paged_sub: incl 0xc000; ret");
LABEL(paged_sub);

static void paged_out_and_in(void)
{
	u64 at = AT(paged, paged_sub) - GUEST_CODE + ALIAS;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(paged), NULL);
	add(&d, at);
	for (i = 0; i < 6; i++) {
		resume_to(&d, WHY_BP, at);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
	}
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 6);
	CHECK(!memcmp(d.vmm.vm.mem + COPY + 0x100, d.vmm.vm.mem + GUEST_CODE + 0x100, 0xf00));
}

/* ---- tables ---- */

GUEST64(built,
	"movabs $0x8080604000 + built_sub - built_begin, %rdx\n"
	"movq $0x2a007, 0x20000 + 1 * 8\n"	/* linked from the top down */
	"movq $0x2b007, 0x2a000 + 2 * 8\n"
	"movq $0x2c007, 0x2b000 + 3 * 8\n"
	"movq $0x30007, 0x2c000 + 4 * 8\n"
	"call *%rdx\n"
	"movq $0, 0x2a000 + 2 * 8; mov %cr3, %rax; mov %rax, %cr3\n"
	"movq $0x8007, 0x2d000 + 4 * 8\n"	/* linked from the bottom up */
	"movq $0x2d007, 0x2b000 + 3 * 8\n"
	"movq $0x2b007, 0x2a000 + 2 * 8\n"
	"call *%rdx\n"
	"movq $0x87, 0x2b000 + 3 * 8; mov %cr3, %rax; mov %rax, %cr3\n"	/* a large page at 0 */
	"movabs $0x8080608000 + built_sub - built_begin, %rdx\n"
	"call *%rdx\n"
	"hlt\n"
	"built_sub: incl 0xc000; ret");
LABEL(built_sub);

static void tables_that_come_and_go(void)
{
	u64 at = AT(built, built_sub) - GUEST_CODE + FAR;
	struct dbg d;

	start(&d, MODE_LONG, PROG(built), NULL);
	add(&d, at);
	add(&d, at + 0x4000);
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	resume_to(&d, WHY_BP, at + 0x4000);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 3);
}

/*
 * Page tables in pages that have breakpoints. Each page walk reads data that the
 * hooked view does not allow, and must not lose the breakpoint at its end.
 */
static void tables_with_breakpoints(void)
{
	u64 at = AT(later, later_sub) - GUEST_CODE + ALIAS;
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_SOFT, .len = 1, .flags = VMXDBG_BP_PHYSICAL };
	struct dbg d;

	start(&d, MODE_LONG, PROG(later), NULL);
	for (bp.addr = GUEST_PML4 + 0xff0; bp.addr <= GUEST_PT + 0xff0; bp.addr += 0x1000)
		CHECK(session_add_bp(d.fd, bp) > 0);
	add(&d, GUEST_CODE);
	add(&d, at);
	resume_to(&d, WHY_BP, GUEST_CODE);
	resume_to(&d, WHY_BP, at);
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
}

/* ---- address spaces ---- */

/* the guest makes the address space B, whose own table maps ALIAS to COPY */
GUEST64(both,
	"mov $0x21000, %esi; mov $0x2a000, %edi; mov $0x200, %ecx; rep movsq\n"
	"mov $0x22000, %esi; mov $0x2b000, %edi; mov $0x200, %ecx; rep movsq\n"
	"mov $0x26000, %esi; mov $0x2c000, %edi; mov $0x200, %ecx; rep movsq\n"
	"movq $0x8007, 0x26000 + 0x100 * 8\n"
	"movq $0x30007, 0x2c000 + 0x100 * 8\n"
	"movq $0x2c007, 0x2b000\n"
	"movq $0x2b007, 0x2a000\n"
	"movq $0x2a007, 0x29000\n"
	"mov $" SUB(both, "0x100000") ", %edx; mov $4, %ecx\n"
	"mov $0x20000, %eax; mov $0x29000, %ebx\n"
	"mov %rax, %cr3\n"
	"1: call *%rdx; xchg %rax, %rbx; mov %rax, %cr3; loop 1b; hlt\n"
	"both_sub: incl 0xc000; ret");
LABEL(both_sub);

static void in_each_address_space(void)
{
	u64 at = AT(both, both_sub) - GUEST_CODE + ALIAS;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(both), NULL);
	add(&d, at);
	for (i = 0; i < 4; i++) {
		resume_to(&d, WHY_BP, at);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
	}
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 4);
}

static void in_one_address_space(void)
{
	static const u64 roots[] = { GUEST_PML4, PML4_B };
	u64 at = AT(both, both_sub) - GUEST_CODE + ALIAS;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct dbg d;
		u32 id;

		start(&d, MODE_LONG, PROG(both), NULL);
		id = add_in(&d, at, roots[i]);
		resume_to(&d, WHY_BP, at);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
		resume_to(&d, WHY_BP, at);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i + 2);
		dbg_finish(&d);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), 4);
		CHECK_EQ(hits_of(&d, id), 2);
		close(d.fd);
		vmm_kill(&d.vmm);
	}
}

/* more address spaces than CR3 targets, and one whose tables become data */
GUEST64(many,
	"movq $0x8007, 0x26000 + 0x100 * 8\n"
	"mov $0x40000, %edi; mov $8, %ebx\n"
	"1: mov $0x20000, %esi; mov $0x200, %ecx; rep movsq; dec %ebx; jnz 1b\n"
	"mov $" SUB(many, "0x100000") ", %edx; mov $3, %ebx\n"
	"2: mov $0x40000, %eax; mov $8, %ecx\n"
	"3: mov %rax, %cr3; call *%rdx; add $0x1000, %eax; loop 3b\n"
	"mov $0x20000, %eax; mov %rax, %cr3\n"
	"mov $0x47000, %edi; mov $0x200, %ecx; xor %eax, %eax; rep stosq\n"
	"mov $0x20000, %esi; mov $0x47000, %edi; mov $0x200, %ecx; rep movsq\n"
	"dec %ebx; jnz 2b; hlt\n"
	"many_sub: incl 0xc000; ret");
LABEL(many_sub);

static void many_address_spaces(void)
{
	u64 at = AT(many, many_sub) - GUEST_CODE + ALIAS;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(many), NULL);
	add(&d, at);
	for (i = 0; i < 24; i++) {
		resume_to(&d, WHY_BP, at);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
	}
	dbg_finish(&d);
}

/* ---- MOV to CR3, which exits while breakpoints are followed ---- */

GUEST64(bad_cr3,
	"mov %cr3, %rax; bts $63, %rax\n"
	"bad_cr3_here: mov %rax, %cr3\n"	/* #GP without PCIDs */
	"hlt");
LABEL(bad_cr3_here);

static void reserved_bits_of_cr3(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(bad_cr3), NULL);
	add(&d, AT(bad_cr3, bad_cr3_here));
	resume_to(&d, WHY_BP, AT(bad_cr3, bad_cr3_here));
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&d.vmm.shared->vcpu[0].done, 1));
	CHECK_EQ(d.vmm.shared->vcpu[0].trap, 13 + 1);
}

/* the TLB has the page's old translation until MOV to CR3 flushes it */
GUEST64(flushed,
	"movq $0x8007, 0x26000 + 0x100 * 8\n"
	"mov 0x100000, %rax\n"
	"movq $0x31007, 0x26000 + 0x100 * 8\n"
	"mov %cr3, %rax; mov %rax, %cr3\n"
	"mov 0x100000, %rax; mov %rax, 0xc000; hlt");

static void cr3_flushes(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(flushed), NULL);
	*GUEST_PTR(&d.vmm.vm, 0x31000, u64) = 0x1234;
	add(&d, GUEST_CODE);
	resume_to(&d, WHY_BP, GUEST_CODE);
	dbg_finish(&d);
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 0x1234);
}

/* B has PCID 1; CR3 is loaded with and without the no-flush bit */
GUEST64(pcids,
	"mov %cr4, %rax; bts $17, %rax; mov %rax, %cr4\n"
	"movq $0x8007, 0x26000 + 0x100 * 8\n"
	"mov $0x20000, %esi; mov $0x29000, %edi; mov $0x200, %ecx; rep movsq\n"
	"mov $" SUB(pcids, "0x100000") ", %edx; mov $3, %ecx\n"
	"1: mov $0x29001, %eax; mov %rax, %cr3; call *%rdx\n"
	"mov $0x20002, %eax; mov %rax, %cr3; call *%rdx\n"
	"mov $0x29001, %eax; bts $63, %rax; mov %rax, %cr3; call *%rdx\n"
	"mov %cr3, %rbx; mov %rbx, 0xc008\n"
	"loop 1b; hlt\n"
	"pcids_sub: incl 0xc000; ret");
LABEL(pcids_sub);

static void pcids_masked(void)
{
	u64 at = AT(pcids, pcids_sub) - GUEST_CODE + ALIAS;
	struct dbg d;
	u32 a, b, any;

	start(&d, MODE_LONG, PROG(pcids), NULL);
	a = add_in(&d, at, GUEST_PML4);
	b = add_in(&d, at, PML4_B);
	any = add(&d, at);
	CHECK_OK(session_resume(d.fd, 0, 0));
	while (!d.vmm.shared->vcpu[0].done) {
		struct vmxdbg_event e;

		if (!event_within(d.fd, 10, &e))
			continue;
		if (!CHECK_EQ(e.rip, at))
			break;
		CHECK_EQ(e.nr_bps, 2);
		CHECK_OK(session_resume(d.fd, 0, 0));
	}
	if (d.vmm.shared->vcpu[0].trap)
		tap_skip("the guest has no PCIDs");
	CHECK_EQ(hits_of(&d, a), 3);
	CHECK_EQ(hits_of(&d, b), 6);
	CHECK_EQ(hits_of(&d, any), 9);
	CHECK_EQ(DATA64(&d.vmm.vm, 1), PML4_B | 1);
}

/* PAE: MOV to CR3 loads the PDPTEs */
GUEST32(pae,
	"movl $0x8007, 0x26000 + 0x100 * 8\n"
	"mov $0x2a000, %edi; mov %cr3, %esi; mov $8, %ecx; rep movsl\n"
	"mov $2, %ecx; mov $0x2a000, %eax; mov %cr3, %ebx\n"
	"1: mov %eax, %cr3; call pae_sub; mov %ebx, %cr3; call pae_sub; loop 1b; hlt\n"
	"pae_sub: incl 0xc000; ret");
LABEL(pae_sub);

static void pae_address_spaces(void)
{
	struct dbg d;
	unsigned int i;

	start(&d, MODE_PAE, PROG(pae), NULL);
	add(&d, AT(pae, pae_sub));
	for (i = 0; i < 4; i++) {
		resume_to(&d, WHY_BP, AT(pae, pae_sub));
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
	}
	dbg_finish(&d);
}

/* ---- modes ---- */

/* turns paging on and off while ALIAS maps the code */
GUEST32(paging,
	"mov $0x100000 + paging_sub - paging_begin, %edx; mov $2, %ecx\n"
	"1: mov $0x2a000, %eax; mov %eax, %cr3\n"
	"mov %cr0, %eax; bts $31, %eax; mov %eax, %cr0; jmp 2f\n"
	"2: call *%edx\n"
	"mov %cr0, %eax; btr $31, %eax; mov %eax, %cr0; jmp 3f\n"
	"3: loop 1b; hlt\n"
	"paging_sub: incl 0xc000; ret");
LABEL(paging_sub);

static void when_paging_is_turned_on(void)
{
	u64 at = AT(paging, paging_sub) - GUEST_CODE + ALIAS;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_FLAT32, PROG(paging), NULL);
	GUEST_PTR(&d.vmm.vm, FREE, u32)[0] = 0x2b007;
	for (i = 0; i < 0x400; i++)
		GUEST_PTR(&d.vmm.vm, FREE + 0x1000, u32)[i] = i << 12 | 7;
	GUEST_PTR(&d.vmm.vm, FREE + 0x1000, u32)[ALIAS >> 12] = GUEST_CODE | 7;
	add(&d, at);
	for (i = 0; i < 2; i++) {
		resume_to(&d, WHY_BP, at);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), i);
	}
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
}

GUEST64(init,
	"mov $3, %ecx; incl 0xc004\n"
	"init_here: out %al, $0x7c; hlt");
GUEST16(after_init, "after_init_here: incw 0xc000; hlt");
LABEL(init_here); LABEL(after_init_here);

/*
 * a breakpoint that is set in long mode, at a linear address that real mode will
 * execute
 */
static void across_init(void)
{
	u64 at = VMM_INIT_RIP + (after_init_here - after_init_begin);
	struct dbg d;

	start(&d, MODE_LONG, PROG(init), NULL);
	memcpy(d.vmm.vm.mem + VMM_INIT_RIP, after_init_begin,
	       after_init_end - after_init_begin);
	add(&d, AT(init, init_here));
	add(&d, at);
	resume_to(&d, WHY_BP, AT(init, init_here));
	resume_to(&d, WHY_BP, at);
	CHECK_EQ(DATA16(&d.vmm.vm, 0), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA16(&d.vmm.vm, 0), 1);
}

/* ---- slots ---- */

static void *run_to_halt(void *vcpu)
{
	vcpu_run_to(vcpu, KVM_EXIT_HLT);
	return NULL;
}

/* The memory slot is deleted under its breakpoints and added again, twice. */
static void memory_slot_deleted_and_back(void)
{
	u64 at = AT(later, later_sub) - GUEST_CODE + ALIAS;
	struct kvm_userspace_memory_region region = { 0 };
	struct vmxdbg_event e;
	struct vcpu *v;
	struct vm vm;
	pthread_t thread;
	unsigned int i;
	int fd;

	v = guest_make(&vm, MODE_LONG, PROG(later));
	fd = attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd);
	REQUIRE(fd >= 0);
	CHECK_OK(session_stop(fd, VMXDBG_ALL_VCPUS));
	CHECK(session_add(fd, VMXDBG_BP_SOFT, at, 1) > 0);
	CHECK(session_add(fd, VMXDBG_BP_SOFT, GUEST_CODE, 1) > 0);
	region.userspace_addr = (u64)vm.mem;
	for (i = 0; i < 2; i++) {
		region.memory_size = 0;
		CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region));
		CHECK(session_add(fd, VMXDBG_BP_SOFT, 0x9000 + i, 1) > 0);
		region.memory_size = vm.size;
		CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region));
	}
	REQUIRE(!pthread_create(&thread, NULL, run_to_halt, v));
	CHECK_OK(session_resume(fd, 0, 0));
	e = next_event(fd);
	CHECK_EQ(e.rip, GUEST_CODE);
	for (i = 0; i < 2; i++) {
		CHECK_OK(session_resume(fd, 0, 0));
		e = next_event(fd);
		CHECK_EQ(e.rip, at);
		CHECK_EQ(DATA32(&vm, 0), i);
	}
	CHECK_OK(session_resume(fd, 0, 0));
	pthread_join(thread, NULL);
	CHECK_EQ(DATA32(&vm, 0), 2);
	close(fd);
	vm_destroy(&vm);
}

/* ---- two vCPUs ---- */

/*
 * vCPU 0 maps ALIAS to one of two pages by turns. vCPU 1 flushes its TLB and calls
 * ALIAS after each change. 0xc000 says whose turn it is, 0xc004 counts calls.
 */
GUEST64(pair,
	"test %edi, %edi; jnz 2f\n"
	"mov $20, %ecx; mov $0x8007, %ebx; mov $0x30007, %edx\n"
	"1: mov %rbx, 0x26000 + 0x100 * 8; xchg %rbx, %rdx; movl $1, 0xc000\n"
	"3: pause; cmpl $0, 0xc000; jne 3b; loop 1b; hlt\n"
	"2: mov $20, %ecx; mov $" SUB(pair, "0x100000") ", %edx\n"
	"4: pause; cmpl $1, 0xc000; jne 4b\n"
	"invlpg 0x100000; call *%rdx; movl $0, 0xc000; loop 4b; hlt\n"
	"pair_sub: incl 0xc004; ret");
LABEL(pair_sub);

static void remapped_by_another_vcpu(void)
{
	u64 at = AT(pair, pair_sub) - GUEST_CODE + ALIAS;
	struct vmxdbg_event e;
	struct dbg d;
	unsigned int i;

	start(&d, MODE_LONG, PROG(pair), &(struct vmm_options){ .vcpus = 2 });
	add(&d, at);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	for (i = 0; i < 20; i++) {
		e = next_event(d.fd);
		CHECK_EQ(e.vcpu, 1);
		CHECK_EQ(e.rip, at);
		CHECK_EQ(DATA32(&d.vmm.vm, 1), i);
		CHECK_OK(session_resume(d.fd, 1, 0));
	}
	vmm_wait_done(&d.vmm);
	CHECK_EQ(DATA32(&d.vmm.vm, 1), 20);
}

/* two vCPUs write to the hooked page, each to its own instruction, and execute it */
GUEST64(writers,
	"shl $8, %edi; lea " GADDR(writers, writers_code) "(%rdi), %rbx\n"
	"mov $30, %ecx\n"
	"1: mov %cl, 1(%rbx); call *%rbx; mov %al, %dl; cmp %cl, %dl; je 2f; lock incl 0xc000\n"
	"2: loop 1b; lock incl 0xc004; hlt\n"
	".org writers_begin + 0x200\n"
	"writers_code: mov $0, %al; ret\n"
	".org writers_begin + 0x300\n"
	"mov $0, %al; ret\n"
	"writers_end_of_it: nop");
LABEL(writers_end_of_it);

static void two_vcpus_rewrite_a_hooked_page(void)
{
	struct dbg d;

	start(&d, MODE_LONG, PROG(writers), &(struct vmm_options){ .vcpus = 2 });
	add(&d, AT(writers, writers_end_of_it));
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	vmm_wait_done(&d.vmm);
	CHECK_EQ(DATA32(&d.vmm.vm, 1), 2);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);	/* no stale byte was executed */
}

/* ---- many ---- */

static void ten_thousand(void)
{
	u64 at = AT(moved, moved_sub) - GUEST_CODE + ALIAS;
	static u32 ids[10000];
	struct dbg d;
	unsigned int i;

	if (debug_kernel())
		tap_skip("so many take minutes on a debugging kernel");
	start(&d, MODE_LONG, PROG(moved), NULL);
	for (i = 0; i < 10000; i++)
		ids[i] = add(&d, i & 1 ? 0x40000 + i * 16 : FAR + i * 0x1000ULL);
	add(&d, at);
	resume_to(&d, WHY_BP, at);
	for (i = 0; i < 10000; i++)
		if (!CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, ids[i])))
			break;
	resume_to(&d, WHY_BP, at);
	resume_to(&d, WHY_BP, at);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 7);
}

static const struct test tests[] = {
	TEST_HARD(33, mapped_later),
	TEST_HARD(33, moved_and_mapped_twice),
	TEST_HARD(33, paged_out_and_in),
	TEST_HARD(33, tables_that_come_and_go),
	TEST(tables_with_breakpoints),
	TEST(in_each_address_space),
	TEST_HARD(22, in_one_address_space),
	TEST(many_address_spaces),
	TEST(reserved_bits_of_cr3),
	TEST(cr3_flushes),
	TEST(pcids_masked),
	TEST(pae_address_spaces),
	TEST(when_paging_is_turned_on),
	TEST(across_init),
	TEST(memory_slot_deleted_and_back),
	TEST(remapped_by_another_vcpu),
	TEST_HARD(21, two_vcpus_rewrite_a_hooked_page),
	TEST(ten_thousand),
};

TAP_MAIN(tests)
