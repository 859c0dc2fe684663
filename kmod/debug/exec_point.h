/* SPDX-License-Identifier: GPL-2.0-only */
/* One execution of an instruction, told from all others. */
#ifndef VMXDBG_DEBUG_EXEC_POINT_H
#define VMXDBG_DEBUG_EXEC_POINT_H

#include <linux/types.h>

struct vcpu;
struct exec_point;

/* All functions here: the vCPU's thread. @rip is linear. */

/* Save CR3 and the general registers, which the vCPU has at @rip. */
void exec_point_save(struct vcpu *vcpu, u64 rip, struct exec_point *point);

/* Return: whether the vCPU is at @rip again with the same registers. */
bool exec_point_is(struct vcpu *vcpu, u64 rip, const struct exec_point *point);

#endif
