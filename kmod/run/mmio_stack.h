/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions that access only the stack, when the stack is MMIO. The functions are
 * steps of mmio.c, as those of mmio_system.h.
 */
#ifndef VMXDBG_RUN_MMIO_STACK_H
#define VMXDBG_RUN_MMIO_STACK_H

#include <linux/types.h>

#include "insn/insn.h"

struct vcpu;

static inline bool mmio_is_stack(const struct insn *insn)
{
	return insn->op >= INSN_PUSH_REG;
}

/* @rsp: the stack pointer. Return: the offset of the operand in SS. */
u64 mmio_stack_offset(struct vcpu *vcpu, u64 rsp);

/* Return: whether the words of an operand at @offset are not one after the other. */
bool mmio_stack_wraps(struct vcpu *vcpu, u64 offset);

/*
 * The order in which an instruction accesses its words: pushes go down.
 * @done: in and out: bytes that were accessed, or are skipped
 * @end: set to the end of the word
 * Return: the offset in the operand of the next byte.
 */
unsigned int mmio_stack_next(const struct insn *insn, u8 *done, unsigned int *end);

/*
 * Before the first access. Return: 0; -EFAULT after queueing an exception; -EOPNOTSUPP for
 * what the module does not execute.
 */
int mmio_stack_check(struct vcpu *vcpu);

int mmio_stack_compute(struct vcpu *vcpu);
int mmio_stack_finish(struct vcpu *vcpu);

#endif
