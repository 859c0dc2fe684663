/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of hits in the session's ring (struct vmxdbg_record). */
#ifndef VMXDBG_DEBUG_DBG_RECORD_H
#define VMXDBG_DEBUG_DBG_RECORD_H

#include <linux/types.h>

struct dbg_object;
struct vcpu;

/*
 * Write a record of the hit into the ring, if there is one, and wake up its reader.
 * Context: as dbg_object_hit(). Return: 0 or an error of bytecode_env_trace(); with
 * -EAGAIN hit_point.missing is set.
 */
int dbg_record_hit(struct vcpu *vcpu, struct dbg_object *obj);

#endif
