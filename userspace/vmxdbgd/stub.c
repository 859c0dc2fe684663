// SPDX-License-Identifier: GPL-2.0-only
/*
 * One debugger's conversation: calls the handler of each packet, and sends the
 * reply.
 */
#include <errno.h>

#include "bp_table.h"
#include "commands.h"
#include "conversation.h"
#include "reply.h"
#include "resume.h"
#include "stops.h"
#include "stub.h"

/* Larger than any target description or list of 64 threads. */
#define DOCUMENT_MAX	0x8000

/* ---- callbacks of the link ---- */

static void stub_packet(void *owner, char *data, size_t len)
{
	struct stub *s = owner;
	size_t name_len;
	const struct command *c = command_find(data, &name_len);
	bool binary = *data == 'x';
	int result;

	buf_clear(&s->reply);
	s->error[0] = '\0';
	/* The reply to an unknown packet is the empty packet. */
	if (!c)
		result = 0;
	else if (s->running && !c->running)
		result = reply_error(s, -EBUSY, "the guest is running");
	else
		result = c->handler(s, data + name_len, len - name_len);

	if (result == COMMAND_SILENT)
		return;
	if (result < 0)
		reply_put_error(s, result, c->text_error);
	reply_send(s, !binary);
}

static void stub_damaged(void *owner, const char *why)
{
	struct stub *s = owner;

	/*
	 * The debugger waits for a stop reply, and would take an error for it.
	 */
	if (s->running)
		return;
	reply_error(s, -EBADMSG, "%s", why);
	reply_put_error(s, -EBADMSG, false);
	reply_send(s, true);
}

static void stub_interrupt(void *owner)
{
	struct stub *s = owner;

	/*
	 * If the guest has stopped, the stop reply and the 0x03 have crossed.
	 */
	if (s->running)
		resume_stop(s, SIGNAL_INT);
}

static void stub_write(void *owner, const void *data, size_t len)
{
	struct stub *s = owner;

	s->write(s->context, data, len);
}

static const struct link_ops link_ops = {
	.packet = stub_packet,
	.damaged = stub_damaged,
	.interrupt = stub_interrupt,
	.write = stub_write,
};

/* ---- lifetime ---- */

bool stub_init(struct stub *s, struct target *target,
	       const struct layout *layout,
	       void (*write)(void *context, const void *data, size_t len),
	       void *context)
{
	*s = (struct stub){
		.target = target,
		.layout = layout,
		.write = write,
		.context = context,
	};
	if (link_init(&s->link, &link_ops, s) &&
	    buf_alloc(&s->reply, LINK_PACKET_MAX) &&
	    buf_alloc(&s->stop_reply, 512) &&
	    buf_alloc(&s->document, DOCUMENT_MAX))
		return true;
	stub_free(s);
	return false;
}

void stub_free(struct stub *s)
{
	if (s->link.in)
		link_free(&s->link);
	buf_free(&s->reply);
	buf_free(&s->stop_reply);
	buf_free(&s->document);
	bp_table_forget(s);
}

int stub_connect(struct stub *s)
{
	int i, result;

	link_reset(&s->link);
	for (i = 0; i < VCPUS_MAX; i++)
		s->vcpus[i].pending = false;
	result = conversation_begin(s);
	s->connected = result == 0;
	return result;
}

void stub_disconnect(struct stub *s)
{
	s->connected = false;
	s->running = false;
	link_reset(&s->link);
	bp_table_forget(s);
}

void stub_input(struct stub *s, const void *data, size_t len)
{
	link_input(&s->link, data, len);
}

void stub_event(struct stub *s)
{
	/* A stop reply can be sent only in reply to a resume packet. */
	if (!s->running || !stops_collect(s))
		return;
	if (!s->gone)
		stops_all(s);
	stops_report(s, ~0ULL);
}
