// SPDX-License-Identifier: GPL-2.0-only
/* Attributes of the device and of vCPUs. */
#include <cpuid.h>
#include <string.h>

#include "guest.h"

#define MSR_TSC		0x10
#define MSR_TSC_ADJUST	0x3b
#define AMX		(3ULL << 17)	/* XCR0: for processes that have asked for it */

GUEST64(halt, "1: hlt; jmp 1b");

static struct vm vm;
static struct vcpu *v;

static int attr(int fd, unsigned long cmd, u32 group, u64 nr, void *addr)
{
	struct kvm_device_attr arg = { .group = group, .attr = nr, .addr = (unsigned long)addr };

	return ioctl(fd, cmd, &arg);
}

static void xcr0_of_guests(void)
{
	u64 xcr0 = 0;
	u32 a, b, c, d;

	guest_make(&vm, MODE_LONG, PROG(halt));
	CHECK_EQ(has_cap(&vm, KVM_CAP_SYS_ATTRIBUTES), 1);
	CHECK_OK(attr(vm.dev, KVM_HAS_DEVICE_ATTR, 0, KVM_X86_XCOMP_GUEST_SUPP, NULL));
	CHECK_OK(attr(vm.dev, KVM_GET_DEVICE_ATTR, 0, KVM_X86_XCOMP_GUEST_SUPP, &xcr0));
	__cpuid_count(0xd, 0, a, b, c, d);
	CHECK_EQ(xcr0 & 3, 3);
	CHECK_EQ(xcr0 & ~AMX & ~(a | (u64)d << 32), 0);
}

static void attributes_that_the_device_has_not(void)
{
	u64 val;

	guest_make(&vm, MODE_LONG, PROG(halt));
	CHECK_ERR(attr(vm.dev, KVM_HAS_DEVICE_ATTR, 1, 0, NULL), ENXIO);
	CHECK_ERR(attr(vm.dev, KVM_HAS_DEVICE_ATTR, 0, 1000, NULL), ENXIO);
	CHECK_ERR(attr(vm.dev, KVM_GET_DEVICE_ATTR, 1, 0, &val), ENXIO);
	CHECK_ERR(attr(vm.dev, KVM_GET_DEVICE_ATTR, 0, 1000, &val), ENXIO);
	CHECK_ERR(attr(vm.dev, KVM_GET_DEVICE_ATTR, 0, 0, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.dev, KVM_GET_DEVICE_ATTR, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.dev, KVM_HAS_DEVICE_ATTR, bad_pointer()), EFAULT);
}

static u64 get_offset(struct vcpu *of)
{
	u64 offset = 0;

	CHECK_OK(attr(of->fd, KVM_GET_DEVICE_ATTR, KVM_VCPU_TSC_CTRL, KVM_VCPU_TSC_OFFSET,
		      &offset));
	return offset;
}

static void set_offset(struct vcpu *of, u64 offset)
{
	CHECK_OK(attr(of->fd, KVM_SET_DEVICE_ATTR, KVM_VCPU_TSC_CTRL, KVM_VCPU_TSC_OFFSET,
		      &offset));
	CHECK_EQ(get_offset(of), offset);
}

static void offset_of_a_tsc(void)
{
	static const u64 offsets[] = { 0, 1ULL << 50, -(1ULL << 20), 12345 };
	struct vcpu *w;
	u64 before, adjust;
	unsigned int i;

	v = guest_make(&vm, MODE_LONG, PROG(halt));
	CHECK_EQ(has_cap(&vm, KVM_CAP_VCPU_ATTRIBUTES), 1);
	CHECK_OK(attr(v->fd, KVM_HAS_DEVICE_ATTR, KVM_VCPU_TSC_CTRL, KVM_VCPU_TSC_OFFSET, NULL));
	w = vm_add_vcpu(&vm, 1);
	CHECK_EQ(get_offset(w), get_offset(v));
	adjust = get_msr(v, MSR_TSC_ADJUST);
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		set_offset(v, offsets[i]);
		before = __builtin_ia32_rdtsc();
		CHECK(get_msr(v, MSR_TSC) - offsets[i] >= before);
		CHECK(get_msr(v, MSR_TSC) - offsets[i] <= __builtin_ia32_rdtsc());
		CHECK_EQ(get_msr(v, MSR_TSC_ADJUST), adjust);
	}
	/* The other vCPU is where it was, and joins the clock that was set last. */
	CHECK(get_offset(w) != get_offset(v));
	set_msr(w, MSR_TSC, get_msr(v, MSR_TSC));
	CHECK_EQ(get_offset(w), get_offset(v));
}

static void attributes_that_a_vcpu_has_not(void)
{
	u64 val = 0;

	v = guest_make(&vm, MODE_LONG, PROG(halt));
	CHECK_ERR(attr(v->fd, KVM_HAS_DEVICE_ATTR, 1, 0, NULL), ENXIO);
	CHECK_ERR(attr(v->fd, KVM_HAS_DEVICE_ATTR, KVM_VCPU_TSC_CTRL, 1, NULL), ENXIO);
	CHECK_ERR(attr(v->fd, KVM_GET_DEVICE_ATTR, KVM_VCPU_TSC_CTRL, 1, &val), ENXIO);
	CHECK_ERR(attr(v->fd, KVM_SET_DEVICE_ATTR, KVM_VCPU_TSC_CTRL, 1, &val), ENXIO);
	CHECK_ERR(attr(v->fd, KVM_SET_DEVICE_ATTR, 1, 0, &val), ENXIO);
	CHECK_ERR(attr(v->fd, KVM_SET_DEVICE_ATTR, 0, 0, bad_pointer()), EFAULT);
	CHECK_ERR(attr(v->fd, KVM_GET_DEVICE_ATTR, 0, 0, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(v->fd, KVM_GET_DEVICE_ATTR, bad_pointer()), EFAULT);
}

static const struct test tests[] = {
	TEST(xcr0_of_guests),
	TEST(attributes_that_the_device_has_not),
	TEST(offset_of_a_tsc),
	TEST(attributes_that_a_vcpu_has_not),
};

TAP_MAIN(tests)
