/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far a session's step goes: one instruction, or until rip has left a range,
 * control has been transferred, or the function has returned. DEBUGCTL.BTF could
 * find the branches without an exit for each instruction, but only beside
 * RFLAGS.TF, which the guest would see.
 */
#ifndef VMXDBG_DEBUG_STEP_UNTIL_H
#define VMXDBG_DEBUG_STEP_UNTIL_H

#include <linux/types.h>

struct vcpu;

/* step_until.c: a session's step begins; after an instruction: is it not over? */
void step_until_begin(struct vcpu *vcpu);
bool step_until_goes_on(struct vcpu *vcpu);
/* the instruction of the step that is over, or 0 where nobody has noted it */
u64 step_until_insn(struct vcpu *vcpu);

#endif
