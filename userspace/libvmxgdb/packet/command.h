/* SPDX-License-Identifier: MIT */
/* Type of the table of packets. */
#ifndef VMXGDB_COMMAND_H
#define VMXGDB_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct stub;

/**
 * struct command - one kind of packet
 * @name: first characters of the packet
 * @after: characters of which one may follow the name, if anything does. "": nothing
 *	may follow. NULL: anything may
 * @running: allowed while the guest runs
 * @no_vm: allowed while no VM is attached
 * @text_error: gdb has always understood "E.text" as its reply
 * @thread_suffix: lldb adds ";thread:ID;", which means the thread of this packet alone
 * @live: not allowed while a trace frame is selected, whose state cannot change
 * @handler: handles the packet. @args is what follows the name, @len its length
 *	(it may be binary, and has a NUL behind it). Returns 0 with the reply in
 *	s->reply, a negative errno (see reply_error()), or REPLY_*
 */
struct command {
	const char *name;
	const char *after;
	bool running;
	bool no_vm;
	bool text_error;
	bool thread_suffix;
	bool live;
	int (*handler)(struct stub *s, char *args, size_t len);
};

#endif /* VMXGDB_COMMAND_H */
