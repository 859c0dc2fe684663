/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The time of a VM: the host's without the intervals in which it was held. Every clock of
 * a guest that the module has counts in it.
 */
#ifndef VMXDBG_IRQ_VM_TIME_H
#define VMXDBG_IRQ_VM_TIME_H

#include <linux/types.h>
#include <asm/msr.h>

#include "lib/host_tsc.h"
#include "lib/tsc_ratio.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx/vmcs_slot.h"

struct vmxdbg_held;

/* Return: the host's TSC, as if no suspend had ever set it back. */
static inline u64 vm_host_ticks(void)
{
	return rdtsc() + vmx_host_tsc.lost;
}

/* Return: the time, in ticks of the host's TSC. Takes dbg_lock. */
u64 vm_time(struct vm *vm);

/* Return: by how much the time is behind the host's TSC. Takes dbg_lock. */
u64 vm_time_behind(struct vm *vm);

/* Return: the time at a value of the host's TSC that was read under dbg_lock, which is held. */
u64 vm_time_at(struct vm *vm, u64 tsc);

/* Return: @ticks of the time in nanoseconds. */
u64 vm_time_ns(const struct vm *vm, u64 ticks);

/* Return: the vCPU's TSC at a time of the VM. */
static inline u64 vm_time_tsc(const struct vcpu *vcpu, u64 time)
{
	return tsc_ratio_scale(vcpu->vmcs.tsc_ratio, time) + vcpu->tsc_offset;
}

/* Return: the frequency at which the vCPU's TSC counts, in kHz. */
static inline u32 vm_time_tsc_khz(const struct vcpu *vcpu)
{
	/* A VMM's number that is near the host's changes nothing. */
	return vcpu->vmcs.tsc_ratio == TSC_RATIO_ONE ? vcpu->vm->tsc_khz : vcpu->tsc_khz;
}

/* VMXDBG_GET_HELD. Takes dbg_lock. */
void vm_time_get_held(struct vm *vm, struct vmxdbg_held *held);

#endif
