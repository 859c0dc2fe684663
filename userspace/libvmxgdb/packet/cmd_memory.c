// SPDX-License-Identifier: MIT
/*
 * Packets that read and write guest memory. Addresses are linear ones
 * of the chosen vCPU, or physical ones (s->physical).
 */
#include <errno.h>

#include "guest/memory.h"
#include "guest/reply.h"
#include "guest/trace.h"
#include "guest/trace_buffer.h"
#include "packet/cmd_memory.h"
#include "wire/parse.h"

/* Guest memory, or that of the selected trace frame. */
static ssize_t read_some(struct stub *s, uint64_t addr, void *data, size_t len)
{
	const struct trace_frame *frame = trace_selected(s);

	return frame ? (ssize_t)trace_frame_read(frame, addr, data, len) :
		       memory_read(s, addr, data, len);
}

/* Bytes that a reply can hold in hex, so that each packet needs one read. */
#define CHUNK	(LINK_PACKET_MAX / 2)

/* m ADDR,LEN: the reply may be shorter. */
int cmd_read_memory(struct stub *s, char *args, size_t len)
{
	uint64_t addr, want;
	const char *p = args;
	size_t left;
	ssize_t n;

	/* An empty reply would mean that the packet is unknown. */
	if (!parse_span(&p, &addr, &want) || *p || !want)
		return reply_malformed(s);
	for (left = memory_clip(addr, want, LINK_PACKET_MAX / 2); left; left -= n) {
		n = read_some(s, addr, s->piece, left < CHUNK ? left : CHUNK);
		if (n <= 0 && !s->reply.len)
			return memory_missing(s, addr, n ? n : -EFAULT);
		if (n <= 0)
			break;
		buf_hex(&s->reply, s->piece, n);
		addr += n;
	}
	return 0;
}

/* x ADDR,LEN: like m, with a reply of 'b' and binary data. */
int cmd_read_binary(struct stub *s, char *args, size_t len)
{
	uint64_t addr, want;
	const char *p = args;
	size_t left, sent;
	ssize_t n;

	if (!parse_span(&p, &addr, &want) || *p)
		return reply_malformed(s);
	buf_puts(&s->reply, "b");
	for (left = memory_clip(addr, want, LINK_PACKET_MAX); left; left -= n) {
		n = read_some(s, addr, s->piece, left < CHUNK ? left : CHUNK);
		if (n <= 0 && s->reply.len == 1)
			return memory_missing(s, addr, n ? n : -EFAULT);
		if (n <= 0)
			break;
		sent = buf_escaped(&s->reply, s->piece, n, LINK_PACKET_MAX);
		if (sent < (size_t)n)
			break;
		addr += n;
	}
	return 0;
}

static int write_all(struct stub *s, uint64_t addr, const void *data, size_t len)
{
	int result = memory_write(s, addr, data, len);

	return result < 0 ? result : reply_ok(s);
}

int cmd_write_memory(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	uint64_t addr, count;
	size_t digits;

	if (!parse_span(&p, &addr, &count) || !parse_char(&p, ':'))
		return reply_malformed(s);
	digits = len - (p - args);
	/* The bytes replace their digits in place, and are shorter. */
	if (digits % 2 || digits / 2 != count || !parse_bytes(&p, args, count))
		return reply_malformed(s);
	return write_all(s, addr, args, count);
}

int cmd_write_binary(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	uint64_t addr, count;
	char *data;
	long n;

	if (!parse_span(&p, &addr, &count) || !parse_char(&p, ':'))
		return reply_malformed(s);
	data = args + (p - args);
	n = parse_unescape(data, len - (p - args));
	if (n < 0 || (uint64_t)n != count)
		return reply_malformed(s);
	return write_all(s, addr, data, count);
}

/* ---- physical addresses, with the packets of QEMU's stub ---- */

int cmd_get_physical(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, s->physical ? "1" : "0");
	return 0;
}

int cmd_set_physical(struct stub *s, char *args, size_t len)
{
	if (len != 1 || (*args != '0' && *args != '1'))
		return reply_malformed(s);
	s->physical = *args == '1';
	return reply_ok(s);
}
