// SPDX-License-Identifier: MIT
/* "xp/NFU ADDR": physical memory with the words and the output of QEMU's monitor. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/memory.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "monitor/mon_disas.h"
#include "monitor/monitor_command.h"

#define BYTES_MAX	65536

struct format {
	unsigned long count;
	char letter;		/* x, d, u, o, c, or i: instructions */
	unsigned int size;
};

/* N, a format and a size in any order of letters, as gdb has them too */
static bool parse_format(const char *text, struct format *f)
{
	char *end;

	*f = (struct format){ .count = 1, .letter = 'x', .size = 4 };
	if (*text >= '0' && *text <= '9') {
		f->count = strtoul(text, &end, 10);
		text = end;
	}
	for (; *text; text++) {
		const char *units = "b h w   g", *unit = strchr(units, *text);

		if (*text != ' ' && unit)
			f->size = unit == units ? 1 : unit - units;
		else if (strchr("xduoci", *text))
			f->letter = *text;
		else
			return false;
	}
	if (f->letter == 'c')
		f->size = 1;
	return f->count > 0;
}

static void put_value(struct buf *out, const struct format *f, const uint8_t *data)
{
	unsigned int bits = f->size * 8, shift = 64 - bits;
	uint64_t value = 0;

	memcpy(&value, data, f->size);
	switch (f->letter) {
	case 'x':
		buf_printf(out, " 0x%0*llx", (int)bits / 4, ull(value));
		break;
	case 'o':
		buf_printf(out, " %#*llo", (int)(bits + 2) / 3, ull(value));
		break;
	case 'u':
		buf_printf(out, " %*llu", (int)(bits * 10 + 32) / 33, ull(value));
		break;
	case 'd':
		buf_printf(out, " %*lld", (int)(bits * 10 + 32) / 33,
			   (long long)(value << shift) >> shift);
		break;
	case 'c':
		if (value >= 0x20 && value < 0x7f)
			buf_printf(out, strchr("'\\", value) ? " '\\%c'" : " '%c'", (char)value);
		else
			buf_printf(out, " '\\x%02x'", (unsigned int)value);
		break;
	}
}

static int show_line(struct stub *s, const struct format *f, uint64_t addr, size_t len)
{
	BUF_ON_STACK(text, 400);
	uint8_t data[16];
	ssize_t n = s->target->ops->read_mem(s->target, 0, VMXDBG_MEM_PHYSICAL, addr, data, len);
	size_t at;

	if (n < (ssize_t)f->size)
		return reply_error(s, -EFAULT, "no memory at physical 0x%llx", ull(addr));
	buf_printf(&text, "%016llx:", ull(addr));
	for (at = 0; at + f->size <= (size_t)n; at += f->size)
		put_value(&text, f, data + at);
	reply_console(s, "%s\n", text.data);
	return at;
}

static int mon_xp(struct stub *s, int argc, char **argv)
{
	struct format f;
	uint64_t addr;
	size_t left, line;
	int result;

	if (argc < 2 || argc > 3 || !parse_format(argc == 3 ? argv[1] + (*argv[1] == '/') : "", &f))
		return monitor_usage(s);
	result = monitor_address(s, argv[argc - 1], &addr);
	if (result < 0)
		return result;
	if (f.letter == 'i' && f.count > DISAS_MAX)
		return reply_error(s, -E2BIG, "at most %u instructions", DISAS_MAX);
	if (f.letter == 'i')
		return disas_show(s, &(struct disas){ .addr = addr, .physical = true,
						      .count = f.count });
	if (f.count > BYTES_MAX / f.size)
		return reply_error(s, -E2BIG, "at most %u bytes", BYTES_MAX);
	left = f.count * f.size;
	if (memory_clip(addr, left, left) != left)
		return reply_error(s, -EFAULT, "the address space ends before");
	for (; left; left -= result, addr += result) {
		line = f.size == 1 ? 8 : 16;
		result = show_line(s, &f, addr, left < line ? left : line);
		if (result < 0)
			return result;
	}
	return 0;
}

const struct monitor_command monitor_xp[] = {
	{ "xp", "[/NFU] ADDR", "show physical memory as QEMU's monitor: xp/4xg 0x1000",
	  .more = "N is a count, F one of x d u o c i, U one of b h w g.\n", .handler = mon_xp },
	{ 0 },
};
