/* SPDX-License-Identifier: GPL-2.0-only */
/* VM entry and VM exit. */
#ifndef VMXDBG_VMX_VMENTER_H
#define VMXDBG_VMX_VMENTER_H

#include <linux/types.h>

/**
 * vmx_enter() - enter the guest and return after its VM exit
 * @regs: the guest's general registers as enum gpr numbers them, but for RSP
 * @launched: VMRESUME, else VMLAUNCH
 * @host_rsp: value of the field HOST_RSP, written only when the stack differs
 * Context: interrupts off, the vCPU's VMCS is current.
 * Return: 0 after a VM exit, 1 if VMLAUNCH or VMRESUME failed.
 */
int vmx_enter(u64 regs[16], bool launched, u64 *host_rsp);
/* Address for HOST_RIP, where VM exits arrive: a label, not a function. */
extern const char vmx_exited[];

#endif
