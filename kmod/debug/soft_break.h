/* SPDX-License-Identifier: GPL-2.0-only */
/* Software breakpoints as a vCPU finds them when it has executed an int3. */
#ifndef VMXDBG_DEBUG_SOFT_BREAK_H
#define VMXDBG_DEBUG_SOFT_BREAK_H

#include <linux/types.h>

#include "debug/dbg_object.h"

struct soft_break;
struct vcpu;
struct vm;

/**
 * soft_break_hit() - hit the breakpoints at @gpa that mean @gva
 * @any: set to whether there is a breakpoint at @gpa at all
 * Context: as dbg_object_hit(), which is called for each of them.
 */
enum hit_result soft_break_hit(struct vcpu *vcpu, u64 gpa, u64 gva, struct hits *hits,
			       bool *any);

/* Return: the only breakpoint at @gpa if it means @gva, else NULL. RCU. */
struct soft_break *soft_break_only(struct vm *vm, u64 gpa, u64 gva);
/* Return: whether there is a breakpoint at @gpa. */
bool soft_break_at(struct vm *vm, u64 gpa);

#endif
