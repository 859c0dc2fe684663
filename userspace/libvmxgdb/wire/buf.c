// SPDX-License-Identifier: MIT
/* A buffer for text and data that grows up to a limit. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

#ifdef __SSE2__
static __m128i digits_of(__m128i nibbles)
{
	__m128i letters = _mm_and_si128(_mm_cmpgt_epi8(nibbles, _mm_set1_epi8(9)),
					_mm_set1_epi8('a' - 10 - '0'));

	return _mm_add_epi8(_mm_add_epi8(nibbles, _mm_set1_epi8('0')), letters);
}

/* Convert 16 bytes at once, as long as there are so many. Return: how many bytes. */
static size_t hex_blocks(char *to, const uint8_t *from, size_t len)
{
	const __m128i low = _mm_set1_epi8(15);
	size_t i;

	for (i = 0; i + 16 <= len; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(from + i));
		__m128i high_digits = digits_of(_mm_and_si128(_mm_srli_epi16(bytes, 4), low));
		__m128i low_digits = digits_of(_mm_and_si128(bytes, low));

		_mm_storeu_si128((__m128i *)(to + 2 * i),
				 _mm_unpacklo_epi8(high_digits, low_digits));
		_mm_storeu_si128((__m128i *)(to + 2 * i + 16),
				 _mm_unpackhi_epi8(high_digits, low_digits));
	}
	return i;
}

/* Copy 16 bytes at once, as long as none of them needs an escape. Return: how many bytes. */
static size_t plain_blocks(char *to, const uint8_t *from, size_t len)
{
	size_t i;

	for (i = 0; i + 16 <= len; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(from + i));
		__m128i found = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#'));

		found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('$')));
		found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('}')));
		found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('*')));
		if (_mm_movemask_epi8(found))
			break;
		_mm_storeu_si128((__m128i *)(to + i), bytes);
	}
	return i;
}
#else
static size_t hex_blocks(char *to, const uint8_t *from, size_t len)
{
	return 0;
}

static size_t plain_blocks(char *to, const uint8_t *from, size_t len)
{
	return 0;
}
#endif

void buf_hex(struct buf *b, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t fits = make_room(b, 2 * len) / 2;
	size_t done = hex_blocks(b->data + b->len, data, fits);
	const uint8_t *byte = (const uint8_t *)data + done, *end = (const uint8_t *)data + fits;
	char *to = b->data + b->len + 2 * done;

	for (; byte < end; byte++) {
		*to++ = digits[*byte >> 4];
		*to++ = digits[*byte & 15];
	}
	b->len += 2 * fits;
	b->data[b->len] = '\0';
}

/* Characters of the framing, which binary data must not contain. */
static bool needs_escape(uint8_t c)
{
	return c == '#' || c == '$' || c == '}' || c == '*';
}

/* Add the bytes before @end, until @limit. Return: the first one that was not added. */
static const uint8_t *escape_bytes(struct buf *b, const uint8_t *byte, const uint8_t *end,
				   size_t limit)
{
	for (; byte < end; byte++) {
		bool escape = needs_escape(*byte);

		if (b->len + (escape ? 2 : 1) > limit)
			break;
		if (escape)
			b->data[b->len++] = '}';
		b->data[b->len++] = escape ? *byte ^ 0x20 : *byte;
	}
	return byte;
}

size_t buf_escaped(struct buf *b, const void *data, size_t len, size_t limit)
{
	const uint8_t *byte = data, *end = byte + len;
	const uint8_t *next, *stop;
	size_t n;

	if (limit > b->limit)
		limit = b->limit;
	if (b->len < limit) {
		size_t most = 2 * len < limit - b->len ? 2 * len : limit - b->len;

		if (make_room(b, most) < most)
			limit = b->room;
	}
	for (; byte < end && b->len < limit; byte = next) {
		n = end - byte < (long)(limit - b->len) ? end - byte : (long)(limit - b->len);
		n = plain_blocks(b->data + b->len, byte, n);
		b->len += n;
		byte += n;
		stop = end - byte < 16 ? end : byte + 16;
		next = escape_bytes(b, byte, stop, limit);
		if (next < stop) {
			byte = next;
			break;
		}
	}
	b->data[b->len] = '\0';
	return byte - (const uint8_t *)data;
}
