// SPDX-License-Identifier: GPL-2.0-only
/* Machine check banks, which the VMM fills. */
#include "guest.h"

#define MCG_CAP		0x179
#define MCG_STATUS	0x17a
#define MCG_CTL		0x17b
#define MC0_CTL		0x400
#define MC0_STATUS	0x401
#define MC2_STATUS	0x409
#define MC2_ADDR	0x40a

#define CTL_P		(1ULL << 8)
#define VAL		(1ULL << 63)
#define OVER		(1ULL << 62)
#define UC		(1ULL << 61)
#define EN		(1ULL << 60)
#define S		(1ULL << 56)
#define MCIP		4

#define CR4_MCE		(1 << 6)

GUEST64(halt, "hlt");

static int setup(struct vcpu *v, u64 cap)
{
	return ioctl(v->fd, KVM_X86_SETUP_MCE, &cap);
}

static void setup_is_checked(void)
{
	u64 supported = 0;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	int banks = has_cap(&vm, KVM_CAP_MCE);

	REQUIRE(banks > 0);
	CHECK_OK(ioctl(vm.dev, KVM_X86_GET_MCE_CAP_SUPPORTED, &supported));
	CHECK(supported & CTL_P);
	CHECK_ERR(setup(v, CTL_P), EINVAL);
	CHECK_ERR(setup(v, CTL_P | (banks + 1)), EINVAL);
	CHECK_ERR(setup(v, 1ULL << 40 | 1), EINVAL);
	CHECK_OK(setup(v, CTL_P | banks));
	CHECK_EQ(get_msr(v, MCG_CAP), CTL_P | banks);
	CHECK_EQ(get_msr(v, MCG_CTL), ~0ULL);
	CHECK_EQ(get_msr(v, MC0_CTL), ~0ULL);
	CHECK_EQ(get_msr(v, MC0_CTL + 4 * (banks - 1)), ~0ULL);
}

static void banks_of_a_fresh_vcpu(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	int banks = has_cap(&vm, KVM_CAP_MCE);

	CHECK_EQ(get_msr(v, MCG_CAP), banks);
	CHECK_EQ(get_msr(v, MC0_CTL + 4 * (banks - 1)), 0);
	CHECK_EQ(set_msr(v, MC0_CTL + 4 * (banks - 1), 0), 1);
	CHECK_EQ(set_msr(v, MC0_CTL + 4 * banks, 0), 0);
}

static void banks_beyond_the_last_are_not_there(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_OK(setup(v, CTL_P | 2));
	CHECK_EQ(set_msr(v, MC0_CTL + 4, 0), 1);
	CHECK_EQ(set_msr(v, MC0_CTL + 8, 0), 0);
	CHECK_EQ(set_msr(v, MC0_CTL, 5), 0);		/* all or nothing */
	CHECK_EQ(set_msr(v, MC0_STATUS, VAL), 1);	/* only the VMM may write it */
	CHECK_EQ(get_msr(v, MC0_STATUS), VAL);
	CHECK_EQ(set_msr(v, MCG_CTL, 5), 0);
	CHECK_EQ(set_msr(v, MCG_STATUS, MCIP), 1);
}

GUEST64(writes_status,
	"mov $0x401, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr\n"
	"out %al, $0x10\n"
	"inc %eax; wrmsr; hlt");

static void guest_can_only_clear_status(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(writes_status));

	CHECK_OK(setup(v, CTL_P | 2));
	vcpu_run_out(v, 0x10);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
}

static int inject(struct vcpu *v, u64 status, u64 mcg_status, u8 bank)
{
	struct kvm_x86_mce mce = {
		.status = status, .mcg_status = mcg_status, .bank = bank,
		.addr = 0x1234,
	};

	return ioctl(v->fd, KVM_X86_SET_MCE, &mce);
}

static struct vcpu *mce_guest(struct vm *vm, u64 cr4)
{
	struct vcpu *v = guest_make(vm, MODE_LONG, PROG(halt));
	struct kvm_sregs s;

	get_sregs(v, &s);
	s.cr4 |= cr4;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	CHECK_OK(setup(v, CTL_P | 4));
	return v;
}

static void uncorrected_error_is_an_exception(void)
{
	struct vm vm;
	struct vcpu *v = mce_guest(&vm, CR4_MCE);

	CHECK_OK(inject(v, VAL | UC | EN | S, MCIP, 2));
	CHECK_EQ(get_msr(v, MC2_STATUS), VAL | UC | EN | S);
	CHECK_EQ(get_msr(v, MC2_ADDR), 0x1234);
	CHECK_EQ(get_msr(v, MCG_STATUS), MCIP);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 18);
	/* a second machine check while the first is in progress */
	CHECK_OK(inject(v, VAL | UC | EN | S, MCIP, 2));
	vcpu_run_to(v, KVM_EXIT_SHUTDOWN);
}

static void uncorrected_error_without_cr4_mce(void)
{
	struct vm vm;
	struct vcpu *v = mce_guest(&vm, 0);

	CHECK_OK(inject(v, VAL | UC | EN | S, MCIP, 2));
	vcpu_run_to(v, KVM_EXIT_SHUTDOWN);
}

static void corrected_errors_fill_the_bank(void)
{
	struct vm vm;
	struct vcpu *v = mce_guest(&vm, CR4_MCE);

	CHECK_OK(inject(v, VAL | EN | 1, 0, 2));
	CHECK_EQ(get_msr(v, MC2_STATUS), VAL | EN | 1);
	CHECK_OK(inject(v, VAL | EN | 2, 0, 2));
	CHECK_EQ(get_msr(v, MC2_STATUS), VAL | OVER | EN | 2);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void errors_that_are_refused(void)
{
	struct vm vm;
	struct vcpu *v = mce_guest(&vm, CR4_MCE);

	CHECK_ERR(inject(v, VAL, 0, 4), EINVAL);
	CHECK_ERR(inject(v, EN, 0, 2), EINVAL);
	CHECK_EQ(get_msr(v, MC2_STATUS), 0);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static const struct test tests[] = {
	TEST(banks_of_a_fresh_vcpu),
	TEST(setup_is_checked),
	TEST(banks_beyond_the_last_are_not_there),
	TEST(guest_can_only_clear_status),
	TEST(uncorrected_error_is_an_exception),
	TEST(uncorrected_error_without_cr4_mce),
	TEST(corrected_errors_fill_the_bank),
	TEST(errors_that_are_refused),
};

TAP_MAIN(tests)
