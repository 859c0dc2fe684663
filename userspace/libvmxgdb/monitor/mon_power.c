// SPDX-License-Identifier: MIT
/* Monitor commands about the life of the guest. */
#include "guest/event_words.h"
#include "guest/reply.h"
#include "guest/restart.h"
#include "guest/vcpus.h"
#include "monitor/monitor_command.h"

/* Return: the vCPU at which a catchpoint has stopped the VMM before the reset, or -1. */
static int caught(const struct stub *s)
{
	int i;

	for_each_vcpu(s, i)
		if (s->vcpus[i]->why.event.why & VMXDBG_WHY_CATCH)
			return i;
	return -1;
}

static int reset_done(struct stub *s, int result)
{
	BUF_ON_STACK(text, 900);
	int vcpu = result < 0 ? -1 : caught(s);

	if (vcpu >= 0) {
		event_put_catchpoints(s, &s->vcpus[vcpu]->why, &text);
		reply_console(s, "%sthe reset goes on with \"continue\"\n", text.data);
	} else if (result == 0) {
		reply_console(s, "the guest begins again: \"maintenance flush register-cache\" shows it to gdb\n");
	}
	/* Without a job the command ends as any other. */
	return s->job.work ? monitor_end(s, "reset", result) : result;
}

static int mon_reset(struct stub *s, int argc, char **argv)
{
	return argc == 1 ? restart_guest(s, true, reset_done) : monitor_usage(s);
}

const struct monitor_command monitor_power[] = {
	{ "reset", "", "start the guest from its beginning, if its VMM can do that",
	  .handler = mon_reset },
	{ "system_reset", "", "the same: QEMU's word", .handler = mon_reset },
	{ 0 },
};
