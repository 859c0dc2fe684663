/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accesses to descriptor tables and task-state segments that the module makes in place
 * of the processor: as supervisor, at any CPL.
 */
#ifndef VMXDBG_RUN_SYSTEM_MEM_H
#define VMXDBG_RUN_SYSTEM_MEM_H

#include <linux/types.h>

struct vcpu;

/*
 * All functions here: the VMM's process, may sleep. Return: 0; -EFAULT after queueing
 * #PF; -ENXIO if there is no memory.
 */

/* Check permissions. @access: WALK_WRITE or 0 */
int system_check(struct vcpu *vcpu, u64 gva, u32 len, u32 access);

int system_read(struct vcpu *vcpu, u64 gva, void *buf, u32 len);
int system_write(struct vcpu *vcpu, u64 gva, const void *buf, u32 len);

/* Report an access that the caller makes itself to watchpoints. */
void system_note(struct vcpu *vcpu, u64 gva, u32 len, bool write);

#endif
