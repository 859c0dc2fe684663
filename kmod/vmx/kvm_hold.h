/* SPDX-License-Identifier: GPL-2.0-only */
/* A VM of KVM's that the module holds, so that KVM has VMX on. */
#ifndef VMXDBG_VMX_KVM_HOLD_H
#define VMXDBG_VMX_KVM_HOLD_H

#include <linux/types.h>

/**
 * kvm_is_there() - whether KVM is loaded, or part of the kernel
 * Context: may sleep.
 */
bool kvm_is_there(void);

/**
 * kvm_hold() - create a VM of /dev/kvm, until kvm_release()
 *
 * KVM then has VMX on in each CPU, through CPU hotplug, suspend, reboot, kexec and panic,
 * and its modules stay loaded. The VM has no vCPU and no memory.
 *
 * Context: a process with memory of its own; may sleep. One holder at a time.
 * Return: 0; -ENOENT if KVM is not there any more; an error of /dev/kvm after a line in
 * the log.
 */
int kvm_hold(void);

void kvm_release(void);

#endif
