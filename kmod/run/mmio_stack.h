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

int mmio_stack_compute(struct vcpu *vcpu);
int mmio_stack_finish(struct vcpu *vcpu);

#endif
