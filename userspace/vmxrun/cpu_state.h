/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's state after power-on, which a reset restores. */
#ifndef VMXRUN_CPU_STATE_H
#define VMXRUN_CPU_STATE_H

#include <stdbool.h>

#include <linux/kvm.h>

#include "vm.h"

#define CPU_STATE_MSRS	256

/**
 * struct cpu_state - state of a vCPU
 * @regs: KVM_GET_REGS
 * @sregs: KVM_GET_SREGS
 * @fpu: KVM_GET_FPU
 * @debugregs: KVM_GET_DEBUGREGS
 * @xcrs: KVM_GET_XCRS
 * @events: KVM_GET_VCPU_EVENTS
 * @has_xcrs: the device has returned @xcrs
 * @has_debugregs: the device has returned @debugregs
 * @has_events: the device has returned @events
 * @nr_msrs: number of @msrs
 * @msrs: MSRs that the device can read
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
