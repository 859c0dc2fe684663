/* SPDX-License-Identifier: MIT */
/* Type of the tables of monitor commands, and what their handlers share. */
#ifndef VMXGDB_MONITOR_COMMAND_H
#define VMXGDB_MONITOR_COMMAND_H

#include "guest/stub_types.h"

#define ull(x)	((unsigned long long)(x))

/**
 * struct monitor_command - one command
 * @name: its first word; the last command of a table has none
 * @args: arguments, as help shows them
 * @help: a line of help
 * @no_vm: allowed while no VM is attached
 * @more: further help for "monitor help NAME", or NULL
 * @handler: prints with reply_console(). Returns 0 or a negative errno, see
 *	reply_error()
 */
struct monitor_command {
	const char *name;
	const char *args;
	const char *help;
	bool no_vm;
	const char *more;
	int (*handler)(struct stub *s, int argc, char **argv);
};

extern const struct monitor_command monitor_memory[];
extern const struct monitor_command monitor_registers[];
extern const struct monitor_command monitor_running[];
extern const struct monitor_command monitor_vms[];

/* Return: the error for wrong arguments; the user is shown the command's usage. */
int monitor_usage(struct stub *s);

/* Parse a number without sign: decimal, 0x or 0. Return: false if @text is none. */
bool monitor_number(const char *text, uint64_t *value);

/* Set *@flag to "on" or "off" if there is an argument, and print it. */
int monitor_flag(struct stub *s, int argc, char **argv, bool *flag);

#endif /* VMXGDB_MONITOR_COMMAND_H */
