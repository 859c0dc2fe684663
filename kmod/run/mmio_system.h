/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions on MMIO that access system registers, segments or the x87 control
 * words. The functions are steps of mmio.c; all may sleep.
 */
#ifndef VMXDBG_RUN_MMIO_SYSTEM_H
#define VMXDBG_RUN_MMIO_SYSTEM_H

#include <linux/types.h>

#include "insn/insn.h"

struct vcpu;

static inline bool mmio_is_system(const struct insn *insn)
{
	return insn->op > INSN_FLUSH || insn->op == INSN_LOAD_SEG;
}

/* Return: whether mmio_system_check() has something to check. */
static inline bool mmio_has_check(const struct insn *insn)
{
	return mmio_is_system(insn) ||
	       (insn->op >= INSN_LOAD_MMX && insn->op <= INSN_STORE_VECTOR);
}

/*
 * Before the first access: may this vCPU execute the instruction? The processor has
 * checked that before its exit, but another vCPU may have changed the code since.
 * Return: 0; -EFAULT after queueing an exception; -EOPNOTSUPP for what the module does not
 * execute.
 */
int mmio_system_check(struct vcpu *vcpu);

/*
 * After all reads: check what is to be loaded, and compute what is to be written.
 * Return: as segment_fetch().
 */
int mmio_system_compute(struct vcpu *vcpu);

/* After all accesses. Return: RUN_RESUME. */
int mmio_system_finish(struct vcpu *vcpu);

#endif
