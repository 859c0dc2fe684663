// SPDX-License-Identifier: MIT
/* Making the frames of a trace. */
#include "guest/trace.h"
#include "guest/trace_buffer.h"
#include "guest/trace_frame.h"

static void put_little(struct buf *out, uint64_t value, int size)
{
	uint8_t bytes[8];
	int i;

	for (i = 0; i < size; i++)
		bytes[i] = value >> 8 * i;
	buf_add(out, bytes, size);
}

void trace_put_memory(struct buf *out, uint64_t addr, const void *data, size_t len)
{
	buf_puts(out, "M");
	put_little(out, addr, 8);
	put_little(out, len, 2);
	buf_add(out, data, len);
}

void trace_put_var(struct buf *out, uint32_t number, uint64_t value)
{
	buf_puts(out, "V");
	put_little(out, number, 4);
	put_little(out, value, 8);
}

void trace_put_vars(const struct stub *s, struct buf *out)
{
	const struct trace_var *v;

	for (v = s->trace.vars; v; v = v->next)
		trace_put_var(out, v->number, v->value);
}

void trace_add_frame(struct stub *s, struct trace_point *p, const struct trace_frame *head,
		     const struct buf *data, bool hit)
{
	struct trace *t = &s->trace;
	size_t dropped;

	if (data->full || !trace_buffer_add(&t->buffer, head, data->data, data->len, &dropped)) {
		trace_stop(s, "tfull:0");
		return;
	}
	/* The numbers of the frames have changed. */
	if (t->selected >= 0)
		t->selected = t->selected < (long)dropped ? -1 : t->selected - (long)dropped;
	p->usage += data->len + TRACE_HEAD;
	p->hits += hit;
	if (hit && p->pass && p->hits >= p->pass)
		trace_stop(s, "tpasscount:%llx", (unsigned long long)p->number);
}
