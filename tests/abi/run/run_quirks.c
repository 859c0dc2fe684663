// SPDX-License-Identifier: GPL-2.0-only
/* KVM's quirks: old ways that are on until a VMM turns them off. */
#include <string.h>

#include "apic.h"

#define UD		6
#define GP		13
#define MSR_MISC_ENABLE	0x1a0
#define MISC_MWAIT	(1U << 18)
#define CPUID_SSE3	(1U << 0)	/* leaf 1, ECX */
#define CPUID_MWAIT	(1U << 3)

static struct vm vm;
static struct vcpu *v;

static int enable(u32 nr, u64 arg)
{
	struct kvm_enable_cap cap = { .cap = nr, .args = { arg } };

	return ioctl(vm.fd, KVM_ENABLE_CAP, &cap);
}

static void without(u64 quirks)
{
	CHECK_OK(enable(KVM_CAP_DISABLE_QUIRKS2, quirks));
}

struct cpuid {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[100];
};

static u32 *leaf_1_ecx(struct cpuid *c)
{
	unsigned int i;

	for (i = 0; i < c->head.nent; i++)
		if (c->entries[i].function == 1)
			return &c->entries[i].ecx;
	tap_fail("no leaf 1");
}

/* The CPUID that the host offers, with and without bits of leaf 1, ECX */
static void set_leaf_1(u32 on, u32 off)
{
	struct cpuid c = { .head.nent = ARRAY_SIZE(c.entries) };
	u32 *ecx;

	CHECK_OK(ioctl(vm.dev, KVM_GET_SUPPORTED_CPUID, &c));
	ecx = leaf_1_ecx(&c);
	*ecx = (*ecx | on) & ~off;
	CHECK_OK(ioctl(v->fd, KVM_SET_CPUID2, &c));
}

static bool told_of_mwait(void)
{
	struct cpuid c = { .head.nent = ARRAY_SIZE(c.entries) };

	CHECK_OK(ioctl(v->fd, KVM_GET_CPUID2, &c));
	return *leaf_1_ecx(&c) & CPUID_MWAIT;
}

/* ---- which there are ---- */

GUEST64(halt, "hlt");

#define FIX_HYPERCALL	KVM_X86_QUIRK_FIX_HYPERCALL_INSN

static void which_there_are(void)
{
	u64 all = (1 << 7) - 1, got;

	v = guest_make(&vm, MODE_LONG, PROG(halt));
	got = has_cap(&vm, KVM_CAP_DISABLE_QUIRKS2);
	/* A later KVM has more. */
	CHECK_EQ(got & all & ~FIX_HYPERCALL, all & ~FIX_HYPERCALL);
	KNOWN_DIFFERENCE(!(got & FIX_HYPERCALL), "KVM writes over the guest's code");
	CHECK_OK(enable(KVM_CAP_DISABLE_QUIRKS2, got));
	CHECK_OK(enable(KVM_CAP_DISABLE_QUIRKS2, 0));
	CHECK_ERR(enable(KVM_CAP_DISABLE_QUIRKS2, 1 << 30), EINVAL);
	CHECK_ERR(enable(KVM_CAP_DISABLE_QUIRKS2, 1ULL << 32), EINVAL);
	/* The older call does not look. */
	CHECK_OK(enable(KVM_CAP_DISABLE_QUIRKS, all));
	CHECK_OK(enable(KVM_CAP_DISABLE_QUIRKS, 0));
}

/* ---- the page of a local APIC that is off ---- */

GUEST64(apic_page,
	"mov $0xfee00000, %ebx; xor %eax, %eax; mov %eax, 0x80(%rbx)\n"
	"mov 0x80(%rbx), %eax; out %eax, $0x10; movb 0x80(%rbx), %al; out %al, $0x10; hlt");

static void reads_ones(u64 base)
{
	v = split_guest(&vm, MODE_LONG, PROG(apic_page));
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, base), 1);
	CHECK_EQ(vcpu_run_out(v, 0x10), ~0U);
	CHECK_EQ((u8)vcpu_run_out(v, 0x10), 0xff);
	CHECK_EQ(apic_get(v, APIC_TPR), 0);
}

static void goes_to_the_vmm(u64 base)
{
	u32 val = 0x12345678;

	v = split_guest(&vm, MODE_LONG, PROG(apic_page));
	without(KVM_X86_QUIRK_LAPIC_MMIO_HOLE);
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, base), 1);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, APIC_BASE + APIC_TPR);
	CHECK_EQ(v->run->mmio.is_write, 1);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.is_write, 0);
	memcpy(v->run->mmio.data, &val, sizeof(val));
	CHECK_EQ(vcpu_run_out(v, 0x10), val);
}

static void page_of_an_apic_that_is_off(void)
{
	reads_ones(APIC_BASE);
	vm_destroy(&vm);
	goes_to_the_vmm(APIC_BASE);
}

static void page_of_an_x2apic(void)
{
	reads_ones(APIC_BASE | BASE_BSP | BASE_ON | BASE_X2APIC);
	vm_destroy(&vm);
	goes_to_the_vmm(APIC_BASE | BASE_BSP | BASE_ON | BASE_X2APIC);
}

static void page_where_it_is_not(void)
{
	v = split_guest(&vm, MODE_LONG, PROG(apic_page));
	CHECK_EQ(set_msr(v, MSR_APIC_BASE, 0xe0000000), 1);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, APIC_BASE + APIC_TPR);
}

/* ---- MONITOR and MWAIT ---- */

GUEST64(monitors,
	"xor %ecx, %ecx; xor %edx, %edx; mov $0xc000, %eax; monitor\n"
	"out %al, $0x10; mwait; out %al, $0x10; hlt");

/* Return: the exceptions of MONITOR and of MWAIT, 0 for none. */
static unsigned int monitor_faults(u64 quirks_off, u32 cpuid)
{
	unsigned int faults = 0, i;

	v = guest_make(&vm, MODE_LONG, PROG(monitors));
	set_leaf_1(cpuid, CPUID_MWAIT & ~cpuid);
	without(quirks_off);
	for (i = 0; i < 2; i++) {
		vcpu_run_to(v, KVM_EXIT_IO);
		if (vcpu_trap(v) < 0)
			continue;
		CHECK_EQ(vcpu_trap(v), UD);
		faults |= 1 << i;
		/* On from behind the instruction, which has three bytes, to the OUT */
		set_rip(v, GUEST_CODE + 12 + 5 * i);
		vcpu_run_out(v, 0x10);
	}
	vm_destroy(&vm);
	return faults;
}

static void monitor_without_cpuid(void)
{
	CHECK_EQ(monitor_faults(0, 0), 0);
	CHECK_EQ(monitor_faults(0, CPUID_MWAIT), 0);
	CHECK_EQ(monitor_faults(KVM_X86_QUIRK_MWAIT_NEVER_UD_FAULTS, 0), 3);
	CHECK_EQ(monitor_faults(KVM_X86_QUIRK_MWAIT_NEVER_UD_FAULTS, CPUID_MWAIT), 0);
}

GUEST64(sets_misc,
	"mov $0x1a0, %ecx; rdmsr; xor $0x40000, %eax; wrmsr; out %al, $0x10\n"
	"mov $1, %eax; cpuid; mov %ecx, %eax; out %eax, $0x10; hlt");

static void misc_enable_has_no_effect(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(sets_misc));
	set_leaf_1(0, CPUID_MWAIT | CPUID_SSE3);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(vcpu_run_out(v, 0x10) & CPUID_MWAIT, 0);
	CHECK_EQ(get_msr(v, MSR_MISC_ENABLE) & MISC_MWAIT, MISC_MWAIT);
	CHECK(!told_of_mwait());
}

static void misc_enable_sets_cpuid(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(sets_misc));
	set_leaf_1(CPUID_SSE3, CPUID_MWAIT);
	without(KVM_X86_QUIRK_MISC_ENABLE_NO_MWAIT);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(vcpu_run_out(v, 0x10) & CPUID_MWAIT, CPUID_MWAIT);
	CHECK(told_of_mwait());
	CHECK_EQ(set_msr(v, MSR_MISC_ENABLE, get_msr(v, MSR_MISC_ENABLE) & ~(u64)MISC_MWAIT), 1);
	CHECK(!told_of_mwait());
}

/* The bit is reserved then. */
static void misc_enable_without_sse3(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(sets_misc));
	set_leaf_1(0, CPUID_MWAIT | CPUID_SSE3);
	without(KVM_X86_QUIRK_MISC_ENABLE_NO_MWAIT);
	CHECK_EQ(set_msr(v, MSR_MISC_ENABLE, get_msr(v, MSR_MISC_ENABLE) ^ MISC_MWAIT), 0);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), GP);
}

/* ---- OUT to port 0x7e ---- */

GUEST64(outs,
	"mov $5, %al; out %al, $0x7e\nouts_1: inc %al; out %al, $0x7f\nouts_2: in $0x7e, %al\n"
	"outs_3: hlt; nop; nop\nouts_far: mov $7, %al; out %al, $0x10; hlt");
LABEL(outs_1); LABEL(outs_2); LABEL(outs_3); LABEL(outs_far);

static void rip_at_an_out(u64 quirks_off, u64 rip)
{
	v = guest_make(&vm, MODE_LONG, PROG(outs));
	without(quirks_off);
	CHECK_EQ((u8)vcpu_run_out(v, 0x7e), 5);
	CHECK_EQ(get_rip(v), rip);
	CHECK_EQ((u8)vcpu_run_out(v, 0x7f), 6);
	CHECK_EQ(get_rip(v), AT(outs, outs_2) - 2);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(get_rip(v), AT(outs, outs_2));
	vcpu_run_to(v, KVM_EXIT_HLT);
	vm_destroy(&vm);
}

static void rip_at_an_out_to_7e(void)
{
	rip_at_an_out(0, AT(outs, outs_1));
	rip_at_an_out(KVM_X86_QUIRK_OUT_7E_INC_RIP, AT(outs, outs_1) - 2);
}

/* A VMM that has moved rip meanwhile, as QEMU's vapic does */
static void vmm_moves_rip_at_7e(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(outs));
	vcpu_run_out(v, 0x7e);
	set_rip(v, AT(outs, outs_far));
	CHECK_EQ((u8)vcpu_run_out(v, 0x10), 7);
}

/* The guest steps itself: one #DB behind each OUT. */
GUEST64(steps_outs,
	"jmp 1f\nso_handler: mov (%rsp), %rax; mov %rax, 0xc000(,%rbx,8); inc %ebx; iretq\n"
	"1: xor %ebx, %ebx; pushf; orl $0x100, (%rsp); popf\n"
	"out %al, $0x7e\nso_1: out %al, $0x7f\nso_2: hlt");
LABEL(so_handler); LABEL(so_1); LABEL(so_2);

static void trap_behind_an_out_to_7e(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(steps_outs));
	vm_gate(&vm, MODE_LONG, 1, AT(steps_outs, so_handler));
	vcpu_run_out(v, 0x7e);
	vcpu_run_out(v, 0x7f);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&vm, 0), AT(steps_outs, so_1));
	CHECK_EQ(DATA64(&vm, 1), AT(steps_outs, so_2));
}

static const struct test tests[] = {
	TEST(which_there_are),
	TEST(page_of_an_apic_that_is_off),
	TEST(page_of_an_x2apic),
	TEST(page_where_it_is_not),
	TEST(monitor_without_cpuid),
	TEST(misc_enable_has_no_effect),
	TEST(misc_enable_sets_cpuid),
	TEST(misc_enable_without_sse3),
	TEST(rip_at_an_out_to_7e),
	TEST(vmm_moves_rip_at_7e),
	TEST(trap_behind_an_out_to_7e),
};

TAP_MAIN(tests)
