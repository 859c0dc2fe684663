// SPDX-License-Identifier: GPL-2.0-only
/* A buffer of fixed size for text and data. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

bool buf_alloc(struct buf *b, size_t room)
{
	*b = (struct buf){ .data = malloc(room + 1), .room = room };
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

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (len > b->room - b->len) {
		b->full = true;
		len = b->room - b->len;
	}
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
	size_t left = b->room - b->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(b->data + b->len, left + 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n > left) {
		b->full = true;
		n = left;
	}
	b->len += n;
}

void buf_hex(struct buf *b, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = data;

	if (len > (b->room - b->len) / 2) {
		b->full = true;
		len = (b->room - b->len) / 2;
	}
	while (len--) {
		b->data[b->len++] = digits[*byte >> 4];
		b->data[b->len++] = digits[*byte++ & 15];
	}
	b->data[b->len] = '\0';
}

size_t buf_escaped(struct buf *b, const void *data, size_t len, size_t limit)
{
	const char *byte = data;
	size_t i;

	if (limit > b->room)
		limit = b->room;
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
