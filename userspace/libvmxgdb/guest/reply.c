// SPDX-License-Identifier: MIT
/* Replies to packets: results, errors, and text on the debugger's terminal. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "guest/reply.h"

void reply_send(struct stub *s, bool text)
{
	link_send(&s->link, s->reply.data, s->reply.len, text);
	buf_clear(&s->reply);
}

void reply_console(struct stub *s, const char *format, ...)
{
	BUF_ON_STACK(packet, 2048);
	char text[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_puts(&packet, "O");
	buf_hex(&packet, text, strlen(text));
	link_send(&s->link, packet.data, packet.len, true);
}

int reply_error(struct stub *s, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->error, sizeof(s->error), format, args);
	va_end(args);
	return error;
}

int reply_malformed(struct stub *s)
{
	return reply_error(s, -EINVAL, "malformed packet");
}

int reply_ok(struct stub *s)
{
	buf_puts(&s->reply, "OK");
	return 0;
}

void reply_put_error(struct stub *s, int error, bool text)
{
	buf_clear(&s->reply);
	if (text || s->text_errors)
		buf_printf(&s->reply, "E.%s",
			   *s->error ? s->error : strerror(-error));
	else
		buf_printf(&s->reply, "E%02x", -error > 255 ? 255 : -error);
}
