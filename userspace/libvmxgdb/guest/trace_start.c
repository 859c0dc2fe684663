// SPDX-License-Identifier: MIT
/* Letting the target record the hits of tracepoints. */
#include <errno.h>
#include <string.h>

#include "guest/agent_code.h"
#include "guest/bp_insert.h"
#include "guest/bp_object.h"
#include "guest/record_ring.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "guest/trace.h"
#include "guest/trace_buffer.h"
#include "guest/trace_code.h"
#include "guest/trace_needs.h"
#include "guest/trace_start.h"

/* Set what the target does at a hit of @p. Return: NULL, or why it cannot. */
static const char *make_options(struct stub *s, struct trace_point *p,
				struct vmxdbg_options *options, struct buf *cond,
				struct buf *record)
{
	const char *why = NULL;

	if (!p->stops || !trace_needs_condition(s, p))
		why = trace_code_condition(s, p, cond);
	options->cond = (uintptr_t)cond->data;
	options->cond_len = cond->len;
	if (why || p->stops)
		return why;
	why = trace_code_make(s, p, record);
	options->action = VMXDBG_ACTION_RECORD;
	options->record = (uintptr_t)record->data;
	options->record_len = record->len;
	options->record_flags = p->general ? VMXDBG_RECORD_GENERAL : 0;
	return why;
}

int trace_install(struct stub *s, struct trace_point *p)
{
	AGENT_CODE_ON_STACK(cond);
	AGENT_CODE_ON_STACK(record);
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_STOP };
	struct bp_key key = { .type = BP_SOFT, .addr = p->addr, .len = 1 };
	const char *why = trace_needs_find(s);
	int result;

	if (!why)
		why = make_options(s, p, &options, &cond, &record);
	if (why)
		return reply_error(s, -EINVAL, "tracepoint %llu: %s",
				   (unsigned long long)p->number, why);
	result = bp_object_add(s, &key, &options, &p->id);
	if (result >= 0)
		return 0;
	p->id = 0;
	return reply_error(s, result, "tracepoint %llu: %s", (unsigned long long)p->number,
			   result == -EINVAL ? "the target cannot evaluate its expressions" :
			   result == -ENOSPC ? "there are too many breakpoints" :
			   result == -ENXIO ? "no memory is there" : strerror(-result));
}

int trace_start(struct stub *s)
{
	struct trace *t = &s->trace;
	struct trace_point *p;
	struct trace_var *v;
	int result = record_ring_open(s);

	if (t->running)
		trace_stop(s, "tstop::0");
	trace_buffer_clear(&t->buffer);
	t->selected = -1;
	t->lost = 0;
	for (v = t->vars; v; v = v->next)
		v->value = v->initial;
	for (p = t->points; p && result >= 0; p = p->next) {
		p->hits = p->usage = 0;
		if (p->enabled && p->defined)
			result = trace_install(s, p);
	}
	if (result < 0) {
		trace_remove_all(s);
		return result;
	}
	bp_insert_again(s);
	t->lost_before = s->target->ops->ring_lost(s->target);
	t->running = true;
	t->started = trace_clock();
	t->stopped = 0;
	return 0;
}
