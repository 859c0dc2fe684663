/* SPDX-License-Identifier: GPL-2.0-only */
/* Segment registers that an instruction loads, when the module executes it. */
#ifndef VMXDBG_RUN_LOAD_SEGMENT_H
#define VMXDBG_RUN_LOAD_SEGMENT_H

#include <linux/types.h>

#include "lib/tss.h"

struct segment_value;
struct vcpu;

/**
 * segment_fetch() - read and check the descriptor of @selector
 * @seg: TASK_CS stands for a far JMP or CALL
 * @value: set to what segment_put() loads
 * Context: the VMM's process, may sleep.
 * Return: 0; -EFAULT after queueing an exception; -EOPNOTSUPP for a far JMP or CALL to a
 * gate or TSS; -ENXIO if the table is not in memory.
 */
int segment_fetch(struct vcpu *vcpu, enum task_seg seg, u16 selector,
		  struct segment_value *value);

/* segment_fetch() and segment_mark() for TASK_CS. @rip: the target, which is checked, too. */
int segment_fetch_code(struct vcpu *vcpu, u16 selector, u64 rip, struct segment_value *value);

/* As that for a far RET. Return: -EOPNOTSUPP also for one to an outer privilege level. */
int segment_fetch_return(struct vcpu *vcpu, u16 selector, u64 rip, struct segment_value *value);

/* Set the descriptor's accessed or busy bit in memory. Return: as system_write(). */
int segment_mark(struct vcpu *vcpu, const struct segment_value *value);

/* After MOV or POP to SS: hold interrupts and traps for one instruction (6.8.3). */
void segment_shadow(struct vcpu *vcpu);

void segment_put(struct vcpu *vcpu, enum task_seg seg, const struct segment_value *value);

#endif
