// SPDX-License-Identifier: GPL-2.0-only
/* Debug registers that the guest and a session use: more than four in all. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define ROUNDS		12
#define TABLES		4	/* values of the guest's debug registers, one table per round */
#define AREA(vcpu)	(0xc000ULL + 0x1000 * (vcpu))
#define DR7_LE		(1U << 8)
#define DR7_GE		(1U << 9)

/*
 * R15 is the vCPU's area. Each round loads the debug registers from the next of four
 * tables at 0x200; the DR7 that it reads back is at 0x80. The handler counts the bits
 * of DR6 at 0x40 to 0x4c, GD at 0x50, and DR6 with more or less than one bit at 0x54;
 * it sets RF if the register is an execution breakpoint. The guest increments 1, 2,
 * 4, 8 bytes at 0x100 to 0x118.
 */
GUEST64(share,
	"movw $" GADDR(share, share_db) ", 0x1000 + 1 * 16\n"
	/* touch stack and GDT: Bochs saves RF if the delivery of an event faults */
	"mov 0x2000, %rax; push %rax; pop %rax; mov $12, %ebx\n"
	"share_round:\n"
	"mov %ebx, %esi; and $3, %esi; shl $6, %esi; lea 0x200(%r15, %rsi), %rsi\n"
	"xor %eax, %eax; mov %rax, %dr7\n"
	"mov (%rsi), %rax; mov %rax, %dr0; mov 8(%rsi), %rax; mov %rax, %dr1\n"
	"mov 16(%rsi), %rax; mov %rax, %dr2; mov 24(%rsi), %rax; mov %rax, %dr3\n"
	"mov 32(%rsi), %rax; mov %rax, %dr7\n"
	"mov %dr7, %rcx; mov %rcx, 0x80(%r15)\n"
	"mov 40(%rsi), %ecx; mov %ecx, 0x88(%r15)\n"
	"share_a: incb 0x100(%r15)\n"
	"share_b: incw 0x108(%r15)\n"
	"share_c: incl 0x110(%r15)\n"
	"share_d: incq 0x118(%r15)\n"
	"share_e: dec %ebx; jnz share_round\n"
	"hlt\n"
	"share_db: push %rax; push %rcx; push %rdx; mov %dr6, %rax\n"
	"mov %eax, %ecx; and $15, %ecx\n"
	"lea -1(%rcx), %edx; test %ecx, %edx; jz 1f; incl 0x54(%r15)\n"
	"1: bt $0, %eax; adcl $0, 0x40(%r15); bt $1, %eax; adcl $0, 0x44(%r15)\n"
	"bt $2, %eax; adcl $0, 0x48(%r15); bt $3, %eax; adcl $0, 0x4c(%r15)\n"
	"bt $13, %eax; adcl $0, 0x50(%r15)\n"
	"xor %eax, %eax; mov %rax, %dr6\n"
	"test %ecx, 0x88(%r15); jz 2f; orl $0x10000, 40(%rsp)\n2: pop %rdx; pop %rcx; pop %rax; iretq");
LABEL(share_db); LABEL(share_a); LABEL(share_b); LABEL(share_c); LABEL(share_d); LABEL(share_e);

static const u8 *const code[] = { share_a, share_b, share_c, share_d };
static const struct { u16 offset; u8 len, dr7; } data[] = {
	{ 0x100, 1, 0x1 }, { 0x108, 2, 0x5 }, { 0x110, 4, 0xf }, { 0x118, 8, 0x9 },
};

struct regs { u64 dr[4], dr7, exec, pad[2]; };

static struct regs *table(struct dbg *d, unsigned int vcpu, unsigned int nr)
{
	return (struct regs *)(d->vmm.vm.mem + AREA(vcpu) + 0x200) + nr;
}

/*
 * Arm the guest's register @n for the n-th instruction, or for the data that it
 * increments.
 */
static void guest_wants(struct regs *r, unsigned int vcpu, unsigned int n, bool exec)
{
	r->dr[n] = exec ? AT(share, code[n]) : AREA(vcpu) + data[n].offset;
	/* local or global, in turns; LE and GE have no effect */
	r->dr7 |= (n & 1 ? 2 : 1) << 2 * n | DR7_LE | DR7_GE;
	if (exec)
		r->exec |= 1 << n;
	else
		r->dr7 |= (u64)data[n].dr7 << (16 + 4 * n);
}

static void guest_wants_all(struct dbg *d, unsigned int vcpu, unsigned int mask, bool exec)
{
	unsigned int t, n;

	for (t = 0; t < TABLES; t++)
		for (n = 0; n < 4; n++)
			if (mask & 1 << n)
				guest_wants(table(d, vcpu, t), vcpu, n, exec);
}

static void start(struct dbg *d, unsigned int vcpus)
{
	struct kvm_regs regs;
	unsigned int i;

	dbg_start(d, MODE_LONG, PROG(share), &(struct vmm_options){ .vcpus = vcpus });
	for (i = 0; i < vcpus; i++) {
		regs = session_get_regs(d->fd, i);
		regs.r15 = AREA(i);
		session_set_regs(d->fd, i, &regs);
	}
}

static u32 count(struct dbg *d, u32 type, u64 addr, u64 len)
{
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };
	long id = session_add_bp(d->fd, (struct vmxdbg_bp){ .type = type, .addr = addr,
				 .len = len, .options = (unsigned long)&options });

	if (id <= 0)
		tap_fail("VMXDBG_ADD_BP: %s", strerror(-id));
	return id;
}

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object obj = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &obj));
	return obj.hits;
}

static void count_code(struct dbg *d, u32 ids[4])
{
	unsigned int n;

	for (n = 0; n < 4; n++)
		ids[n] = count(d, VMXDBG_BP_HARD, AT(share, code[n]), 1);
}

static void count_data(struct dbg *d, u32 ids[4])
{
	unsigned int n;

	for (n = 0; n < 4; n++)
		ids[n] = count(d, n & 1 ? VMXDBG_BP_ACCESS : VMXDBG_BP_WRITE,
			       AREA(0) + data[n].offset, data[n].len);
}

static void check_hits(struct dbg *d, const u32 ids[4], u64 wanted)
{
	unsigned int n;

	for (n = 0; n < 4; n++)
		CHECK_EQ(hits_of(d, ids[n]), wanted);
}

/*
 * Check the hits that the guest's handler counted for its registers, and the guest's
 * data.
 */
static void check_guest(struct dbg *d, unsigned int vcpu, unsigned int mask, u32 wanted)
{
	volatile u32 *seen = GUEST_PTR(&d->vmm.vm, AREA(vcpu), u32);
	unsigned int n;

	for (n = 0; n < 4; n++)
		CHECK_EQ(seen[0x10 + n], mask & 1 << n ? wanted : 0);
	CHECK_EQ(seen[0x15], 0);
	for (n = 0; n < 4; n++)
		CHECK_EQ(d->vmm.vm.mem[AREA(vcpu) + data[n].offset], ROUNDS);
}

static void run_all(struct dbg *d)
{
	CHECK_OK(session_resume(d->fd, VMXDBG_ALL_VCPUS, 0));
	vmm_wait_done(&d->vmm);
}

/*
 * The guest and the session have four each, of every kind and length, also at the
 * same instructions.
 */
static void four_and_four(bool guest_exec, bool session_exec)
{
	struct dbg d;
	u32 ids[4];

	start(&d, 1);
	guest_wants_all(&d, 0, 0xf, guest_exec);
	if (session_exec)
		count_code(&d, ids);
	else
		count_data(&d, ids);
	run_all(&d);
	check_hits(&d, ids, ROUNDS);
	check_guest(&d, 0, 0xf, ROUNDS);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, AREA(0), u64)[0x10], table(&d, 0, 0)->dr7 | 1 << 10);
	close(d.fd);
	vmm_kill(&d.vmm);
}

static void four_and_four_of_each_kind(void)
{
	four_and_four(false, true);
	four_and_four(true, false);
	four_and_four(true, true);
	four_and_four(false, false);
}

/* The guest has one to four registers, of other kinds in each round. */
static void the_guest_changes_its_mind(void)
{
	unsigned int t, n;
	struct dbg d;
	u32 ids[8];

	start(&d, 1);
	for (t = 0; t < TABLES; t++)
		for (n = 0; n <= t; n++)
			guest_wants(table(&d, 0, t), 0, n, (t ^ n) & 1);
	count_code(&d, ids);
	count_data(&d, ids + 4);
	run_all(&d);
	check_hits(&d, ids, ROUNDS);
	check_hits(&d, ids + 4, ROUNDS);
	for (n = 0; n < 4; n++)
		CHECK_EQ(DATA32(&d.vmm.vm, 0x10 + n), ROUNDS / TABLES * (4 - n));
	CHECK_EQ(DATA32(&d.vmm.vm, 0x15), 0);
}

/* A hit of both is reported to the session first, then to the guest. */
static void both_at_one_instruction(void)
{
	struct dbg d;
	unsigned int i, n;
	long ids[4];

	start(&d, 1);
	guest_wants_all(&d, 0, 0xf, true);
	for (n = 0; n < 4; n++) {
		ids[n] = session_add(d.fd, VMXDBG_BP_HARD, AT(share, code[n]), 1);
		CHECK(ids[n] > 0);
	}
	for (i = 0; i < ROUNDS; i++) {
		for (n = 0; n < 4; n++) {
			struct vmxdbg_event e = resume_to(&d, VMXDBG_WHY_BREAKPOINT,
							  AT(share, code[n]));

			CHECK_EQ(e.nr_bps, 1);
			CHECK_EQ(e.bps[0], ids[n]);
			CHECK_EQ(DATA32(&d.vmm.vm, 0x10 + (n + 3) % 4), i + (n > 0));
		}
	}
	dbg_finish(&d);
	check_guest(&d, 0, 0xf, ROUNDS);
}

static void watchpoints_at_the_guests_addresses(void)
{
	struct dbg d;
	unsigned int i, n;
	long ids[4];

	start(&d, 1);
	guest_wants_all(&d, 0, 0xf, false);
	for (n = 0; n < 4; n++) {
		ids[n] = session_add(d.fd, VMXDBG_BP_WRITE, AREA(0) + data[n].offset,
				     data[n].len);
		CHECK(ids[n] > 0);
	}
	for (i = 0; i < ROUNDS; i++) {
		for (n = 0; n < 4; n++) {
			struct vmxdbg_event e = resume_to(&d, VMXDBG_WHY_WATCH,
							  AT(share, n == 3 ? share_e :
									     code[n + 1]));

			CHECK_EQ(e.nr_bps, 1);
			CHECK_EQ(e.bps[0], ids[n]);
			CHECK_EQ(e.addr, AREA(0) + data[n].offset);
		}
	}
	dbg_finish(&d);
	check_guest(&d, 0, 0xf, ROUNDS);
}

/* The guest reads DR7 after each write of it; GD is clear then. */
static void general_detect(void)
{
	unsigned int i;
	struct dbg d;
	u32 ids[4];

	start(&d, 1);
	guest_wants_all(&d, 0, 0xf, true);
	for (i = 0; i < TABLES; i++)
		table(&d, 0, i)->dr7 |= 1 << 13;
	count_data(&d, ids);
	run_all(&d);
	check_hits(&d, ids, ROUNDS);
	check_guest(&d, 0, 0xf, ROUNDS);
	CHECK_EQ(DATA32(&d.vmm.vm, 0x14), ROUNDS);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, AREA(0), u64)[0x10],
		 (table(&d, 0, 0)->dr7 & ~(1ULL << 13)) | 1 << 10);
}

/* Objects are removed one by one while they are moved; the guest's registers stay. */
static void removed_while_moved(void)
{
	struct dbg d;
	unsigned int n;
	long ids[4];

	start(&d, 1);
	guest_wants_all(&d, 0, 0xf, false);
	for (n = 0; n < 4; n++)
		ids[n] = session_add(d.fd, n & 1 ? VMXDBG_BP_WRITE : VMXDBG_BP_HARD,
				     n & 1 ? AREA(0) + data[n].offset : AT(share, code[n]),
				     n & 1 ? data[n].len : 1);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(share, share_a));
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, ids[0]));
	resume_to(&d, VMXDBG_WHY_WATCH, AT(share, share_c));
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, ids[1]));
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(share, share_c));
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, ids[2]));
	resume_to(&d, VMXDBG_WHY_WATCH, AT(share, share_e));
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, ids[3]));
	dbg_finish(&d);
	check_guest(&d, 0, 0xf, ROUNDS);
}

/* The session ends while its objects are moved out of the debug registers. */
static void detached_while_moved(void)
{
	struct dbg d;
	u32 ids[4];

	start(&d, 1);
	guest_wants_all(&d, 0, 0xf, false);
	count_code(&d, ids);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(share, share_e), 1) > 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(share, share_e));
	check_hits(&d, ids, 1);
	close(d.fd);
	vmm_wait_done(&d.vmm);
	check_guest(&d, 0, 0xf, ROUNDS);
}

/*
 * Debug registers that the VMM or the session writes count like those that the guest
 * writes.
 */
static void registers_written_from_outside(void)
{
	struct kvm_debugregs regs;
	struct dbg d;
	unsigned int n;
	u32 ids[4];

	start(&d, 1);
	count_code(&d, ids);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(share, share_a), 1) > 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(share, share_a));
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_DEBUG, sizeof(regs), &regs));
	CHECK_EQ(regs.dr7, 0x400);
	for (n = 0; n < 4; n++)
		regs.db[n] = AREA(0) + data[n].offset;
	regs.dr7 = 0x9f5104aa;
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_DEBUG, sizeof(regs), &regs));
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(share, share_a));
	/* the hits of the first round: the next one has no registers */
	for (n = 0; n < 4; n++)
		CHECK_EQ(DATA32(&d.vmm.vm, 0x10 + n), 1);
	check_hits(&d, (u32[]){ ids[1], ids[1], ids[2], ids[3] }, 1);
	CHECK_EQ(hits_of(&d, ids[0]), 2);
}

/*
 * Guest and session have a register at the same instruction. A hook takes the
 * register's place before the guest's handler returns to the instruction: that is no
 * second hit.
 */
static void moved_in_the_guests_handler(void)
{
	struct kvm_debugregs regs;
	struct dbg d;
	unsigned int n;
	u32 id;
	long at;

	start(&d, 1);
	guest_wants_all(&d, 0, 0x1, true);
	id = count(&d, VMXDBG_BP_HARD, AT(share, share_a), 1);
	at = session_add(d.fd, VMXDBG_BP_SOFT, AT(share, share_db), 1);
	CHECK(at > 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(share, share_db));
	CHECK_EQ(hits_of(&d, id), 1);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, at));
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_DEBUG, sizeof(regs), &regs));
	for (n = 0; n < 4; n++)
		regs.db[n] = AREA(0) + 0x300;
	regs.dr7 = 0x111104aa;
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_DEBUG, sizeof(regs), &regs));
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(share, share_b), 1) > 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(share, share_b));
	CHECK_EQ(hits_of(&d, id), 1);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(share, share_b));
	CHECK_EQ(hits_of(&d, id), 2);
}

/* One vCPU uses four registers itself, another two, and a third none. */
static void three_vcpus(void)
{
	struct dbg d;
	u32 ids[8];

	start(&d, 3);
	guest_wants_all(&d, 0, 0xf, false);
	guest_wants_all(&d, 1, 0x6, true);
	count_code(&d, ids);
	count_data(&d, ids + 4);
	run_all(&d);
	check_hits(&d, ids, 3 * ROUNDS);
	check_hits(&d, ids + 4, ROUNDS);
	check_guest(&d, 0, 0xf, ROUNDS);
	check_guest(&d, 1, 0x6, ROUNDS);
	check_guest(&d, 2, 0, 0);
}

static void set_max_followed(unsigned int max)
{
	FILE *f = fopen("/sys/module/vmxdbg/parameters/max_followed", "w");

	if (!f || fprintf(f, "%u\n", max) < 0 || fclose(f))
		tap_fail("max_followed: %m");
}

/*
 * An object that only a debug register can hold is displaced by the guest: this is
 * reported once, and the object comes back.
 */
static void displaced_without_a_replacement(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 ids[4];
	unsigned int i;

	start(&d, 1);
	/* every other round uses no registers */
	for (i = 0; i < 4; i++)
		guest_wants(table(&d, 0, 0), 0, i, false);
	*table(&d, 0, 2) = *table(&d, 0, 0);
	count_data(&d, ids);
	set_max_followed(0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_ERROR);
	CHECK_EQ(e.error, VMXDBG_ERROR_UNARMED);
	CHECK_EQ(e.nr_bps, 4);
	CHECK_OK(session_resume(d.fd, 0, 0));
	vmm_wait_done(&d.vmm);
	set_max_followed(1 << 20);
	check_guest(&d, 0, 0xf, ROUNDS / 2);
	check_hits(&d, ids, ROUNDS / 2);
}

static const struct test tests[] = {
	TEST(four_and_four_of_each_kind),
	TEST(the_guest_changes_its_mind),
	TEST(both_at_one_instruction),
	TEST(watchpoints_at_the_guests_addresses),
	TEST(general_detect),
	TEST(removed_while_moved),
	TEST(detached_while_moved),
	TEST(registers_written_from_outside),
	TEST(moved_in_the_guests_handler),
	TEST(three_vcpus),
	TEST(displaced_without_a_replacement),
};

TAP_MAIN(tests)
