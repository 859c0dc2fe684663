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
 * @lapic: KVM_GET_LAPIC
 * @mp_state: KVM_GET_MP_STATE
 * @has_xcrs: the device has returned @xcrs
 * @has_debugregs: the device has returned @debugregs
 * @has_events: the device has returned @events
 * @has_lapic: the kernel has a local APIC, in the state of @lapic and @mp_state
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
	struct kvm_lapic_state lapic;
	struct kvm_mp_state mp_state;
	bool has_xcrs, has_debugregs, has_events, has_lapic;
	unsigned int nr_msrs;
	struct kvm_msr_entry msrs[CPU_STATE_MSRS];
};

bool cpu_state_save(struct cpu_state *state, const struct vm *vm, int fd);
bool cpu_state_init(const struct cpu_state *state, int fd);
bool cpu_state_reset(const struct cpu_state *state, int fd);

#endif
