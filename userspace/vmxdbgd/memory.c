// SPDX-License-Identifier: GPL-2.0-only
/* The guest's memory, as the chosen vCPU sees it or by physical address. */
#include <errno.h>
#include <string.h>

#include "commands.h"

/* As much as a reply can hold in hex: one read for each packet. */
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

/* The kernel must never see a range that wraps around. */
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
	/* gdb's users know E14, EFAULT, from other stubs. */
	if (error == -ENXIO)
		error = -EFAULT;
	return stub_error(s, error, "no memory at 0x%llx",
			  (unsigned long long)addr);
}

ssize_t memory_read(struct stub *s, uint64_t addr, void *data, size_t len)
{
	return s->target->ops->read_mem(s->target, mem_vcpu(s), mem_flags(s),
					addr, data, clip(addr, len, len));
}

/* All of it or an error: a debugger has no use for half a write. */
static int memory_write(struct stub *s, uint64_t addr, const void *data,
			size_t len)
{
	ssize_t done;

	if (clip(addr, len, len) != len)
		return no_memory(s, 0, -EFAULT);
	if (!len)
		return stub_ok(s);
	done = s->target->ops->write_mem(s->target, mem_vcpu(s), mem_flags(s),
					 addr, data, len);
	if (done < 0)
		return no_memory(s, addr, done);
	if ((size_t)done < len)
		return no_memory(s, addr + done, -EFAULT);
	return stub_ok(s);
}

/* m ADDR,LEN: as much as there is and as fits. */
int cmd_read_memory(struct stub *s, char *args, size_t len)
{
	uint64_t addr, want;
	const char *p = args;
	size_t left;
	ssize_t n;

	/* An empty reply would say that we do not know the packet. */
	if (!parse_span(&p, &addr, &want) || *p || !want)
		return stub_malformed(s);
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

/* x ADDR,LEN: the same, the reply in binary after a 'b'. */
int cmd_read_binary(struct stub *s, char *args, size_t len)
{
	uint64_t addr, want;
	const char *p = args;
	size_t left, sent;
	ssize_t n;

	if (!parse_span(&p, &addr, &want) || *p)
		return stub_malformed(s);
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
		return stub_malformed(s);
	digits = len - (p - args);
	/* The bytes are shorter than their digits: they go in the same place. */
	if (digits % 2 || digits / 2 != count || !parse_bytes(&p, args, count))
		return stub_malformed(s);
	return memory_write(s, addr, args, count);
}

int cmd_write_binary(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	uint64_t addr, count;
	char *data;
	long n;

	if (!parse_span(&p, &addr, &count) || !parse_char(&p, ':'))
		return stub_malformed(s);
	data = args + (p - args);
	n = parse_unescape(data, len - (p - args));
	if (n < 0 || (uint64_t)n != count)
		return stub_malformed(s);
	return memory_write(s, addr, data, count);
}

/* ---- searches and sums: what gdb would otherwise read all memory for ---- */

/*
 * Each part begins with the last bytes of the one before, so that a pattern
 * that lies across two is found.
 */
static int search(struct stub *s, uint64_t addr, uint64_t len,
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
		return stub_malformed(s);
	pattern = args + (p - args);
	n = parse_unescape(pattern, len - (p - args));
	if (n <= 0)
		return stub_malformed(s);
	return search(s, addr, count, pattern, n);
}

/* The CRC of gdb's "compare-sections": no reflection, no final inversion. */
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
		return stub_malformed(s);
	/* Nobody compares more; and nobody shall wait for a year. */
	if (left > VMXDBG_MEM_MAX)
		return stub_error(s, -E2BIG, "too long");
	for (; left; left -= n, addr += n) {
		n = memory_read(s, addr, chunk, left < CHUNK ? left : CHUNK);
		if (n <= 0)
			return no_memory(s, addr, n ? n : -EFAULT);
		crc = crc32_gdb(crc, chunk, n);
	}
	buf_printf(&s->reply, "C%x", crc);
	return 0;
}

/* ---- physical addresses, by the packets that QEMU's stub has for it ---- */

int cmd_get_physical(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, s->physical ? "1" : "0");
	return 0;
}

int cmd_set_physical(struct stub *s, char *args, size_t len)
{
	if (len != 1 || (*args != '0' && *args != '1'))
		return stub_malformed(s);
	s->physical = *args == '1';
	return stub_ok(s);
}
