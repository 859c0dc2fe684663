/* SPDX-License-Identifier: GPL-2.0-only */
/* What a debug register has met, and what has not been executed yet. */
#ifndef VMXDBG_DEBUG_DR_HIT_MEMO_H
#define VMXDBG_DEBUG_DR_HIT_MEMO_H

#include <linux/types.h>

#include "debug/types.h"

struct vcpu;

/*
 * Both in the vCPU's thread. @wants: as for dr_wants_hit(), which has asked them all.
 */
void dr_hit_memo_note(struct vcpu *vcpu, u8 wants, u64 rip);
/*
 * A hit_point has begun for an int3 of ours at @rip. Those that have been asked about
 * this instruction are not asked again.
 */
void dr_hit_memo_skip(struct vcpu *vcpu, u64 rip);

static inline bool dr_hit_memo_is_at(const struct dr_hit_memo *met, u64 rip)
{
	return met->nr && met->at.rip == rip;
}

#endif
