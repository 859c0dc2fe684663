// SPDX-License-Identifier: GPL-2.0-only
/*
 * What CPUID tells the guest: what the device supports, less what only works
 * with devices that vmxrun does not have (x2APIC, power management, a performance
 * counter interrupt), one core in each package.
 *
 * The hypervisor bit is set unless it is hidden: with it, kernels leave alone
 * microcode, machine checks and model-specific registers that a CPU has and a
 * VM has not. Leaf 0x40000000 then names vmxrun and offers nothing, so that
 * the same guest runs alike on /dev/kvm and /dev/vmxdbg: no kvmclock here.
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

/* Linux computes with the crystal's frequency in 32 bits. */
#define CRYSTAL_KHZ_MAX		4000000U
#define CRYSTAL_KHZ_DEFAULT	1000000U

struct leaf_mask {
	uint32_t function;
	uint32_t eax, ebx, ecx, edx;	/* what stays */
};

/* Topology and features that follow from the machine, not from the CPU. */
static const struct leaf_mask masks[] = {
	/* 1: family; ebx: brand, cache line; the APIC ids are set after */
	{ 1, ~0U, 0x0000ffff,
	  ~(BIT_ECX1_MONITOR | BIT_ECX1_X2APIC | BIT_ECX1_TSC_DEADLINE),
	  ~BIT_EDX1_HTT },
	/* caches: not shared, one core */
	{ 4, 0x00003fff, ~0U, ~0U, ~0U },
	/* MONITOR/MWAIT, power management, performance counters */
	{ 5, 0, 0, 0, 0 },
	{ 6, BIT_EAX6_ARAT, 0, 0, 0 },
	{ 0xa, 0, 0, 0, 0 },
	/* topology by x2APIC id */
	{ 0xb, 0, 0, 0, 0 },
	{ 0x1f, 0, 0, 0, 0 },
	/* the same on AMD: extended APIC features, core counts, topology */
	{ 0x80000001, ~0U, ~0U, ~((1U << 1) | (1U << 3) | (1U << 22)), ~0U },
	{ 0x80000008, ~0U, ~0U, 0, ~0U },
	{ 0x8000001d, 0x00003fff, ~0U, ~0U, ~0U },
	{ 0x8000001e, 0, 0, 0, 0 },
};

static struct kvm_cpuid_entry2 *find(struct cpuid_table *table,
				     uint32_t function)
{
	for (unsigned int i = 0; i < table->head.nent; i++)
		if (table->entries[i].function == function)
			return &table->entries[i];
	return NULL;
}

static struct kvm_cpuid_entry2 *find_or_add(struct cpuid_table *table,
					    uint32_t function)
{
	struct kvm_cpuid_entry2 *e = find(table, function);

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
	struct kvm_cpuid_entry2 *leaf1 = find_or_add(table, 1), *sig;

	if (leaf1) {
		leaf1->ebx |= opt->vcpu << 24 | 1U << 16;
		leaf1->edx |= BIT_EDX1_APIC;
		leaf1->ecx &= ~BIT_ECX1_HYPERVISOR;
		if (!opt->hide_hypervisor)
			leaf1->ecx |= BIT_ECX1_HYPERVISOR;
	}
	if (opt->hide_hypervisor)
		return;
	sig = find_or_add(table, PARAVIRT_FIRST);
	if (!sig)
		return;
	sig->eax = PARAVIRT_FIRST;
	memcpy(&sig->ebx, SIGNATURE, 4);
	memcpy(&sig->ecx, SIGNATURE + 4, 4);
	memcpy(&sig->edx, SIGNATURE + 8, 4);
}

/* What divides the TSC's frequency to the crystal's. */
static unsigned int tsc_ratio(unsigned int tsc_khz)
{
	return tsc_khz / CRYSTAL_KHZ_MAX + 1;
}

/**
 * cpuid_crystal_hz - what the local APICs' timers count
 * @tsc_khz: 0 when unknown
 *
 * Leaf 0x15 tells it, where it is there, and Linux believes that.
 */
uint32_t cpuid_crystal_hz(unsigned int tsc_khz)
{
	if (!tsc_khz)
		return CRYSTAL_KHZ_DEFAULT * 1000;
	return tsc_khz / tsc_ratio(tsc_khz) * 1000;
}

/*
 * Intel's leaf 0x15 spares the guest from measuring the TSC against the PIT,
 * whose every access is a round trip to this process and takes its own time.
 */
static void set_tsc_frequency(struct cpuid_table *table,
			      const struct cpuid_options *opt)
{
	struct kvm_cpuid_entry2 *leaf0 = find(table, 0), *tsc;

	if (!opt->tsc_khz || !leaf0 || memcmp(&leaf0->ebx, "Genu", 4))
		return;
	tsc = find_or_add(table, 0x15);
	if (!tsc)
		return;
	tsc->eax = 1;
	tsc->ebx = tsc_ratio(opt->tsc_khz);
	tsc->ecx = cpuid_crystal_hz(opt->tsc_khz);
	if (leaf0->eax < 0x15)
		leaf0->eax = 0x15;
}

/* Change what the device supports to what this machine is. */
void cpuid_adjust(struct cpuid_table *table, const struct cpuid_options *opt)
{
	drop_paravirt(table);
	apply_masks(table);
	set_identity(table, opt);
	set_tsc_frequency(table, opt);
}

/**
 * cpuid_setup - tell the device what CPUID says
 * @vcpu: number
 * @crystal_hz: out, as cpuid_crystal_hz()
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

	if (khz > 0)
		opt.tsc_khz = khz;
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
