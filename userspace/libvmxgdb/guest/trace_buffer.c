// SPDX-License-Identifier: MIT
/* Frames of a trace. */
#include <stdlib.h>
#include <string.h>

#include "guest/trace_buffer.h"

/* ---- frames ---- */

static void drop_first(struct trace_buffer *b)
{
	struct trace_frame *frame = b->frames[b->first++];

	b->used -= frame->size + TRACE_HEAD;
	free(frame);
}

void trace_buffer_clear(struct trace_buffer *b)
{
	while (b->first < b->end)
		drop_first(b);
	free(b->frames);
	b->frames = NULL;
	b->first = b->end = b->room = 0;
	b->total = b->created = 0;
}

size_t trace_buffer_count(const struct trace_buffer *b)
{
	return b->end - b->first;
}

const struct trace_frame *trace_buffer_frame(const struct trace_buffer *b, long number)
{
	if (number < 0 || (size_t)number >= trace_buffer_count(b))
		return NULL;
	return b->frames[b->first + number];
}

static bool make_entry(struct trace_buffer *b)
{
	size_t room = b->room ? 2 * b->room : 64;
	struct trace_frame **bigger;

	if (b->end < b->room)
		return true;
	if (b->first > b->room / 2) {
		b->end -= b->first;
		memmove(b->frames, b->frames + b->first, b->end * sizeof(*b->frames));
		b->first = 0;
		return true;
	}
	bigger = realloc(b->frames, room * sizeof(*bigger));
	if (!bigger)
		return false;
	b->frames = bigger;
	b->room = room;
	return true;
}

bool trace_buffer_add(struct trace_buffer *b, const struct trace_frame *head, const void *data,
		      size_t size, size_t *dropped)
{
	size_t need = size + TRACE_HEAD;
	struct trace_frame *frame;

	*dropped = 0;
	if (need > b->limit)
		return false;
	while (need > b->limit - b->used) {
		if (!b->circular)
			return false;
		drop_first(b);
		++*dropped;
	}
	frame = make_entry(b) ? malloc(sizeof(*frame) + size) : NULL;
	if (!frame)
		return false;
	*frame = *head;
	frame->start = b->total;
	frame->size = size;
	memcpy(frame->data, data, size);
	b->frames[b->end++] = frame;
	b->used += need;
	b->total += need;
	b->created++;
	return true;
}

/* ---- the trace file ---- */

/* Return: the frame in which byte @offset of the file is; there is one. */
static size_t find_frame(const struct trace_buffer *b, uint64_t offset)
{
	size_t low = b->first, high = b->end;
	uint64_t at = b->frames[low]->start + offset;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (b->frames[middle]->start <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void put_head(uint8_t *head, const struct trace_frame *frame, size_t pad)
{
	uint64_t size = frame->size + pad;
	int i;

	head[0] = frame->number;
	head[1] = frame->number >> 8;
	for (i = 0; i < 4; i++)
		head[2 + i] = size >> 8 * i;
}

/*
 * Add the part of @data, which begins at byte *@skip, that @left bytes have room for. NULL:
 * zeros.
 */
static void put_part(struct buf *out, const uint8_t *data, size_t size, uint64_t *skip,
		     size_t *left)
{
	size_t i, part;

	if (*skip >= size) {
		*skip -= size;
		return;
	}
	part = size - *skip < *left ? size - *skip : *left;
	if (data)
		buf_hex(out, data + *skip, part);
	for (i = 0; i < part && !data; i++)
		buf_puts(out, "00");
	*skip = 0;
	*left -= part;
}

static void put_frame(struct buf *out, const struct trace_frame *frame, size_t pad,
		      uint64_t *skip, size_t *left)
{
	size_t regs = frame->regs ? 1 + frame->regs : 0;
	uint8_t head[TRACE_HEAD];

	if (!regs)
		pad = 0;
	put_head(head, frame, pad);
	put_part(out, head, sizeof(head), skip, left);
	put_part(out, frame->data, regs, skip, left);
	put_part(out, NULL, pad, skip, left);
	put_part(out, frame->data + regs, frame->size - regs, skip, left);
}

size_t trace_buffer_file(const struct trace_buffer *b, uint64_t offset, size_t len,
			 size_t pad, struct buf *out)
{
	size_t i = b->first, left = len;
	uint64_t skip = offset;

	/* Frames say where they begin without padding. */
	if (!pad && offset < b->used) {
		i = find_frame(b, offset);
		skip = b->frames[b->first]->start + offset - b->frames[i]->start;
	}
	for (; i < b->end && left; i++)
		put_frame(out, b->frames[i], pad, &skip, &left);
	return len - left;
}

/* ---- the parts of a frame ---- */

static uint64_t number_at(const uint8_t *data, size_t size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | data[size];
	return value;
}

const uint8_t *trace_frame_block(const struct trace_frame *frame, size_t *at, char *type,
				 uint64_t *addr, size_t *len)
{
	const uint8_t *data = frame->data + *at;
	size_t head = 1;

	if (*at >= frame->size)
		return NULL;
	*type = *data;
	*addr = 0;
	switch (*type) {
	case 'R':
		*len = frame->regs;
		break;
	case 'M':
		*addr = number_at(data + 1, 8);
		*len = number_at(data + 9, 2);
		head = 11;
		break;
	default:
		*addr = number_at(data + 1, 4);
		*len = 8;
		head = 5;
	}
	*at += head + *len;
	return data + head;
}

/* Return: bytes at @addr that one block has. */
static size_t read_block(const struct trace_frame *frame, uint64_t addr, void *data, size_t len)
{
	const uint8_t *bytes;
	uint64_t start;
	size_t size, at = 0;
	char type;

	while ((bytes = trace_frame_block(frame, &at, &type, &start, &size))) {
		if (type != 'M' || addr < start || addr - start >= size)
			continue;
		size -= addr - start;
		if (size > len)
			size = len;
		memcpy(data, bytes + (addr - start), size);
		return size;
	}
	return 0;
}

size_t trace_frame_read(const struct trace_frame *frame, uint64_t addr, void *data, size_t len)
{
	size_t done = 0, part;

	for (; done < len; done += part) {
		part = read_block(frame, addr + done, (char *)data + done, len - done);
		if (!part)
			break;
	}
	return done;
}
