// SPDX-License-Identifier: GPL-2.0-only
/* Packets about the conversation itself: features, its end, user commands. */
#include <string.h>

#include "cmd_session.h"
#include "command.h"
#include "conversation.h"
#include "monitor.h"
#include "parse.h"
#include "reply.h"
#include "stub_types.h"

static void client_feature(struct stub *s, const char *feature)
{
	if (!strcmp(feature, "swbreak+"))
		s->swbreak = true;
	else if (!strcmp(feature, "hwbreak+"))
		s->hwbreak = true;
	else if (!strcmp(feature, "error-message+"))
		s->text_errors = true;
}

/*
 * The first packet of each debugger, sent once. A serial line does not show
 * that a debugger has gone, so this packet shows that there is a new one. It
 * expects acknowledgments and a stopped guest.
 */
int cmd_supported(struct stub *s, char *args, size_t len)
{
	char *feature, *rest;

	if (s->link.no_ack || s->running) {
		if (s->link.no_ack)
			s->write(s->context, "+", 1);
		s->link.no_ack = false;
		conversation_begin(s);
	}
	s->swbreak = s->hwbreak = s->text_errors = false;
	for (feature = strtok_r(args, ";", &rest); feature;
	     feature = strtok_r(NULL, ";", &rest))
		client_feature(s, feature);
	/* PacketSize is in hex. */
	buf_printf(&s->reply,
		   "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;"
		   "qXfer:threads:read+;vContSupported+;swbreak+;hwbreak+;"
		   "binary-upload+;error-message+",
		   LINK_PACKET_MAX);
	return 0;
}

int cmd_no_ack(struct stub *s, char *args, size_t len)
{
	s->link.no_ack = true;
	return reply_ok(s);
}

/* "1" means that the debuggee existed before: gdb detaches when it quits. */
int cmd_attached(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "1");
	return 0;
}

int cmd_symbol(struct stub *s, char *args, size_t len)
{
	return reply_ok(s);
}

int cmd_detach(struct stub *s, char *args, size_t len)
{
	s->finished = true;
	return reply_ok(s);
}

/*
 * Kill means detach, because the guest belongs to its VMM. The packet has no
 * reply.
 */
int cmd_kill(struct stub *s, char *args, size_t len)
{
	s->finished = true;
	return COMMAND_SILENT;
}

int cmd_monitor(struct stub *s, char *args, size_t len)
{
	char line[256];
	const char *p = args;

	if (len % 2 || len / 2 >= sizeof(line) ||
	    !parse_bytes(&p, line, len / 2))
		return reply_malformed(s);
	line[len / 2] = '\0';
	return monitor_run(s, line);
}
