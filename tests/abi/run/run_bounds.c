// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments of the ioctls at their bounds: the last value that is accepted and the first
 * that is not, and each bit of flags and reserved fields. The same results are expected
 * of KVM, which is the oracle.
 */
#include <cpuid.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "guest.h"

#define PAGE		0x1000ULL
#define SLOTS		32764
#define TOP_PAGE	(~0ULL - PAGE + 1)
#define HVA		0x10000000ULL	/* memory that nobody touches */
#define HVA_END		0x7ffffffff000ULL	/* of a process, with four levels of paging */
#define MOST_PAGES	((1ULL << 31) - 1)	/* in a slot */
#define ALL		~0ULL
#define MANY_VCPUS	1024	/* KVM's default; more take much memory */

GUEST64(halt, "hlt");

static struct vm vm;
static struct vcpu *v;

static int error_of(long r)
{
	return r < 0 ? errno : 0;
}

static void gives(int got, int want, const char *what, int line)
{
	if (!tap_check(got == want, what, __FILE__, line))
		tap_note("%s: %s, not %s", what, got ? strerror(got) : "accepted",
			 want ? strerror(want) : "accepted");
}

/* @want: an errno, 0 if the call is accepted */
#define GIVES(call, want)	gives(error_of(call), want, #call, __LINE__)

static void accepts(u64 got, u64 want, const char *what, int line)
{
	if (!tap_check(got == want, what, __FILE__, line))
		tap_note("%s: accepted bits %#llx, not %#llx", what, (unsigned long long)got,
			 (unsigned long long)want);
}

/* @bits: the bits that @call, which has the variable bit, accepts each by itself */
#define ACCEPTS(call, bits)						\
do {									\
	u64 taken = 0, bit;						\
									\
	for (bit = 1; bit; bit <<= 1)					\
		if (!error_of(call))					\
			taken |= bit;					\
	accepts(taken, bits, #call, __LINE__);				\
} while (0)

static void start(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(halt));
}

static void still_runs(void)
{
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* ---- the device ---- */

static int check_extension(int fd, unsigned long cap)
{
	return ioctl(fd, KVM_CHECK_EXTENSION, cap);
}

static void numbers_of_the_device(void)
{
	int dev = dev_open();

	GIVES(ioctl(dev, KVM_GET_API_VERSION, 0), 0);
	GIVES(ioctl(dev, KVM_GET_API_VERSION, 1), EINVAL);
	GIVES(ioctl(dev, KVM_GET_VCPU_MMAP_SIZE, 0), 0);
	GIVES(ioctl(dev, KVM_GET_VCPU_MMAP_SIZE, 1), EINVAL);
	ACCEPTS(ioctl(dev, KVM_CREATE_VM, bit), 0);
	CHECK_EQ(check_extension(dev, 100000), 0);
	CHECK_EQ(check_extension(dev, 0x7fffffff), 0);
	CHECK_EQ(check_extension(dev, ~0UL), 0);
	CHECK_EQ(check_extension(dev, 1UL << 32 | KVM_CAP_USER_MEMORY), 0);
}

struct list {
	u32 nr;
	u32 entries[2048];
};

/* Lists whose length the call reports: exactly enough room, and one entry too few. */
static void lists_of_the_device(void)
{
	static const unsigned long calls[] = {
		KVM_GET_MSR_INDEX_LIST, KVM_GET_MSR_FEATURE_INDEX_LIST,
	};
	struct list list = { };
	unsigned int i;
	u32 nr;
	int dev = dev_open();

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		list.nr = 0;
		GIVES(ioctl(dev, calls[i], &list), E2BIG);
		nr = list.nr;
		REQUIRE(nr > 1 && nr < ARRAY_SIZE(list.entries));
		list.nr = nr - 1;
		GIVES(ioctl(dev, calls[i], &list), E2BIG);
		CHECK_EQ(list.nr, nr);
		GIVES(ioctl(dev, calls[i], &list), 0);
		list.nr = nr + 1;
		GIVES(ioctl(dev, calls[i], &list), 0);
		CHECK_EQ(list.nr, nr);
	}
}

struct cpuid {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[300];
};

static int cpuid_call(int fd, unsigned long cmd, struct cpuid *cpuid, u32 nr)
{
	cpuid->head.nent = nr;
	return ioctl(fd, cmd, cpuid);
}

static void numbers_of_cpuid_entries(void)
{
	static struct cpuid cpuid, got;
	u32 nr;

	start();
	GIVES(cpuid_call(vm.dev, KVM_GET_SUPPORTED_CPUID, &cpuid, 0), E2BIG);
	GIVES(cpuid_call(vm.dev, KVM_GET_SUPPORTED_CPUID, &cpuid, 300), 0);
	nr = cpuid.head.nent;
	REQUIRE(nr > 1 && nr < 256);
	GIVES(cpuid_call(vm.dev, KVM_GET_SUPPORTED_CPUID, &cpuid, nr - 1), E2BIG);
	GIVES(cpuid_call(vm.dev, KVM_GET_SUPPORTED_CPUID, &cpuid, nr), 0);
	GIVES(cpuid_call(v->fd, KVM_SET_CPUID2, &cpuid, 256), 0);
	GIVES(cpuid_call(v->fd, KVM_SET_CPUID2, &cpuid, 257), E2BIG);
	GIVES(cpuid_call(v->fd, KVM_SET_CPUID2, &cpuid, 0), 0);
	GIVES(cpuid_call(v->fd, KVM_GET_CPUID2, &got, 0), 0);
	cpuid.head.padding = ~0U;
	GIVES(cpuid_call(v->fd, KVM_SET_CPUID2, &cpuid, nr), 0);
	GIVES(cpuid_call(v->fd, KVM_GET_CPUID2, &got, nr - 1), E2BIG);
	GIVES(cpuid_call(v->fd, KVM_GET_CPUID2, &got, nr), 0);
	GIVES(cpuid_call(v->fd, KVM_GET_CPUID2, &got, ~0U), 0);
	still_runs();
}

struct msrs {
	struct kvm_msrs head;
	struct kvm_msr_entry entries[256];
};

/* Return: how many MSRs were accessed. IA32_PAT is in each entry but @bad. */
static int msrs_call(int fd, unsigned long cmd, u32 nr, u32 index, u32 bad)
{
	struct msrs msrs = { .head.nmsrs = nr, .head.pad = ~0U };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(msrs.entries); i++)
		msrs.entries[i] = (struct kvm_msr_entry){
			.index = i == bad ? 0xdead : index, .reserved = ~0U,
			.data = 0x0007040600070406ULL };
	return ioctl(fd, cmd, &msrs);
}

static void numbers_of_msrs(void)
{
	start();
	CHECK_EQ(msrs_call(v->fd, KVM_GET_MSRS, 0, 0x277, ~0U), 0);
	CHECK_EQ(msrs_call(v->fd, KVM_GET_MSRS, 255, 0x277, ~0U), 255);
	CHECK_EQ(msrs_call(v->fd, KVM_GET_MSRS, 255, 0x277, 254), 254);
	GIVES(msrs_call(v->fd, KVM_GET_MSRS, 256, 0x277, ~0U), E2BIG);
	CHECK_EQ(msrs_call(v->fd, KVM_SET_MSRS, 255, 0x277, ~0U), 255);
	CHECK_EQ(msrs_call(v->fd, KVM_SET_MSRS, 255, 0x277, 0), 0);
	GIVES(msrs_call(v->fd, KVM_SET_MSRS, 256, 0x277, ~0U), E2BIG);
	/* IA32_ARCH_CAPABILITIES is a feature */
	CHECK_EQ(msrs_call(vm.dev, KVM_GET_MSRS, 255, 0x10a, ~0U), 255);
	GIVES(msrs_call(vm.dev, KVM_GET_MSRS, 256, 0x10a, ~0U), E2BIG);
	still_runs();
}

/* ---- vCPUs ---- */

static void numbers_of_vcpus(void)
{
	unsigned long ids;

	vm_make(&vm, NULL);
	ids = check_extension(vm.fd, KVM_CAP_MAX_VCPU_ID);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 1), 0);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 1), EEXIST);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 0), 0);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 0xffffffff), EINVAL);
	KNOWN_DIFFERENCE(error_of(ioctl(vm.fd, KVM_CREATE_VCPU, 1UL << 32 | 1)) == EINVAL,
			 "takes the low 32 bits, until 6.11");
}

static void allow_files(rlim_t nr)
{
	struct rlimit limit = { nr, nr };

	REQUIRE(!setrlimit(RLIMIT_NOFILE, &limit));
}

/* The ids are sparse, from the highest down. */
static void as_many_vcpus_as_it_says(void)
{
	unsigned long ids, nr, i, apart;
	struct vcpu last;

	vm_make(&vm, NULL);
	ids = check_extension(vm.fd, KVM_CAP_MAX_VCPU_ID);
	nr = check_extension(vm.fd, KVM_CAP_MAX_VCPUS);
	CHECK(nr >= MANY_VCPUS);
	CHECK_EQ(ids, 4 * nr);
	if (nr > MANY_VCPUS)
		tap_skip("so many vCPUs take too much memory");
	apart = ids / nr;
	allow_files(nr + 100);
	for (i = 1; i < nr; i++)
		REQUIRE(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 1 - i * apart) >= 0);
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, PROG(halt));
	last = *vm_add_vcpu_at(&vm, 0, ids - 1);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 2), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, ids - 1), EINVAL);	/* one that exists */
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 0), EINVAL);
	set_supported_cpuid(&last);
	vcpu_reset(&last, MODE_LONG, GUEST_CODE);
	vcpu_run_to(&last, KVM_EXIT_HLT);
}

static int limit_vcpus(u64 ids)
{
	struct kvm_enable_cap c = { .cap = KVM_CAP_MAX_VCPU_ID, .args = { ids } };

	return ioctl(vm.fd, KVM_ENABLE_CAP, &c);
}

static void limits_of_vcpus(void)
{
	unsigned long ids;

	vm_make(&vm, NULL);
	ids = check_extension(vm.fd, KVM_CAP_MAX_VCPU_ID);
	GIVES(limit_vcpus(ids + 1), EINVAL);
	GIVES(limit_vcpus(1ULL << 32 | 3), EINVAL);
	GIVES(limit_vcpus(0), 0);		/* says nothing */
	GIVES(limit_vcpus(3), 0);
	GIVES(limit_vcpus(3), 0);
	GIVES(limit_vcpus(2), EINVAL);
	GIVES(limit_vcpus(0), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 3), EINVAL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 2), 0);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 2), EEXIST);
	vm_destroy(&vm);

	vm_make(&vm, NULL);
	GIVES(ioctl(vm.fd, KVM_CREATE_VCPU, 0), 0);
	GIVES(limit_vcpus(3), EINVAL);		/* after a vCPU */
	GIVES(limit_vcpus(ids), 0);
}

/* KVM's mapping may be larger than the pages that exist. */
static void mappings_of_vcpus(void)
{
	size_t size;

	start();
	size = vm.run_size;
	GIVES((long)mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0), 0);
	GIVES((long)mmap(NULL, size + PAGE, PROT_READ, MAP_SHARED, v->fd, 0), 0);
	GIVES((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, v->fd, 16 * PAGE), 0);
}

/* ---- memory slots ---- */

static int set_slot(u32 slot, u32 flags, u64 gpa, u64 size, u64 hva)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = hva,
	};

	return ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region);
}

/* Make a slot and delete it. */
static int try_slot(u32 slot, u32 flags, u64 gpa, u64 size, u64 hva)
{
	int r = set_slot(slot, flags, gpa, size, hva);

	if (!r)
		CHECK_OK(set_slot(slot, 0, gpa, 0, hva));
	return r;
}

static void numbers_of_slots(void)
{
	start();
	CHECK_EQ(check_extension(vm.fd, KVM_CAP_NR_MEMSLOTS), SLOTS);
	GIVES(try_slot(SLOTS - 1, 0, GUEST_MMIO, PAGE, HVA), 0);
	GIVES(try_slot(SLOTS, 0, GUEST_MMIO, PAGE, HVA), EINVAL);
	GIVES(try_slot(0xffff, 0, GUEST_MMIO, PAGE, HVA), EINVAL);
	GIVES(try_slot(2 << 16, 0, GUEST_MMIO, PAGE, HVA), EINVAL);
	KNOWN_DIFFERENCE(error_of(try_slot(1 << 16, 0, GUEST_MMIO, PAGE, HVA)) == EINVAL,
			 "has the address space of SMM");
	ACCEPTS(try_slot(1, bit, GUEST_MMIO, PAGE, HVA),
		KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES | 0xffffffff00000000ULL);
	still_runs();
}

static u64 guest_physical_end(void)
{
	unsigned int a, b, c, d;

	__cpuid(0x80000008, a, b, c, d);
	return 1ULL << (a & 0xff);
}

static void sizes_of_slots(void)
{
	start();
	GIVES(set_slot(1, 0, GUEST_MMIO, 0, HVA), EINVAL);
	ACCEPTS(try_slot(1, 0, GUEST_MMIO, bit, HVA),
		(guest_physical_end() - 1) & (MOST_PAGES * PAGE));
	GIVES(try_slot(1, 0, 0, MOST_PAGES * PAGE, HVA), EEXIST);
	GIVES(try_slot(1, 0, 0, (MOST_PAGES + 1) * PAGE, HVA), EINVAL);
	still_runs();
}

static void addresses_of_slots(void)
{
	u64 end = guest_physical_end();

	start();
	GIVES(try_slot(1, 0, GUEST_RAM, PAGE, HVA), 0);
	GIVES(try_slot(1, 0, GUEST_RAM - PAGE, PAGE, HVA), EEXIST);
	GIVES(try_slot(1, 0, GUEST_MMIO + 1, PAGE, HVA), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE + 1, HVA), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE, HVA + 1), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE, HVA_END - PAGE), 0);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE, HVA_END), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, 2 * PAGE, HVA_END - PAGE), EINVAL);
	GIVES(try_slot(1, 0, GUEST_MMIO, PAGE, TOP_PAGE), EINVAL);
	GIVES(try_slot(1, 0, end - PAGE, PAGE, HVA), 0);
	GIVES(try_slot(1, 0, end, PAGE, HVA), EINVAL);
	GIVES(try_slot(1, 0, end - PAGE, 2 * PAGE, HVA), EINVAL);
	GIVES(try_slot(1, 0, TOP_PAGE, PAGE, HVA), EINVAL);
	GIVES(try_slot(1, 0, TOP_PAGE, 2 * PAGE, HVA), EINVAL);
	still_runs();
}

static void changes_of_slots(void)
{
	start();
	CHECK_OK(set_slot(1, 0, GUEST_MMIO, 2 * PAGE, HVA));
	GIVES(set_slot(1, 0, GUEST_MMIO, PAGE, HVA), EINVAL);
	GIVES(set_slot(1, 0, GUEST_MMIO, 3 * PAGE, HVA), EINVAL);
	GIVES(set_slot(1, 0, GUEST_MMIO, 2 * PAGE, HVA + PAGE), EINVAL);
	GIVES(set_slot(1, KVM_MEM_READONLY, GUEST_MMIO, 2 * PAGE, HVA), EINVAL);
	GIVES(set_slot(1, KVM_MEM_LOG_DIRTY_PAGES, GUEST_MMIO, 2 * PAGE, HVA), 0);
	GIVES(set_slot(1, 0, GUEST_MMIO, 2 * PAGE, HVA), 0);
	GIVES(set_slot(1, 0, guest_physical_end() - PAGE, 2 * PAGE, HVA), EINVAL);
	GIVES(set_slot(1, 0, GUEST_RAM - PAGE, 2 * PAGE, HVA), EEXIST);
	GIVES(set_slot(1, 0, GUEST_RAM, 2 * PAGE, HVA), 0);
	GIVES(set_slot(2, 0, GUEST_RAM + PAGE, PAGE, HVA), EEXIST);
	GIVES(set_slot(2, 0, GUEST_RAM + 2 * PAGE, PAGE, HVA), 0);
	GIVES(set_slot(1, ~0U, GUEST_RAM, 0, HVA), EINVAL);
	GIVES(set_slot(1, 0, GUEST_RAM + 1, 0, HVA), EINVAL);
	GIVES(set_slot(1, 0, 0, 0, 0), 0);
	GIVES(set_slot(1, 0, 0, 0, 0), EINVAL);
	still_runs();
}

static int dirty_log(u32 slot)
{
	u64 bits[8];
	struct kvm_dirty_log log = { .slot = slot, .padding1 = ~0U, .dirty_bitmap = bits };

	return ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log);
}

static void slots_of_the_dirty_log(void)
{
	start();
	GIVES(dirty_log(0), ENOENT);
	GIVES(dirty_log(1), ENOENT);
	GIVES(dirty_log(SLOTS - 1), ENOENT);
	GIVES(dirty_log(SLOTS), EINVAL);
	GIVES(dirty_log(2 << 16), EINVAL);
	GIVES(dirty_log(~0U), EINVAL);
	KNOWN_DIFFERENCE(error_of(dirty_log(1 << 16)) == EINVAL, "has the address space of SMM");
	CHECK_OK(set_slot(SLOTS - 1, KVM_MEM_LOG_DIRTY_PAGES, GUEST_MMIO, PAGE, HVA));
	GIVES(dirty_log(SLOTS - 1), 0);
}

/* ---- other calls on a VM ---- */

static int identity_map(u64 addr)
{
	return ioctl(vm.fd, KVM_SET_IDENTITY_MAP_ADDR, &addr);
}

static int enable_cap(u32 cap, u32 flags, u64 arg)
{
	struct kvm_enable_cap c = { .cap = cap, .flags = flags, .args = { arg } };

	memset(c.pad, 0xff, sizeof(c.pad));
	return ioctl(vm.fd, KVM_ENABLE_CAP, &c);
}

/* Return: whether the VM has the events of triple faults. */
static bool has_triple_fault_event(void)
{
	struct kvm_vcpu_events events;

	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &events));
	return events.flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
}

static void addresses_and_capabilities_of_a_vm(void)
{
	vm_make(&vm, NULL);
	GIVES(identity_map(0), 0);
	GIVES(identity_map(0xfffbc000), 0);
	v = vm_add_vcpu(&vm, 0);
	GIVES(identity_map(0xfffbc000), EINVAL);	/* after the first vCPU */

	GIVES(ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000UL), 0);
	GIVES(ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xffffd000UL), 0);
	GIVES(ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xffffd001UL), EINVAL);
	GIVES(ioctl(vm.fd, KVM_SET_TSS_ADDR, 1UL << 32), EINVAL);

	GIVES(ioctl(vm.fd, KVM_SET_NR_MMU_PAGES, 0), EINVAL);
	GIVES(ioctl(vm.fd, KVM_SET_NR_MMU_PAGES, 63), EINVAL);
	GIVES(ioctl(vm.fd, KVM_SET_NR_MMU_PAGES, 64), 0);
	GIVES(ioctl(vm.fd, KVM_SET_NR_MMU_PAGES, 1UL << 32), 0);

	ACCEPTS(enable_cap(KVM_CAP_X86_TRIPLE_FAULT_EVENT, bit, 1), 0xffffffff00000000ULL);
	CHECK(has_triple_fault_event());
	GIVES(enable_cap(KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, 0), 0);
	CHECK(!has_triple_fault_event());
	GIVES(enable_cap(KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, 2), 0);
	CHECK(has_triple_fault_event());
	GIVES(enable_cap(0, 0, 0), EINVAL);
	GIVES(enable_cap(KVM_CAP_USER_MEMORY, 0, 0), EINVAL);
	GIVES(enable_cap(100000, 0, 0), EINVAL);
	GIVES(enable_cap(~0U, 0, 0), EINVAL);
}

/* ---- the state of a vCPU ---- */

static int interrupt(u32 irq)
{
	struct kvm_interrupt i = { .irq = irq };

	return ioctl(v->fd, KVM_INTERRUPT, &i);
}

static int signal_mask(u32 len)
{
	struct {
		struct kvm_signal_mask head;
		u8 sigset[16];
	} mask = { .head.len = len };

	return ioctl(v->fd, KVM_SET_SIGNAL_MASK, &mask);
}

static int mp_state(u32 state)
{
	struct kvm_mp_state mp = { .mp_state = state };

	return ioctl(v->fd, KVM_SET_MP_STATE, &mp);
}

static int tpr_access(u32 enabled, u32 flags)
{
	struct kvm_tpr_access_ctl ctl = { .enabled = enabled, .flags = flags };

	memset(ctl.reserved, 0xff, sizeof(ctl.reserved));
	return ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, &ctl);
}

static void small_arguments(void)
{
	unsigned int state;

	start();
	GIVES(interrupt(256), EINVAL);
	GIVES(interrupt(~0U), EINVAL);
	GIVES(interrupt(255), 0);
	GIVES(signal_mask(7), EINVAL);
	GIVES(signal_mask(8), 0);
	GIVES(signal_mask(9), EINVAL);
	GIVES(ioctl(v->fd, KVM_SET_SIGNAL_MASK, NULL), 0);
	GIVES(mp_state(KVM_MP_STATE_RUNNABLE), 0);
	for (state = 1; state < 16; state++)
		GIVES(mp_state(state), EINVAL);
	GIVES(mp_state(~0U), EINVAL);
	GIVES(tpr_access(~0U, 0), 0);
	ACCEPTS(tpr_access(0, bit), 0xffffffff00000000ULL);
	GIVES(ioctl(v->fd, KVM_RUN, 1), EINVAL);
	GIVES(ioctl(v->fd, KVM_SET_TSC_KHZ, 0), 0);
}

static int debugregs(u64 flags, u64 dr6, u64 dr7)
{
	struct kvm_debugregs d = { .flags = flags, .dr6 = dr6, .dr7 = dr7 };

	memset(d.reserved, 0xff, sizeof(d.reserved));
	return ioctl(v->fd, KVM_SET_DEBUGREGS, &d);
}

static int guest_debug(u32 control)
{
	struct kvm_guest_debug d = { .control = control, .pad = ~0U };

	return ioctl(v->fd, KVM_SET_GUEST_DEBUG, &d);
}

static void debug_registers(void)
{
	u64 valid;

	start();
	ACCEPTS(debugregs(bit, 0xffff0ff0, 0x400), 0);
	ACCEPTS(debugregs(0, bit, 0x400), 0xffffffffULL);
	ACCEPTS(debugregs(0, 0xffff0ff0, bit), 0xffffffffULL);
	valid = check_extension(vm.fd, KVM_CAP_SET_GUEST_DEBUG2);
	if (on_kvm()) {
		tap_note("known difference: KVM takes any bit of kvm_guest_debug.control");
		valid = 0xffffffffULL;
	}
	/* without KVM_GUESTDBG_ENABLE the rest has no effect; injections cannot repeat */
	valid &= ~(u64)(KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP);
	ACCEPTS(bit & (KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP) || bit >> 32 ?
		(errno = EINVAL, -1) : guest_debug(bit), valid);
	GIVES(guest_debug(0), 0);
	still_runs();
}

static int xcrs(u32 nr, u32 flags, u32 xcr, u64 value)
{
	struct kvm_xcrs x = { .nr_xcrs = nr, .flags = flags,
			      .xcrs = { { .xcr = xcr, .reserved = ~0U, .value = value } } };
	unsigned int i;

	for (i = 1; i < KVM_MAX_XCRS; i++)
		x.xcrs[i] = (struct kvm_xcr){ .xcr = 1 };
	memset(x.padding, 0xff, sizeof(x.padding));
	return ioctl(v->fd, KVM_SET_XCRS, &x);
}

static void extended_control_registers(void)
{
	start();
	GIVES(xcrs(0, 0, 0, 0), 0);
	GIVES(xcrs(1, 0, 0, 1), 0);
	GIVES(xcrs(KVM_MAX_XCRS, 0, 0, 1), 0);
	GIVES(xcrs(KVM_MAX_XCRS + 1, 0, 0, 1), EINVAL);
	GIVES(xcrs(~0U, 0, 0, 1), EINVAL);
	ACCEPTS(xcrs(1, bit, 0, 1), 0xffffffff00000000ULL);
	GIVES(xcrs(1, 0, 1, ~0ULL), 0);
	ACCEPTS(xcrs(1, 0, 0, bit), 1);
	GIVES(xcrs(1, 0, 0, 5), EINVAL);	/* AVX without SSE */
	GIVES(xcrs(1, 0, 0, 3), 0);
	GIVES(xcrs(1, 0, 0, 1), 0);
	still_runs();
}

static int xsave(size_t offset, u64 value)
{
	struct kvm_xsave x;

	CHECK_OK(ioctl(v->fd, KVM_GET_XSAVE, &x));
	memcpy((u8 *)&x + offset, &value, sizeof(value));
	return ioctl(v->fd, KVM_SET_XSAVE, &x);
}

static void header_of_xsave(void)
{
	unsigned int at;
	u64 known = 3;

	start();
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx"))
		known |= 4;
	ACCEPTS(xsave(512, bit), known);
	for (at = 520; at < 576; at += 8)
		ACCEPTS(xsave(at, bit), 0);
	still_runs();
}

/* ---- pending events ---- */

static struct kvm_vcpu_events no_events(void)
{
	struct kvm_vcpu_events e;

	memset(&e, 0, sizeof(e));
	memset(e.reserved, 0xff, sizeof(e.reserved));
	return e;
}

static int set_events(const struct kvm_vcpu_events *e)
{
	return ioctl(v->fd, KVM_SET_VCPU_EVENTS, e);
}

static int event_flags(u32 flags)
{
	struct kvm_vcpu_events e = no_events();

	e.flags = flags;
	return set_events(&e);
}

static int event_exception(u8 nr, bool injected, u8 pending)
{
	struct kvm_vcpu_events e = no_events();

	e.exception.nr = nr;
	e.exception.injected = injected;
	e.exception.pending = pending;
	return set_events(&e);
}

static int event_smi(u8 smm, u8 pending)
{
	struct kvm_vcpu_events e = no_events();

	e.flags = KVM_VCPUEVENT_VALID_SMM;
	e.smi.smm = smm;
	e.smi.pending = pending;
	return set_events(&e);
}

static int event_shadow(u8 shadow)
{
	struct kvm_vcpu_events e = no_events();

	e.flags = KVM_VCPUEVENT_VALID_SHADOW;
	e.interrupt.shadow = shadow;
	return set_events(&e);
}

static void events(void)
{
	unsigned int nr;

	start();
	ACCEPTS(event_flags(bit), 0xffffffff0000000fULL);
	CHECK_OK(enable_cap(KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, 1));
	ACCEPTS(event_flags(bit), 0xffffffff0000002fULL);
	for (nr = 0; nr < 256; nr++) {
		gives(error_of(event_exception(nr, true, 0)), nr < 32 && nr != 2 ? 0 : EINVAL,
		      "event_exception(nr, true, 0)", nr);
		gives(error_of(event_exception(nr, false, 0)), 0,
		      "event_exception(nr, false, 0)", nr);
	}
	GIVES(event_exception(255, false, 1), 0);
	GIVES(event_smi(0, 0), 0);
	KNOWN_DIFFERENCE(error_of(event_smi(1, 0)) == EINVAL, "has SMM");
	KNOWN_DIFFERENCE(error_of(event_smi(0, 1)) == EINVAL, "has SMM");
	GIVES(event_smi(0, 0), 0);
	for (nr = 0; nr < 256; nr++)
		gives(error_of(event_shadow(nr)), 0, "event_shadow(nr)", nr);
	GIVES(event_shadow(0), 0);
	CHECK_OK(event_exception(0, false, 0));
	still_runs();
}

/* ---- special registers ---- */

static struct kvm_sregs good;

static int sregs(__u64 *field, u64 value)
{
	u64 was = *field;
	int r;

	*field = value;
	r = ioctl(v->fd, KVM_SET_SREGS, &good);
	*field = was;
	return r;
}

static int sregs2_flags(u64 flags)
{
	struct kvm_sregs2 s;

	CHECK_OK(ioctl(v->fd, KVM_GET_SREGS2, &s));
	s.flags = flags;
	return ioctl(v->fd, KVM_SET_SREGS2, &s);
}

static void special_registers(void)
{
	u64 width;

	start();
	width = guest_physical_end() - 1;
	get_sregs(v, &good);
	/* a 64-bit vCPU: PG, PE, PAE, LME and LMA must stay */
	ACCEPTS(sregs(&good.cr3, good.cr3 | bit), width);
	ACCEPTS(sregs(&good.cr2, bit), ALL);
	ACCEPTS(sregs(&good.cr0, good.cr0 ^ bit), 0x5ffffffeULL);
	if (on_kvm()) {
		/* KVM checks EFER here since 7.x, as we do. */
		bool checks_efer = sregs(&good.efer, good.efer ^ 1ULL << 63) < 0;

		tap_note("known difference: KVM takes reserved bits of %sCR8",
			 checks_efer ? "" : "EFER and ");
		ACCEPTS(sregs(&good.efer, good.efer ^ bit), checks_efer ? 0x801 : ~0x500ULL);
		ACCEPTS(sregs(&good.cr8, bit), ALL);
	} else {
		ACCEPTS(sregs(&good.efer, good.efer ^ bit), 0x801);
		ACCEPTS(sregs(&good.cr8, bit), 0xf);
	}
	ACCEPTS(sregs(&good.apic_base, good.apic_base ^ bit), (width & ~0xfffULL) | 0xd00);
	ACCEPTS(sregs2_flags(bit), 0);
	GIVES(ioctl(v->fd, KVM_SET_SREGS, &good), 0);
	still_runs();
}

/* The registers in struct kvm_run. */
static int sync_regs(u64 valid, u64 dirty)
{
	int r;

	v->run->kvm_valid_regs = valid;
	v->run->kvm_dirty_regs = dirty;
	r = vcpu_run(v);
	v->run->kvm_valid_regs = 0;
	v->run->kvm_dirty_regs = 0;
	if (r < 0)
		errno = -r;
	return r < 0 ? -1 : 0;
}

static void sets_of_shared_registers(void)
{
	u64 valid = 7;

	start();
	if (on_kvm() && !error_of((set_rip(v, GUEST_CODE), sync_regs(1ULL << 63, 0)))) {
		tap_note("known difference: this KVM ignores the upper 32 bits");
		valid |= 0xffffffffULL << 32;
	}
	ACCEPTS((set_rip(v, GUEST_CODE), sync_regs(bit, 0)), valid);
	CHECK_EQ(check_extension(vm.fd, KVM_CAP_SYNC_REGS), 7);
	set_rip(v, GUEST_CODE);
	GIVES(sync_regs(7, 0), 0);
	ACCEPTS((v->run->s.regs.regs.rip = GUEST_CODE, sync_regs(0, bit)), valid);
}

/* ---- machine checks ---- */

static int setup_mce(u64 cap)
{
	return ioctl(v->fd, KVM_X86_SETUP_MCE, &cap);
}

static int set_mce(u8 bank, u64 status)
{
	struct kvm_x86_mce mce = { .bank = bank, .status = status };

	return ioctl(v->fd, KVM_X86_SET_MCE, &mce);
}

static void machine_checks(void)
{
	u64 cap;

	start();
	CHECK_OK(ioctl(vm.dev, KVM_X86_GET_MCE_CAP_SUPPORTED, &cap));
	GIVES(setup_mce(0), EINVAL);
	GIVES(setup_mce(33), EINVAL);
	GIVES(setup_mce(32), 0);
	ACCEPTS(setup_mce(10 | bit), (cap & ~0xffULL) | 0xff001f);
	GIVES(setup_mce(10), 0);
	GIVES(set_mce(9, 1ULL << 63), 0);
	GIVES(set_mce(10, 1ULL << 63), EINVAL);
	GIVES(set_mce(255, 1ULL << 63), EINVAL);
	GIVES(set_mce(9, ~0ULL >> 1), EINVAL);
	still_runs();
}

/* ---- translation ---- */

/* Return: the physical address, ~0 if the result says that there is none. */
static u64 translate(u64 gva)
{
	struct kvm_translation t = { .linear_address = gva };

	CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
	return t.valid ? t.physical_address : ~0ULL;
}

static void addresses_that_are_translated(void)
{
	start();
	CHECK_EQ(translate(0), 0);
	CHECK_EQ(translate(0xffffffff), 0xffffffff);
	CHECK_EQ(translate(0x100000000), ALL);
	CHECK_EQ(translate(0x7fffffffffff), ALL);
	CHECK_EQ(translate(0x800000000000), ALL);
	CHECK_EQ(translate(0xffff800000000000), ALL);
	CHECK_EQ(translate(~0ULL), ALL);
	KNOWN_DIFFERENCE(translate(1ULL << 48 | 0x8000) == ALL, "ignores bits 63:48");
	KNOWN_DIFFERENCE(translate(0xffff000000008000) == ALL, "ignores bits 63:48");
}

/* Linear addresses have 32 bits outside 64-bit mode. */
static void addresses_without_paging(void)
{
	v = guest_make(&vm, MODE_FLAT32, PROG(halt));
	CHECK_EQ(translate(0), 0);
	CHECK_EQ(translate(0xffffffff), 0xffffffff);
	KNOWN_DIFFERENCE(translate(0x100000000) == 0, "takes all bits for an address");
	KNOWN_DIFFERENCE(translate(~0ULL - 1) == 0xfffffffe, "takes all bits for an address");
}

static const struct test tests[] = {
	TEST(numbers_of_the_device),
	TEST(lists_of_the_device),
	TEST(numbers_of_cpuid_entries),
	TEST(numbers_of_msrs),
	TEST(numbers_of_vcpus),
	TEST(as_many_vcpus_as_it_says),
	TEST(limits_of_vcpus),
	TEST(mappings_of_vcpus),
	TEST(numbers_of_slots),
	TEST(sizes_of_slots),
	TEST(addresses_of_slots),
	TEST(changes_of_slots),
	TEST(slots_of_the_dirty_log),
	TEST(addresses_and_capabilities_of_a_vm),
	TEST(small_arguments),
	TEST(debug_registers),
	TEST(extended_control_registers),
	TEST(header_of_xsave),
	TEST(events),
	TEST(special_registers),
	TEST(sets_of_shared_registers),
	TEST(machine_checks),
	TEST(addresses_that_are_translated),
	TEST(addresses_without_paging),
};

TAP_MAIN(tests)
