// SPDX-License-Identifier: MIT
/* Replies to packets: results, errors, and text on the debugger's terminal. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "guest/reply.h"

void reply_send(struct stub *s)
{
	link_send(&s->link, s->reply.data, s->reply.len);
	buf_clear(&s->reply);
}

/* Bytes of text in a packet, which old debuggers must have room for. */
#define TEXT_PART	1000

void reply_text(struct stub *s, const char *text, size_t len)
{
	BUF_ON_STACK(packet, 2 * TEXT_PART + 2);
	size_t part;

	for (; len; text += part, len -= part) {
		part = len < TEXT_PART ? len : TEXT_PART;
		buf_clear(&packet);
		buf_puts(&packet, "O");
		buf_hex(&packet, text, part);
		link_send(&s->link, packet.data, packet.len);
	}
}

void reply_console(struct stub *s, const char *format, ...)
{
	char text[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	reply_text(s, text, strlen(text));
}

int reply_error(struct stub *s, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->error, sizeof(s->error), format, args);
	va_end(args);
	return error;
}

const char *reply_reason(const struct stub *s, int error)
{
	if (*s->error)
		return s->error;
	return error == -ENODEV ? "the VM has ended" : strerror(-error);
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
	/* lldb takes "E.text" for a good reply. */
	if ((text && !s->lldb) || s->text_errors)
		buf_printf(&s->reply, "E.%s", reply_reason(s, error));
	else
		buf_printf(&s->reply, "E%02x", -error > 255 ? 255 : -error);
	if (s->error_strings && s->reply.len == 3) {
		const char *why = reply_reason(s, error);

		buf_puts(&s->reply, ";");
		buf_hex(&s->reply, why, strlen(why));
	}
}
