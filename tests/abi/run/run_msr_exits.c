// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSR accesses that the VMM decides on (KVM_CAP_X86_USER_SPACE_MSR), and MSRs that it takes
 * away from its guest (KVM_X86_SET_MSR_FILTER).
 */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "guest_debug.h"

#define MSR_UNKNOWN	0x4b564d20
#define MSR_X2APIC_ID	0x802
#define MSR_MISC_ENABLE	0x1a0
#define MSR_TSC		0x10
#define MSR_MC0_CTL2	0x280		/* of processors with CMCI */
#define MSR_KERNEL_GS	0xc0000102	/* guests access it without an exit */
#define GP		13

#define ALL_REASONS	(KVM_MSR_EXIT_REASON_INVAL | KVM_MSR_EXIT_REASON_UNKNOWN | \
			 KVM_MSR_EXIT_REASON_FILTER)

/* accesses the MSR in RCX: reads it if RBX is 0, else writes RDX:RAX */
GUEST64(access,
	"test %ebx, %ebx; jnz 1f; msr_read: rdmsr; msr_then: jmp 2f; 1: wrmsr\n"
	"2: out %al, $0x10; hlt");
LABEL(msr_read); LABEL(msr_then);

/* reads the MSR in RCX for ever, and counts */
GUEST64(reads, "1: rdmsr; lock incq 0xc000; jmp 1b");

static struct vm vm;
static struct vcpu *v;

static int want(u64 reasons)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR, .args = { reasons },
	};

	return ioctl(vm.fd, KVM_ENABLE_CAP, &cap);
}

static void prepare(u32 index, bool write, u64 value)
{
	struct kvm_regs r;

	get_regs(v, &r);
	r.rip = GUEST_CODE;
	r.rcx = index;
	r.rbx = write;
	r.rax = (u32)value;
	r.rdx = value >> 32;
	set_regs(v, &r);
}

static void start(u64 reasons)
{
	v = guest_make(&vm, MODE_LONG, PROG(access));
	CHECK(has_cap(&vm, KVM_CAP_X86_USER_SPACE_MSR) > 0);
	CHECK(has_cap(&vm, KVM_CAP_X86_MSR_FILTER) > 0);
	CHECK_OK(want(reasons));
}

/* Run to the VMM's turn, which must be this. */
static void exits(u32 exit_reason, u32 index, u32 reason, u64 data)
{
	memset((void *)&v->run->msr, 0xff, sizeof(v->run->msr));
	vcpu_run_to(v, exit_reason);
	CHECK_EQ(v->run->msr.index, index);
	CHECK_EQ(v->run->msr.reason, reason);
	CHECK_EQ(v->run->msr.data, data);
	CHECK_EQ(v->run->msr.error, 0);
}

/* Run to the guest's OUT, or to its #GP. */
static void ends(bool gp)
{
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), gp ? GP : -1);
}

static void vmm_answers_a_read(void)
{
	struct kvm_regs r;

	start(ALL_REASONS);
	prepare(MSR_UNKNOWN, false, ~0ULL);
	exits(KVM_EXIT_X86_RDMSR, MSR_UNKNOWN, KVM_MSR_EXIT_REASON_UNKNOWN, 0);
	CHECK_EQ(get_rip(v), AT(access, msr_read));
	v->run->msr.data = 0x1122334455667788;
	ends(false);
	get_regs(v, &r);
	CHECK_EQ(r.rax, 0x55667788);
	CHECK_EQ(r.rdx, 0x11223344);
}

static void vmm_takes_a_write(void)
{
	struct kvm_regs r;

	start(ALL_REASONS);
	prepare(MSR_UNKNOWN, true, 0x1122334455667788);
	exits(KVM_EXIT_X86_WRMSR, MSR_UNKNOWN, KVM_MSR_EXIT_REASON_UNKNOWN, 0x1122334455667788);
	v->run->msr.data = 5;
	ends(false);
	get_regs(v, &r);
	CHECK_EQ(r.rax, 0x55667788);
	CHECK_EQ(r.rdx, 0x11223344);
}

static void vmm_refuses(void)
{
	unsigned int write;

	for (write = 0; write < 2; write++) {
		start(ALL_REASONS);
		prepare(MSR_UNKNOWN, write, 1);
		vcpu_run_to(v, write ? KVM_EXIT_X86_WRMSR : KVM_EXIT_X86_RDMSR);
		v->run->msr.error = 1;
		ends(true);
		vm_destroy(&vm);
	}
}

static const struct {
	u32 index;
	bool write;
	u64 value;
	u32 reason;
} refused[] = {
	{ MSR_UNKNOWN, false, 0, KVM_MSR_EXIT_REASON_UNKNOWN },
	{ MSR_UNKNOWN, true, 0, KVM_MSR_EXIT_REASON_UNKNOWN },
	{ 0x2a, true, 0, KVM_MSR_EXIT_REASON_UNKNOWN },		/* read-only */
	{ MSR_X2APIC_ID, false, 0, KVM_MSR_EXIT_REASON_INVAL },
	{ MSR_X2APIC_ID, true, 0, KVM_MSR_EXIT_REASON_INVAL },
	{ MSR_MC0_CTL2, false, 0, KVM_MSR_EXIT_REASON_INVAL },
	{ MSR_MC0_CTL2, true, 0, KVM_MSR_EXIT_REASON_INVAL },
	{ MSR_MISC_ENABLE, true, 1, KVM_MSR_EXIT_REASON_INVAL },
	{ 0x277, true, 2, KVM_MSR_EXIT_REASON_INVAL },		/* PAT */
};

/* Each refusal has its reason, and is a #GP for a VMM that wants the other reasons. */
static void reasons(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		start(ALL_REASONS);
		prepare(refused[i].index, refused[i].write, refused[i].value);
		vcpu_run_to(v, refused[i].write ? KVM_EXIT_X86_WRMSR : KVM_EXIT_X86_RDMSR);
		if (!CHECK_EQ(v->run->msr.reason, refused[i].reason))
			tap_note("%s of %#x", refused[i].write ? "write" : "read",
				 refused[i].index);
		ends(false);
		CHECK_OK(want(ALL_REASONS & ~refused[i].reason));
		prepare(refused[i].index, refused[i].write, refused[i].value);
		ends(true);
		CHECK_OK(want(0));
		prepare(refused[i].index, refused[i].write, refused[i].value);
		ends(true);
		vm_destroy(&vm);
	}
}

static void an_immediate_exit_completes(void)
{
	start(ALL_REASONS);
	prepare(MSR_UNKNOWN, false, 0);
	exits(KVM_EXIT_X86_RDMSR, MSR_UNKNOWN, KVM_MSR_EXIT_REASON_UNKNOWN, 0);
	v->run->msr.data = 7;
	v->run->immediate_exit = 1;
	CHECK_EQ(vcpu_run(v), -EINTR);
	CHECK_EQ(get_rip(v), AT(access, msr_then));
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_X86_RDMSR);
	v->run->immediate_exit = 0;
	ends(false);
}

static void a_step_ends_behind_it(void)
{
	start(ALL_REASONS);
	prepare(MSR_UNKNOWN, false, 0);
	set_rip(v, AT(access, msr_read));
	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL));
	exits(KVM_EXIT_X86_RDMSR, MSR_UNKNOWN, KVM_MSR_EXIT_REASON_UNKNOWN, 0);
	vcpu_run_to(v, KVM_EXIT_DEBUG);
	CHECK_EQ(get_rip(v), AT(access, msr_then));
}

static void a_vcpu_that_was_moved_is_left_alone(void)
{
	struct kvm_regs r;

	if (on_kvm())
		tap_skip("KVM skips an instruction wherever rip is");
	start(ALL_REASONS);
	prepare(MSR_UNKNOWN, false, 0);
	exits(KVM_EXIT_X86_RDMSR, MSR_UNKNOWN, KVM_MSR_EXIT_REASON_UNKNOWN, 0);
	v->run->msr.data = 7;
	prepare(MSR_TSC, true, 0x4000);
	ends(false);
	get_regs(v, &r);
	CHECK_EQ(r.rax, 0x4000);
}

/* ---- filters ---- */

static int set_filter(const struct kvm_msr_filter *filter)
{
	return ioctl(vm.fd, KVM_X86_SET_MSR_FILTER, filter);
}

/* Deny one access of one MSR. */
static int deny(u32 index, u32 access_flags)
{
	u8 none[8] = { 0 };
	struct kvm_msr_filter filter = {
		.ranges[3] = {
			.flags = access_flags, .base = index, .nmsrs = 1, .bitmap = none,
		},
	};

	return set_filter(&filter);
}

static void a_filter_takes_an_msr_away(void)
{
	start(ALL_REASONS);
	CHECK_EQ(set_msr(v, MSR_KERNEL_GS, 0x1234), 1);
	prepare(MSR_KERNEL_GS, false, 0);
	ends(false);

	CHECK_OK(deny(MSR_KERNEL_GS, KVM_MSR_FILTER_READ));
	prepare(MSR_KERNEL_GS, false, 0);
	exits(KVM_EXIT_X86_RDMSR, MSR_KERNEL_GS, KVM_MSR_EXIT_REASON_FILTER, 0);
	ends(false);
	prepare(MSR_KERNEL_GS, true, 0x5678);
	ends(false);
	CHECK_EQ(get_msr(v, MSR_KERNEL_GS), 0x5678);	/* the VMM has no filter */

	CHECK_OK(deny(MSR_KERNEL_GS, KVM_MSR_FILTER_WRITE));
	prepare(MSR_KERNEL_GS, true, 0x9abc);
	exits(KVM_EXIT_X86_WRMSR, MSR_KERNEL_GS, KVM_MSR_EXIT_REASON_FILTER, 0x9abc);
	ends(false);
	prepare(MSR_KERNEL_GS, false, 0);
	ends(false);
	CHECK_EQ(get_msr(v, MSR_KERNEL_GS), 0x5678);

	CHECK_OK(want(0));
	prepare(MSR_KERNEL_GS, true, 0);
	ends(true);
}

/* A VMM's filter holds for a vCPU that it makes later. */
static void a_filter_before_the_vcpu(void)
{
	vm_make(&vm, NULL);
	CHECK_OK(deny(MSR_KERNEL_GS, KVM_MSR_FILTER_READ));
	vm_destroy(&vm);
	start(ALL_REASONS);
	CHECK_OK(deny(MSR_TSC, KVM_MSR_FILTER_READ));
	prepare(MSR_TSC, false, 0);
	exits(KVM_EXIT_X86_RDMSR, MSR_TSC, KVM_MSR_EXIT_REASON_FILTER, 0);
}

static void the_first_range_decides(void)
{
	u8 bits[8] = { 0x02 }, all[8] = { 0xff };
	struct kvm_msr_filter filter = {
		.flags = KVM_MSR_FILTER_DEFAULT_DENY,
		.ranges[0] = { KVM_MSR_FILTER_READ, 2, MSR_KERNEL_GS - 1, bits },
		.ranges[1] = { KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE, 2,
			       MSR_KERNEL_GS - 1, all },
	};

	start(ALL_REASONS);
	CHECK_OK(set_filter(&filter));
	prepare(MSR_KERNEL_GS, false, 0);
	ends(false);
	prepare(MSR_KERNEL_GS - 1, false, 0);
	exits(KVM_EXIT_X86_RDMSR, MSR_KERNEL_GS - 1, KVM_MSR_EXIT_REASON_FILTER, 0);
	ends(false);
	prepare(MSR_KERNEL_GS - 1, true, 0);
	ends(false);
	prepare(MSR_TSC, false, 0);
	exits(KVM_EXIT_X86_RDMSR, MSR_TSC, KVM_MSR_EXIT_REASON_FILTER, 0);
	ends(false);
	/* x2APIC is not filtered */
	prepare(MSR_X2APIC_ID, false, 0);
	exits(KVM_EXIT_X86_RDMSR, MSR_X2APIC_ID, KVM_MSR_EXIT_REASON_INVAL, 0);
}

static int filter_with(u32 flags, u32 range_flags, u32 nr, void *bitmap)
{
	struct kvm_msr_filter filter = {
		.flags = flags,
		.ranges[15] = { range_flags, nr, MSR_TSC, bitmap },
	};

	return set_filter(&filter);
}

static void bounds_of_filters(void)
{
	static u8 bitmap[0x2000];

	start(ALL_REASONS);
	CHECK_ERR(filter_with(2, 1, 1, bitmap), EINVAL);
	CHECK_ERR(filter_with(1, 0, 0, NULL), EINVAL);		/* denies all */
	CHECK_OK(filter_with(0, 0, 0, NULL));
	CHECK_ERR(filter_with(0, 0, 1, bitmap), EINVAL);
	CHECK_ERR(filter_with(0, 4, 1, bitmap), EINVAL);
	CHECK_ERR(filter_with(0, 1, 0x3001, bitmap), EINVAL);
	CHECK_ERR(filter_with(0, 1, ~0U, bitmap), EINVAL);
	CHECK_ERR(filter_with(0, 1, 1, bad_pointer()), EFAULT);
	CHECK_ERR(set_filter(bad_pointer()), EFAULT);
	CHECK_ERR(want(8), EINVAL);
	CHECK_ERR(want(1ULL << 32), EINVAL);
	prepare(MSR_TSC, false, 0);
	ends(false);		/* a refused filter changes nothing */
	CHECK_OK(filter_with(0, 1, 0x3000, bitmap));
	prepare(MSR_TSC, false, 0);
	exits(KVM_EXIT_X86_RDMSR, MSR_TSC, KVM_MSR_EXIT_REASON_FILTER, 0);
}

static void *deny_later(void *vcpu)
{
	while (DATA64(((struct vcpu *)vcpu)->vm, 0) < 1000)
		;
	CHECK_OK(deny(MSR_KERNEL_GS, KVM_MSR_FILTER_READ));
	return NULL;
}

static void a_filter_reaches_a_running_vcpu(void)
{
	pthread_t thread;

	v = guest_make(&vm, MODE_LONG, PROG(reads));
	CHECK_OK(want(ALL_REASONS));
	prepare(MSR_KERNEL_GS, false, 0);
	REQUIRE(!pthread_create(&thread, NULL, deny_later, v));
	exits(KVM_EXIT_X86_RDMSR, MSR_KERNEL_GS, KVM_MSR_EXIT_REASON_FILTER, 0);
	pthread_join(thread, NULL);
	CHECK_OK(filter_with(0, 0, 0, NULL));
}

static const struct test tests[] = {
	TEST(vmm_answers_a_read),
	TEST(vmm_takes_a_write),
	TEST(vmm_refuses),
	TEST(reasons),
	TEST(an_immediate_exit_completes),
	TEST(a_step_ends_behind_it),
	TEST(a_vcpu_that_was_moved_is_left_alone),
	TEST(a_filter_takes_an_msr_away),
	TEST(a_filter_before_the_vcpu),
	TEST(the_first_range_decides),
	TEST(bounds_of_filters),
	TEST(a_filter_reaches_a_running_vcpu),
};

TAP_MAIN(tests)
