// SPDX-License-Identifier: MIT
/* Monitor commands that show memory and addresses. */
#include <errno.h>

#include "guest/memory.h"
#include "guest/pause.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "monitor/monitor_command.h"

static int mon_translate(struct stub *s, int argc, char **argv)
{
	struct vmxdbg_translate to;
	uint64_t addr;
	bool paused;
	int result;

	if (argc != 2 || !monitor_number(argv[1], &addr))
		return monitor_usage(s);
	result = pause_begin(s, s->general, &paused);
	if (result < 0)
		return result;
	result = target_call(s->target, translate, s->general, addr, &to);
	pause_end(s, s->general, paused);
	if (result == -ENXIO)
		return reply_error(s, result, "the address is not mapped");
	if (result < 0)
		return result;
	reply_console(s, "0x%llx is at physical 0x%llx, in a page of 0x%llx bytes, r%c%c %s\n",
		     ull(addr), ull(to.gpa), ull(to.page_size),
		     to.flags & VMXDBG_PAGE_WRITE ? 'w' : '-',
		     to.flags & VMXDBG_PAGE_EXEC ? 'x' : '-',
		     to.flags & VMXDBG_PAGE_USER ? "user" : "supervisor");
	return 0;
}

static void show_line(struct stub *s, uint64_t addr, const uint8_t *data,
		      size_t len)
{
	BUF_ON_STACK(hex, 64);
	BUF_ON_STACK(text, 32);
	size_t i;

	for (i = 0; i < len; i++) {
		buf_printf(&hex, " %02x", data[i]);
		buf_printf(&text, "%c",
			   data[i] >= 0x20 && data[i] < 0x7f ? data[i] : '.');
	}
	reply_console(s, "%012llx %-48s  %s\n", ull(addr), hex.data, text.data);
}

static int mon_phys(struct stub *s, int argc, char **argv)
{
	uint64_t addr, len = 64;
	uint8_t data[4096];
	size_t at, line;
	ssize_t n;

	if (argc < 2 || argc > 3 || !monitor_number(argv[1], &addr) ||
	    (argc == 3 && !monitor_number(argv[2], &len)))
		return monitor_usage(s);
	if (!len || len > sizeof(data))
		return reply_error(s, -E2BIG, "LEN is 1 to %zu", sizeof(data));
	len = memory_clip(addr, len, len);
	n = s->target->ops->read_mem(s->target, 0, VMXDBG_MEM_PHYSICAL, addr,
				     data, len);
	if (n <= 0)
		return reply_error(s, -EFAULT, "no memory at physical 0x%llx",
				  ull(addr));
	for (at = 0; at < (size_t)n; at += line) {
		line = n - at < 16 ? n - at : 16;
		show_line(s, addr + at, data + at, line);
	}
	return 0;
}

static int mon_physical(struct stub *s, int argc, char **argv)
{
	return monitor_flag(s, argc, argv, &s->physical);
}

const struct monitor_command monitor_memory[] = {
	{ "translate", "ADDR", "translate a linear address to a physical one",
	  .handler = mon_translate },
	{ "phys", "ADDR [LEN]", "show physical memory", .handler = mon_phys },
	{ "physical", "[on|off]", "let gdb read and write physical addresses",
	  .handler = mon_physical },
	{ 0 },
};
