// SPDX-License-Identifier: MIT
/*
 * Packets that search guest memory and compute its checksum. They may take long, so each
 * is a job: the debugger can interrupt it, and the program stays awake.
 */
#include <errno.h>
#include <string.h>

#include "guest/memory.h"
#include "guest/page_region.h"
#include "guest/reply.h"
#include "packet/cmd_search.h"
#include "wire/parse.h"

/* Bytes of one slice: some milliseconds. */
#define SLICE		(1 << 20)

/* Holes of one slice; each may take a walk through many page tables. */
#define HOLES		64

/* ---- search ---- */

/* Go on behind a hole. Return: false at the end of the range. */
static bool skip_hole(struct stub *s)
{
	struct job *job = &s->job;
	uint64_t hole = page_hole(s, job->addr);

	if (hole >= job->left)
		return false;
	job->addr += hole;
	job->left -= hole;
	return true;
}

/*
 * Like memmem(), which is made for the worst case. Where the pattern's first byte is rare,
 * memchr() is many times as fast.
 */
static const char *find(const char *data, size_t len, const struct buf *pattern)
{
	const char *p = data, *end = data + len;
	size_t in_vain = 0;

	while ((size_t)(end - p) >= pattern->len) {
		p = memchr(p, pattern->data[0], end - p - pattern->len + 1);
		if (!p || !memcmp(p, pattern->data, pattern->len))
			return p;
		p++;
		if (++in_vain * 64 > (size_t)(p - data) + 1024)
			return memmem(p, end - p, pattern->data, pattern->len);
	}
	return NULL;
}

/*
 * Search one part, which begins with the last bytes of the part before, so that a pattern
 * across the border of two parts is found. Return: 1 if found, 0 if not, -1: at a hole
 */
static int search_part(struct stub *s)
{
	struct job *job = &s->job;
	size_t size = job->pattern.len;
	size_t part = memory_clip(job->addr, job->left, MEMORY_PIECE);
	ssize_t n = memory_read(s, job->addr, s->piece, part);
	const char *found;

	if (n <= 0)
		return -1;
	job->any = true;
	found = find(s->piece, n, &job->pattern);
	if (found) {
		buf_printf(&s->reply, "1,%llx",
			   (unsigned long long)(job->addr + (found - s->piece)));
		return 1;
	}
	/* No match begins in the last bytes in front of a hole. */
	if ((size_t)n >= part)
		n -= size - 1;
	job->addr += n;
	job->left -= n;
	return 0;
}

/* The end of the range. A range without any memory is a mistake of the user's. */
static int not_found(struct stub *s)
{
	if (!s->job.any && s->job.left)
		return memory_missing(s, s->job.addr, -EFAULT);
	buf_puts(&s->reply, "0");
	return 0;
}

static int search_slice(struct stub *s)
{
	size_t done, holes = 0;
	int result;

	for (done = 0; done < SLICE && holes < HOLES; done += MEMORY_PIECE / 2) {
		if (memory_clip(s->job.addr, s->job.left, MEMORY_PIECE) < s->job.pattern.len)
			return not_found(s);
		result = search_part(s);
		if (result > 0)
			return 0;
		if (result < 0) {
			holes++;
			done = 0;
			if (!skip_hole(s))
				return not_found(s);
		}
	}
	return REPLY_LATER;
}

/* qSearch:memory:ADDR;LENGTH;PATTERN */
int cmd_search_memory(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	uint64_t addr, count;
	char *pattern;
	long n;

	if (!parse_hex(&p, &addr) || !parse_char(&p, ';') ||
	    !parse_hex(&p, &count) || !parse_char(&p, ';'))
		return reply_malformed(s);
	pattern = args + (p - args);
	n = parse_unescape(pattern, len - (p - args));
	if (n <= 0)
		return reply_malformed(s);
	s->job = (struct job){ .work = search_slice, .addr = addr, .left = count,
			       .pattern = s->job.pattern };
	buf_clear(&s->job.pattern);
	buf_add(&s->job.pattern, pattern, n);
	return REPLY_LATER;
}

/* ---- checksum ---- */

#define CRC_POLYNOMIAL	0x04c11db7

/* Made for each slice, as several threads may have a stub each: it is the smallest part of it. */
struct crc_table {
	uint32_t of[256];
};

static void make_crc_table(struct crc_table *table)
{
	uint32_t i, crc;
	int bit;

	for (i = 0; i < 256; i++) {
		crc = i << 24;
		for (bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? CRC_POLYNOMIAL : 0);
		table->of[i] = crc;
	}
}

/*
 * CRC of gdb's "compare-sections": not reflected, and not inverted at the end.
 */
static uint32_t crc32_gdb(const struct crc_table *table, uint32_t crc, const uint8_t *data,
			  size_t len)
{
	while (len--)
		crc = crc << 8 ^ table->of[crc >> 24 ^ *data++];
	return crc;
}

static int crc_slice(struct stub *s)
{
	struct job *job = &s->job;
	struct crc_table table;
	size_t done;
	ssize_t n;

	make_crc_table(&table);
	for (done = 0; done < SLICE && job->left; done += n) {
		n = memory_read(s, job->addr, s->piece,
				job->left < MEMORY_PIECE ? job->left : MEMORY_PIECE);
		if (n <= 0)
			return memory_missing(s, job->addr, n ? n : -EFAULT);
		job->crc = crc32_gdb(&table, job->crc, (uint8_t *)s->piece, n);
		job->addr += n;
		job->left -= n;
	}
	if (job->left)
		return REPLY_LATER;
	buf_printf(&s->reply, "C%x", job->crc);
	return 0;
}

/* qCRC:ADDR,LENGTH */
int cmd_crc(struct stub *s, char *args, size_t len)
{
	uint64_t addr, left;
	const char *p = args;

	if (!parse_span(&p, &addr, &left) || *p)
		return reply_malformed(s);
	s->job = (struct job){ .work = crc_slice, .addr = addr, .left = left, .crc = ~0U,
			       .pattern = s->job.pattern };
	return REPLY_LATER;
}
