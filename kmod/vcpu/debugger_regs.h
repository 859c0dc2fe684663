/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes of registers by a debugger, who must not end the guest: what makes the next VM
 * entry fail, which a VMM may write, is refused before anything changes.
 */
#ifndef VMXDBG_VCPU_DEBUGGER_REGS_H
#define VMXDBG_VCPU_DEBUGGER_REGS_H

#include <linux/types.h>

struct vcpu;

/**
 * debugger_set_regs() - write a set of registers
 * @set: VMXDBG_REGS_*, one that can be written
 * @regs: its structure
 * @refused: out: VMXDBG_REFUSED_* if -EINVAL is returned
 * Context: stop_lock(); may sleep (PAE paging).
 * Return: 0, or -EINVAL and the state is as before.
 */
int debugger_set_regs(struct vcpu *vcpu, u32 set, const void *regs, u32 *refused);

/* Return: VMXDBG_REFUSED_* if VM entry would fail with this value of an MSR, or 0. */
u32 debugger_msr_refused(struct vcpu *vcpu, u32 index, u64 val);

#endif
