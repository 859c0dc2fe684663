// SPDX-License-Identifier: MIT
/* Packets about the conversation itself: features and user commands. */
#include <string.h>

#include "guest/conversation.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "monitor/monitor.h"
#include "packet/cmd_documents.h"
#include "packet/cmd_session.h"
#include "wire/parse.h"

static void client_feature(struct stub *s, const char *feature)
{
	if (!strcmp(feature, "swbreak+"))
		s->swbreak = true;
	else if (!strcmp(feature, "hwbreak+"))
		s->hwbreak = true;
	else if (!strcmp(feature, "error-message+"))
		s->text_errors = true;
	else if (!strcmp(feature, "multi-wp-addr+"))
		s->multi_watch = true;
	else if (!strcmp(feature, "multiprocess+"))
		s->multiprocess = true;
}

/*
 * On a serial line nobody sees that a debugger has gone: a second introduction shows
 * that there is a new one, which expects acknowledgments and a stopped guest. lldb
 * switches the acknowledgments off before its only introduction.
 */
static void begin_again(struct stub *s)
{
	if (s->link.no_ack)
		link_ack(&s->link);
	s->link.no_ack = false;
	conversation_again(s);
}

int cmd_supported(struct stub *s, char *args, size_t len)
{
	char *feature, *rest;

	if ((s->introduced && s->link.no_ack) || s->running)
		begin_again(s);
	s->introduced = true;
	s->swbreak = s->hwbreak = s->text_errors = s->multiprocess = s->multi_watch = false;
	for (feature = strtok_r(args, ":;", &rest); feature;
	     feature = strtok_r(NULL, ";", &rest))
		client_feature(s, feature);
	/* PacketSize is in hex. */
	buf_printf(&s->reply,
		   "PacketSize=%x;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak+;"
		   "binary-upload+;error-message+;multiprocess+;QNonStop+;QPassSignals+;"
		   "ConditionalBreakpoints+",
		   LINK_PACKET_MAX);
	/* gdb asks for it around each step over a breakpoint, for the sake of other vCPUs. */
	if (!s->attached || !vcpu_is_alone(s))
		buf_puts(&s->reply, ";QThreadEvents+");
	if (s->target->ops->add_bp && s->target->ops->get_msrs)
		buf_puts(&s->reply, ";QCatchSyscalls+");
	if (s->target->ops->ring_open)
		buf_puts(&s->reply, ";BreakpointCommands+;ConditionalTracepoints+;TracepointSource+;"
			 "EnableDisableTracepoints+;QTBuffer:size+;tracenz+;InstallInTrace+");
	if (s->target->ops->ring_open && s->may_stay)
		buf_puts(&s->reply, ";DisconnectedTracing+");
	documents_features(s, &s->reply);
	return 0;
}

/* A debugger that asks for it twice is a new one on a line, and expects a '+'. */
int cmd_no_ack(struct stub *s, char *args, size_t len)
{
	if (s->link.no_ack) {
		link_ack(&s->link);
		conversation_again(s);
	}
	s->link.no_ack = true;
	return reply_ok(s);
}

int cmd_symbol(struct stub *s, char *args, size_t len)
{
	return reply_ok(s);
}

int cmd_monitor(struct stub *s, char *args, size_t len)
{
	const char *p = args;

	/* The bytes replace their digits in place, and are shorter. */
	if (len % 2 || !parse_bytes(&p, args, len / 2))
		return reply_malformed(s);
	args[len / 2] = '\0';
	return monitor_run(s, args);
}
