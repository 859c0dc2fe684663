/* SPDX-License-Identifier: GPL-2.0-only */
/* VMX on each CPU of the host. */
#ifndef VMXDBG_VMX_VMX_CPU_H
#define VMXDBG_VMX_VMX_CPU_H

#include <linux/types.h>

#include "vmx/vmcs_slot.h"
#include "vmx/vmx_check.h"

/**
 * vmx_cpu_init() - check every CPU and install the hotplug and power callbacks
 * VMX stays as it is until vmx_get().
 * Context: module load, may sleep.
 * Return: 0; -ENODEV, -EACCES, -EBUSY, -EOPNOTSUPP after one line in the log that names
 * the reason; -ENOMEM or the error of cpuhp_setup_state().
 */
int vmx_cpu_init(void);

void vmx_cpu_exit(void);

/**
 * vmx_get() - have VMX on in every CPU, until the matching vmx_put()
 *
 * Where KVM is loaded, KVM has it on, see kvm_hold.h; otherwise, the module.
 *
 * Context: a process with memory of its own; may sleep.
 * Return: 0; -EBUSY if somebody else has VMX on or KVM comes or goes; -EIO if VMXON
 * fails; -EOPNOTSUPP if a CPU came online that cannot run guests, after a line in the log;
 * -ENODEV without KVM on a kernel that lets only KVM turn VMX on; -ESHUTDOWN if the host is
 * rebooting; an error of KVM's.
 */
int vmx_get(void);

void vmx_put(void);

/* Return: whether this CPU may enter a guest; false once a reboot began. Preemption off. */
static inline bool vmx_on_here(void)
{
	return __this_cpu_read(vmx_cpus.state) == VMX_CPU_ON;
}

#endif
