// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's TSC that counts at another frequency than the host's, where the processor can.
 * Suite: 39-tsc-scaling
 */
#include <unistd.h>
#include <x86intrin.h>

#include "apic.h"
#include "startup.h"

#define MSR_TSC		0x10
#define MSR_DEADLINE	0x6e0
#define VECTOR		0x45

static struct vm vm;
static struct vcpu *v;

static bool has_scaling(void)
{
	if (has_cap(&vm, KVM_CAP_TSC_CONTROL))
		return true;
	tap_skip("this CPU has no TSC scaling");
	return false;
}

/* RDX:RAX as the guest left it at the exit */
static u64 result(void)
{
	struct kvm_regs regs;

	get_regs(v, &regs);
	return regs.rdx << 32 | (u32)regs.rax;
}

static int khz_of(int fd)
{
	return CHECK_OK(ioctl(fd, KVM_GET_TSC_KHZ, 0));
}

GUEST64(reads, "1: rdtsc; out %al, $0x10; jmp 1b");

static u64 guest_reads(void)
{
	vcpu_run_out(v, 0x10);
	return result();
}

static void bounds(void)
{
	int khz;

	v = guest_make(&vm, MODE_LONG, PROG(reads));
	if (!has_scaling())
		return;
	CHECK_EQ(has_cap(&vm, KVM_CAP_VM_TSC_CONTROL), 1);
	khz = khz_of(v->fd);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz * 2));
	CHECK_EQ(khz_of(v->fd), khz * 2);
	CHECK_EQ(khz_of(vm.fd), khz);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, 1));
	CHECK_EQ(khz_of(v->fd), 1);
	CHECK_ERR(ioctl(v->fd, KVM_SET_TSC_KHZ, 0x7fffffff), EINVAL);
	CHECK_ERR(ioctl(v->fd, KVM_SET_TSC_KHZ, 0xffffffff), EINVAL);
	CHECK_EQ(khz_of(v->fd), 1);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, 0));
	CHECK_EQ(khz_of(v->fd), khz);
}

/* Does the guest's counter count @mul / @div times as fast as the host's? */
static void counts_as_fast(unsigned int mul, unsigned int div)
{
	u64 host[4], guest[2];
	volatile unsigned int spin;

	host[0] = __rdtsc();
	guest[0] = guest_reads();
	host[1] = __rdtsc();
	for (spin = 0; spin < 100000; spin++)
		;
	host[2] = __rdtsc();
	guest[1] = guest_reads();
	host[3] = __rdtsc();
	CHECK((guest[1] - guest[0]) * div <= (host[3] - host[0]) * mul + div);
	CHECK((guest[1] - guest[0]) * div + div >= (host[2] - host[1]) * mul);
}

static void frequency_of_a_vcpu(void)
{
	int khz;

	v = guest_make(&vm, MODE_LONG, PROG(reads));
	if (!has_scaling())
		return;
	khz = khz_of(v->fd);
	counts_as_fast(1, 1);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz * 3));
	counts_as_fast(3, 1);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz / 2));
	counts_as_fast(1, 2);
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz + khz / 10000));
	counts_as_fast(1, 1);
}

static void frequency_of_later_vcpus(void)
{
	int khz;

	vm_make(&vm, NULL);
	if (!has_scaling())
		return;
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, PROG(reads));
	khz = khz_of(vm.fd);
	CHECK_OK(ioctl(vm.fd, KVM_SET_TSC_KHZ, khz * 2));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	CHECK_EQ(khz_of(v->fd), khz * 2);
	counts_as_fast(2, 1);
	/* less than 10 s: the counter began at 0 */
	CHECK(guest_reads() < khz * 2000ULL * 10);
}

/* The VMM and the guest read and write one counter. */
static void the_vmm_reads_and_writes(void)
{
	u64 before, msr;

	v = guest_make(&vm, MODE_LONG, PROG(reads));
	if (!has_scaling())
		return;
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz_of(v->fd) * 5));
	before = guest_reads();
	msr = get_msr(v, MSR_TSC);
	CHECK(before < msr && msr < guest_reads());
	CHECK_EQ(set_msr(v, MSR_TSC, 1ULL << 60), 1);
	msr = get_msr(v, MSR_TSC);
	CHECK(msr >= 1ULL << 60 && msr < (1ULL << 60) + (1ULL << 40));
	CHECK(guest_reads() > msr);
	counts_as_fast(5, 1);
}

GUEST64(writes,
	"mov $0x10, %ecx; mov $0x12345, %eax; mov $0x1000000, %edx; wrmsr\n"
	"rdmsr; out %al, $0x10\n"
	"mov $0x3b, %ecx; rdmsr; out %al, $0x11; hlt");

static void the_guest_writes(void)
{
	const u64 written = 0x100000000012345;
	u64 before;

	v = guest_make(&vm, MODE_LONG, PROG(writes));
	if (!has_scaling())
		return;
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz_of(v->fd) * 2));
	before = get_msr(v, MSR_TSC);
	vcpu_run_out(v, 0x10);
	CHECK(result() >= written && result() < written + (1ULL << 40));
	vcpu_run_out(v, 0x11);
	CHECK(result() <= written - before);	/* IA32_TSC_ADJUST has the same step */
}

static u64 *offset_attr(int fd, unsigned long call, u64 *offset)
{
	struct kvm_device_attr attr = {
		.group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET,
		.addr = (unsigned long)offset,
	};

	CHECK_OK(ioctl(fd, call, &attr));
	return offset;
}

/* The counter is the host's, scaled, plus the offset. */
static void the_offset(void)
{
	u64 offset, before, after, guest;

	v = guest_make(&vm, MODE_LONG, PROG(reads));
	if (!has_scaling())
		return;
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz_of(v->fd) * 4));
	offset_attr(v->fd, KVM_GET_DEVICE_ATTR, &offset);
	before = __rdtsc();
	guest = guest_reads();
	after = __rdtsc();
	CHECK(before * 4 + offset <= guest && guest <= after * 4 + offset);
	offset = 1ULL << 50;
	offset_attr(v->fd, KVM_SET_DEVICE_ATTR, &offset);
	before = __rdtsc();
	guest = guest_reads();
	after = __rdtsc();
	CHECK(before * 4 + offset <= guest && guest <= after * 4 + offset);
	offset = 0;
	CHECK_EQ(*offset_attr(v->fd, KVM_GET_DEVICE_ATTR, &offset), 1ULL << 50);
}

/* A counter of the same frequency joins the others when the VMM resets it, another does not. */
static void vcpus_count_together(void)
{
	struct vcpu *first, *second;
	u64 tsc;

	first = guest_make(&vm, MODE_LONG, PROG(reads));
	if (!has_scaling())
		return;
	second = guest_add_vcpu(&vm, 1, MODE_LONG, GUEST_CODE);
	CHECK_OK(ioctl(first->fd, KVM_SET_TSC_KHZ, khz_of(vm.fd) * 2));
	CHECK_EQ(set_msr(first, MSR_TSC, 1ULL << 50), 1);
	CHECK_EQ(set_msr(second, MSR_TSC, 0), 1);
	tsc = get_msr(second, MSR_TSC);
	CHECK(tsc < 1ULL << 40);
	CHECK_OK(ioctl(second->fd, KVM_SET_TSC_KHZ, khz_of(vm.fd) * 2));
	CHECK_EQ(set_msr(first, MSR_TSC, 1ULL << 51), 1);
	CHECK_EQ(set_msr(second, MSR_TSC, 0), 1);
	tsc = get_msr(first, MSR_TSC);
	CHECK(tsc < get_msr(second, MSR_TSC));
	CHECK(get_msr(second, MSR_TSC) < get_msr(first, MSR_TSC));
}

/* RSI ticks from now an interrupt is due. R8: the deadline, RDX:RAX: when it came */
GUEST64(waits,
	"jmp 1f\n"
	"waits_handler: rdtsc; out %al, $0x10; hlt\n"
	"1: mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx); movl $0x40045, 0x320(%rbx)\n"
	"mfence; rdtsc; shl $32, %rdx; or %rdx, %rax; add %rsi, %rax; mov %rax, %r8\n"
	"mov %rax, %rdx; shr $32, %rdx; mov $0x6e0, %ecx; wrmsr; sti; 2: pause; jmp 2b");
LABEL(waits_handler);

static void waits_for_deadline(unsigned int mul, unsigned int div)
{
	struct kvm_regs regs;
	u64 ticks;
	int khz;

	v = split_guest(&vm, MODE_LONG, PROG(waits));
	if (!has_scaling())
		return;
	startup_cpuid(v, 0, CPUID_DEADLINE);
	vm_gate(&vm, MODE_LONG, VECTOR, AT(waits, waits_handler));
	khz = khz_of(v->fd) / div * mul;
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz));
	ticks = khz * 20ULL;	/* 20 ms */
	get_regs(v, &regs);
	regs.rsi = ticks;
	set_regs(v, &regs);
	vcpu_run_out(v, 0x10);
	get_regs(v, &regs);
	CHECK(result() >= regs.r8);
	CHECK(result() < regs.r8 + ticks * 2 / 3);
}

static void a_deadline_of_a_fast_counter(void)
{
	waits_for_deadline(3, 1);
}

static void a_deadline_of_a_slow_counter(void)
{
	waits_for_deadline(1, 3);
}

#define CLOCK_AT	0xd000
#define MSR_SYSTEM_TIME	0x4b564d01

struct clock_info {
	u32 version, pad;
	u64 tsc, ns;
	u32 mul;
	signed char shift;
	u8 flags, pad1[2];
};

static u64 clock_ns(const struct clock_info *info, u64 tsc)
{
	u64 delta = tsc - info->tsc;

	delta = info->shift < 0 ? delta >> -info->shift : delta << info->shift;
	return info->ns + (u64)((unsigned __int128)delta * info->mul >> 32);
}

/* A guest computes the VM's clock from its counter. */
static void kvms_clock(void)
{
	struct kvm_clock_data clock = { };
	struct clock_info *info;
	u64 ns, before, after;

	v = guest_make(&vm, MODE_LONG, PROG(reads));
	if (!has_scaling())
		return;
	CHECK_OK(ioctl(v->fd, KVM_SET_TSC_KHZ, khz_of(v->fd) * 3));
	CHECK_EQ(set_msr(v, MSR_SYSTEM_TIME, CLOCK_AT | 1), 1);
	info = (void *)(vm.mem + CLOCK_AT);
	guest_reads();
	usleep(20000);
	CHECK_OK(ioctl(vm.fd, KVM_GET_CLOCK, &clock));
	before = clock.clock;
	ns = clock_ns(info, guest_reads());
	CHECK_OK(ioctl(vm.fd, KVM_GET_CLOCK, &clock));
	after = clock.clock;
	/* A hundredth, and the difference of two clocks */
	CHECK(ns + before / 100 + 1000000 > before);
	CHECK(ns < after + after / 100 + 1000000);
}

static const struct test tests[] = {
	TEST(bounds),
	TEST(frequency_of_a_vcpu),
	TEST(frequency_of_later_vcpus),
	TEST(the_vmm_reads_and_writes),
	TEST(the_guest_writes),
	TEST(the_offset),
	TEST(vcpus_count_together),
	TEST(a_deadline_of_a_fast_counter),
	TEST(a_deadline_of_a_slow_counter),
	TEST(kvms_clock),
};

TAP_MAIN(tests)
