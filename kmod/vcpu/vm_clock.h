/* SPDX-License-Identifier: GPL-2.0-only */
/* The clock of a VM in nanoseconds, which a VMM reads and sets. */
#ifndef VMXDBG_VCPU_VM_CLOCK_H
#define VMXDBG_VCPU_VM_CLOCK_H

struct kvm_clock_data;
struct vm;

/* Flags of KVM_GET_CLOCK, and the value of KVM_CAP_ADJUST_CLOCK */
#define VM_CLOCK_FLAGS	(KVM_CLOCK_TSC_STABLE | KVM_CLOCK_REALTIME | KVM_CLOCK_HOST_TSC)

/* Start at 0: the VM is new. */
void vm_clock_init(struct vm *vm);

/* KVM_GET_CLOCK. Takes dbg_lock. */
void vm_clock_get(struct vm *vm, struct kvm_clock_data *data);

/* KVM_SET_CLOCK. Takes dbg_lock. Return: 0, or -EINVAL for an unknown flag. */
int vm_clock_set(struct vm *vm, const struct kvm_clock_data *data);

#endif
