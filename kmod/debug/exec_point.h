/* SPDX-License-Identifier: GPL-2.0-only */
/* One execution of an instruction, told from all others. */
#ifndef VMXDBG_DEBUG_EXEC_POINT_H
#define VMXDBG_DEBUG_EXEC_POINT_H

#include <linux/types.h>

struct vcpu;
struct exec_point;

/* Both in the vCPU's thread. */
void exec_point_save(struct vcpu *vcpu, u64 rip, struct exec_point *point);
/* Is it there again, at @rip, and nothing has changed? */
bool exec_point_is(struct vcpu *vcpu, u64 rip, const struct exec_point *point);

#endif
