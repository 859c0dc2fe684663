// SPDX-License-Identifier: GPL-2.0-only
/* Messages of vmxrun on stderr. */
#include <stdarg.h>
#include <stdio.h>

#include "msg.h"

/**
 * msg - print "vmxrun: ", a message and a line feed
 *
 * One write, so that output of the guest does not come between.
 */
void msg(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "vmxrun: %s\n", text);
}
