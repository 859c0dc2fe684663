// SPDX-License-Identifier: MIT
/* Packets that define tracepoints and trace state variables, and give them back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/agent_vars.h"
#include "guest/reply.h"
#include "guest/trace.h"
#include "guest/trace_action.h"
#include "guest/trace_start.h"
#include "packet/cmd_trace_define.h"
#include "wire/parse.h"

/* No debugger has so many. */
#define POINTS_MAX	10000

#define ull(x)	((unsigned long long)(x))

int cmd_trace_init(struct stub *s, char *args, size_t len)
{
	trace_stop(s, "tnotrun:0");
	trace_reset(s);
	return reply_ok(s);
}

/* NUMBER:ADDR */
static bool parse_point(const char **p, uint64_t *number, uint64_t *addr)
{
	return parse_hex(p, number) && parse_char(p, ':') && parse_hex(p, addr);
}

/* Cut a '-' off the end of @text: more packets follow. */
static bool cut_more(char *text)
{
	size_t len = strlen(text);

	if (!len || text[len - 1] != '-')
		return false;
	text[len - 1] = '\0';
	return true;
}

/* The definition is whole. New tracepoints take part in a trace that runs. */
static int defined(struct stub *s, struct trace_point *p, bool more)
{
	int result = 0;

	p->defined = !more;
	if (p->defined && s->trace.running && p->enabled && !p->id)
		result = trace_install(s, p);
	return result < 0 ? result : reply_ok(s);
}

/* -NUMBER:ADDR:ACTIONS[-] */
static int more_actions(struct stub *s, char *args)
{
	bool more = cut_more(args);
	const char *p = args;
	uint64_t number, addr;
	struct trace_point *point;

	if (!parse_point(&p, &number, &addr) || !parse_char(&p, ':'))
		return reply_malformed(s);
	point = trace_find(s, number, addr);
	if (!point)
		return reply_error(s, -EINVAL, "there is no such tracepoint");
	/* In front of the first action of steps; those behind are of steps too. */
	point->in_steps |= parse_char(&p, 'S');
	if (!trace_actions_valid(p))
		return reply_malformed(s);
	if (!trace_add_text(point->in_steps ? &point->step_actions : &point->actions, p))
		return -ENOMEM;
	return defined(s, point, more);
}

static size_t count_points(const struct stub *s)
{
	const struct trace_point *p;
	size_t count = 0;

	for (p = s->trace.points; p; p = p->next)
		count++;
	return count;
}

/* ":X" LEN "," BYTES, nothing, or what there is not. */
static int take_condition(struct stub *s, struct trace_point *point, const char *p)
{
	if (*p == ':' && (p[1] == 'F' || p[1] == 'S'))
		return reply_error(s, -EOPNOTSUPP, "there are no fast and no static tracepoints");
	if (!*p)
		return 0;
	if (!parse_char(&p, ':') || *p != 'X' || !trace_actions_valid(p))
		return reply_malformed(s);
	point->cond = strdup(p);
	return point->cond ? 0 : -ENOMEM;
}

/* NUMBER:ADDR:E:STEP:PASS[:X...][-], or the above */
int cmd_trace_define(struct stub *s, char *args, size_t len)
{
	uint64_t number, addr, step, pass;
	struct trace_point *point;
	bool more, enabled;
	const char *p;
	int result;

	if (*args == '-')
		return more_actions(s, args + 1);
	more = cut_more(args);
	p = args;
	if (!parse_point(&p, &number, &addr) || !parse_char(&p, ':'))
		return reply_malformed(s);
	enabled = *p == 'E';
	if ((!parse_char(&p, 'E') && !parse_char(&p, 'D')) || !parse_char(&p, ':') ||
	    !parse_hex(&p, &step) || !parse_char(&p, ':') || !parse_hex(&p, &pass))
		return reply_malformed(s);
	if (trace_find(s, number, addr) || count_points(s) >= POINTS_MAX)
		return reply_error(s, -EINVAL, "there is such a tracepoint, or there are too many");
	point = trace_add(s, number, addr);
	if (!point)
		return -ENOMEM;
	point->enabled = enabled;
	point->pass = pass;
	result = trace_set_steps(point, step) ? take_condition(s, point, p) : -ENOMEM;
	if (result < 0) {
		trace_delete(s, point);
		return result;
	}
	return defined(s, point, more);
}

/* NUMBER:ADDR:KIND:START:LENGTH:TEXT */
int cmd_trace_source(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	uint64_t number, addr;
	struct trace_point *point;

	if (!parse_point(&p, &number, &addr) || !parse_char(&p, ':') || !*p)
		return reply_malformed(s);
	point = trace_find(s, number, addr);
	if (!point)
		return reply_error(s, -EINVAL, "there is no such tracepoint");
	return trace_add_text(&point->sources, p) ? reply_ok(s) : -ENOMEM;
}

/* NUMBER:VALUE:BUILTIN:NAME. The variables of the target come back as well. */
int cmd_trace_variable(struct stub *s, char *args, size_t len)
{
	uint64_t number, value, builtin;
	const char *p = args;

	if (!parse_hex(&p, &number) || !parse_char(&p, ':') || !parse_hex(&p, &value) ||
	    !parse_char(&p, ':') || !parse_hex(&p, &builtin) || !parse_char(&p, ':') ||
	    strspn(p, "0123456789abcdefABCDEF") != strlen(p) || number > UINT16_MAX)
		return reply_malformed(s);
	if (agent_vars_name(number))
		return reply_ok(s);
	return trace_set_var(s, number, value, p) ? reply_ok(s) : -ENOMEM;
}

static int set_enabled(struct stub *s, const char *p, bool enabled)
{
	uint64_t number, addr;
	struct trace_point *point;
	int result = 0;

	if (!parse_point(&p, &number, &addr) || *p)
		return reply_malformed(s);
	point = trace_find(s, number, addr);
	if (!point)
		return reply_error(s, -EINVAL, "there is no such tracepoint");
	point->enabled = enabled;
	if (!enabled)
		trace_remove(s, point);
	else if (s->trace.running && !point->id)
		result = trace_install(s, point);
	return result < 0 ? result : reply_ok(s);
}

int cmd_trace_enable(struct stub *s, char *args, size_t len)
{
	return set_enabled(s, args, true);
}

int cmd_trace_disable(struct stub *s, char *args, size_t len)
{
	return set_enabled(s, args, false);
}

/* gdb reads read-only sections from its file, and frames need not have them. */
int cmd_trace_readonly(struct stub *s, char *args, size_t len)
{
	return reply_ok(s);
}

/* ---- giving them back ---- */

static void put_point(const struct trace_point *p, struct buf *out)
{
	buf_printf(out, "T%llx:%llx:%c:%llx:%llx", ull(p->number), ull(p->addr),
		   p->enabled ? 'E' : 'D', ull(p->steps), ull(p->pass));
	if (p->cond)
		buf_printf(out, ":%s", p->cond);
}

/* Add text number *@wanted of the list, which is counted down meanwhile, if there is one. */
static bool put_of_list(const struct trace_point *p, char kind, const struct trace_text *list,
			size_t *wanted, struct buf *out)
{
	for (; list; list = list->next) {
		if ((*wanted)--)
			continue;
		buf_printf(out, "%c%llx:%llx:%s", kind, ull(p->number), ull(p->addr), list->text);
		return true;
	}
	return false;
}

/*
 * Add the text that the debugger needs as number @wanted of all: a line for each
 * tracepoint, its actions and its sources. Return: false if there are not that many.
 */
static bool put_text(const struct stub *s, size_t wanted, struct buf *out)
{
	const struct trace_point *p;

	for (p = s->trace.points; p; p = p->next) {
		if (!wanted--) {
			put_point(p, out);
			return true;
		}
		if (put_of_list(p, 'A', p->actions, &wanted, out) ||
		    put_of_list(p, 'S', p->step_actions, &wanted, out) ||
		    put_of_list(p, 'Z', p->sources, &wanted, out))
			return true;
	}
	return false;
}

int cmd_next_point(struct stub *s, char *args, size_t len)
{
	if (!put_text(s, s->trace.next_text, &s->reply))
		buf_puts(&s->reply, "l");
	s->trace.next_text++;
	return 0;
}

int cmd_first_point(struct stub *s, char *args, size_t len)
{
	s->trace.next_text = 0;
	return cmd_next_point(s, args, len);
}

/* The variables of the target come first. */
int cmd_next_variable(struct stub *s, char *args, size_t len)
{
	size_t wanted = s->trace.next_text++;
	const struct trace_var *v = s->trace.vars;

	if (wanted < AGENT_VARS_BUILT_IN) {
		const char *name = agent_vars_name(wanted + 1);

		buf_printf(&s->reply, "%zx:0:1:", wanted + 1);
		buf_hex(&s->reply, name, strlen(name));
		return 0;
	}
	for (wanted -= AGENT_VARS_BUILT_IN; v && wanted; wanted--)
		v = v->next;
	if (v)
		buf_printf(&s->reply, "%llx:%llx:0:%s", ull(v->number), ull(v->initial), v->name);
	else
		buf_puts(&s->reply, "l");
	return 0;
}

int cmd_first_variable(struct stub *s, char *args, size_t len)
{
	s->trace.next_text = 0;
	return cmd_next_variable(s, args, len);
}
