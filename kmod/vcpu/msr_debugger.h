/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's MSRs, as a debugger reads and writes them. */
#ifndef VMXDBG_VCPU_MSR_DEBUGGER_H
#define VMXDBG_VCPU_MSR_DEBUGGER_H

#include <linux/types.h>

struct vcpu;

#define MSR_DEBUGGER_MAX	(0x480 + 1 + 4 + 0x84 + 1)	/* for msr_debugger_list() */

/* Return: 0, or -EINVAL if there is no such MSR, or it cannot be read. */
int msr_debugger_get(struct vcpu *vcpu, u32 index, u64 *val);

/**
 * msr_debugger_set() - write an MSR for a debugger
 * @refused: out: VMXDBG_REFUSED_* if -EINVAL is returned
 *
 * More is refused than from a VMM: an MSR that cannot be read, a value that the MSR would
 * not keep, and one with which the next VM entry fails. IA32_TSC and IA32_TSC_ADJUST are
 * set each by itself.
 * Return: 0, or -EINVAL and the MSR is as before.
 */
int msr_debugger_set(struct vcpu *vcpu, u32 index, u64 val, u32 *refused);

/* Fill in the MSRs that can be read, ascending. Return: their number. */
u32 msr_debugger_list(struct vcpu *vcpu, u32 list[MSR_DEBUGGER_MAX]);

#endif
