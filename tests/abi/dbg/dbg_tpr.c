// SPDX-License-Identifier: GPL-2.0-only
/*
 * CR8 and the TPR of a local APIC in the module, under a debugger: the guest accesses them
 * without exits unless the debugger needs these.
 */
#include <string.h>
#include <unistd.h>

#include "apic.h"
#include "vmm.h"

#define VECTOR	0x45

#define ON	"mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx)\n"

static struct dbg d;

static struct kvm_lapic_state lapic(void)
{
	struct kvm_lapic_state s;

	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_LAPIC, sizeof(s), &s));
	return s;
}

static u32 lapic_reg(u32 reg)
{
	struct kvm_lapic_state s = lapic();
	u32 val;

	memcpy(&val, s.regs + reg, sizeof(val));
	return val;
}

static bool requested(void)
{
	return lapic_reg(APIC_IRR + 0x10 * (VECTOR / 32)) >> VECTOR % 32 & 1;
}

static u64 cr8(void)
{
	struct kvm_sregs s;

	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_SYSTEM, sizeof(s), &s));
	return s.cr8;
}

static void set_cr8(u64 val)
{
	struct kvm_sregs s;

	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_SYSTEM, sizeof(s), &s));
	s.cr8 = val;
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_SYSTEM, sizeof(s), &s));
}

static u32 add_catch(u32 type, u64 first, u64 last)
{
	struct vmxdbg_catch arg = { .type = type, .first = first, .last = last };

	CHECK_OK(ioctl(d.fd, VMXDBG_ADD_CATCH, &arg));
	return arg.id;
}

static void remove_object(u32 id)
{
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
}

#define CR_ACCESS	28	/* exit reason */

static u64 cr_exits(void)
{
	u64 exits[CR_ACCESS + 1];
	struct vmxdbg_stats arg = { .count = ARRAY_SIZE(exits), .exits = (uintptr_t)exits };

	CHECK_OK(ioctl(d.fd, VMXDBG_GET_STATS, &arg));
	return exits[CR_ACCESS];
}

static bool always_exits;	/* there is no TPR shadow, or it is not used */

/* ---- a guest that writes CR8 all the time ---- */

/* CR8 becomes 1 to 14, and 1 again. RDX counts the rounds. */
GUEST64(rounds,
	ON "1: xor %edx, %edx; 2: mov $1, %esi\n"
	"3: ro_write: mov %rsi, %cr8; ro_next: mov %cr8, %rcx; cmp %rcx, %rsi; jne 4f\n"
	"inc %esi; cmp $15, %esi; jne 3b; incl 0xc000; jmp 2b\n"
	"4: incl 0xc004; jmp 2b");
LABEL(ro_write); LABEL(ro_next);

static const struct vmm_options split = { .split = true };

static void start_rounds(void)
{
	dbg_start(&d, MODE_LONG, PROG(rounds), &split);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 3));
	always_exits = cr_exits();
}

static void wait_for_rounds(void)
{
	DATA32(&d.vmm.vm, 0) = 0;
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 3));
}

/* The instruction at which the vCPU was stopped may exit once more. */
static void runs_without_exits(void)
{
	u64 before;

	wait_for_rounds();
	before = cr_exits();
	wait_for_rounds();
	if (!always_exits)
		CHECK_EQ(cr_exits(), before);
	CHECK_EQ(DATA32(&d.vmm.vm, 1), 0);
}

static void a_stop_finds_the_value(void)
{
	unsigned int i;

	start_rounds();
	for (i = 0; i < 20; i++) {
		struct kvm_regs r;

		CHECK_OK(session_stop(d.fd, 0));
		r = session_get_regs(d.fd, 0);
		/* Between the write and the read, RSI is it; behind, it may be one higher. */
		if (r.rip == AT(rounds, ro_next))
			CHECK_EQ(cr8(), r.rsi);
		CHECK(cr8() >= 1 && cr8() <= 14);
		CHECK_EQ(lapic_reg(APIC_TPR), cr8() << 4);
		CHECK_EQ(lapic_reg(APIC_PPR), cr8() << 4);
		CHECK_OK(session_resume(d.fd, 0, 0));
	}
	CHECK_EQ(DATA32(&d.vmm.vm, 1), 0);
}

static void the_guest_reads_what_the_session_writes(void)
{
	start_rounds();
	CHECK_OK(session_stop(d.fd, 0));
	session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(rounds, ro_next), .len = 1 });
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(rounds, ro_next));
	CHECK_EQ(cr8(), session_get_regs(d.fd, 0).rsi);
	set_cr8(15);
	CHECK_EQ(lapic_reg(APIC_TPR), 0xf0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(rounds, ro_next));
	CHECK_EQ(DATA32(&d.vmm.vm, 1), 1);
}

/* Each write is caught while there is a catch, also if it comes to a guest that runs. */
static void a_catch_sees_each_write(void)
{
	u64 last = 0;
	unsigned int i;
	u32 id;

	start_rounds();
	id = add_catch(VMXDBG_CATCH_CR, 8, 8);
	for (i = 0; i < 30; i++) {
		struct vmxdbg_event e = next_event(d.fd);

		CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
		CHECK_EQ(e.data[0], 8);
		if (last)
			CHECK_EQ(e.data[1], last % 14 + 1);
		CHECK_EQ(e.data[2], (e.data[1] + 12) % 14 + 1);	/* the value before */
		CHECK_EQ(cr8(), e.data[2]);
		CHECK_EQ(session_get_regs(d.fd, 0).rip, AT(rounds, ro_write));
		last = e.data[1];
		CHECK_OK(session_resume(d.fd, 0, 0));
	}
	next_event(d.fd);
	remove_object(id);
	CHECK_OK(session_resume(d.fd, 0, 0));
	runs_without_exits();
}

/* Another register's catch does not bring the exits back, nor keep the values away. */
static void another_catch_does_not_matter(void)
{
	start_rounds();
	add_catch(VMXDBG_CATCH_CR, 4, 4);
	runs_without_exits();
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_EQ(lapic_reg(APIC_TPR), cr8() << 4);
}

static void steps_go_through(void)
{
	unsigned int i;

	start_rounds();
	CHECK_OK(session_stop(d.fd, 0));
	for (i = 0; i < 100; i++) {
		u64 at = session_get_regs(d.fd, 0).rip, rip = dbg_step(&d, 0);

		if (at == AT(rounds, ro_write)) {
			CHECK_EQ(rip, AT(rounds, ro_next));
			CHECK_EQ(cr8(), session_get_regs(d.fd, 0).rsi);
		} else if (at == AT(rounds, ro_next)) {
			CHECK_EQ(session_get_regs(d.fd, 0).rcx, cr8());
		}
	}
	CHECK_OK(session_resume(d.fd, 0, 0));
	runs_without_exits();
}

/* ---- an interrupt that TPR has held back ---- */

GUEST64(held,
	"jmp 1f\nhe_handler: incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"
	"1: " ON "mov $7, %eax; mov %rax, %cr8; sti; movl $0x40045, 0x300(%rbx); mov $3, %eax\n"
	"he_write: mov %rax, %cr8; he_next: nop; he_last: nop; hlt");
LABEL(he_handler); LABEL(he_write); LABEL(he_next); LABEL(he_last);

static void gate(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, VECTOR, AT(held, he_handler));
}

static const struct vmm_options holding = { .split = true, .prepare = gate };

static void start_held(void)
{
	dbg_start(&d, MODE_LONG, PROG(held), &holding);
	session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(held, he_write), .len = 1 });
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(held, he_write));
	CHECK(requested());
	CHECK_EQ(lapic_reg(APIC_TPR), 0x70);
}

static void a_step_lowers_it(void)
{
	start_held();
	CHECK_EQ(dbg_step(&d, 0), AT(held, he_next));
	CHECK_EQ(lapic_reg(APIC_TPR), 0x30);
	CHECK(requested());
	CHECK_EQ(dbg_step(&d, 0), AT(held, he_last));
	CHECK(requested());
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 1));
}

static void a_step_goes_into_the_handler(void)
{
	start_held();
	CHECK_EQ(dbg_step(&d, 0), AT(held, he_next));
	CHECK_EQ(dbg_step(&d, VMXDBG_RESUME_INTO), AT(held, he_handler));
	CHECK(!requested());
}

static void the_interrupt_is_caught_behind_the_write(void)
{
	struct vmxdbg_event e;

	start_held();
	add_catch(VMXDBG_CATCH_INTERRUPT, VECTOR, VECTOR);
	e = resume_to(&d, VMXDBG_WHY_CATCH, AT(held, he_next));
	CHECK_EQ(e.data[0], VECTOR);
	CHECK(requested());
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(&DATA32(&d.vmm.vm, 0), 1));
}

/* The session lowers TPR itself. The instruction of the breakpoint still comes first. */
static void the_session_lowers_it(void)
{
	struct kvm_lapic_state s;

	start_held();
	add_catch(VMXDBG_CATCH_INTERRUPT, VECTOR, VECTOR);
	s = lapic();
	s.regs[APIC_TPR] = 0x20;
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_LAPIC, sizeof(s), &s));
	CHECK_EQ(cr8(), 2);
	resume_to(&d, VMXDBG_WHY_CATCH, AT(held, he_next));
	CHECK_EQ(cr8(), 3);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
}

/* TPR falls below the threshold of the interrupt, which is gone. */
static void the_session_takes_the_interrupt_away(void)
{
	struct kvm_lapic_state s;

	start_held();
	s = lapic();
	memset(s.regs + APIC_IRR, 0, 0x80);
	s.regs[APIC_TPR] = 0;
	CHECK_OK(session_regs(d.fd, true, 0, VMXDBG_REGS_LAPIC, sizeof(s), &s));
	session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(held, he_last), .len = 1 });
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(held, he_last));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
	CHECK_EQ(lapic_reg(APIC_TPR), 0x30);
}

/* The debugger goes away with a catch on. */
static void a_session_that_ends(void)
{
	start_rounds();
	add_catch(VMXDBG_CATCH_CR, 0, 8);
	next_event(d.fd);
	close(d.fd);
	wait_for_rounds();
	CHECK_EQ(DATA32(&d.vmm.vm, 1), 0);
}

static const struct test tests[] = {
	TEST(a_stop_finds_the_value),
	TEST(the_guest_reads_what_the_session_writes),
	TEST(a_catch_sees_each_write),
	TEST(another_catch_does_not_matter),
	TEST(steps_go_through),
	TEST(a_step_lowers_it),
	TEST(a_step_goes_into_the_handler),
	TEST(the_interrupt_is_caught_behind_the_write),
	TEST(the_session_lowers_it),
	TEST(the_session_takes_the_interrupt_away),
	TEST(a_session_that_ends),
};

TAP_MAIN(tests)
