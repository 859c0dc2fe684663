// SPDX-License-Identifier: MIT
/* Monitor commands about the life of the guest. */
#include "guest/conversation.h"
#include "guest/reply.h"
#include "monitor/monitor_command.h"

static int mon_reset(struct stub *s, int argc, char **argv)
{
	int result = conversation_reset(s);

	if (result < 0)
		return result;
	reply_console(s, "the guest begins again: \"maintenance flush register-cache\" shows it to gdb\n");
	return 0;
}

const struct monitor_command monitor_power[] = {
	{ "reset", "", "start the guest from its beginning, if its VMM can do that",
	  .handler = mon_reset },
	{ 0 },
};
