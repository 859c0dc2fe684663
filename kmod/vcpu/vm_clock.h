/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock of a VM in nanoseconds, which a VMM reads and sets. */
#ifndef VMXDBG_VCPU_VM_CLOCK_H
#define VMXDBG_VCPU_VM_CLOCK_H

#include <linux/types.h>

struct kvm_clock_data;
struct vm;

/* Flags of KVM_GET_CLOCK, and the value of KVM_CAP_ADJUST_CLOCK */
#define VM_CLOCK_FLAGS	(KVM_CLOCK_TSC_STABLE | KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC)

/* Start at 0: the VM is new. */
void vm_clock_init(struct vm *vm);

/* Let the clock count from now on, at the value it has. dbg_lock held. */
void vm_clock_rebase(struct vm *vm);

/* Return: whether not all vCPUs share one TSC, or vCPU 0 reads the clock by the old MSR. */
bool vm_clock_apart(struct vm *vm);

/* Return: whether the clock is the same on all CPUs, now and later (KVM_CLOCK_TSC_STABLE). */
bool vm_clock_stable(struct vm *vm);

/* Return: the real time at which the clock was 0, in ns. Takes dbg_lock. */
u64 vm_clock_begin(struct vm *vm);

/* KVM_GET_CLOCK. Takes dbg_lock. */
void vm_clock_get(struct vm *vm, struct kvm_clock_data *data);

/*
 * KVM_SET_CLOCK. Takes dbg_lock. No guest reads the old clock any more on return.
 * Return: 0, or -EINVAL for an unknown flag.
 */
int vm_clock_set(struct vm *vm, const struct kvm_clock_data *data);

#endif
