// SPDX-License-Identifier: MIT
/* Monitor commands: how often each breakpoint was hit, and what the hits have printed. */
#include "guest/bp_code.h"
#include "guest/records.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "guest/terminal.h"
#include "monitor/monitor_command.h"

static const char *place(const struct bp *bp)
{
	static const char * const names[] = {
		[BP_SOFT] = "breakpoint", [BP_HARD] = "hardware breakpoint",
		[BP_WRITE] = "watchpoint for writes", [BP_READ] = "watchpoint for reads",
		[BP_ACCESS] = "watchpoint",
	};

	return names[bp->key.type];
}

static const char *condition(const struct bp *bp)
{
	if (!bp->code)
		return "";
	if (bp_code_commands(bp->code))
		return ", prints";
	return bp->left_to_gdb ? ", gdb evaluates the condition" : ", with a condition";
}

/*
 * While the guest is stopped, gdb has removed all its breakpoints. Those are shown as
 * well, because gdb inserts them again.
 */
static int mon_hits(struct stub *s, int argc, char **argv)
{
	const struct bp_table *t = &s->bp_table;
	uint64_t hits;
	size_t i;
	int result;

	if (argc != 1)
		return monitor_usage(s);
	if (!t->count)
		reply_console(s, "there is no breakpoint\n");
	for (i = 0; i < t->count; i++) {
		result = target_call(s->target, hits, t->bps[i]->id, &hits);
		if (result < 0)
			return result;
		reply_console(s, "%s at 0x%llx: %llu hit%s%s\n", place(t->bps[i]),
			      ull(t->bps[i]->key.addr), ull(hits), hits == 1 ? "" : "s", condition(t->bps[i]));
	}
	return 0;
}

static int mon_prints(struct stub *s, int argc, char **argv)
{
	if (argc != 1)
		return monitor_usage(s);
	records_drain(s, true);
	if (!terminal_show(s))
		reply_console(s, "nothing was printed\n");
	return 0;
}

const struct monitor_command monitor_hits[] = {
	{ "hits", "", "show how often each breakpoint was hit", .handler = mon_hits,
	  .more = "Hits whose condition was false do not count. A breakpoint is counted from "
		  "when gdb inserts it first, or with another condition.\n" },
	{ "prints", "", "show what hits have printed in non-stop mode", .handler = mon_prints,
	  .more = "The text of dprintf by the agent and of recorded events, for which the "
		  "non-stop protocol has no packet. The last MiB is kept until it is shown.\n" },
	{ 0 },
};
