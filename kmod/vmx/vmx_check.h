/* SPDX-License-Identifier: GPL-2.0-only */
/* Features of the host's processors. */
#ifndef VMXDBG_VMX_VMX_CHECK_H
#define VMXDBG_VMX_VMX_CHECK_H

#include "lib/controls.h"

/* The controls of this host's processors; set by vmx_check_all(). */
extern struct vmx_controls vmx_ctl __ro_after_init;

/**
 * vmx_check_all() - check every CPU, and set vmx_ctl
 * @kvm: KVM is there, and may have VMX on
 * Context: module load, may sleep.
 * Return: 0; -ENODEV, -EACCES, -EBUSY, -EOPNOTSUPP after one line in the log that names
 * the reason.
 */
int vmx_check_all(bool kvm);

/**
 * vmx_check_here() - check that this CPU can use the VMCSs of the others
 * CPUs that come online after the module was loaded have not been checked until then.
 * Context: interrupts off.
 * Return: 0, or -EOPNOTSUPP after a line in the log.
 */
int vmx_check_here(void);

#endif
