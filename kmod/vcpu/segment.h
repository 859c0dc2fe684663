/* SPDX-License-Identifier: GPL-2.0-only */
/* Segment checks for instructions that the module executes. */
#ifndef VMXDBG_VCPU_SEGMENT_H
#define VMXDBG_VCPU_SEGMENT_H

#include <linux/types.h>

#include "insn/insn.h"

struct vcpu;

/* Return: linear address of @offset in @seg. */
u64 vcpu_linear(struct vcpu *vcpu, enum insn_seg seg, u64 offset);

u64 vcpu_selector(struct vcpu *vcpu, enum insn_seg seg);

/* Return: bytes of the stack pointer: 2, 4 or 8. */
unsigned int vcpu_stack_size(struct vcpu *vcpu);

/*
 * Check an access of @size bytes for its segment's type and limit, or its address for
 * canonical form. Return: 0, or -EFAULT after queueing #SS or #GP.
 */
int vcpu_check_segment(struct vcpu *vcpu, enum insn_seg seg, u64 offset,
		       unsigned int size, bool write);

/* Check the target of a near jump. Return: 0, or -EFAULT after queueing #GP. */
int vcpu_check_jump(struct vcpu *vcpu, u64 rip);

#endif
