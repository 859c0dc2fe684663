/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints that do not stop the guest, found again without a walk. */
#ifndef VMXDBG_DEBUG_BP_FASTPATH_H
#define VMXDBG_DEBUG_BP_FASTPATH_H

#include <linux/types.h>

struct vcpu;

enum bp_fastpath_result {
	FASTPATH_UNKNOWN,	/* take the slow path: look the int3 up */
	FASTPATH_DONE,		/* the guest's instruction has been executed */
	FASTPATH_STEP,		/* the breakpoint lets go; execute the instruction */
};

/*
 * All functions here: after an exit for a one-byte int3, with preemption off and the
 * VMCS current.
 */

/* Handle a remembered breakpoint. Return: enum bp_fastpath_result. */
enum bp_fastpath_result bp_fastpath_go_on(struct vcpu *vcpu);

/* Remember the breakpoint at @rip for the next time, if all memory for it is present. */
void bp_fastpath_remember(struct vcpu *vcpu, u64 rip, u64 gpa);

#endif
