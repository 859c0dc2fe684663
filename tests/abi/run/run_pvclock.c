// SPDX-License-Identifier: GPL-2.0-only
/* KVM's clock in guest memory, and the CPUID leaves that announce KVM's services. */
#include <asm/kvm_para.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "apic.h"
#include "cpuid_list.h"
#include "guest.h"

#define SECOND		1000000000ULL
#define HOUR		(3600 * SECOND)
#define MSR_TSC		0x10
#define MSR_TSC_ADJUST	0x3b
#define GP		13

#define FEATURES	(1U << KVM_FEATURE_CLOCKSOURCE | 1U << KVM_FEATURE_NOP_IO_DELAY | \
			 1U << KVM_FEATURE_CLOCKSOURCE2 | 1U << KVM_FEATURE_STEAL_TIME |  \
			 1U << KVM_FEATURE_CLOCKSOURCE_STABLE_BIT)
#define STABLE		1
#define STOPPED		2

/* vCPU n's structure, and a wall clock */
#define CLOCK(n)	(GUEST_DATA + 0x100 + 0x40 * (n))
#define WALL		(GUEST_DATA + 0x200)

struct pv_clock {
	u32 version, pad0;
	u64 tsc, system;
	u32 mul;
	int8_t shift;
	u8 flags, pad[2];
};

struct pv_wall {
	u32 version, sec, nsec;
};

/* Report RDTSC as often as the VMM wants. */
GUEST64(reads,
	"1: lfence; rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc000; out %al, $0x10\n"
	"jmp 1b");
/* RDMSR and WRMSR of the MSR in ECX, with the value in EDX:EAX */
GUEST64(reads_msr, "rdmsr; mov %eax, 0xc000; mov %edx, 0xc004; hlt");
GUEST64(writes_msr, "wrmsr; out %al, $0x10\n"
	"1: lfence; rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc000; out %al, $0x10\n"
	"jmp 1b");
GUEST64(inits_itself,
	"mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx)\n"
	"lfence; rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc000; out %al, $0x10\n"
	"movl $0, 0x310(%rbx); movl $0x4500, 0x300(%rbx); hlt");
GUEST64(get_cpuid,
	"mov $0x40000000, %eax; cpuid\n"
	"mov %eax, 0xc000; mov %ebx, 0xc004; mov %ecx, 0xc008; mov %edx, 0xc00c; hlt");

static const u32 pv_msrs[] = {
	MSR_KVM_WALL_CLOCK, MSR_KVM_SYSTEM_TIME, MSR_KVM_WALL_CLOCK_NEW,
	MSR_KVM_SYSTEM_TIME_NEW, MSR_KVM_STEAL_TIME,
};

static struct vm vm;

static volatile struct pv_clock *clock_of(unsigned int n)
{
	return GUEST_PTR(&vm, CLOCK(n), struct pv_clock);
}

static struct kvm_clock_data get_clock(void)
{
	struct kvm_clock_data data;

	CHECK_OK(ioctl(vm.fd, KVM_GET_CLOCK, &data));
	return data;
}

static void set_clock(u64 clock)
{
	struct kvm_clock_data data = { .clock = clock };

	CHECK_OK(ioctl(vm.fd, KVM_SET_CLOCK, &data));
}

/* Return: whether the host's clocks count by the TSC: else no clock is called stable. */
static bool by_tsc(void)
{
	return get_clock().flags & KVM_CLOCK_HOST_TSC;
}

/* The time that a guest computes from the structure, at the TSC that it has read last. */
static u64 guest_time(unsigned int n)
{
	const struct pv_clock c = *clock_of(n);
	u64 ticks = DATA64(&vm, 0) - c.tsc;

	CHECK_EQ(c.version & 1, 0);
	ticks = c.shift < 0 ? ticks >> -c.shift : ticks << c.shift;
	return c.system + (u64)(((unsigned __int128)ticks * c.mul) >> 32);
}

/* Let the guest read its TSC. Return: the time; it must be between two of the VMM's. */
static u64 check_time(struct vcpu *v, unsigned int n)
{
	u64 before = get_clock().clock, now, after;

	vcpu_run_out(v, 0x10);
	after = get_clock().clock;
	now = guest_time(n);
	if (!CHECK(now >= before && now <= after))
		tap_note("%llu, not between %llu and %llu", (unsigned long long)now,
			 (unsigned long long)before, (unsigned long long)after);
	return now;
}

static struct vcpu *clock_make(u32 msr)
{
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reads));

	CHECK_EQ(set_msr(v, msr, CLOCK(0) | 1), 1);
	return v;
}

/* ---- CPUID and MSRs ---- */

static void services_are_announced(void)
{
	struct kvm_cpuid_entry2 *e;
	struct cpuid_list list;

	cpuid_supported(dev_open(), &list);
	e = cpuid_leaf(&list, KVM_CPUID_SIGNATURE);
	CHECK_EQ(e->eax, KVM_CPUID_FEATURES);
	CHECK(!memcmp(&e->ebx, "KVMK", 4) && !memcmp(&e->ecx, "VMKV", 4));
	CHECK(!memcmp(&e->edx, "M\0\0", 4));
	e = cpuid_leaf(&list, KVM_CPUID_FEATURES);
	CHECK_EQ(e->eax & FEATURES, FEATURES);
	CHECK_EQ(e->ebx | e->ecx | e->edx, 0);
	KNOWN_DIFFERENCE(e->eax == FEATURES, "KVM has more services");
	vm_make(&vm, NULL);
	CHECK_EQ(has_cap(&vm, KVM_CAP_CLOCKSOURCE), 1);
	CHECK_EQ(has_cap(&vm, KVM_CAP_NOP_IO_DELAY), 1);
	CHECK_EQ(has_cap(&vm, KVM_CAP_KVMCLOCK_CTRL), 1);
	CHECK_EQ(has_cap(&vm, KVM_CAP_STEAL_TIME), 1);
	CHECK_EQ(has_cap(&vm, KVM_CAP_ENFORCE_PV_FEATURE_CPUID), 1);
}

static void guest_reads_the_signature(void)
{
	vcpu_run_to(guest_make(&vm, MODE_LONG, PROG(get_cpuid)), KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), KVM_CPUID_FEATURES);
	CHECK_EQ(DATA32(&vm, 1), 0x4b4d564b);
	CHECK_EQ(DATA32(&vm, 2), 0x564b4d56);
	CHECK_EQ(DATA32(&vm, 3), 0x4d);
}

/* A guest whose leaf of features, at @base, has only these */
static struct vcpu *features_make(struct prog prog, u32 base, u32 features)
{
	struct kvm_enable_cap enforce = {
		.cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID, .args = { 1 },
	};
	struct vcpu *v = guest_make(&vm, MODE_LONG, prog);
	struct kvm_cpuid_entry2 *e;
	struct cpuid_list list;

	cpuid_supported(dev_open(), &list);
	e = cpuid_leaf(&list, KVM_CPUID_FEATURES);
	e->function = base + 1;
	e->eax = features;
	cpuid_leaf(&list, KVM_CPUID_SIGNATURE)->function = base;
	CHECK_OK(ioctl(v->fd, KVM_SET_CPUID2, &list));
	CHECK_OK(ioctl(v->fd, KVM_ENABLE_CAP, &enforce));
	return v;
}

static bool guest_has(struct prog prog, u32 base, u32 features, u32 msr)
{
	struct vcpu *v = features_make(prog, base, features);
	struct kvm_regs regs;
	int reason;

	get_regs(v, &regs);
	regs.rcx = msr;
	regs.rax = CLOCK(0);
	regs.rdx = 0;
	set_regs(v, &regs);
	reason = vcpu_run(v);
	if (reason == KVM_EXIT_IO && vcpu_trap(v) >= 0)
		CHECK_EQ(vcpu_trap(v), GP);
	else
		REQUIRE(reason == KVM_EXIT_HLT || reason == KVM_EXIT_IO);
	reason = v->run->exit_reason == KVM_EXIT_HLT || vcpu_trap(v) < 0;
	vm_destroy(&vm);
	return reason;
}

static void msrs_need_their_feature(void)
{
	static const u32 feature[] = {
		1U << KVM_FEATURE_CLOCKSOURCE, 1U << KVM_FEATURE_CLOCKSOURCE,
		1U << KVM_FEATURE_CLOCKSOURCE2, 1U << KVM_FEATURE_CLOCKSOURCE2,
		1U << KVM_FEATURE_STEAL_TIME,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pv_msrs); i++) {
		CHECK(guest_has(PROG(reads_msr), 0x40000000, feature[i], pv_msrs[i]));
		CHECK(guest_has(PROG(writes_msr), 0x40000000, feature[i], pv_msrs[i]));
		CHECK(!guest_has(PROG(reads_msr), 0x40000000, FEATURES & ~feature[i],
				 pv_msrs[i]));
		CHECK(!guest_has(PROG(writes_msr), 0x40000000, FEATURES & ~feature[i],
				 pv_msrs[i]));
	}
}

static void signature_may_stand_behind_another(void)
{
	CHECK(guest_has(PROG(reads_msr), 0x40000100, FEATURES, MSR_KVM_SYSTEM_TIME));
	CHECK(guest_has(PROG(reads_msr), 0x4000ff00, FEATURES, MSR_KVM_STEAL_TIME));
	CHECK(!guest_has(PROG(reads_msr), 0x40000100, 0, MSR_KVM_SYSTEM_TIME));
}

static void vmm_may_reset_what_is_absent(void)
{
	struct vcpu *v = features_make(PROG(reads), 0x40000000, 0);
	unsigned int i;

	if (on_kvm())
		tap_skip("KVM does so for the older MSRs, or for all");
	for (i = 0; i < ARRAY_SIZE(pv_msrs); i++) {
		CHECK_EQ(get_msr(v, pv_msrs[i]), 0);
		CHECK_EQ(set_msr(v, pv_msrs[i], 0), 1);
		CHECK_EQ(set_msr(v, pv_msrs[i], CLOCK(0) | 1), 0);
	}
	vcpu_run_out(v, 0x10);
	CHECK_EQ(clock_of(0)->version, 0);
}

static void capability_of_a_vcpu(void)
{
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reads));
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID, .flags = 1, .args = { 1 },
	};

	CHECK_ERR(ioctl(v->fd, KVM_ENABLE_CAP, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(v->fd, KVM_ENABLE_CAP, &cap), EINVAL);
	cap.flags = 0;
	CHECK_OK(ioctl(v->fd, KVM_ENABLE_CAP, &cap));
	cap.cap = KVM_CAP_HLT;
	CHECK_ERR(ioctl(v->fd, KVM_ENABLE_CAP, &cap), EINVAL);
	cap = (struct kvm_enable_cap){ .cap = KVM_CAP_ENFORCE_PV_FEATURE_CPUID };
	KNOWN_DIFFERENCE(ioctl(v->fd, KVM_ENABLE_CAP, &cap) < 0,
			 "a guest has the services without its CPUID, too");
}

static void msrs_read_as_written(void)
{
	static const u64 values[] = { WALL, CLOCK(0) | 1, WALL + 1, CLOCK(1), 0xc040 | 1 };
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reads));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pv_msrs); i++) {
		CHECK_EQ(set_msr(v, pv_msrs[i], values[i]), 1);
		CHECK_EQ(get_msr(v, pv_msrs[i]), values[i]);
	}
	/* The old and the new MSR are one register. */
	CHECK_EQ(get_msr(v, MSR_KVM_SYSTEM_TIME), values[3]);
	CHECK_EQ(get_msr(v, MSR_KVM_WALL_CLOCK), values[2]);
}

static void vmms_save_the_msrs(void)
{
	struct {
		struct kvm_msr_list head;
		u32 indices[1024];
	} list = { .head.nmsrs = 1024 };
	unsigned int i, k;

	CHECK_OK(ioctl(dev_open(), KVM_GET_MSR_INDEX_LIST, &list));
	for (i = 0; i < ARRAY_SIZE(pv_msrs); i++) {
		for (k = 0; k < list.head.nmsrs && list.indices[k] != pv_msrs[i]; k++)
			;
		if (!CHECK(k < list.head.nmsrs))
			tap_note("MSR %#x", pv_msrs[i]);
	}
}

/* ---- the clock ---- */

static void guest_and_vmm_agree(void)
{
	static const u32 msrs[] = { MSR_KVM_SYSTEM_TIME, MSR_KVM_SYSTEM_TIME_NEW };
	struct vcpu *v;
	unsigned int i, k;
	u64 last;

	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		v = clock_make(msrs[i]);
		for (k = 0, last = 0; k < 10; k++) {
			u64 now = check_time(v, 0);

			CHECK(now > last);
			last = now;
		}
		CHECK(last < HOUR);
		vm_destroy(&vm);
	}
}

static void clock_follows_the_vmm(void)
{
	static const u64 values[] = { HOUR, 5, 1ULL << 62, 1000 * HOUR };
	struct vcpu *v = clock_make(MSR_KVM_SYSTEM_TIME_NEW);
	u32 version;
	unsigned int i;
	u64 now;

	check_time(v, 0);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		version = clock_of(0)->version;
		set_clock(values[i]);
		now = check_time(v, 0);
		CHECK(now >= values[i] && now - values[i] < HOUR);
		CHECK(clock_of(0)->version > version);
	}
}

static void clock_does_not_jump_with_the_tsc(void)
{
	struct vcpu *v = clock_make(MSR_KVM_SYSTEM_TIME_NEW);
	u64 first = check_time(v, 0), second;

	CHECK_EQ(set_msr(v, MSR_TSC, 1ULL << 50), 1);
	/* KVM lets the clock go on from the TSC when it is set. */
	second = on_kvm() ? first : check_time(v, 0);
	CHECK(second >= first && second - first < HOUR);
	CHECK(on_kvm() || DATA64(&vm, 0) >= 1ULL << 50);
}

/* Run a guest that writes one MSR, and then reads its TSC. */
static struct vcpu *writer_make(u32 msr, u64 val)
{
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(writes_msr));
	struct kvm_regs regs;

	get_regs(v, &regs);
	regs.rcx = msr;
	regs.rax = (u32)val;
	regs.rdx = val >> 32;
	set_regs(v, &regs);
	return v;
}

static void guest_adjusts_its_tsc(void)
{
	struct vcpu *v = writer_make(MSR_TSC_ADJUST, 1ULL << 40);
	u64 now;

	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, CLOCK(0) | 1), 1);
	vcpu_run_out(v, 0x10);
	now = check_time(v, 0);
	CHECK(now < HOUR);
	CHECK(DATA64(&vm, 0) >= 1ULL << 40);
}

static void guest_turns_it_on(void)
{
	struct vcpu *v = writer_make(MSR_KVM_SYSTEM_TIME_NEW, CLOCK(0) | 1);

	vcpu_run_out(v, 0x10);
	/* The structure is there after the instruction. */
	CHECK(clock_of(0)->version && !(clock_of(0)->version & 1));
	check_time(v, 0);
	CHECK_EQ(clock_of(0)->flags, by_tsc() ? STABLE : 0);
	CHECK_EQ(get_msr(v, MSR_KVM_SYSTEM_TIME_NEW), CLOCK(0) | 1);
}

/* A guest that does not know the new MSR does not know the flag either. */
static void by_the_old_msr_it_is_not_stable(void)
{
	struct vcpu *v = writer_make(MSR_KVM_SYSTEM_TIME, CLOCK(0) | 1);

	if (!by_tsc() && !on_kvm())
		tap_note("the host's clock does not count by the TSC");
	vcpu_run_out(v, 0x10);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(clock_of(0)->flags, 0);
	CHECK_EQ(get_clock().flags, 0);
}

static void two_vcpus_have_one_clock(void)
{
	struct vcpu *v = clock_make(MSR_KVM_SYSTEM_TIME_NEW), *w = vm_add_vcpu(&vm, 1);
	u64 last = 0, now;
	unsigned int i;

	set_supported_cpuid(w);
	vcpu_reset(w, MODE_LONG, GUEST_CODE);
	CHECK_EQ(set_msr(w, MSR_KVM_SYSTEM_TIME_NEW, CLOCK(1) | 1), 1);
	for (i = 0; i < 10; i++) {
		now = check_time(i & 1 ? w : v, i & 1);
		CHECK(now > last);
		last = now;
	}
	CHECK_EQ(clock_of(0)->flags, by_tsc() ? STABLE : 0);
	CHECK_EQ(clock_of(1)->flags, clock_of(0)->flags);
	/* One TSC goes away, which both vCPUs hear. */
	CHECK_EQ(set_msr(w, MSR_TSC, 1ULL << 50), 1);
	set_clock(HOUR);
	CHECK(check_time(w, 1) >= HOUR);
	CHECK(check_time(v, 0) >= HOUR);
	CHECK_EQ(clock_of(0)->flags | clock_of(1)->flags, 0);
	CHECK(clock_of(1)->tsc >= 1ULL << 49);
}

static void off_means_that_nothing_is_written(void)
{
	struct vcpu *v = clock_make(MSR_KVM_SYSTEM_TIME_NEW);
	struct pv_clock before;

	check_time(v, 0);
	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, CLOCK(0)), 1);
	before = *clock_of(0);
	set_clock(HOUR);
	vcpu_run_out(v, 0x10);
	CHECK(!memcmp((void *)clock_of(0), &before, sizeof(before)));
	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, 0), 1);
	set_clock(HOUR);
	vcpu_run_out(v, 0x10);
	CHECK(!memcmp((void *)clock_of(0), &before, sizeof(before)));
	CHECK_ERR(ioctl(v->fd, KVM_KVMCLOCK_CTRL, 0), EINVAL);
}

static void init_turns_it_off(void)
{
	struct vcpu *v = split_guest(&vm, MODE_LONG, PROG(inits_itself));

	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, CLOCK(0) | 1), 1);
	CHECK_EQ(set_msr(v, MSR_KVM_STEAL_TIME, 0xc040 | 1), 1);
	check_time(v, 0);
	/* no memory is at the reset vector */
	CHECK_EQ(vcpu_run(v), KVM_EXIT_INTERNAL_ERROR);
	CHECK_EQ(get_msr(v, MSR_KVM_SYSTEM_TIME_NEW), 0);
	CHECK_EQ(get_msr(v, MSR_KVM_STEAL_TIME), 0);
}

static void pause_is_told_once(void)
{
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reads));
	unsigned int i;

	CHECK_ERR(ioctl(v->fd, KVM_KVMCLOCK_CTRL, 0), EINVAL);
	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, CLOCK(0) | 1), 1);
	check_time(v, 0);
	CHECK_EQ(clock_of(0)->flags & STOPPED, 0);
	CHECK_OK(ioctl(v->fd, KVM_KVMCLOCK_CTRL, 0));
	for (i = 0; i < 2; i++) {
		check_time(v, 0);
		CHECK_EQ(clock_of(0)->flags & STOPPED, STOPPED);
		set_clock(HOUR);
	}
	clock_of(0)->flags &= ~STOPPED;
	set_clock(HOUR);
	check_time(v, 0);
	CHECK_EQ(clock_of(0)->flags & STOPPED, 0);
}

static void memory_that_cannot_be_written(void)
{
	/* no memory; beyond all memory; across two pages; a bit that is not an address */
	static const u64 at[] = {
		0x40000000 | 1, ~1ULL | 1, (GUEST_DATA + 0x1000 - 0x10) | 1, 1ULL << 62 | 1,
	};
	struct kvm_userspace_memory_region rom = {
		.slot = 1, .flags = KVM_MEM_READONLY, .guest_phys_addr = 0x50000000,
		.memory_size = 4096,
	};
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reads));
	unsigned int i;
	u8 *mem;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, at[i]), 1);
		vcpu_run_out(v, 0x10);
		CHECK_EQ(get_msr(v, MSR_KVM_SYSTEM_TIME_NEW), at[i]);
	}
	CHECK_EQ(*GUEST_PTR(&vm, GUEST_DATA + 0x1000 - 0x10, u64), 0);
	mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(mem != MAP_FAILED);
	rom.userspace_addr = (unsigned long)mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &rom));
	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, 0x50000000 | 1), 1);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(*(u32 *)mem, 0);
	/* The VMM has no memory there any more: the guest goes on. */
	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, GUEST_HIGH | 1), 1);
	CHECK_OK(munmap(vm.mem + GUEST_HIGH, 4096));
	vcpu_run_out(v, 0x10);
}

/* The VMM sets the clock while the structure's slot is away, and puts the slot back. */
static void a_slot_that_comes_back(void)
{
	struct kvm_userspace_memory_region slot = {
		.slot = 1, .guest_phys_addr = 0x50000000, .memory_size = 4096,
	};
	volatile struct pv_clock *c;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reads));

	if (on_kvm())
		tap_skip("KVM writes the clock some minutes later");
	c = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE((void *)c != MAP_FAILED);
	slot.userspace_addr = (unsigned long)c;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, 0x50000000 | 1), 1);
	vcpu_run_out(v, 0x10);
	slot.memory_size = 0;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	set_clock(HOUR);
	vcpu_run_out(v, 0x10);
	CHECK(c->system < HOUR);
	slot.memory_size = 4096;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	vcpu_run_out(v, 0x10);
	CHECK(c->system >= HOUR);
}

static void writes_are_logged(void)
{
	struct kvm_userspace_memory_region log = {
		.slot = 1, .flags = KVM_MEM_LOG_DIRTY_PAGES, .guest_phys_addr = 0x50000000,
		.memory_size = 4 * 4096,
	};
	u64 bits = 0;
	struct kvm_dirty_log get = { .slot = 1, .dirty_bitmap = &bits };
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reads));

	log.userspace_addr = (unsigned long)mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE,
						 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &log));
	CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, 0x50002040 | 1), 1);
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &get));
	CHECK_EQ(bits, 4);
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &get));
	CHECK_EQ(bits, 0);
	set_clock(HOUR);
	vcpu_run_out(v, 0x10);
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &get));
	CHECK_EQ(bits, 4);
}

/* ---- the wall clock ---- */

static void wall_clock_is_the_real_time(void)
{
	static const u32 msrs[] = { MSR_KVM_WALL_CLOCK, MSR_KVM_WALL_CLOCK_NEW };
	volatile struct pv_wall *wall;
	struct timespec before, after;
	unsigned int i;
	struct vcpu *v;
	u64 now;

	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		v = writer_make(msrs[i], WALL);
		CHECK_EQ(set_msr(v, MSR_KVM_SYSTEM_TIME_NEW, CLOCK(0) | 1), 1);
		wall = GUEST_PTR(&vm, WALL, struct pv_wall);
		wall->version = 7;
		clock_gettime(CLOCK_REALTIME, &before);
		vcpu_run_out(v, 0x10);
		CHECK_EQ(wall->version, 10);
		CHECK(wall->nsec < SECOND);
		now = check_time(v, 0) + wall->sec * SECOND + wall->nsec;
		clock_gettime(CLOCK_REALTIME, &after);
		/* The VM's clock may be a little slower than the real time. */
		CHECK(now + SECOND / 1000 >= before.tv_sec * SECOND + before.tv_nsec);
		CHECK(now <= after.tv_sec * SECOND + after.tv_nsec + SECOND / 1000);
		vm_destroy(&vm);
	}
}

static void wall_clock_without_memory(void)
{
	static const u64 at[] = { 0, 0x40000000, ~0ULL };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		vcpu_run_out(writer_make(MSR_KVM_WALL_CLOCK_NEW, at[i]), 0x10);
		CHECK_EQ(*GUEST_PTR(&vm, 0, u32), 0);
		vm_destroy(&vm);
	}
}

static const struct test tests[] = {
	TEST(services_are_announced),
	TEST(guest_reads_the_signature),
	TEST(msrs_need_their_feature),
	TEST(signature_may_stand_behind_another),
	TEST(vmm_may_reset_what_is_absent),
	TEST(capability_of_a_vcpu),
	TEST(msrs_read_as_written),
	TEST(vmms_save_the_msrs),
	TEST(guest_and_vmm_agree),
	TEST(clock_follows_the_vmm),
	TEST(clock_does_not_jump_with_the_tsc),
	TEST(guest_adjusts_its_tsc),
	TEST(guest_turns_it_on),
	TEST(by_the_old_msr_it_is_not_stable),
	TEST(two_vcpus_have_one_clock),
	TEST(off_means_that_nothing_is_written),
	TEST(init_turns_it_off),
	TEST(pause_is_told_once),
	TEST(memory_that_cannot_be_written),
	TEST(a_slot_that_comes_back),
	TEST(writes_are_logged),
	TEST(wall_clock_is_the_real_time),
	TEST(wall_clock_without_memory),
};

TAP_MAIN(tests)
