/* SPDX-License-Identifier: MIT */
/*
 * Trace state variables in gdb's agent expressions. The target has those of VMXDBG_VAR_*,
 * under the same numbers. Those of the user are constants for it, unless a tracepoint
 * changes them, which the target cannot do.
 */
#ifndef VMXGDB_AGENT_VARS_H
#define VMXGDB_AGENT_VARS_H

#include "guest/agent_code.h"
#include "guest/trace_types.h"

#define AGENT_VARS_BUILT_IN	VMXDBG_VAR_PHYSICAL

/* Return: name of a variable of the target, or NULL. */
const char *agent_vars_name(uint64_t number);

/* Return: the user's variable, or NULL. */
struct trace_var *agent_vars_find(const struct trace *t, uint64_t number);

/* For struct agent_out; the context is a struct trace. */
int agent_vars_rewrite(struct agent_out *out, const uint8_t *op, size_t size);

#endif /* VMXGDB_AGENT_VARS_H */
