// SPDX-License-Identifier: GPL-2.0-only
/* Machine check banks, which the VMM fills, and the interrupt that tells of some errors. */
#include "apic.h"
#include "cpuid_list.h"

#define MCG_CAP		0x179
#define MCG_STATUS	0x17a
#define MCG_CTL		0x17b
#define MC0_CTL		0x400
#define MC0_STATUS	0x401
#define MC2_STATUS	0x409
#define MC2_ADDR	0x40a

#define MC2_CTL2	0x282

#define HWCR		0xc0010015
#define MC_STATUS_WR	(1 << 18)

#define CTL_P		(1ULL << 8)
#define CMCI_P		(1ULL << 10)
#define CMCI_EN		(1ULL << 30)
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

/* HWCR of AMD is there on any processor. A guest of AMD's may write STATUS once it asked for it. */
GUEST64(writes_status_of_amd,
	"mov $0xc0010015, %ecx; mov $0x40000, %eax; xor %edx, %edx; wrmsr\n"
	"xor %eax, %eax; rdmsr; out %eax, $0x10\n"
	"mov $0x401, %ecx; mov $1, %eax; wrmsr; out %al, $0x11; hlt");

static void set_vendor(struct vcpu *v, const char *vendor)
{
	struct kvm_cpuid_entry2 *e;
	struct cpuid_list list;

	cpuid_supported(v->vm->dev, &list);
	e = cpuid_leaf(&list, 0);
	memcpy(&e->ebx, vendor, 4);
	memcpy(&e->edx, vendor + 4, 4);
	memcpy(&e->ecx, vendor + 8, 4);
	cpuid_set(v, &list);
}

static void guest_of_amd_writes_status(void)
{
	static const char *const vendors[] = { "GenuineIntel", "AuthenticAMD", "HygonGenuine" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vendors); i++) {
		struct vm vm;
		struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(writes_status_of_amd));

		set_vendor(v, vendors[i]);
		CHECK_OK(setup(v, CTL_P | 2));
		CHECK_EQ(vcpu_run_out(v, 0x10), 0x40000);
		vcpu_run_to(v, KVM_EXIT_IO);
		if (i)
			CHECK_EQ(v->run->io.port, 0x11);
		else
			CHECK_EQ(vcpu_trap(v), 13);
		CHECK_EQ(get_msr(v, MC0_STATUS), !!i);
	}
}

/*
 * TlbCacheDis, FFDIS and IgnneEm are ignored. KVM stores TscFreqSel since 6.7; before, it did
 * not store 0.
 */
static void bits_of_hwcr(void)
{
	const u64 ignored = 1 << 3 | 1 << 6 | 1 << 8, tsc_freq = 1 << 24;
	bool old = on_kvm() && !host_since(6, 7);
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		u64 val = 1ULL << bit, stored = val & (MC_STATUS_WR | (old ? 0 : tsc_freq));

		CHECK_EQ(set_msr(v, HWCR, val), stored || (val & ignored));
		CHECK_EQ(get_msr(v, HWCR), old && val > MC_STATUS_WR ? MC_STATUS_WR : stored);
		CHECK_EQ(set_msr(v, HWCR, 0), 1);
	}
	CHECK_EQ(set_msr(v, HWCR, MC_STATUS_WR | ignored), 1);
	CHECK_EQ(get_msr(v, HWCR), MC_STATUS_WR);
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

/* ---- errors that an interrupt tells (CMCI) ---- */

#define APIC_LVT_CMCI	0x2f0
#define VECTOR		0x47

/* The LVT's entry, and bits of EDI into bank 2's CTL2; then interrupts on */
GUEST64(waits_for_cmci,
	"jmp 1f\nwc_handler: movl $0, 0xb0(%rbx); mov $0x77, %al; out %al, $0x11; iretq\n"
	"1: mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx); movl $0x47, 0x2f0(%rbx)\n"
	"mov 0x2f0(%rbx), %eax; out %eax, $0x10\n"
	"mov $0x282, %ecx; rdmsr; or %edi, %eax; wrmsr; sti; out %al, $0x10\n"
	"nop; out %al, $0x10; hlt");
LABEL(wc_handler);

/* A guest up to where bank 2 has its CTL2 with @ctl2 set */
static struct vcpu *cmci_guest(struct vm *vm, u64 cap, u32 lvt, u32 ctl2)
{
	struct vcpu *v = split_guest(vm, MODE_LONG, PROG(waits_for_cmci));
	struct kvm_regs regs;

	vm_gate(vm, MODE_LONG, VECTOR, AT(waits_for_cmci, wc_handler));
	CHECK_OK(setup(v, cap | 4));
	get_regs(v, &regs);
	regs.rdi = ctl2;
	set_regs(v, &regs);
	CHECK_EQ(vcpu_run_out(v, 0x10), lvt);
	return v;
}

static void cmci_of_an_error_without_action(void)
{
	struct vm vm;
	struct vcpu *v = cmci_guest(&vm, CTL_P | CMCI_P, VECTOR, CMCI_EN);

	CHECK_EQ(apic_get(v, APIC_LVR) >> 16 & 0xff, 6);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(get_msr(v, MC2_CTL2), CMCI_EN);
	CHECK_OK(inject(v, VAL | UC | EN, 0, 2));
	CHECK_EQ(get_msr(v, MC2_STATUS), VAL | UC | EN);
	CHECK_EQ((u8)vcpu_run_out(v, 0x11), 0x77);
	/* CTL2 of another bank is off, and no interrupt tells a corrected error. */
	CHECK_OK(inject(v, VAL | UC | EN, 0, 1));
	CHECK_OK(inject(v, VAL | EN, 0, 3));
	vcpu_run_out(v, 0x10);
	CHECK(!apic_has(v, APIC_IRR, VECTOR));
}

static void cmci_that_is_off(void)
{
	struct vm vm;
	struct vcpu *v = cmci_guest(&vm, CTL_P | CMCI_P, VECTOR, 0);

	vcpu_run_out(v, 0x10);
	CHECK_OK(inject(v, VAL | UC | EN, 0, 2));
	CHECK_EQ(get_msr(v, MC2_ADDR), 0x1234);
	vcpu_run_out(v, 0x10);
	CHECK(!apic_has(v, APIC_IRR, VECTOR));
}

/* Without it there are neither the LVT's entry nor CTL2. */
static void processor_without_cmci(void)
{
	struct vm vm;
	struct vcpu *v = cmci_guest(&vm, CTL_P, 0, CMCI_EN);

	CHECK_EQ(apic_get(v, APIC_LVR) >> 16 & 0xff, 5);
	CHECK_EQ(get_msr(v, MC2_CTL2), 0);
	CHECK_EQ(set_msr(v, MC2_CTL2, 0), 1);
	CHECK_EQ(set_msr(v, MC2_CTL2, CMCI_EN), 0);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
}

static void reserved_bits_of_ctl2(void)
{
	struct vm vm;
	struct vcpu *v = cmci_guest(&vm, CTL_P | CMCI_P, VECTOR, 1 << 29);

	CHECK_EQ(set_msr(v, MC2_CTL2, CMCI_EN | 0x7fff), 1);
	CHECK_EQ(set_msr(v, MC2_CTL2, 0x8000), 0);
	CHECK_EQ(set_msr(v, MC2_CTL2 + 2, 0), 0);	/* no such bank */
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
}

static void lvt_is_masked_when_cmci_comes(void)
{
	struct vm vm;
	struct vcpu *v = split_guest(&vm, MODE_LONG, PROG(waits_for_cmci));

	CHECK_EQ(apic_get(v, APIC_LVT_CMCI), 0);
	CHECK_OK(setup(v, CTL_P | CMCI_P | 4));
	CHECK_EQ(apic_get(v, APIC_LVT_CMCI), LVT_MASKED);
	apic_set(v, APIC_LVT_CMCI, VECTOR);
	CHECK_OK(setup(v, CTL_P | CMCI_P | 5));
	CHECK_EQ(apic_get(v, APIC_LVT_CMCI), VECTOR);
	CHECK_OK(setup(v, CTL_P | 4));
	CHECK_EQ(apic_get(v, APIC_LVR) >> 16 & 0xff, 5);
}

static const struct test tests[] = {
	TEST(banks_of_a_fresh_vcpu),
	TEST(setup_is_checked),
	TEST(banks_beyond_the_last_are_not_there),
	TEST(guest_can_only_clear_status),
	TEST(guest_of_amd_writes_status),
	TEST(bits_of_hwcr),
	TEST(uncorrected_error_is_an_exception),
	TEST(uncorrected_error_without_cr4_mce),
	TEST(corrected_errors_fill_the_bank),
	TEST(errors_that_are_refused),
	TEST(cmci_of_an_error_without_action),
	TEST(cmci_that_is_off),
	TEST(processor_without_cmci),
	TEST(reserved_bits_of_ctl2),
	TEST(lvt_is_masked_when_cmci_comes),
};

TAP_MAIN(tests)
