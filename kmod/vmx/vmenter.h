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

/* Bits of vmx_enter_guarded()'s @flags */
#define VMX_GUARDED_RESUME	1U	/* VMRESUME, else VMLAUNCH */
#define VMX_GUARDED_VERW	2U	/* VERW immediately before it */

/**
 * vmx_enter_guarded() - vmx_enter() with actions against CPU flaws
 * After the exit, the return stack is filled, IBRS set and the branch history cleared
 * as the kernel does on this CPU.
 * @regs: as for vmx_enter()
 * @flags: VMX_GUARDED_*
 * @host_rsp: as for vmx_enter()
 * Context, Return: as for vmx_enter().
 */
int vmx_enter_guarded(u64 regs[16], u32 flags, u64 *host_rsp);

/*
 * Addresses for HOST_RIP, where VM exits arrive: labels, not functions. Exits of both
 * functions may arrive at the last one, which writes the host's IA32_SPEC_CTRL as well.
 */
extern const char vmx_exited[], vmx_exited_guarded[], vmx_exited_spec_ctrl[];

#endif
