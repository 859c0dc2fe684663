// SPDX-License-Identifier: MIT
/* Text that hits print on the debugger's terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "guest/reply.h"
#include "guest/terminal.h"

static void keep(struct terminal *t, const char *text, size_t len)
{
	if (len > TERMINAL_KEPT_MAX - t->kept.len) {
		/* Not each time a little: the rest must be moved. */
		buf_drop(&t->kept, t->kept.len < TERMINAL_KEPT_MAX / 2 ? t->kept.len :
			 t->kept.len - TERMINAL_KEPT_MAX / 2);
		t->cut = true;
	}
	buf_add(&t->kept, text, len);
}

void terminal_put(struct stub *s, const char *text, size_t len)
{
	if (s->non_stop || s->waits)
		keep(&s->terminal, text, len);
	else
		reply_text(s, text, len);
}

void terminal_printf(struct stub *s, const char *format, ...)
{
	char text[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	terminal_put(s, text, strlen(text));
}

void terminal_keep(struct stub *s, const char *format, ...)
{
	char text[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	keep(&s->terminal, text, strlen(text));
}

bool terminal_show(struct stub *s)
{
	struct terminal *t = &s->terminal;

	if (!t->kept.len && !t->cut)
		return false;
	if (t->cut)
		reply_console(s, "earlier text is lost: only the last %u KiB are kept\n",
			      TERMINAL_KEPT_MAX >> 10);
	reply_text(s, t->kept.data, t->kept.len);
	terminal_forget(s);
	return true;
}

void terminal_forget(struct stub *s)
{
	buf_clear(&s->terminal.kept);
	s->terminal.cut = false;
}
