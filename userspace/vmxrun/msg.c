// SPDX-License-Identifier: GPL-2.0-only
/* What vmxrun itself has to say, on stderr. */
#include <stdarg.h>
#include <stdio.h>

#include "msg.h"

/* Formatted first, so that one write carries it and no guest output cuts it. */
void msg(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "vmxrun: %s\n", text);
}
