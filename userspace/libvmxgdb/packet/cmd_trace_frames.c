// SPDX-License-Identifier: MIT
/* Packets that select and read the frames of a trace. */
#include <errno.h>
#include <string.h>

#include "guest/records.h"
#include "guest/reply.h"
#include "guest/trace.h"
#include "guest/trace_buffer.h"
#include "packet/cmd_trace_frames.h"
#include "wire/parse.h"

#define ull(x)	((unsigned long long)(x))

/* ---- selection ---- */

/* A condition for frames; all of a kind have two numbers, if they need them. */
struct wanted {
	enum { PC, POINT, RANGE, OUTSIDE } kind;
	uint64_t first;
	uint64_t last;
};

static bool is_wanted(const struct trace_frame *frame, const struct wanted *w)
{
	bool inside = frame->pc >= w->first && frame->pc <= w->last;

	switch (w->kind) {
	case PC:
		return frame->pc == w->first;
	case POINT:
		return frame->number == w->first;
	case RANGE:
		return inside;
	default:
		return !inside;
	}
}

static bool parse_wanted(const char *p, struct wanted *w)
{
	static const struct {
		const char *name;
		int kind;
		bool range;
	} kinds[] = {
		{ "pc:", PC, false }, { "tdp:", POINT, false }, { "range:", RANGE, true },
		{ "outside:", OUTSIDE, true },
	};
	size_t i, len;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		len = strlen(kinds[i].name);
		if (strncmp(p, kinds[i].name, len))
			continue;
		p += len;
		w->kind = kinds[i].kind;
		return parse_hex(&p, &w->first) &&
		       (!kinds[i].range || (parse_char(&p, ':') && parse_hex(&p, &w->last))) && !*p;
	}
	return false;
}

static int select_frame(struct stub *s, long number)
{
	const struct trace_frame *frame = trace_buffer_frame(&s->trace.buffer, number);

	/* The selected frame stays so if there is no such frame. */
	if (!frame) {
		buf_puts(&s->reply, "F-1");
		return 0;
	}
	s->trace.selected = number;
	buf_printf(&s->reply, "F%lxT%llx", number, ull(frame->number));
	return 0;
}

/* -1, as 32 bits, is the guest itself. */
#define FRAME_NONE	0xffffffff

int cmd_select_frame(struct stub *s, char *args, size_t len)
{
	const struct trace_frame *frame;
	const char *p = args;
	struct wanted w = { 0 };
	uint64_t number;
	long i;

	records_drain(s, true);
	if (parse_hex(&p, &number) && !*p) {
		if (number != FRAME_NONE)
			return select_frame(s, number < FRAME_NONE ? (long)number : -1);
		s->trace.selected = -1;
		return reply_ok(s);
	}
	if (!parse_wanted(args, &w))
		return reply_malformed(s);
	for (i = s->trace.selected + 1;; i++) {
		frame = trace_buffer_frame(&s->trace.buffer, i);
		if (!frame || is_wanted(frame, &w))
			return select_frame(s, frame ? i : -1);
	}
}

/* ---- the frame ---- */

static const uint8_t *registers(const struct trace_frame *frame)
{
	uint64_t addr;
	size_t size, at = 0;
	char type;
	const uint8_t *data = trace_frame_block(frame, &at, &type, &addr, &size);

	return data && type == 'R' ? data : NULL;
}

/* The pc of a frame is known without registers as well. */
static void put_register(const struct trace_frame *frame, const struct reg *reg,
			 unsigned int number, const uint8_t *value, struct buf *out)
{
	unsigned int i, size = reg->bits / 8;
	uint8_t pc[8];

	if (value && number < TRACE_REGS_MAX && (frame->known[number / 64] >> number % 64 & 1)) {
		buf_hex(out, value, size);
	} else if (reg->get == reg_linear_rip && size <= sizeof(pc)) {
		for (i = 0; i < size; i++)
			pc[i] = frame->pc >> 8 * i;
		buf_hex(out, pc, size);
	} else {
		for (i = 0; i < size; i++)
			buf_puts(out, "xx");
	}
}

int trace_read_registers(struct stub *s)
{
	const struct trace_frame *frame = trace_selected(s);
	const uint8_t *value = registers(frame);
	const struct reg *reg;
	unsigned int i;

	for (i = 0; (reg = layout_g_reg(s->layout, i)); i++) {
		put_register(frame, reg, i, value, &s->reply);
		if (value)
			value += reg->bits / 8;
	}
	return 0;
}

int trace_read_register(struct stub *s, const struct reg *reg, unsigned int number)
{
	const struct trace_frame *frame = trace_selected(s);
	const uint8_t *value = registers(frame);
	const struct reg *before;
	unsigned int i;

	for (i = 0; (before = layout_g_reg(s->layout, i)) && i < number; i++)
		if (value)
			value += before->bits / 8;
	/* A frame has no others. */
	if (!before)
		value = NULL;
	put_register(frame, reg, number, value, &s->reply);
	return 0;
}

int trace_frame_info(struct stub *s, const char *annex, struct buf *out)
{
	const struct trace_frame *frame = trace_selected(s);
	uint64_t addr;
	size_t size, at = 0;
	char type;

	if (*annex)
		return -ENOENT;
	if (!frame)
		return reply_error(s, -EINVAL, "no trace frame is selected");
	buf_puts(out, "<?xml version=\"1.0\"?>\n<traceframe-info>\n");
	while (trace_frame_block(frame, &at, &type, &addr, &size)) {
		if (type == 'M')
			buf_printf(out, "<memory start=\"0x%llx\" length=\"0x%zx\"/>\n", ull(addr),
				   size);
		else if (type == 'V')
			buf_printf(out, "<tvar id=\"%llu\"/>\n", ull(addr));
	}
	buf_puts(out, "</traceframe-info>\n");
	return 0;
}

/* ---- all frames ---- */

/* Bytes whose digits fit into a packet. */
#define PART_MAX	(LINK_PACKET_MAX / 2 - 16)

/* OFFSET,LENGTH */
int cmd_trace_buffer(struct stub *s, char *args, size_t len)
{
	uint64_t offset, count;
	const char *p = args;

	if (!parse_span(&p, &offset, &count) || *p)
		return reply_malformed(s);
	if (!trace_buffer_file(&s->trace.buffer, offset, count < PART_MAX ? count : PART_MAX,
			       s->trace.pad, &s->reply))
		buf_puts(&s->reply, "l");
	return 0;
}
