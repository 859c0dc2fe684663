// SPDX-License-Identifier: MIT
/* Monitor command about the guest's time while a debugger has stopped it. */
#include <errno.h>
#include <string.h>

#include "guest/guest_time.h"
#include "guest/reply.h"
#include "guest/vcpus.h"
#include "monitor/monitor_command.h"

static bool any_runs(const struct stub *s)
{
	int i;

	for_each_vcpu(s, i)
		if (s->vcpus[i]->runs)
			return true;
	return false;
}

static void show(struct stub *s)
{
	const char *now = any_runs(s) ? "goes on" : "stands still";

	if (s->time_runs)
		reply_console(s, "the guest's time goes on while its vCPUs are stopped\n");
	else
		reply_console(s, "the guest's time stands still while all vCPUs are stopped; now it %s\n",
			      now);
}

static int mon_time(struct stub *s, int argc, char **argv)
{
	bool run = argc == 2 && !strcmp(argv[1], "run");
	int result = 0;

	if (argc > 2 || (argc == 2 && !run && strcmp(argv[1], "stop")))
		return monitor_usage(s);
	if (argc == 2)
		result = guest_time_set(s, run);
	if (result == -EOPNOTSUPP)
		return reply_error(s, result, "here the guest's time cannot be held");
	if (result == 0)
		show(s);
	return result;
}

const struct monitor_command monitor_time[] = {
	{ "time", "[stop|run]", "hold the guest's time while all vCPUs are stopped, or let it run",
	  .more = "Its TSC, and the VMM's timers if that takes part, stand still meanwhile.\n",
	  .handler = mon_time },
	{ 0 },
};
