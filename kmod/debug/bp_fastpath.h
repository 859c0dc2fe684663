/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints that a vCPU goes on from, found again without a walk. */
#ifndef VMXDBG_DEBUG_BP_FASTPATH_H
#define VMXDBG_DEBUG_BP_FASTPATH_H

#include <linux/types.h>

struct vcpu;

/* What has become of an int3. */
enum bp_fastpath_result {
	FASTPATH_UNKNOWN,		/* it is to be looked up, and all who wait for it asked */
	FASTPATH_DONE,		/* the guest's instruction has been executed */
	FASTPATH_STEP,		/* it goes on, and the instruction is still to be executed */
};

/* All with preemption off and the VMCS current, after an exit for an int3 of one byte. */

enum bp_fastpath_result bp_fastpath_go_on(struct vcpu *vcpu);
/* to be known next time, if all of the memory is there */
void bp_fastpath_remember(struct vcpu *vcpu, u64 rip, u64 gpa);

#endif
