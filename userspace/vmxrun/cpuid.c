// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPUID of the guest: the features that the device supports, without those
 * that need devices which vmxrun lacks (x2APIC, power management, performance
 * counter interrupts), and one core in each package.
 *
 * The hypervisor bit is set unless it is hidden. It keeps kernels from using
 * microcode updates, machine checks and MSRs that a CPU has and a VM lacks.
 * Leaf 0x40000000 names vmxrun and offers no features such as kvmclock, so that
 * a guest runs alike on /dev/kvm and /dev/vmxdbg.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpuid.h"
#include "msg.h"

#define PARAVIRT_FIRST	0x40000000U
#define PARAVIRT_LAST	0x4fffffffU
#define SIGNATURE	"vmxrunvmxrun"

#define BIT_ECX1_MONITOR	(1U << 3)
#define BIT_ECX1_X2APIC		(1U << 21)
#define BIT_ECX1_TSC_DEADLINE	(1U << 24)
#define BIT_ECX1_HYPERVISOR	(1U << 31)
#define BIT_EDX1_APIC		(1U << 9)
#define BIT_EDX1_HTT		(1U << 28)
#define BIT_EAX6_ARAT		(1U << 2)

/* Linux keeps the frequency of the crystal in 32 bits. */
#define CRYSTAL_KHZ_MAX		4000000U
#define CRYSTAL_KHZ_DEFAULT	1000000U

struct leaf_mask {
	uint32_t function;
	uint32_t eax, ebx, ecx, edx;	/* bits to keep */
};

/* Topology, and features that depend on the machine. */
static const struct leaf_mask masks[] = {
	/* keep brand and cache line in ebx; set_identity() sets the APIC id */
	{ 1, ~0U, 0x0000ffff,
	  ~(BIT_ECX1_MONITOR | BIT_ECX1_X2APIC | BIT_ECX1_TSC_DEADLINE),
	  ~BIT_EDX1_HTT },
	/* caches are not shared */
	{ 4, 0x00003fff, ~0U, ~0U, ~0U },
	/* MONITOR/MWAIT, power management, performance counters */
	{ 5, 0, 0, 0, 0 },
	{ 6, BIT_EAX6_ARAT, 0, 0, 0 },
	{ 0xa, 0, 0, 0, 0 },
	/* topology by x2APIC id */
	{ 0xb, 0, 0, 0, 0 },
	{ 0x1f, 0, 0, 0, 0 },
	/* AMD's extended APIC features, core counts and topology */
	{ 0x80000001, ~0U, ~0U, ~((1U << 1) | (1U << 3) | (1U << 22)), ~0U },
	{ 0x80000008, ~0U, ~0U, 0, ~0U },
	{ 0x8000001d, 0x00003fff, ~0U, ~0U, ~0U },
	{ 0x8000001e, 0, 0, 0, 0 },
};

static struct kvm_cpuid_entry2 *find_leaf(struct cpuid_table *table,
				     uint32_t function)
{
	for (unsigned int i = 0; i < table->head.nent; i++)
		if (table->entries[i].function == function)
			return &table->entries[i];
	return NULL;
}

static struct kvm_cpuid_entry2 *find_or_add_leaf(struct cpuid_table *table,
					    uint32_t function)
{
	struct kvm_cpuid_entry2 *e = find_leaf(table, function);

	if (e || table->head.nent == CPUID_MAX_ENTRIES)
		return e;
	e = &table->entries[table->head.nent++];
	memset(e, 0, sizeof(*e));
	e->function = function;
	return e;
}

static void drop_paravirt(struct cpuid_table *table)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < table->head.nent; i++) {
		uint32_t function = table->entries[i].function;

		if (function < PARAVIRT_FIRST || function > PARAVIRT_LAST)
			table->entries[n++] = table->entries[i];
	}
	table->head.nent = n;
}

static void apply_masks(struct cpuid_table *table)
{
	for (unsigned int i = 0; i < table->head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &table->entries[i];

		for (size_t j = 0; j < sizeof(masks) / sizeof(masks[0]); j++) {
			if (masks[j].function != e->function)
				continue;
			e->eax &= masks[j].eax;
			e->ebx &= masks[j].ebx;
			e->ecx &= masks[j].ecx;
			e->edx &= masks[j].edx;
		}
	}
}

static void set_identity(struct cpuid_table *table,
			 const struct cpuid_options *opt)
{
	struct kvm_cpuid_entry2 *leaf1 = find_or_add_leaf(table, 1), *sig;

	if (leaf1) {
		leaf1->ebx |= opt->vcpu << 24 | 1U << 16;
		leaf1->edx |= BIT_EDX1_APIC;
		leaf1->ecx &= ~BIT_ECX1_HYPERVISOR;
		if (!opt->hide_hypervisor)
			leaf1->ecx |= BIT_ECX1_HYPERVISOR;
	}
	if (opt->hide_hypervisor)
		return;
	sig = find_or_add_leaf(table, PARAVIRT_FIRST);
	if (!sig)
		return;
	sig->eax = PARAVIRT_FIRST;
	memcpy(&sig->ebx, SIGNATURE, 4);
	memcpy(&sig->ecx, SIGNATURE + 4, 4);
	memcpy(&sig->edx, SIGNATURE + 8, 4);
}

/* Return: frequency of the TSC divided by that of the crystal */
static unsigned int tsc_ratio(unsigned int tsc_khz)
{
	return tsc_khz / CRYSTAL_KHZ_MAX + 1;
}

/**
 * cpuid_crystal_hz - choose the frequency of the local APICs' timers
 * @tsc_khz: 0 if unknown
 *
 * Linux takes it from leaf 0x15, if there is one.
 *
 * Return: the frequency in Hz.
 */
uint32_t cpuid_crystal_hz(unsigned int tsc_khz)
{
	if (!tsc_khz)
		return CRYSTAL_KHZ_DEFAULT * 1000;
	return tsc_khz / tsc_ratio(tsc_khz) * 1000;
}

/*
 * With Intel's leaf 0x15 the guest need not measure the TSC against the PIT,
 * where each access is an exit to this process and takes a varying time.
 */
static void set_tsc_frequency(struct cpuid_table *table,
			      const struct cpuid_options *opt)
{
	struct kvm_cpuid_entry2 *leaf0 = find_leaf(table, 0), *tsc;

	if (!opt->tsc_khz || !leaf0 || memcmp(&leaf0->ebx, "Genu", 4))
		return;
	tsc = find_or_add_leaf(table, 0x15);
	if (!tsc)
		return;
	tsc->eax = 1;
	tsc->ebx = tsc_ratio(opt->tsc_khz);
	tsc->ecx = cpuid_crystal_hz(opt->tsc_khz);
	if (leaf0->eax < 0x15)
		leaf0->eax = 0x15;
}

/**
 * cpuid_adjust - turn the device's supported CPUID into that of a vCPU
 */
void cpuid_adjust(struct cpuid_table *table, const struct cpuid_options *opt)
{
	drop_paravirt(table);
	apply_masks(table);
	set_identity(table, opt);
	set_tsc_frequency(table, opt);
}

/**
 * cpuid_setup - set the CPUID of a vCPU
 * @vcpu: number
 * @crystal_hz: set to the result of cpuid_crystal_hz(); NULL: the kernel has the local
 *	APICs, whose timers the guest must measure
 *
 * Return: false after a message.
 */
bool cpuid_setup(const struct vm *vm, int vcpu_fd, unsigned int vcpu,
		 bool hide_hypervisor, uint32_t *crystal_hz)
{
	struct cpuid_table table = { .head.nent = CPUID_MAX_ENTRIES };
	struct cpuid_options opt = {
		.hide_hypervisor = hide_hypervisor, .vcpu = vcpu,
	};
	int khz = ioctl(vcpu_fd, KVM_GET_TSC_KHZ, 0);

	if (khz > 0 && crystal_hz)
		opt.tsc_khz = khz;
	if (crystal_hz)
		*crystal_hz = cpuid_crystal_hz(opt.tsc_khz);
	if (ioctl(vm->device, KVM_GET_SUPPORTED_CPUID, &table)) {
		msg("%s: KVM_GET_SUPPORTED_CPUID: %s", vm->path,
		    strerror(errno));
		return false;
	}
	cpuid_adjust(&table, &opt);
	if (!ioctl(vcpu_fd, KVM_SET_CPUID2, &table))
		return true;
	msg("%s: KVM_SET_CPUID2: %s", vm->path, strerror(errno));
	return false;
}
