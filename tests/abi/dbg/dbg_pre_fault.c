// SPDX-License-Identifier: GPL-2.0-only
/* Memory that a VMM maps by KVM_PRE_FAULT_MEMORY: the objects of a session hit as before. */
#include "machine.h"

#define DATA	0xc000
#define PAGE	0x1000UL

GUEST64(works,
	"1: nop; wo_break: mov 0xc008, %eax; movl $1, 0xc010; dec %esi; jnz 1b\n"
	"out %al, $0x10; hlt");
LABEL(wo_break);

static struct machine m;

static void pre_fault_all(void)
{
	struct kvm_pre_fault_memory code = { .gpa = GUEST_CODE & ~(PAGE - 1), .size = PAGE };
	struct kvm_pre_fault_memory data = { .gpa = DATA, .size = PAGE };

	CHECK_OK(ioctl(m.v->fd, KVM_PRE_FAULT_MEMORY, &code));
	CHECK_OK(ioctl(m.v->fd, KVM_PRE_FAULT_MEMORY, &data));
}

static void run_three_times(void)
{
	struct kvm_regs r;

	get_regs(m.v, &r);
	r.rip = GUEST_CODE;
	r.rsi = 3;
	set_regs(m.v, &r);
	vcpu_run_out(m.v, 0x10);
}

static void objects_hit(bool before, bool after)
{
	long bp, reads, writes;

	machine_make(&m, MODE_LONG, PROG(works));
	if (before)
		pre_fault_all();
	bp = machine_count(&m, VMXDBG_BP_SOFT, AT(works, wo_break), 1);
	reads = machine_count(&m, VMXDBG_BP_ACCESS, DATA + 8, 4);
	writes = machine_count(&m, VMXDBG_BP_WRITE, DATA + 16, 4);
	if (after)
		pre_fault_all();
	run_three_times();
	CHECK_EQ(machine_hits(&m, bp), 3);
	CHECK_EQ(machine_hits(&m, reads), 3);
	CHECK_EQ(machine_hits(&m, writes), 3);
	/* Once more, now that the copy and the views are filled */
	pre_fault_all();
	run_three_times();
	CHECK_EQ(machine_hits(&m, bp), 6);
	CHECK_EQ(machine_hits(&m, reads), 6);
	CHECK_EQ(machine_hits(&m, writes), 6);
	machine_destroy(&m);
}

static void mapped_before_the_objects(void)
{
	objects_hit(true, false);
}

static void mapped_after_the_objects(void)
{
	objects_hit(false, true);
}

static const struct test tests[] = {
	TEST(mapped_before_the_objects),
	TEST(mapped_after_the_objects),
};

TAP_MAIN(tests)
