/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints in debug registers that were hit at an instruction not executed yet. */
#ifndef VMXDBG_DEBUG_DR_HIT_MEMO_H
#define VMXDBG_DEBUG_DR_HIT_MEMO_H

#include <linux/types.h>

#include "debug/types.h"

struct vcpu;

/* All functions here: the vCPU's thread. */

/* Remember the breakpoints at @rip. @wants: as for dr_wants_hit(), called before. */
void dr_hit_memo_note(struct vcpu *vcpu, u8 wants, u64 rip);

/*
 * At the hit point of an int3 at @rip: skip the breakpoints that were hit in debug
 * registers at this execution of the instruction.
 */
void dr_hit_memo_skip(struct vcpu *vcpu, u64 rip);

/* Return: whether a breakpoint at @rip is remembered. */
static inline bool dr_hit_memo_is_at(const struct dr_hit_memo *memo, u64 rip)
{
	return memo->nr && memo->at.rip == rip;
}

#endif
