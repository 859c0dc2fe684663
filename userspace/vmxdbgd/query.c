// SPDX-License-Identifier: GPL-2.0-only
/* What the conversation is like: features, documents, its end. */
#include <errno.h>
#include <string.h>

#include "commands.h"

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
 * A debugger says this once, first. On a serial line, where none is ever seen
 * to go, it is how we notice that there is a new one: it wants
 * acknowledgments, and the guest stopped.
 */
int cmd_supported(struct stub *s, char *args, size_t len)
{
	char *feature, *rest;

	if (s->link.no_ack || s->running) {
		if (s->link.no_ack)
			s->write(s->context, "+", 1);
		s->link.no_ack = false;
		stub_restart(s);
	}
	s->swbreak = s->hwbreak = s->text_errors = false;
	for (feature = strtok_r(args, ";", &rest); feature;
	     feature = strtok_r(NULL, ";", &rest))
		client_feature(s, feature);
	/* PacketSize is in hex, as all numbers here. */
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
	return stub_ok(s);
}

/* We never made the guest, so gdb, when it quits, lets go and kills not. */
int cmd_attached(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "1");
	return 0;
}

int cmd_symbol(struct stub *s, char *args, size_t len)
{
	return stub_ok(s);
}

/* ---- documents, read in pieces: OFFSET,LENGTH ---- */

static int read_document(struct stub *s, const char *span)
{
	uint64_t offset, len, left;
	size_t sent;

	if (!parse_span(&span, &offset, &len) || *span)
		return stub_malformed(s);
	if (offset > s->document.len)
		return stub_error(s, -EINVAL, "beyond the end of the document");
	left = s->document.len - offset;
	if (len > left)
		len = left;
	buf_puts(&s->reply, "m");
	sent = buf_escaped(&s->reply, s->document.data + offset, len,
			   LINK_PACKET_MAX);
	if (sent == left)
		s->reply.data[0] = 'l';
	return 0;
}

int cmd_read_features(struct stub *s, char *args, size_t len)
{
	static const char annex[] = "target.xml:";

	if (strncmp(args, annex, strlen(annex))) {
		/* E00: no such annex; there is no text for it. */
		buf_puts(&s->reply, "E00");
		return 0;
	}
	buf_clear(&s->document);
	layout_xml(s->layout, &s->document);
	return read_document(s, args + strlen(annex));
}

int cmd_read_threads(struct stub *s, char *args, size_t len)
{
	/* The annex is empty. */
	if (*args != ':')
		return stub_malformed(s);
	buf_clear(&s->document);
	threads_xml(s, &s->document);
	return read_document(s, args + 1);
}

/* ---- the end ---- */

int cmd_detach(struct stub *s, char *args, size_t len)
{
	s->finished = true;
	return stub_ok(s);
}

/*
 * The guest belongs to its VMM, and a debugger that came to look on does not
 * take it along: kill means detach. It has no reply.
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
		return stub_malformed(s);
	line[len / 2] = '\0';
	return monitor_command(s, line);
}
