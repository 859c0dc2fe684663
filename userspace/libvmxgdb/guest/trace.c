// SPDX-License-Identifier: MIT
/* gdb's tracepoints: definitions, and the trace that collects at their hits. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest/agent_vars.h"
#include "guest/record_ring.h"
#include "guest/target.h"
#include "guest/trace.h"
#include "guest/trace_buffer.h"
#include "guest/trace_code.h"

/* ---- definitions ---- */

static void free_texts(struct trace_text *text)
{
	struct trace_text *next;

	for (; text; text = next) {
		next = text->next;
		free(text);
	}
}

static void free_point(struct trace_point *p)
{
	free(p->cond);
	free_texts(p->actions);
	free_texts(p->step_actions);
	free(p->left);
	free_texts(p->sources);
	free(p);
}

void trace_reset(struct stub *s)
{
	struct trace *t = &s->trace;
	struct trace_point *p;
	struct trace_var *v;

	while ((p = t->points)) {
		t->points = p->next;
		free_point(p);
	}
	while ((v = t->vars)) {
		t->vars = v->next;
		free(v);
	}
	trace_buffer_clear(&t->buffer);
	free(t->user);
	free(t->notes);
	*t = (struct trace){ .selected = -1, .buffer.limit = TRACE_BUFFER_SIZE,
			     .why = "tnotrun:0" };
}

struct trace_point *trace_find(const struct stub *s, uint64_t number, uint64_t addr)
{
	struct trace_point *p;

	for (p = s->trace.points; p; p = p->next)
		if (p->number == number && p->addr == addr)
			return p;
	return NULL;
}

void trace_delete(struct stub *s, struct trace_point *p)
{
	struct trace_point **at = &s->trace.points;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	free_point(p);
}

bool trace_set_steps(struct trace_point *p, uint64_t steps)
{
	p->steps = steps;
	p->left = steps ? calloc(VCPUS_MAX, sizeof(*p->left)) : NULL;
	return !steps || p->left;
}

struct trace_point *trace_add(struct stub *s, uint64_t number, uint64_t addr)
{
	struct trace_point **end = &s->trace.points;
	struct trace_point *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->number = number;
	p->addr = addr;
	while (*end)
		end = &(*end)->next;
	*end = p;
	return p;
}

bool trace_add_text(struct trace_text **list, const char *text)
{
	struct trace_text *new = calloc(1, sizeof(*new) + strlen(text) + 1);

	if (!new)
		return false;
	strcpy(new->text, text);
	while (*list)
		list = &(*list)->next;
	*list = new;
	return true;
}

bool trace_set_var(struct stub *s, uint64_t number, uint64_t value, const char *name)
{
	struct trace_var *v = agent_vars_find(&s->trace, number);
	struct trace_var **end = &s->trace.vars;

	if (v) {
		v->initial = v->value = value;
		return true;
	}
	v = calloc(1, sizeof(*v) + strlen(name) + 1);
	if (!v)
		return false;
	v->number = number;
	v->initial = v->value = value;
	strcpy(v->name, name);
	while (*end)
		end = &(*end)->next;
	*end = v;
	return true;
}

/* ---- the target's objects ---- */

void trace_remove(struct stub *s, struct trace_point *p)
{
	if (p->id)
		target_call(s->target, del_bp, p->id);
	p->id = 0;
}

void trace_remove_all(struct stub *s)
{
	struct trace_point *p;

	for (p = s->trace.points; p; p = p->next)
		trace_remove(s, p);
}

/* ---- the trace ---- */

uint64_t trace_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

static void end_steps(struct trace *t)
{
	struct trace_point *p;

	for (p = t->points; p; p = p->next)
		if (p->left)
			memset(p->left, 0, VCPUS_MAX * sizeof(*p->left));
}

void trace_stop(struct stub *s, const char *why, ...)
{
	struct trace *t = &s->trace;
	va_list args;

	if (!t->running)
		return;
	trace_remove_all(s);
	end_steps(t);
	t->lost = s->target->ops->ring_lost(s->target) - t->lost_before;
	t->running = false;
	t->stopped = trace_clock();
	va_start(args, why);
	vsnprintf(t->why, sizeof(t->why), why, args);
	va_end(args);
}

struct trace_point *trace_by_id(const struct stub *s, uint32_t id)
{
	struct trace_point *p;

	for (p = s->trace.points; p; p = p->next)
		if (p->id == id && id)
			return p;
	return NULL;
}

void trace_end_by_error(struct stub *s, const struct trace_point *p, const char *why)
{
	BUF_ON_STACK(hex, 256);

	buf_hex(&hex, why, strlen(why));
	trace_stop(s, "terror:%s:%llx", hex.data, (unsigned long long)p->number);
}

void trace_failed(struct stub *s, uint32_t id, const char *why)
{
	const struct trace_point *p = trace_by_id(s, id);

	if (p)
		trace_end_by_error(s, p, why);
}

const struct trace_frame *trace_selected(const struct stub *s)
{
	return trace_buffer_frame(&s->trace.buffer, s->trace.selected);
}
