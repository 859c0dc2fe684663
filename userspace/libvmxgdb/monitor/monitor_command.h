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
 * @handler: prints with reply_console(). Returns 0, a negative errno (see
 *	reply_error()), or REPLY_LATER with a job whose end is monitor_end()
 */
struct monitor_command {
	const char *name;
	const char *args;
	const char *help;
	bool no_vm;
	const char *more;
	int (*handler)(struct stub *s, int argc, char **argv);
};

extern const struct monitor_command monitor_arch[];
extern const struct monitor_command monitor_disas[];
extern const struct monitor_command monitor_lists[];
extern const struct monitor_command monitor_events[];
extern const struct monitor_command monitor_inject[];
extern const struct monitor_command monitor_maps[];
extern const struct monitor_command monitor_hits[];
extern const struct monitor_command monitor_memory[];
extern const struct monitor_command monitor_msr[];
extern const struct monitor_command monitor_paging[];
extern const struct monitor_command monitor_power[];
extern const struct monitor_command monitor_registers[];
extern const struct monitor_command monitor_running[];
extern const struct monitor_command monitor_stats[];
extern const struct monitor_command monitor_tables[];
extern const struct monitor_command monitor_time[];
extern const struct monitor_command monitor_vms[];
extern const struct monitor_command monitor_xp[];

/* Return: the error for wrong arguments; the user is shown the command's usage. */
int monitor_usage(struct stub *s);

/* Parse a number without sign: decimal, 0x or 0. Return: false if @text is none. */
bool monitor_number(const char *text, uint64_t *value);

/*
 * Parse an address: a number as above, or the name of a register of the selected vCPU,
 * with or without '$'. Return: 0, or a negative errno with its text in s->error.
 */
int monitor_address(struct stub *s, const char *text, uint64_t *value);

/*
 * End a command with @result, which is printed if it is an error. Return: 0 with the packet's
 * reply in s->reply.
 */
int monitor_end(struct stub *s, const char *name, int result);

/*
 * Return: the words from @first on as the one text that they were. They are no longer
 * words of their own.
 */
const char *monitor_rest(int argc, char **argv, int first);

/* Set *@flag to "on" or "off" if there is an argument, and print it. */
int monitor_flag(struct stub *s, int argc, char **argv, bool *flag);

#endif /* VMXGDB_MONITOR_COMMAND_H */
