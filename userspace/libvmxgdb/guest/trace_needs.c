// SPDX-License-Identifier: MIT
/* Finding the variables that change, and the tracepoints that must stop a vCPU for a moment. */
#include "guest/agent_code.h"
#include "guest/agent_vars.h"
#include "guest/bp_code.h"
#include "guest/trace_action.h"
#include "guest/trace_needs.h"

/* Call @f for each operation of @code that names a variable. */
static const char *each_use(struct trace *t, const uint8_t *code, size_t len,
			    const char *(*f)(struct trace *t, uint8_t op, uint64_t number))
{
	const char *why = NULL;
	size_t at, size;

	for (at = 0; at < len && !why; at += size) {
		size = agent_op_size(code, len, at);
		if (!size)
			break;
		if (code[at] >= AGENT_GETV && code[at] <= AGENT_TRACEV)
			why = f(t, code[at], agent_operand(code + at + 1, 2));
	}
	return why;
}

static const char *note_change(struct trace *t, uint8_t op, uint64_t number)
{
	struct trace_var *v = agent_vars_find(t, number);

	if (op != AGENT_SETV || number == VMXDBG_VAR_PHYSICAL)
		return NULL;
	if (agent_vars_name(number))
		return "this variable of the target cannot be set";
	if (!v)
		return "there is no such trace state variable";
	v->changes = true;
	return NULL;
}

static const char changing[] = "a variable changes";

static const char *find_changing(struct trace *t, uint8_t op, uint64_t number)
{
	const struct trace_var *v = agent_vars_find(t, number);

	return v && v->changes ? changing : NULL;
}

static const char *find_tsc(struct trace *t, uint8_t op, uint64_t number)
{
	return number == VMXDBG_VAR_TSC ?
		"$_tsc is not known at tracepoints that step or change variables" : NULL;
}

/* Something that is looked for in all expressions of a tracepoint. */
struct search {
	struct trace *t;
	const char *(*f)(struct trace *t, uint8_t op, uint64_t number);
};

static const char *search_action(void *context, struct trace_action *a)
{
	const struct search *search = context;

	return a->kind == 'X' ? each_use(search->t, a->code, a->len, search->f) : NULL;
}

static const char *search_condition(const struct trace_point *p, const struct search *search)
{
	uint8_t code[VMXDBG_CODE_MAX];
	const char *at = p->cond;
	size_t len;

	if (!at || !bp_code_next(&at, code, &len))
		return NULL;
	return each_use(search->t, code, len, search->f);
}

/* Return: the first result of @f for the expressions of @p that is not NULL. */
static const char *search_point(struct trace *t, const struct trace_point *p,
				const char *(*f)(struct trace *t, uint8_t op, uint64_t number))
{
	struct search search = { .t = t, .f = f };
	const char *found = search_condition(p, &search);

	if (!found)
		found = trace_actions_each(p->actions, search_action, &search);
	if (!found)
		found = trace_actions_each(p->step_actions, search_action, &search);
	return found;
}

const char *trace_needs_find(struct stub *s)
{
	struct trace *t = &s->trace;
	struct trace_point *p;
	const char *why = NULL;

	for (p = t->points; p && !why; p = p->next)
		why = search_point(t, p, note_change);
	t->stops = false;
	for (p = t->points; p && !why; p = p->next) {
		p->stops = p->steps || search_point(t, p, find_changing);
		t->stops |= p->stops;
		if (p->stops)
			why = search_point(t, p, find_tsc);
	}
	return why;
}

bool trace_needs_condition(const struct stub *s, const struct trace_point *p)
{
	struct search search = { .t = (struct trace *)&s->trace, .f = find_changing };

	return search_condition(p, &search);
}
