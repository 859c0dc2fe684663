/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytecode of an object (lib/bytecode.h): its access to the vCPU that hit the object. */
#ifndef VMXDBG_DEBUG_BYTECODE_ENV_H
#define VMXDBG_DEBUG_BYTECODE_ENV_H

#include <linux/types.h>

#include "vmxdbg.h"

struct dbg_object;
struct vcpu;

/* Memory and variables for a record. */
struct traces {
	u32 nr;
	u32 bytes;
	struct {
		struct vmxdbg_record_block block;
		u64 value;		/* of a variable */
	} trace[VMXDBG_RECORD_BLOCKS];
};

/* Context of both functions: as dbg_object_hit(). -EAGAIN: hit_point.missing is set. */

/* Return: 1 or 0, the value of @obj->cond, or an error of bytecode_run(). */
int bytecode_env_condition(struct vcpu *vcpu, struct dbg_object *obj);

/* Run @obj->record. Return: 0, an error of bytecode_run(), or -E2BIG for too many traces. */
int bytecode_env_trace(struct vcpu *vcpu, struct dbg_object *obj, struct traces *traces);

#endif
