/* SPDX-License-Identifier: GPL-2.0-only */
/* Segments as the instructions that the module executes see them. */
#ifndef VMXDBG_VCPU_SEGMENT_H
#define VMXDBG_VCPU_SEGMENT_H

#include <linux/types.h>

#include "insn/insn.h"

struct vcpu;

/* segment.c: addresses, and what the processor checks about them */
u64 vcpu_linear(struct vcpu *vcpu, enum insn_seg seg, u64 offset);
u64 vcpu_selector(struct vcpu *vcpu, enum insn_seg seg);
unsigned int vcpu_stack_size(struct vcpu *vcpu);	/* bytes of the pointer: 2, 4, 8 */
/* both: 0, or -EFAULT and the exception is queued */
int vcpu_check_segment(struct vcpu *vcpu, enum insn_seg seg, u64 offset,
		       unsigned int size, bool write);
int vcpu_check_jump(struct vcpu *vcpu, u64 rip);

#endif
