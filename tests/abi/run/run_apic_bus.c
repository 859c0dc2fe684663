// SPDX-License-Identifier: GPL-2.0-only
/* The clock of the bus in which the timers of local APICs count. */
#include "apic.h"

#define VECTOR	0x45

#define APIC	"mov $0xfee00000, %ebx\n"
#define ON	APIC "movl $0x1ff, 0xf0(%rbx)\n"

static struct vm vm;
static struct vcpu *v;

static int set_tick(u64 ns)
{
	struct kvm_enable_cap c = { .cap = KVM_CAP_X86_APIC_BUS_CYCLES_NS, .args = { ns } };

	return ioctl(vm.fd, KVM_ENABLE_CAP, &c);
}

static bool has_bus_clock(void)
{
	if (!has_cap(&vm, KVM_CAP_X86_APIC_BUS_CYCLES_NS) && on_kvm()) {
		tap_skip("KVM has it since Linux 6.11");
		return false;
	}
	return true;
}

static void make_with_apics(void)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 } };

	vm_make(&vm, NULL);
	CHECK_OK(ioctl(vm.fd, KVM_ENABLE_CAP, &split));
}

static void bounds(void)
{
	vm_make(&vm, NULL);
	if (!has_bus_clock())
		return;
	CHECK_EQ(has_cap(&vm, KVM_CAP_X86_APIC_BUS_CYCLES_NS), 1);
	CHECK_ERR(set_tick(0), EINVAL);
	CHECK_ERR(set_tick(1), ENXIO);		/* without local APICs */
	vm_destroy(&vm);

	make_with_apics();
	CHECK_ERR(set_tick(0), EINVAL);
	CHECK_ERR(set_tick((1 << 25) + 1), EINVAL);
	CHECK_ERR(set_tick(~0ULL), EINVAL);
	CHECK_OK(set_tick(1 << 25));
	CHECK_EQ(ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_X86_APIC_BUS_CYCLES_NS), 1 << 25);
	CHECK_OK(set_tick(10));
	CHECK_EQ(ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_X86_APIC_BUS_CYCLES_NS), 10);
	CHECK_EQ(has_cap(&vm, KVM_CAP_X86_APIC_BUS_CYCLES_NS), 1);
	vm_add_vcpu(&vm, 0);
	CHECK_ERR(set_tick(10), EINVAL);
}

#define TSC(reg)	"rdtsc; shl $32, %rdx; lea (%rax,%rdx), " reg "\n"

/*
 * Counts down, divided by EAX, for at least RDI ticks of the TSC. ECX: what is left. The TSC
 * is in R8 and R9 around the start, in R10 and R11 around the read.
 */
GUEST64(counts,
	ON "movl $0x10045, 0x320(%rbx); mov %eax, 0x3e0(%rbx)\n"
	TSC("%r8") "movl $-1, 0x380(%rbx)\n" TSC("%r9")
	"1:" TSC("%r10") "mov %r10, %rax; sub %r9, %rax; cmp %rdi, %rax; jb 1b\n"
	"mov 0x390(%rbx), %ecx\n" TSC("%r11")
	"out %al, $0x10; hlt");

/* Return: whether the timer has counted as long as the TSC shows, but for a hundredth. */
static bool keeps_time(u64 tick_ns, u32 tdcr, unsigned int divisor)
{
	u64 counted, least, most, khz;
	struct kvm_regs r;

	split_make(&vm, MODE_LONG, PROG(counts));
	CHECK_OK(set_tick(tick_ns));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	khz = CHECK_OK(ioctl(v->fd, KVM_GET_TSC_KHZ, 0));
	get_regs(v, &r);
	r.rax = tdcr;
	r.rdi = khz * 20;
	set_regs(v, &r);
	vcpu_run_out(v, 0x10);
	get_regs(v, &r);
	vm_destroy(&vm);
	counted = (u64)(~(u32)r.rcx) * tick_ns * divisor;
	least = (r.r10 - r.r9) * 1000000 / khz;
	most = (r.r11 - r.r8) * 1000000 / khz;
	tap_note("a tick of %lu ns: the timer counted %lu ns of %lu to %lu", tick_ns, counted,
		 least, most);
	return counted >= least - least / 100 && counted <= most + most / 100;
}

static void counts_as_fast_as_the_bus(void)
{
	static const u64 ticks[] = { 1, 10, 40, 1000 };
	unsigned int i;

	vm_make(&vm, NULL);
	if (!has_bus_clock())
		return;
	vm_destroy(&vm);
	for (i = 0; i < ARRAY_SIZE(ticks); i++) {
		CHECK(keeps_time(ticks[i], 0xb, 1));
		CHECK(keeps_time(ticks[i], 3, 16));
	}
}

/* Waits for an interrupt of the timer after EAX ticks; RSI: of the TSC */
GUEST64(waits,
	"jmp 1f; wa_handler: incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"
	"1: " ON "movl $0x45, 0x320(%rbx); movl $0xb, 0x3e0(%rbx); mov %eax, %edi\n"
	TSC("%rsi") "mov %edi, 0x380(%rbx)\n"
	"2: sti; hlt; cli; cmpl $0, 0xc000; je 2b\n"
	TSC("%rax") "sub %rsi, %rax; mov %rax, %rsi\n"
	"out %al, $0x10; hlt");
LABEL(wa_handler);

static void expires_not_before_its_time(void)
{
	struct kvm_regs r;
	u64 khz;

	vm_make(&vm, NULL);
	if (!has_bus_clock())
		return;
	vm_destroy(&vm);
	split_make(&vm, MODE_LONG, PROG(waits));
	CHECK_OK(set_tick(100));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	khz = CHECK_OK(ioctl(v->fd, KVM_GET_TSC_KHZ, 0));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(waits, wa_handler));
	get_regs(v, &r);
	r.rax = 100000;
	set_regs(v, &r);
	vcpu_run_out(v, 0x10);
	get_regs(v, &r);
	CHECK_EQ(DATA32(&vm, 0), 1);
	/* Ten ms, less what the two clocks of the host are apart */
	CHECK(r.rsi >= khz * 99 / 10);
}

static const struct test tests[] = {
	TEST(bounds),
	TEST(counts_as_fast_as_the_bus),
	TEST(expires_not_before_its_time),
};

TAP_MAIN(tests)
