/* SPDX-License-Identifier: GPL-2.0-only */
/* Actions against CPU flaws at VM entry and exit. */
#ifndef VMXDBG_VMX_MITIGATION_H
#define VMXDBG_VMX_MITIGATION_H

#include <linux/static_call.h>

#include "lib/mitigate.h"
#include "vmx/vmenter.h"

/*
 * VM entry as the host's flaws need it: vmx_enter() itself with mitigations=off, so
 * that such a host pays nothing.
 */
DECLARE_STATIC_CALL(enter_guest, vmx_enter);

/* Actions and phrases; constant after mitigation_init(). */
extern struct mitigate_plan mitigation_plan;

/**
 * mitigation_init() - decide, and choose the function behind enter_guest
 * Context: module load, after vmx_cpu_init() and before any VMCS is initialized.
 * Return: 0, -ENOMEM; -EINVAL for a bad parameter, -EOPNOTSUPP for a flaw that is open
 * and not accepted, both after one line in the log.
 */
int mitigation_init(void);

void mitigation_exit(void);

/* Note that a vCPU came to be: its VMCS may lie where that of another guest was. */
void mitigation_new_guest(void);

/* Return: the value for HOST_RIP, where exits of enter_guest arrive. */
unsigned long mitigation_host_rip(void);

#endif
