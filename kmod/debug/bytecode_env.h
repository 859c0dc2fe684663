/* SPDX-License-Identifier: GPL-2.0-only */
/* What the bytecode of an object sees of the vCPU that hit it (lib/bytecode.h). */
#ifndef VMXDBG_DEBUG_BYTECODE_ENV_H
#define VMXDBG_DEBUG_BYTECODE_ENV_H

#include <linux/types.h>

#include "vmxdbg.h"

struct dbg_object;
struct vcpu;

/*
 * What a condition says of this hit_point. Context: that of dbg_object_hit().
 * Return: 1 or 0, or the error of bytecode_run(); -EAGAIN: hit_point.missing is set.
 */
int bytecode_env_condition(struct vcpu *vcpu, struct dbg_object *obj);

/* What is to be recorded beside registers. */
struct traces {
	u32 nr;
	u32 bytes;
	struct {
		struct vmxdbg_record_block block;
		u64 value;		/* of a variable */
	} trace[VMXDBG_RECORD_BLOCKS];
};

/* runs @obj->record; as above, and -E2BIG where it is too much */
int bytecode_env_trace(struct vcpu *vcpu, struct dbg_object *obj, struct traces *traces);

#endif
