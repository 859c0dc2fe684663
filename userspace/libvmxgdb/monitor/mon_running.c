// SPDX-License-Identifier: MIT
/* Monitor commands about steps and breakpoints. */
#include <string.h>

#include "guest/bp_table.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "monitor/monitor_command.h"

static int mon_irqs(struct stub *s, int argc, char **argv)
{
	return monitor_flag(s, argc, argv, &s->step_irqs);
}

/*
 * While the guest is stopped, gdb has removed all its breakpoints, but the
 * target keeps them until something runs. Flush them, so that none of them is
 * used again with the old address space.
 */
static int mon_space(struct stub *s, int argc, char **argv)
{
	struct bp_table *t = &s->bp_table;
	int result;

	if (argc == 2 && !strcmp(argv[1], "this")) {
		result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_SYSTEM);
		if (result < 0)
			return result;
		t->cr3 = s->vcpus[s->general].regs.system.cr3 &
			 0x000ffffffffff000ULL;
		t->one_space = true;
	} else if (argc == 2 && !strcmp(argv[1], "any")) {
		t->one_space = false;
	} else if (argc != 1) {
		return monitor_usage(s);
	}
	bp_table_flush(s);
	if (t->one_space)
		reply_console(s, "new breakpoints stop only in the address space of cr3 0x%llx\n",
			     ull(t->cr3));
	else
		reply_console(s, "new breakpoints stop in any address space\n");
	return 0;
}

const struct monitor_command monitor_running[] = {
	{ "irqs", "[on|off]", "let interrupts into steps", .handler = mon_irqs },
	{ "space", "[this|any]",
	  "let new breakpoints stop only in the vCPU's address space, or in any",
	  .handler = mon_space },
	{ 0 },
};
