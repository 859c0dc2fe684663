/* SPDX-License-Identifier: GPL-2.0-only */
/* Software breakpoints at an int3 that a vCPU has executed. */
#ifndef VMXDBG_DEBUG_SOFT_BREAK_H
#define VMXDBG_DEBUG_SOFT_BREAK_H

#include <linux/types.h>

#include "debug/dbg_object.h"

struct soft_break;
struct vcpu;
struct vm;

/**
 * soft_break_hit() - hit the breakpoints at @gpa that are for @gva or physical
 * @any: set to whether there is a breakpoint at @gpa at all
 * Context: as dbg_object_hit(), which is called for each of them.
 * Return: the result that matters most.
 */
enum hit_result soft_break_hit(struct vcpu *vcpu, u64 gpa, u64 gva, struct hits *hits,
			       bool *any);

/* Return: the breakpoint at @gpa if there is only one and it is for @gva, or NULL. RCU. */
struct soft_break *soft_break_only(struct vm *vm, u64 gpa, u64 gva);

/* Return: whether there is a breakpoint at @gpa. */
bool soft_break_at(struct vm *vm, u64 gpa);

#endif
