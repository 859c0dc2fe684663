// SPDX-License-Identifier: MIT
/*
 * Run lengths and checksums of packets. Memory comes in packets of 64 KiB, so both look at
 * eight characters at once.
 */
#include <stdbool.h>
#include <string.h>

#include "wire/runs.h"

#define ONES	0x0101010101010101ULL
#define WORD	sizeof(uint64_t)
#define ESCAPE	'}'

/* A run is a character and up to this many repeats. */
#define REPEATS	97

/* Shorter runs save nothing. */
#define SHORTEST	4

static uint64_t load(const char *data)
{
	uint64_t word;

	memcpy(&word, data, WORD);
	return word;
}

static bool has_zero(uint64_t word)
{
	return (word - ONES) & ~word & ONES << 7;
}

/* Return: whether a run begins at one of the eight characters at @data; eleven are read. */
static bool run_begins(const char *data)
{
	uint64_t word = load(data);

	return has_zero((word ^ load(data + 1)) | (word ^ load(data + 2)) |
			(word ^ load(data + 3)));
}

/*
 * Return: how many equal characters at the front of @data one run can replace. The repeat
 * count plus 29 must be printable and not a character of the framing. 1 if a run saves
 * nothing.
 */
static size_t run_length(const char *data, size_t len)
{
	size_t most = len < REPEATS + 1 ? len : REPEATS + 1;
	uint64_t all = ONES * (uint8_t)data[0];
	size_t n = 0;

	while (n + WORD <= most && load(data + n) == all)
		n += WORD;
	while (n < most && data[n] == data[0])
		n++;
	while (n >= SHORTEST && strchr("#$+-", (int)(n - 1 + 29)))
		n--;
	return n >= SHORTEST ? n : 1;
}

size_t runs_encode(char *to, const char *data, size_t len)
{
	const char *end = data + len;
	char *start = to;
	size_t n;

	for (; data < end; data += n) {
		if (end - data >= (long)(WORD + SHORTEST - 1) && !run_begins(data)) {
			memcpy(to, data, WORD);
			n = data[WORD - 1] == ESCAPE ? WORD - 1 : WORD;
			to += n;
			continue;
		}
		if (*data == ESCAPE && end - data > 1) {
			*to++ = data[0];
			*to++ = data[1];
			n = 2;
			continue;
		}
		n = run_length(data, end - data);
		*to++ = *data;
		if (n > 1) {
			*to++ = '*';
			*to++ = n - 1 + 29;
		}
	}
	return to - start;
}

uint8_t runs_sum(const char *data, size_t len)
{
	const uint64_t even = 0x00ff00ff00ff00ffULL;
	const char *end = data + len;
	uint64_t sums;
	uint8_t sum = 0;

	/* Four sums of 16 bits; only their lowest bytes count, so overflow does not matter. */
	for (sums = 0; end - data >= (long)WORD; data += WORD)
		sums = (sums & even) + (load(data) & even) + (load(data) >> 8 & even);
	for (; sums; sums >>= 16)
		sum += sums;
	while (data < end)
		sum += (uint8_t)*data++;
	return sum;
}
