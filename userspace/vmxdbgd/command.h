/* SPDX-License-Identifier: GPL-2.0-only */
/* Type of the table of packets. */
#ifndef VMXDBGD_COMMAND_H
#define VMXDBGD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct stub;

/* Result of a handler that sends no reply, or has sent it. */
#define COMMAND_SILENT	1

/**
 * struct command - one kind of packet
 * @name: first characters of the packet
 * @exact: nothing follows the name
 * @running: allowed while the guest runs
 * @text_error: gdb has always understood "E.text" as its reply
 * @handler: handles the packet. @args is what follows the name, @len its length
 *	(it may be binary, and has a NUL behind it). Returns 0 with the reply in
 *	s->reply, a negative errno (see reply_error()), or COMMAND_SILENT
 */
struct command {
	const char *name;
	bool exact;
	bool running;
	bool text_error;
	int (*handler)(struct stub *s, char *args, size_t len);
};

#endif /* VMXDBGD_COMMAND_H */
