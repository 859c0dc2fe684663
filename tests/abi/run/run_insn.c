// SPDX-License-Identifier: GPL-2.0-only
/* Instructions that cause an exit and that the module completes itself. */
#include "guest.h"

#define MSR_DEBUGCTL	0x1d9

#define KVM_ENOSYS	1000
#define KVM_EPERM	1

GUEST64(hypercall,
	"mov $0x7777, %eax; mov $1, %ebx; vmcall; mov %rax, 0xc000; hlt");

static void unknown_hypercall(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(hypercall));

	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&vm, 0), -KVM_ENOSYS);
}

GUEST32(hypercall32,
	"mov $0x7777, %eax; vmcall; mov %eax, 0xc000; hlt");

static void unknown_hypercall_of_32_bit_code(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_PAE, PROG(hypercall32));

	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rax, (u32)-KVM_ENOSYS);
}

GUEST64(hypercall_user,
	"mov %rsp, %rbx\n"
	"push $0x33; push %rbx; pushf; push $0x3b; push $" GADDR(hypercall_user, in_user) "\n"
	"iretq\n"
	"in_user: mov $0x7777, %eax; vmcall; mov %rax, 0xc000; ud2");

static void hypercall_from_user_mode(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(hypercall_user));

	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 6);
	CHECK_EQ(DATA64(&vm, 0), -KVM_EPERM);
}

GUEST64(caches, "wbinvd; invd; mov $1, %eax; out %al, $0x10; hlt");

static void cache_instructions_do_nothing(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(caches));

	GUEST_PTR(&vm, GUEST_DATA, u64)[0] = 0x1234;
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA64(&vm, 0), 0x1234);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(mwaits,
	"mov $0xc000, %eax; xor %ecx, %ecx; xor %edx, %edx; monitor\n"
	"xor %eax, %eax; mwait; out %al, $0x10; pause; out %al, $0x11; hlt");

static void monitor_mwait_and_pause_go_on(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(mwaits));

	vcpu_run_out(v, 0x10);
	vcpu_run_out(v, 0x11);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(vmx, "vmxoff; hlt");

static void vmx_instructions_are_undefined(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(vmx));

	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 6);
}

GUEST64(debugctl,
	"mov $0x1d9, %ecx; mov $3, %eax; xor %edx, %edx; wrmsr\n"
	"rdmsr; mov %eax, 0xc000; out %al, $0x10\n"
	"mov $0x8000, %eax; wrmsr; hlt");

/* branch stepping and records: the guest may ask for them, and does not get them */
static void debugctl_of_a_guest(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(debugctl));

	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 0);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
}

static void debugctl_of_the_vmm(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(caches));

	CHECK_EQ(set_msr(v, MSR_DEBUGCTL, 3), 1);
	CHECK_EQ(get_msr(v, MSR_DEBUGCTL), 0);
	CHECK_EQ(set_msr(v, MSR_DEBUGCTL, 0x8000), 0);
}

static const struct test tests[] = {
	TEST(unknown_hypercall),
	TEST(unknown_hypercall_of_32_bit_code),
	TEST(hypercall_from_user_mode),
	TEST(cache_instructions_do_nothing),
	TEST(monitor_mwait_and_pause_go_on),
	TEST(vmx_instructions_are_undefined),
	TEST(debugctl_of_a_guest),
	TEST(debugctl_of_the_vmm),
};

TAP_MAIN(tests)
