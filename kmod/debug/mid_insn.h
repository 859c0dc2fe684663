/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses that are known to be inside an instruction, where no breakpoint can be. */
#ifndef VMXDBG_DEBUG_MID_INSN_H
#define VMXDBG_DEBUG_MID_INSN_H

#include <linux/types.h>

struct dbg_object;
struct vm;

/**
 * mid_insn() - check the address of a breakpoint
 * @addr: linear address in the address spaces of @obj, or a gpa if @physical
 * Context: session->mutex; may sleep.
 * Return: whether a stopped vCPU is about to execute an instruction that has the byte at
 * @addr, but does not begin there. False also if the module cannot tell.
 */
bool mid_insn(struct vm *vm, const struct dbg_object *obj, u64 addr, bool physical);

#endif
