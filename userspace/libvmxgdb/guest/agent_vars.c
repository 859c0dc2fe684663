// SPDX-License-Identifier: MIT
/* Trace state variables in gdb's agent expressions. */
#include "guest/agent_vars.h"

const char *agent_vars_name(uint64_t number)
{
	static const char * const names[] = {
		[VMXDBG_VAR_HITS] = "_hits", [VMXDBG_VAR_VCPU] = "_vcpu",
		[VMXDBG_VAR_TSC] = "_tsc", [VMXDBG_VAR_ADDR] = "_addr",
		[VMXDBG_VAR_PHYSICAL] = "_physical",
	};

	return number <= AGENT_VARS_BUILT_IN ? names[number] : NULL;
}

struct trace_var *agent_vars_find(const struct trace *t, uint64_t number)
{
	struct trace_var *v;

	for (v = t->vars; v; v = v->next)
		if (v->number == number)
			return v;
	return NULL;
}

static int refuse(struct agent_out *out, const char *why)
{
	out->why = why;
	return -1;
}

int agent_vars_rewrite(struct agent_out *out, const uint8_t *op, size_t size)
{
	uint64_t number = size == 3 ? agent_operand(op + 1, 2) : 0;
	const struct trace_var *var;

	if (*op != AGENT_GETV && *op != AGENT_SETV && *op != AGENT_TRACEV)
		return 0;
	if (agent_vars_name(number))
		return *op == AGENT_SETV && number != VMXDBG_VAR_PHYSICAL ?
			refuse(out, "this variable of the target cannot be set") : 0;
	if (*op == AGENT_SETV)
		return refuse(out, "the target cannot change trace state variables");
	var = agent_vars_find(out->context, number);
	if (!var)
		return refuse(out, "there is no such trace state variable");
	if (var->changes)
		return refuse(out, "a trace state variable changes, which the target cannot see");
	if (*op == AGENT_GETV)
		agent_put(out->code, AGENT_CONST64, var->value, 8);
	return 1;
}
