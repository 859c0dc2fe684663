/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints that a vCPU goes on from, found again without a walk. */
#ifndef VMXDBG_DEBUG_BP_FASTPATH_H
#define VMXDBG_DEBUG_BP_FASTPATH_H

#include <linux/types.h>

struct vcpu;

/* What has become of an int3. */
enum pass_result {
	PASS_UNKNOWN,		/* it is to be looked up, and all who wait for it asked */
	PASS_DONE,		/* the guest's instruction has been executed */
	PASS_STEP,		/* it goes on, and the instruction is still to be executed */
};

/* All with preemption off and the VMCS current, after an exit for an int3 of one byte. */

enum pass_result pass_known(struct vcpu *vcpu);
/* to be known next time, if all of the memory is there */
void pass_remember(struct vcpu *vcpu, u64 rip, u64 gpa);

#endif
