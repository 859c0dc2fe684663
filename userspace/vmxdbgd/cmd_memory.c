// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets that read, write and search guest memory. Addresses are linear ones
 * of the chosen vCPU, or physical ones (s->physical).
 */
#include <errno.h>
#include <string.h>

#include "cmd_memory.h"
#include "parse.h"
#include "reply.h"
#include "target.h"

/* Bytes that a reply can hold in hex, so that each packet needs one read. */
#define CHUNK	(LINK_PACKET_MAX / 2)

static uint8_t chunk[CHUNK];

static int mem_vcpu(const struct stub *s)
{
	return s->physical ? 0 : s->general;
}

static uint32_t mem_flags(const struct stub *s)
{
	return s->physical ? VMXDBG_MEM_PHYSICAL : 0;
}

/* Limit @len to @room, and to the end of the address space. */
static size_t clip(uint64_t addr, uint64_t len, size_t room)
{
	if (len > room)
		len = room;
	if (len && addr + len - 1 < addr)
		len = -addr;
	return len;
}

static int no_memory(struct stub *s, uint64_t addr, int error)
{
	/* Other stubs report E14 (EFAULT), so users of gdb know it. */
	if (error == -ENXIO)
		error = -EFAULT;
	return reply_error(s, error, "no memory at 0x%llx",
			  (unsigned long long)addr);
}

static ssize_t memory_read(struct stub *s, uint64_t addr, void *data, size_t len)
{
	return s->target->ops->read_mem(s->target, mem_vcpu(s), mem_flags(s),
					addr, data, clip(addr, len, len));
}

/* Write all bytes; a partial write is an error. Return: 0 or -errno. */
static int memory_write(struct stub *s, uint64_t addr, const void *data,
			size_t len)
{
	ssize_t done;

	if (clip(addr, len, len) != len)
		return no_memory(s, 0, -EFAULT);
	if (!len)
		return reply_ok(s);
	done = s->target->ops->write_mem(s->target, mem_vcpu(s), mem_flags(s),
					 addr, data, len);
	if (done < 0)
		return no_memory(s, addr, done);
	if ((size_t)done < len)
		return no_memory(s, addr + done, -EFAULT);
	return reply_ok(s);
}

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
	for (left = clip(addr, want, LINK_PACKET_MAX / 2); left; left -= n) {
		n = memory_read(s, addr, chunk, left < CHUNK ? left : CHUNK);
		if (n <= 0 && !s->reply.len)
			return no_memory(s, addr, n ? n : -EFAULT);
		if (n <= 0)
			break;
		buf_hex(&s->reply, chunk, n);
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
	for (left = clip(addr, want, LINK_PACKET_MAX); left; left -= n) {
		n = memory_read(s, addr, chunk, left < CHUNK ? left : CHUNK);
		if (n <= 0 && s->reply.len == 1)
			return no_memory(s, addr, n ? n : -EFAULT);
		if (n <= 0)
			break;
		sent = buf_escaped(&s->reply, chunk, n, LINK_PACKET_MAX);
		if (sent < (size_t)n)
			break;
		addr += n;
	}
	return 0;
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
	return memory_write(s, addr, args, count);
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
	return memory_write(s, addr, data, count);
}

/* ---- searches and checksums ---- */

/*
 * Each part begins with the last bytes of the part before, so that a pattern
 * across the border of two parts is found.
 */
static int search_memory(struct stub *s, uint64_t addr, uint64_t len,
		  const char *pattern, size_t size)
{
	static char data[2 * LINK_PACKET_MAX];
	const char *found;
	ssize_t n;

	for (;;) {
		size_t part = clip(addr, len, sizeof(data));

		if (part < size)
			break;
		n = memory_read(s, addr, data, part);
		if (n <= 0)
			return no_memory(s, addr, n ? n : -EFAULT);
		found = memmem(data, n, pattern, size);
		if (found) {
			buf_printf(&s->reply, "1,%llx", (unsigned long long)
				   (addr + (found - data)));
			return 0;
		}
		if ((size_t)n < part)
			return no_memory(s, addr + n, -EFAULT);
		addr += part - size + 1;
		len -= part - size + 1;
	}
	buf_puts(&s->reply, "0");
	return 0;
}

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
	return search_memory(s, addr, count, pattern, n);
}

/*
 * CRC of gdb's "compare-sections": not reflected, and not inverted at the end.
 */
static uint32_t crc32_gdb(uint32_t crc, const uint8_t *data, size_t len)
{
	int bit;

	while (len--) {
		crc ^= (uint32_t)*data++ << 24;
		for (bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
	}
	return crc;
}

int cmd_crc(struct stub *s, char *args, size_t len)
{
	uint64_t addr, left;
	uint32_t crc = ~0U;
	const char *p = args;
	ssize_t n;

	if (!parse_span(&p, &addr, &left) || *p)
		return reply_malformed(s);
	/* An unlimited length would keep the daemon busy for ever. */
	if (left > VMXDBG_MEM_MAX)
		return reply_error(s, -E2BIG, "the range is too long");
	for (; left; left -= n, addr += n) {
		n = memory_read(s, addr, chunk, left < CHUNK ? left : CHUNK);
		if (n <= 0)
			return no_memory(s, addr, n ? n : -EFAULT);
		crc = crc32_gdb(crc, chunk, n);
	}
	buf_printf(&s->reply, "C%x", crc);
	return 0;
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
