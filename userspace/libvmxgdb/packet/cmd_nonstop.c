// SPDX-License-Identifier: MIT
/* Packets of the non-stop protocol. */
#include "guest/reply.h"
#include "guest/resume.h"
#include "guest/signals.h"
#include "guest/stops.h"
#include "guest/vcpus.h"
#include "packet/cmd_nonstop.h"

/* QNonStop:0 or 1. The guest is stopped, and gdb asks with '?' for all stops. */
int cmd_non_stop(struct stub *s, char *args, size_t len)
{
	if (len != 1 || (*args != '0' && *args != '1'))
		return reply_malformed(s);
	s->notified = s->first_only = false;
	if (s->non_stop && *args == '0' && s->attached) {
		s->non_stop = false;
		stops_all(s);
		stops_initial(s);
	}
	s->non_stop = *args == '1';
	return reply_ok(s);
}

/*
 * QThreadEvents:0 or 1: whether new vCPUs stop and are reported. The target has no event
 * for them, so they are noticed with the next event. vCPUs never end before the VM.
 */
int cmd_thread_events(struct stub *s, char *args, size_t len)
{
	if (len != 1 || (*args != '0' && *args != '1'))
		return reply_malformed(s);
	s->thread_events = *args == '1';
	return reply_ok(s);
}

/* vStopped: the last stop has arrived; the reply is the next one. */
int cmd_stopped(struct stub *s, char *args, size_t len)
{
	if (s->gone) {
		s->notified = false;
		return reply_ok(s);
	}
	stops_next(s);
	return 0;
}

/* vCtrlC: as 0x03, but with a reply */
int cmd_interrupt(struct stub *s, char *args, size_t len)
{
	int i, result = 0;

	if (!s->non_stop) {
		reply_ok(s);
		if (!s->running)
			return 0;
		/* The stop reply is the reply to the packet that resumed. */
		reply_send(s);
		resume_stop(s, SIGNAL_INT);
		return REPLY_SENT;
	}
	for_each_vcpu(s, i) {
		if (!s->vcpus[i]->runs)
			continue;
		result = stops_one(s, i, SIGNAL_INT);
		break;
	}
	return result < 0 ? result : reply_ok(s);
}
