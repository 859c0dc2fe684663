// SPDX-License-Identifier: MIT
/* A buffer for text and data that grows up to a limit. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/buf.h"

#define FIRST_ROOM	255

bool buf_init(struct buf *b, size_t limit)
{
	size_t room = limit < FIRST_ROOM ? limit : FIRST_ROOM;

	*b = (struct buf){ .data = malloc(room + 1), .room = room, .limit = limit };
	if (!b->data)
		return false;
	b->data[0] = '\0';
	return true;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->full = false;
	b->data[0] = '\0';
}

void buf_drop(struct buf *b, size_t len)
{
	memmove(b->data, b->data + len, b->len - len + 1);
	b->len -= len;
}

/* Make room for @more bytes. Return: how many of them fit. */
static size_t make_room(struct buf *b, size_t more)
{
	size_t room;
	char *data;

	if (more > b->limit - b->len) {
		b->full = true;
		more = b->limit - b->len;
	}
	if (more <= b->room - b->len)
		return more;
	room = b->len + more;
	if (room < 2 * b->room)
		room = 2 * b->room < b->limit ? 2 * b->room : b->limit;
	data = realloc(b->data, room + 1);
	if (!data) {
		b->full = true;
		return b->room - b->len;
	}
	b->data = data;
	b->room = room;
	return more;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	len = make_room(b, len);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(b->data + b->len, b->room - b->len + 1, format, args);
	if (n > 0 && (size_t)n > b->room - b->len) {
		n = make_room(b, n);
		vsnprintf(b->data + b->len, n + 1, format, again);
	}
	if (n > 0)
		b->len += n;
	va_end(again);
	va_end(args);
}

void buf_hex(struct buf *b, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = data;
	size_t fits = make_room(b, 2 * len) / 2;

	while (fits--) {
		b->data[b->len++] = digits[*byte >> 4];
		b->data[b->len++] = digits[*byte++ & 15];
	}
	b->data[b->len] = '\0';
}

size_t buf_escaped(struct buf *b, const void *data, size_t len, size_t limit)
{
	const char *byte = data;
	size_t i;

	if (limit > b->limit)
		limit = b->limit;
	if (b->len < limit) {
		size_t most = 2 * len < limit - b->len ? 2 * len : limit - b->len;

		if (make_room(b, most) < most)
			limit = b->room;
	}
	for (i = 0; i < len; i++) {
		/* strchr() would find the NUL, which needs no escape. */
		bool escape = byte[i] && strchr("#$}*", byte[i]);

		if (b->len + (escape ? 2 : 1) > limit)
			break;
		if (escape)
			b->data[b->len++] = '}';
		b->data[b->len++] = escape ? byte[i] ^ 0x20 : byte[i];
	}
	b->data[b->len] = '\0';
	return i;
}
