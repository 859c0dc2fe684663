/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPUID of the guest. */
#ifndef VMXRUN_CPUID_H
#define VMXRUN_CPUID_H

#include <stdbool.h>

#include <linux/kvm.h>

#include "vm.h"

#define CPUID_MAX_ENTRIES	256

/* A struct kvm_cpuid2 and its entries. */
struct cpuid_table {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[CPUID_MAX_ENTRIES];
};

/**
 * struct cpuid_options - properties of the machine and the vCPU
 * @hide_hypervisor: clear CPUID.1:ECX[31] and leave out leaf 0x40000000
 * @vcpu: number, and APIC id
 * @tsc_khz: 0 if unknown, or if the timers of local APICs have another clock
 */
struct cpuid_options {
	bool hide_hypervisor;
	unsigned int vcpu;
	unsigned int tsc_khz;
};

void cpuid_adjust(struct cpuid_table *table, const struct cpuid_options *opt);
bool cpuid_setup(const struct vm *vm, int vcpu_fd, unsigned int vcpu,
		 bool hide_hypervisor, uint32_t *crystal_hz);
uint32_t cpuid_crystal_hz(unsigned int tsc_khz);

#endif
