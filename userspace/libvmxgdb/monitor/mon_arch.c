// SPDX-License-Identifier: MIT
/* Monitor command about the registers and the code that the debugger sees. */
#include <errno.h>
#include <string.h>

#include "guest/bp_table.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/trace.h"
#include "monitor/monitor_command.h"

static int layout_now(struct stub *s, const struct layout **layout)
{
	int result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_GENERAL |
				      1U << VMXDBG_REGS_SYSTEM);

	if (result == 0)
		*layout = layout_of_mode(&s->vcpus[s->general]->regs);
	return result;
}

/* Breakpoints and tracepoints have numbers of registers. */
static int change(struct stub *s, const struct layout *layout)
{
	if (s->trace.running)
		return reply_error(s, -EBUSY, "a trace runs, and knows registers by their numbers: tstop");
	bp_table_flush(s);
	trace_reset(s);
	s->layout = layout;
	s->knows_g = false;
	s->document = NULL;
	return 0;
}

static int mon_arch(struct stub *s, int argc, char **argv)
{
	const struct layout *layout = s->layout;
	int result = 0;

	if (argc == 2 && !strcmp(argv[1], "auto"))
		result = layout_now(s, &layout);
	else if (argc == 2)
		layout = layout_find(argv[1]);
	if (argc > 2 || !layout)
		return monitor_usage(s);
	if (result == 0 && layout != s->layout)
		result = change(s, layout);
	if (result < 0)
		return result;
	reply_console(s, "registers and code are those of %s\n", layout->name);
	if (argc == 2)
		reply_console(s, "gdb takes it from \"unset tdesc filename\"\n");
	return 0;
}

const struct monitor_command monitor_arch[] = {
	{ "arch", "[x86-64|i386|i8086|auto]", "choose the registers and the code that gdb sees",
	  .more = "auto is by the mode in which the vCPU is. vmx-arch of vmxdbg.gdb tells gdb as well.\n",
	  .handler = mon_arch },
	{ 0 },
};
