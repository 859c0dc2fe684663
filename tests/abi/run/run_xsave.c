// SPDX-License-Identifier: GPL-2.0-only
/* The whole FPU state, and the parts of it that XCR0 enables for the guest. */
#include <string.h>

#include "guest.h"

#define XMM	160		/* in the legacy region */
#define MXCSR	24
#define HEADER	512		/* XSTATE_BV, XCOMP_BV, reserved */

#define FP	1
#define SSE	2
#define YMM	4

#define CR4_OSXSAVE	(1U << 18)

GUEST64(halt, "hlt");

static void get_xsave(struct vcpu *v, struct kvm_xsave *x)
{
	memset(x, 0xff, sizeof(*x));
	CHECK_OK(ioctl(v->fd, KVM_GET_XSAVE, x));
}

static int set_xsave(struct vcpu *v, const struct kvm_xsave *x)
{
	return ioctl(v->fd, KVM_SET_XSAVE, x);
}

static u64 *at(struct kvm_xsave *x, unsigned int offset)
{
	return (u64 *)((u8 *)x->region + offset);
}

/* Return: the offset of the upper halves of the YMM registers, 0 without AVX. */
static u32 ymm_offset(void)
{
	u32 a, b, c, d;

	asm("cpuid" : "=a" (a), "=b" (b), "=c" (c), "=d" (d) : "a" (0xd), "c" (0));
	if (!(a & YMM))
		return 0;
	asm("cpuid" : "=a" (a), "=b" (b), "=c" (c), "=d" (d) : "a" (0xd), "c" (2));
	return b;
}

static void allow_xsave(struct vcpu *v)
{
	struct kvm_sregs s;

	get_sregs(v, &s);
	s.cr4 |= CR4_OSXSAVE;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
}

static int set_xcr0(struct vcpu *v, u64 value)
{
	struct kvm_xcrs x = { .nr_xcrs = 1, .xcrs[0].value = value };

	return ioctl(v->fd, KVM_SET_XCRS, &x);
}

static u64 get_xcr0(struct vcpu *v)
{
	struct kvm_xcrs x;

	memset(&x, 0xff, sizeof(x));
	CHECK_OK(ioctl(v->fd, KVM_GET_XCRS, &x));
	CHECK_EQ(x.nr_xcrs, 1);
	CHECK_EQ(x.flags, 0);
	CHECK_EQ(x.xcrs[0].xcr, 0);
	return x.xcrs[0].value;
}

GUEST64(loads,
	"movl $0x1fa0, 0xc000; ldmxcsr 0xc000\n"
	"mov $0x1122334455667788, %rax; movq %rax, %xmm3; movq %rax, %xmm15\n"
	"fld1; hlt");

static void guest_state_shows(void)
{
	struct kvm_xsave x;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(loads));

	vcpu_run_to(v, KVM_EXIT_HLT);
	get_xsave(v, &x);
	CHECK_EQ(*at(&x, XMM + 3 * 16), 0x1122334455667788);
	CHECK_EQ(*at(&x, XMM + 15 * 16), 0x1122334455667788);
	CHECK_EQ(*at(&x, XMM + 4 * 16), 0);
	CHECK_EQ((u32)*at(&x, MXCSR), 0x1fa0);
	CHECK_EQ(*at(&x, 32), 0x8000000000000000);	/* ST0 is 1.0 */
	CHECK_EQ(*at(&x, 40) & 0xffff, 0x3fff);
	CHECK_EQ(*at(&x, HEADER) & (FP | SSE), FP | SSE);
	CHECK_EQ(*at(&x, HEADER + 8), 0);
}

GUEST64(stores,
	"movups %xmm3, 0xc000; stmxcsr 0xc010\n"
	"fstpl 0xc018; hlt");

static void vmm_state_reaches_the_guest(void)
{
	struct kvm_xsave x;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(stores));

	get_xsave(v, &x);
	*at(&x, XMM + 3 * 16) = 0xa1a2a3a4a5a6a7a8;
	*at(&x, XMM + 3 * 16 + 8) = 0xb1b2b3b4b5b6b7b8;
	*at(&x, MXCSR) = (*at(&x, MXCSR) & ~0xffffffffULL) | 0x9f80;
	*at(&x, 0) |= 0x10000 * 0x3800 | 1ULL << 32 << 7;	/* TOP 7, not empty */
	*at(&x, 32) = 0xc000000000000000;
	*at(&x, 40) = 0x4000;					/* 3.0 */
	*at(&x, HEADER) |= FP | SSE;
	CHECK_OK(set_xsave(v, &x));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&vm, 0), 0xa1a2a3a4a5a6a7a8);
	CHECK_EQ(DATA64(&vm, 1), 0xb1b2b3b4b5b6b7b8);
	CHECK_EQ(DATA32(&vm, 4), 0x9f80);
	CHECK_EQ(DATA64(&vm, 3), 0x4008000000000000);
}

static void components_not_marked_are_initial(void)
{
	struct kvm_xsave x;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(stores));

	get_xsave(v, &x);
	*at(&x, XMM + 3 * 16) = 0xa1a2a3a4a5a6a7a8;
	*at(&x, HEADER) = FP;
	CHECK_OK(set_xsave(v, &x));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&vm, 0), 0);
}

GUEST64(store_ymm, "vmovups %ymm5, 0xc000; hlt");

static void upper_halves_of_ymm(void)
{
	u32 offset = ymm_offset();
	struct kvm_xsave x;
	struct vm vm;
	struct vcpu *v;

	if (!offset)
		tap_skip("no AVX");
	v = guest_make(&vm, MODE_LONG, PROG(store_ymm));
	allow_xsave(v);
	CHECK_OK(set_xcr0(v, FP | SSE | YMM));
	get_xsave(v, &x);
	*at(&x, offset + 5 * 16) = 0xc1c2c3c4c5c6c7c8;
	*at(&x, XMM + 5 * 16) = 0xa1a2a3a4a5a6a7a8;
	*at(&x, HEADER) = FP | SSE | YMM;
	CHECK_OK(set_xsave(v, &x));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&vm, 0), 0xa1a2a3a4a5a6a7a8);
	CHECK_EQ(DATA64(&vm, 2), 0xc1c2c3c4c5c6c7c8);
	get_xsave(v, &x);
	CHECK_EQ(*at(&x, offset + 5 * 16), 0xc1c2c3c4c5c6c7c8);
	CHECK(*at(&x, HEADER) & YMM);
}

static void areas_that_are_refused(void)
{
	static const struct {
		unsigned int offset;
		u64 bits;
	} bad[] = {
		{ HEADER, 1ULL << 62 },		/* a component that does not exist */
		{ HEADER + 8, 1ULL << 63 },	/* compacted */
		{ HEADER + 24, 1 },		/* reserved */
		{ MXCSR, 1 << 16 },		/* XRSTOR would fault */
	};
	struct kvm_xsave x;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		get_xsave(v, &x);
		*at(&x, HEADER) |= FP | SSE;
		*at(&x, bad[i].offset) |= bad[i].bits;
		if (!CHECK_ERR(set_xsave(v, &x), EINVAL))
			tap_note("offset %u", bad[i].offset);
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void xsave2_is_as_large_as_the_capability_says(void)
{
	static u8 area[65536];
	struct kvm_xsave x;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(loads));
	long size = has_cap(&vm, KVM_CAP_XSAVE2);

	if (!size)
		tap_skip("no KVM_CAP_XSAVE2");
	REQUIRE(size >= (long)sizeof(x) && size <= (long)sizeof(area));
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_xsave(v, &x);
	memset(area, 0x55, sizeof(area));
	CHECK_OK(ioctl(v->fd, KVM_GET_XSAVE2, area));
	CHECK(!memcmp(area, &x, 576));
	/* All of it is written, and nothing behind it. */
	CHECK_EQ(area[size - 1], 0);
	CHECK_EQ(area[size], 0x55);
	CHECK_EQ(ioctl(vm.dev, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2), size);
}

static void xcr0_that_no_processor_has(void)
{
	static const u64 bad[] = { 0, SSE, FP | YMM, FP | 1ULL << 63, FP | 1 << 5 };
	struct kvm_xcrs x = { .nr_xcrs = 1, .xcrs[0].value = FP };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	CHECK_EQ(get_xcr0(v), FP);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!CHECK_ERR(set_xcr0(v, bad[i]), EINVAL))
			tap_note("XCR0 %#llx", (unsigned long long)bad[i]);
	x.flags = 1;
	CHECK_ERR(ioctl(v->fd, KVM_SET_XCRS, &x), EINVAL);
	x.flags = 0;
	x.nr_xcrs = KVM_MAX_XCRS + 1;
	CHECK_ERR(ioctl(v->fd, KVM_SET_XCRS, &x), EINVAL);
	CHECK_EQ(get_xcr0(v), FP);
	CHECK_OK(set_xcr0(v, FP | SSE));
	CHECK_EQ(get_xcr0(v), FP | SSE);
}

static void xcr0_beyond_the_cpuid(void)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[2];
	} cpuid = {
		.head.nent = 2,
		.entries = {
			{ .function = 0, .eax = 0xd },
			{ .function = 0xd, .eax = FP | SSE,
			  .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX },
		},
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_OK(ioctl(v->fd, KVM_SET_CPUID2, &cpuid));
	CHECK_OK(set_xcr0(v, FP | SSE));
	CHECK_ERR(set_xcr0(v, FP | SSE | YMM), EINVAL);
}

GUEST64(sets_xcr0,
	"xor %ecx, %ecx; xor %edx, %edx; mov $3, %eax; xsetbv\n"
	"mov $0xd, %eax; cpuid; mov %ebx, 0xc000; mov %ecx, 0xc004\n"
	"xor %ecx, %ecx; xgetbv; mov %eax, 0xc008; out %al, $0x10\n"
	"xor %ecx, %ecx; xor %edx, %edx; mov $2, %eax; xsetbv; hlt");

static void xsetbv_in_the_guest(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(sets_xcr0));

	allow_xsave(v);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(get_xcr0(v), FP | SSE);
	CHECK_EQ(DATA32(&vm, 0), 576);		/* size for the enabled components */
	CHECK(DATA32(&vm, 1) >= 576);		/* size for all components */
	CHECK_EQ(DATA32(&vm, 2), FP | SSE);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 13);
}

static const struct test tests[] = {
	TEST(guest_state_shows),
	TEST(vmm_state_reaches_the_guest),
	TEST(components_not_marked_are_initial),
	TEST(upper_halves_of_ymm),
	TEST(areas_that_are_refused),
	TEST(xsave2_is_as_large_as_the_capability_says),
	TEST(xcr0_that_no_processor_has),
	TEST(xcr0_beyond_the_cpuid),
	TEST(xsetbv_in_the_guest),
};

TAP_MAIN(tests)
