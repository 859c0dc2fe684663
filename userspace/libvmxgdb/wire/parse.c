// SPDX-License-Identifier: MIT
/* Parsers for the parts of packets. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "wire/parse.h"

int parse_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool parse_hex(const char **text, uint64_t *value)
{
	const char *p = *text;
	uint64_t v = 0;

	if (parse_digit(*p) < 0)
		return false;
	while (parse_digit(*p) >= 0) {
		if (v >> 60)
			return false;
		v = v << 4 | parse_digit(*p++);
	}
	*value = v;
	*text = p;
	return true;
}

/* strtoull() takes a sign, which makes large numbers of small ones, and blanks. */
bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return !*end && !errno;
}

bool parse_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

bool parse_span(const char **text, uint64_t *addr, uint64_t *len)
{
	const char *p = *text;

	if (!parse_hex(&p, addr) || !parse_char(&p, ',') || !parse_hex(&p, len))
		return false;
	*text = p;
	return true;
}

bool parse_bytes(const char **text, void *data, size_t len)
{
	const char *p = *text;
	uint8_t *byte = data;

	for (; len; len--, p += 2) {
		/* After a NUL the second character must not be read. */
		if (parse_digit(p[0]) < 0 || parse_digit(p[1]) < 0)
			return false;
		*byte++ = parse_digit(p[0]) << 4 | parse_digit(p[1]);
	}
	*text = p;
	return true;
}

bool parse_thread(const char **text, int *vcpu)
{
	const char *p = *text;
	uint64_t id;

	if (p[0] == '-' && p[1] == '1') {
		*text = p + 2;
		*vcpu = THREAD_ALL;
		return true;
	}
	if (!parse_hex(&p, &id) || id > INT_MAX)
		return false;
	*text = p;
	*vcpu = id ? (int)(id - 1) : THREAD_ANY;
	return true;
}

long parse_unescape(char *data, size_t len)
{
	size_t from, to = 0;

	for (from = 0; from < len; from++) {
		char c = data[from];

		if (c == '}') {
			if (++from == len)
				return -1;
			c = data[from] ^ 0x20;
		}
		data[to++] = c;
	}
	return to;
}
