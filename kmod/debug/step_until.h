/* SPDX-License-Identifier: GPL-2.0-only */
/* Length of a session's step: one instruction, a range, to a branch or a return. */
#ifndef VMXDBG_DEBUG_STEP_UNTIL_H
#define VMXDBG_DEBUG_STEP_UNTIL_H

#include <linux/types.h>

struct vcpu;

/* Begin a step as vcpu->step_flags say. Context: the holder of the vCPU's state. */
void step_until_begin(struct vcpu *vcpu);

/* After an instruction. Return: whether the step goes on. Does not sleep. */
bool step_until_goes_on(struct vcpu *vcpu);

/* Return: linear rip of the instruction that has just been stepped, or 0 if unknown. */
u64 step_until_insn(struct vcpu *vcpu);

#endif
