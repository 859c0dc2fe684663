// SPDX-License-Identifier: GPL-2.0-only
/* Registers in struct kvm_run (KVM_CAP_SYNC_REGS), and SREGS2. */
#include <string.h>

#include "guest.h"

GUEST64(count, "1: inc %rbx; mov %rbx, %rax; out %al, $0x10; jmp 1b");
GUEST64(halt, "hlt");

static void capability_names_the_sets(void)
{
	struct vm vm;

	vm_make(&vm, NULL);
	CHECK_EQ(has_cap(&vm, KVM_CAP_SYNC_REGS), KVM_SYNC_X86_REGS |
		 KVM_SYNC_X86_SREGS | KVM_SYNC_X86_EVENTS);
}

static void sets_come_out_with_the_exit(void)
{
	struct kvm_vcpu_events events;
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(count));
	struct kvm_sync_regs *s = &v->run->s.regs;

	v->run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS |
				 KVM_SYNC_X86_EVENTS;
	memset(s, 0, sizeof(*s));
	vcpu_run_out(v, 0x10);
	get_regs(v, &regs);
	get_sregs(v, &sregs);
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events));
	CHECK_EQ(s->regs.rbx, 1);
	CHECK(!memcmp(&s->regs, &regs, sizeof(regs)));
	CHECK(!memcmp(&s->sregs, &sregs, sizeof(sregs)));
	CHECK(!memcmp(&s->events, &events, sizeof(events)));
}

static void sets_that_are_not_wanted_are_not_written(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(count));
	struct kvm_sync_regs *s = &v->run->s.regs;

	memset(s, 0x77, sizeof(*s));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(s->regs.rbx, 0x7777777777777777);
	v->run->kvm_valid_regs = KVM_SYNC_X86_REGS;
	vcpu_run_out(v, 0x10);
	CHECK_EQ(s->regs.rbx, 2);
	CHECK_EQ(s->sregs.cr0, 0x7777777777777777);
}

static void dirty_sets_go_in(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(count));
	struct kvm_sync_regs *s = &v->run->s.regs;

	v->run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
	vcpu_run_out(v, 0x10);
	s->regs.rbx = 0x40;
	s->sregs.cr2 = 0x1234;
	CHECK_EQ(vcpu_run_out(v, 0x10), 2);	/* not marked as dirty */
	s->regs.rbx = 0x40;
	s->sregs.cr2 = 0x1234;
	v->run->kvm_dirty_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
	CHECK_EQ(vcpu_run_out(v, 0x10), 0x41);
	CHECK_EQ(v->run->kvm_dirty_regs, 0);
	CHECK_EQ(s->sregs.cr2, 0x1234);
}

static void bits_that_are_unknown(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	v->run->kvm_valid_regs = 1 << 30;
	CHECK_EQ(vcpu_run(v), -EINVAL);
	v->run->kvm_valid_regs = 0;
	v->run->kvm_dirty_regs = 1 << 30;
	CHECK_EQ(vcpu_run(v), -EINVAL);
	v->run->kvm_dirty_regs = 0;
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void a_set_that_is_refused_stays_dirty(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	struct kvm_sync_regs *s = &v->run->s.regs;

	get_sregs(v, &s->sregs);
	s->sregs.efer = 0;		/* paging in a 64-bit segment needs EFER */
	v->run->kvm_dirty_regs = KVM_SYNC_X86_SREGS;
	CHECK_EQ(vcpu_run(v), -EINVAL);
	CHECK_EQ(v->run->kvm_dirty_regs, KVM_SYNC_X86_SREGS);
	v->run->kvm_dirty_regs = 0;
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST32(halt32, "mov 0x1f0000, %eax; hlt");

/* The PDPTEs are those in the processor, not those in memory. */
static void sregs2_carries_pdptrs(void)
{
	struct kvm_sregs2 s;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_PAE, PROG(halt32));
	unsigned int i;

	memset(&s, 0xff, sizeof(s));
	CHECK_OK(ioctl(v->fd, KVM_GET_SREGS2, &s));
	CHECK_EQ(s.flags, KVM_SREGS2_FLAGS_PDPTRS_VALID);
	for (i = 0; i < 4; i++)
		CHECK_EQ(s.pdptrs[i], (GUEST_PD + 0x1000 * i) | 1);
	memset(vm.mem + GUEST_PDPT, 0, 32);
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS2, &s));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void sregs2_elsewhere_has_none(void)
{
	struct kvm_sregs2 s2;
	struct kvm_sregs s;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	get_sregs(v, &s);
	CHECK_OK(ioctl(v->fd, KVM_GET_SREGS2, &s2));
	CHECK_EQ(s2.flags, 0);
	CHECK(!memcmp(&s, &s2, offsetof(struct kvm_sregs, interrupt_bitmap)));
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS2, &s2));
	s2.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	CHECK_ERR(ioctl(v->fd, KVM_SET_SREGS2, &s2), EINVAL);
	s2.flags = 2;
	CHECK_ERR(ioctl(v->fd, KVM_SET_SREGS2, &s2), EINVAL);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static const struct test tests[] = {
	TEST(capability_names_the_sets),
	TEST(sets_come_out_with_the_exit),
	TEST(sets_that_are_not_wanted_are_not_written),
	TEST(dirty_sets_go_in),
	TEST(bits_that_are_unknown),
	TEST(a_set_that_is_refused_stays_dirty),
	TEST(sregs2_carries_pdptrs),
	TEST(sregs2_elsewhere_has_none),
};

TAP_MAIN(tests)
