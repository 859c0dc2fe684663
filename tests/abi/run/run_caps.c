// SPDX-License-Identifier: GPL-2.0-only
/* Capabilities of a VM that change which exits its VMM gets. */
#include <string.h>

#include "guest.h"

#define UD		6

/* An x87 load from a device is not emulated. */
GUEST64(loads_x87, "mov $0xd0000000, %ebx\nfldt_here: fldt (%rbx)\nfldt_next: nop; hlt");
LABEL(fldt_here); LABEL(fldt_next);

GUEST64(pauses, "mov $1000, %ecx\n1: pause; loop 1b\nhlt");

static struct vm vm;
static struct vcpu *v;

static int enable(u32 nr, u64 arg)
{
	struct kvm_enable_cap cap = { .cap = nr, .args = { arg } };

	return ioctl(vm.fd, KVM_ENABLE_CAP, &cap);
}

static void exits_with_the_instruction(void)
{
	const struct kvm_run *run = v->run;
	struct kvm_vcpu_events e;

	vcpu_run_to(v, KVM_EXIT_INTERNAL_ERROR);
	CHECK_EQ(run->emulation_failure.suberror, KVM_INTERNAL_ERROR_EMULATION);
	CHECK(run->emulation_failure.ndata >= 3);
	CHECK(run->emulation_failure.flags &
	      KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES);
	CHECK(run->emulation_failure.insn_size >= fldt_next - fldt_here);
	CHECK(!memcmp(run->emulation_failure.insn_bytes, fldt_here, fldt_next - fldt_here));
	CHECK_EQ(get_rip(v), AT(loads_x87, fldt_here));
	/* There is no #UD, and the VMM can skip the instruction. */
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	CHECK_EQ(e.exception.injected | e.exception.pending, 0);
}

static void emulation_failure_exits_in_ring_0(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(loads_x87));
	CHECK_EQ(has_cap(&vm, KVM_CAP_EXIT_ON_EMULATION_FAILURE), 1);
	CHECK_OK(enable(KVM_CAP_EXIT_ON_EMULATION_FAILURE, 1));
	exits_with_the_instruction();
	exits_with_the_instruction();
	set_rip(v, AT(loads_x87, fldt_next));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void emulation_failure_exits_in_ring_3(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(loads_x87));
	CHECK_OK(enable(KVM_CAP_EXIT_ON_EMULATION_FAILURE, 1));
	vcpu_to_ring3(v);
	exits_with_the_instruction();
	/* Without the capability the guest gets #UD. */
	CHECK_OK(enable(KVM_CAP_EXIT_ON_EMULATION_FAILURE, 0));
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), UD);
}

/* without a vCPU: later versions of KVM take KVM_CAP_X86_DISABLE_EXITS before any alone */
static void make_vm(struct prog prog)
{
	vm_make(&vm, NULL);
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, prog);
}

static void pause_does_not_exit(void)
{
	make_vm(PROG(pauses));
	CHECK(has_cap(&vm, KVM_CAP_X86_DISABLE_EXITS) & KVM_X86_DISABLE_EXITS_PAUSE);
	CHECK_OK(enable(KVM_CAP_X86_DISABLE_EXITS, KVM_X86_DISABLE_EXITS_PAUSE));
	CHECK_OK(enable(KVM_CAP_X86_DISABLE_EXITS, 0));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void unknown_arguments_are_refused(void)
{
	make_vm(PROG(pauses));
	CHECK_ERR(enable(KVM_CAP_EXIT_ON_EMULATION_FAILURE, 2), EINVAL);
	CHECK_ERR(enable(KVM_CAP_EXIT_ON_EMULATION_FAILURE, 1ULL << 32), EINVAL);
	CHECK_ERR(enable(KVM_CAP_X86_DISABLE_EXITS, 1 << 30), EINVAL);
	CHECK_ERR(enable(KVM_CAP_X86_DISABLE_EXITS, 1ULL << 63), EINVAL);
	/* A VMM asks for no more than the capability says. */
	KNOWN_DIFFERENCE(enable(KVM_CAP_X86_DISABLE_EXITS, KVM_X86_DISABLE_EXITS_HLT) < 0,
			 "lets the guest halt without an exit");
}

#define APIC_LVT0	0x350

static u32 lint0_at_reset(u64 quirks)
{
	struct kvm_lapic_state s;
	u32 val;

	vm_make(&vm, NULL);
	CHECK_OK(enable(KVM_CAP_DISABLE_QUIRKS, quirks));
	CHECK_OK(enable(KVM_CAP_SPLIT_IRQCHIP, 24));
	v = vm_add_vcpu(&vm, 0);
	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &s));
	memcpy(&val, s.regs + APIC_LVT0, sizeof(val));
	return val;
}

static void lint0_is_masked_at_reset(void)
{
	CHECK_EQ(lint0_at_reset(0), 0x700);
	CHECK_EQ(has_cap(&vm, KVM_CAP_DISABLE_QUIRKS), 1);
	CHECK_EQ(lint0_at_reset(KVM_X86_QUIRK_LINT0_REENABLED), 0x10000);
}

static const struct test tests[] = {
	TEST(emulation_failure_exits_in_ring_0),
	TEST(emulation_failure_exits_in_ring_3),
	TEST(pause_does_not_exit),
	TEST(lint0_is_masked_at_reset),
	TEST(unknown_arguments_are_refused),
};

TAP_MAIN(tests)
