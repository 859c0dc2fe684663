/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints that a vCPU goes on from, found again without a walk. */
#ifndef VMXDBG_PASS_H
#define VMXDBG_PASS_H

#include <linux/types.h>

#include "insn_simple.h"
#include "walk_memo.h"

struct soft_break;
struct vcpu;

/* An int3 that was hit in 64-bit code, and what is known of it. */
struct pass_memo {
	struct walk_memo walk;		/* of its page */
	u64 rip;
	u32 cs_ar;			/* attributes of the code segment */
	unsigned long seq;		/* hooks_seq() */
	struct soft_break *sb;		/* the only one there */
	u64 __user *code;		/* the guest's instruction... */
	u64 bytes[2];
	struct insn_simple insn;	/* ...if it is one of these */
};

#define VCPU_PASSES	16		/* direct-mapped */

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
