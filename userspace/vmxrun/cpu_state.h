/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's registers as it came from the device: what a reset goes back to. */
#ifndef VMXRUN_CPU_STATE_H
#define VMXRUN_CPU_STATE_H

#include <stdbool.h>

#include <linux/kvm.h>

#include "vm.h"

#define CPU_STATE_MSRS	256

/**
 * struct cpu_state - all that the device tells of a vCPU
 * @nr_msrs: how many there are
 * @has_xcrs: not every CPU has them, like the next two
 */
struct cpu_state {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	struct kvm_debugregs debugregs;
	struct kvm_xcrs xcrs;
	struct kvm_vcpu_events events;
	bool has_xcrs, has_debugregs, has_events;
	unsigned int nr_msrs;
	struct kvm_msr_entry msrs[CPU_STATE_MSRS];
};

bool cpu_state_save(struct cpu_state *state, const struct vm *vm, int fd);
bool cpu_state_init(const struct cpu_state *state, int fd);
bool cpu_state_reset(const struct cpu_state *state, int fd);

#endif
