// SPDX-License-Identifier: GPL-2.0-only
/* Packets to commands, and commands' results to replies. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stub.h"

/* Larger than any target description or list of 64 threads. */
#define DOCUMENT_MAX	0x8000

void stub_send(struct stub *s, bool text)
{
	link_send(&s->link, s->reply.data, s->reply.len, text);
	buf_clear(&s->reply);
}

void stub_console(struct stub *s, const char *format, ...)
{
	BUF_ON_STACK(packet, 1024);
	char text[500];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_puts(&packet, "O");
	buf_hex(&packet, text, strlen(text));
	link_send(&s->link, packet.data, packet.len, true);
}

/* ---- errors ---- */

int stub_error(struct stub *s, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->error, sizeof(s->error), format, args);
	va_end(args);
	return error;
}

int stub_malformed(struct stub *s)
{
	return stub_error(s, -EINVAL, "malformed packet");
}

int stub_ok(struct stub *s)
{
	buf_puts(&s->reply, "OK");
	return 0;
}

void stub_put_error(struct stub *s, int error, bool text)
{
	buf_clear(&s->reply);
	if (text || s->text_errors)
		buf_printf(&s->reply, "E.%s",
			   *s->error ? s->error : strerror(-error));
	else
		buf_printf(&s->reply, "E%02d", -error > 99 ? 99 : -error);
}

/* ---- what the link tells ---- */

static void on_packet(void *owner, char *data, size_t len)
{
	struct stub *s = owner;
	size_t name_len;
	const struct command *c = command_find(data, &name_len);
	bool binary = *data == 'x';
	int result;

	buf_clear(&s->reply);
	s->error[0] = '\0';
	/* The reply to what we do not know is the empty packet. */
	if (!c)
		result = 0;
	else if (s->running && !c->running)
		result = stub_error(s, -EBUSY, "the guest is running");
	else
		result = c->handler(s, data + name_len, len - name_len);

	if (result == COMMAND_SILENT)
		return;
	if (result < 0)
		stub_put_error(s, result, c->text_error);
	stub_send(s, !binary);
}

static void on_damaged(void *owner, const char *why)
{
	struct stub *s = owner;

	/* The waiting reply is to a resume packet: do not take its place. */
	if (s->running)
		return;
	stub_error(s, -EBADMSG, "%s", why);
	stub_put_error(s, -EBADMSG, false);
	stub_send(s, true);
}

static void on_interrupt(void *owner)
{
	struct stub *s = owner;

	/* Stopped already: the stop reply and the 0x03 have crossed. */
	if (s->running)
		run_interrupt(s);
}

static void on_write(void *owner, const void *data, size_t len)
{
	struct stub *s = owner;

	s->write(s->context, data, len);
}

static const struct link_ops link_ops = {
	.packet = on_packet,
	.damaged = on_damaged,
	.interrupt = on_interrupt,
	.write = on_write,
};

/* ---- a debugger's coming and going ---- */

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
	bps_forget(s);
}

int stub_restart(struct stub *s)
{
	int result;

	s->running = s->gone = s->finished = false;
	s->swbreak = s->hwbreak = s->text_errors = false;
	s->physical = s->step_irqs = false;
	bps_unwant(s);
	result = stops_all(s);
	if (result < 0)
		return result;
	s->general = s->stopped = vcpu_first(s);
	s->resumed = THREAD_ALL;
	stops_initial(s);
	return 0;
}

int stub_connect(struct stub *s)
{
	int i, result;

	link_reset(&s->link);
	for (i = 0; i < VCPUS_MAX; i++)
		s->vcpus[i].pending = false;
	result = stub_restart(s);
	s->connected = result == 0;
	return result;
}

void stub_disconnect(struct stub *s)
{
	s->connected = false;
	s->running = false;
	link_reset(&s->link);
	bps_forget(s);
}

void stub_input(struct stub *s, const void *data, size_t len)
{
	link_input(&s->link, data, len);
}
