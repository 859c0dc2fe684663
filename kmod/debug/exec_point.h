/* SPDX-License-Identifier: GPL-2.0-only */
/* One execution of an instruction, told from all others. */
#ifndef VMXDBG_DEBUG_EXEC_POINT_H
#define VMXDBG_DEBUG_EXEC_POINT_H

#include <linux/types.h>

struct vcpu;
struct vcpu_place;

/* Both in the vCPU's thread. */
void place_take(struct vcpu *vcpu, u64 rip, struct vcpu_place *place);
/* Is it there again, at @rip, and nothing has changed? */
bool place_is(struct vcpu *vcpu, u64 rip, const struct vcpu_place *place);

#endif
