// SPDX-License-Identifier: MIT
/* Packets that begin and end a trace, and tell how it stands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/agent_vars.h"
#include "guest/records.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "guest/trace.h"
#include "guest/trace_buffer.h"
#include "guest/trace_start.h"
#include "packet/cmd_trace_control.h"
#include "wire/parse.h"

#define ull(x)	((unsigned long long)(x))

int cmd_trace_start(struct stub *s, char *args, size_t len)
{
	int result = trace_start(s);

	return result < 0 ? result : reply_ok(s);
}

int cmd_trace_stop(struct stub *s, char *args, size_t len)
{
	records_drain(s, true);
	trace_stop(s, "tstop::0");
	return reply_ok(s);
}

/* ---- settings ---- */

int cmd_trace_circular(struct stub *s, char *args, size_t len)
{
	if (strcmp(args, "0") && strcmp(args, "1"))
		return reply_malformed(s);
	s->trace.buffer.circular = *args == '1';
	return reply_ok(s);
}

int cmd_trace_size(struct stub *s, char *args, size_t len)
{
	uint64_t size = TRACE_BUFFER_SIZE;
	const char *p = args;

	if (strcmp(args, "-1") && (!parse_hex(&p, &size) || *p))
		return reply_malformed(s);
	if (size > TRACE_BUFFER_MAX)
		return reply_error(s, -EINVAL, "the trace buffer can have %u MiB",
				   TRACE_BUFFER_MAX >> 20);
	if (s->trace.running)
		return reply_error(s, -EBUSY, "a trace is running");
	s->trace.buffer.limit = size;
	return reply_ok(s);
}

static int set_text(char **to, const char *hex)
{
	char *copy = strdup(hex);

	if (!copy)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

/* "user:HEX;notes:HEX;tstop:HEX;", each at most once */
int cmd_trace_notes(struct stub *s, char *args, size_t len)
{
	char *rest, *part, *hex;
	int result = 0;

	for (part = strtok_r(args, ";", &rest); part && !result;
	     part = strtok_r(NULL, ";", &rest)) {
		hex = strchr(part, ':');
		if (!hex || strspn(hex + 1, "0123456789abcdefABCDEF") != strlen(hex + 1))
			return reply_malformed(s);
		*hex++ = '\0';
		if (!strcmp(part, "user"))
			result = set_text(&s->trace.user, hex);
		else if (!strcmp(part, "notes"))
			result = set_text(&s->trace.notes, hex);
		else if (!strcmp(part, "tstop") && !strncmp(s->trace.why, "tstop:", 6))
			snprintf(s->trace.why, sizeof(s->trace.why), "tstop:%.200s:0", hex);
	}
	return result < 0 ? result : reply_ok(s);
}

/* gdb's "set disconnected-tracing" */
int cmd_trace_disconnected(struct stub *s, char *args, size_t len)
{
	if (strcmp(args, "0") && strcmp(args, "1"))
		return reply_malformed(s);
	if (*args == '1' && !s->may_stay)
		return reply_error(s, -EOPNOTSUPP, "the trace ends with this connection");
	s->trace.disconnected = *args == '1';
	return reply_ok(s);
}

/* ---- status ---- */

/* The notes of the user, and the number of lost hits. */
static void put_notes(const struct trace *t, struct buf *out)
{
	BUF_ON_STACK(lost, 100);

	buf_printf(out, "notes:%s", t->notes ? t->notes : "");
	if (t->lost)
		buf_printf(&lost, "%s%llu hits came too fast and were not collected",
			   t->notes && *t->notes ? "; " : "", ull(t->lost));
	buf_hex(out, lost.data, lost.len);
	buf_puts(out, ":");
}

int cmd_trace_status(struct stub *s, char *args, size_t len)
{
	struct trace *t = &s->trace;
	const struct trace_buffer *b = &t->buffer;

	/* Empty reply: tracing is not possible. */
	if (!s->target->ops->ring_open)
		return 0;
	records_drain(s, true);
	t->pad = s->knows_g ? 0 : reg_cache_single_bytes(s);
	if (t->running)
		t->lost = s->target->ops->ring_lost(s->target) - t->lost_before;
	buf_printf(&s->reply, "T%d;", t->running);
	if (!t->running)
		buf_printf(&s->reply, "%s;", t->why);
	buf_printf(&s->reply, "tframes:%zx;tcreated:%llx;tfree:%zx;tsize:%zx;circular:%d;disconn:%d;"
		   "starttime:%llx;stoptime:%llx;username:%s;", trace_buffer_count(b),
		   ull(b->created + t->lost), b->limit > b->used ? b->limit - b->used : 0, b->limit,
		   b->circular, t->disconnected, ull(t->started), ull(t->stopped),
		   t->user ? t->user : "");
	put_notes(t, &s->reply);
	return 0;
}

int cmd_point_status(struct stub *s, char *args, size_t len)
{
	const struct trace_point *point;
	uint64_t number, addr;
	const char *p = args;

	if (!parse_hex(&p, &number) || !parse_char(&p, ':') || !parse_hex(&p, &addr) || *p)
		return reply_malformed(s);
	point = trace_find(s, number, addr);
	if (!point)
		return reply_error(s, -EINVAL, "there is no such tracepoint");
	buf_printf(&s->reply, "V%llx:%llx", ull(point->hits), ull(point->usage));
	return 0;
}

/* ---- variables ---- */

static bool in_frame(const struct trace_frame *frame, uint64_t number, uint64_t *value)
{
	const uint8_t *data;
	size_t size, at = 0;
	uint64_t addr;
	char type;

	while ((data = trace_frame_block(frame, &at, &type, &addr, &size))) {
		if (type != 'V' || addr != number)
			continue;
		for (*value = 0; size--;)
			*value = *value << 8 | data[size];
		return true;
	}
	return false;
}

/* The value at the last stop, as conditions had it, because gdb evaluates them again. */
static bool now(struct stub *s, uint64_t number, uint64_t *value)
{
	const struct vcpu *v = s->vcpus[s->general];
	const struct trace_var *var = agent_vars_find(&s->trace, number);

	switch (number) {
	case VMXDBG_VAR_HITS:
		if (!v->why.event.nr_bps ||
		    target_call(s->target, hits, v->why.event.bps[0], value) < 0)
			return false;
		*value -= !!*value;
		return true;
	case VMXDBG_VAR_VCPU:
		*value = s->general;
		return true;
	case VMXDBG_VAR_TSC:
		return false;
	case VMXDBG_VAR_ADDR:
		*value = v->why.event.addr;
		return true;
	case VMXDBG_VAR_PHYSICAL:
		*value = 0;
		return true;
	default:
		*value = var ? var->value : 0;
		return var;
	}
}

int cmd_variable_value(struct stub *s, char *args, size_t len)
{
	const struct trace_frame *frame = trace_selected(s);
	uint64_t number, value = 0;
	const char *p = args;

	if (!parse_hex(&p, &number) || *p)
		return reply_malformed(s);
	if (frame ? in_frame(frame, number, &value) : now(s, number, &value))
		buf_printf(&s->reply, "V%llx", ull(value));
	else
		buf_puts(&s->reply, "U");
	return 0;
}

/* The daemon may read and write what its user may not. */
int cmd_trace_save(struct stub *s, char *args, size_t len)
{
	return reply_error(s, -EPERM,
			   "vmxdbgd writes no files: tsave without -r saves the trace at gdb");
}
