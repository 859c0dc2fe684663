// SPDX-License-Identifier: MIT
/* The user's "monitor" commands, for what gdb has no command of its own. */
#include <errno.h>
#include <string.h>

#include "guest/reply.h"
#include "monitor/monitor.h"
#include "monitor/monitor_command.h"

#define ARGS_MAX	256

static int mon_help(struct stub *s, int argc, char **argv);

static const struct monitor_command monitor_help[] = {
	{ "help", "[COMMAND]", "show this list, or more about a command", .no_vm = true,
	  .handler = mon_help },
	{ 0 },
};

static const struct monitor_command * const tables[] = {
	monitor_help, monitor_vms, monitor_arch, monitor_registers, monitor_msr, monitor_memory,
	monitor_paging, monitor_maps, monitor_xp, monitor_disas, monitor_tables, monitor_lists,
	monitor_stats, monitor_running, monitor_time, monitor_hits, monitor_events,
	monitor_inject, monitor_power, NULL,
};

/* ---- commands by name ---- */

/* Return: table number @i, or NULL behind the last one. The owner's comes first. */
static const struct monitor_command *table(const struct stub *s, size_t i)
{
	static const struct monitor_command none;

	if (!i)
		return s->own_commands ? s->own_commands : &none;
	return tables[i - 1];
}

/*
 * Return: the command, also by the beginning of its name if no other begins like that;
 * otherwise NULL, and *@count says how many begin like that.
 */
static const struct monitor_command *find(const struct stub *s, const char *name, int *count)
{
	const struct monitor_command *c, *found = NULL;
	size_t i;

	*count = 0;
	for (i = 0; (c = table(s, i)); i++) {
		for (; c->name; c++) {
			if (!strcmp(c->name, name))
				return c;
			if (!strncmp(c->name, name, strlen(name))) {
				found = c;
				++*count;
			}
		}
	}
	return *count == 1 ? found : NULL;
}

static void show(struct stub *s, const struct monitor_command *c)
{
	reply_console(s, "monitor %-9s %-13s %s\n", c->name, c->args, c->help);
}

/* A text of any length, line by line. */
static void show_lines(struct stub *s, const char *text)
{
	size_t len;

	for (; *text; text += len + !!text[len]) {
		len = strcspn(text, "\n");
		reply_console(s, "%.*s\n", (int)len, text);
	}
}

static int mon_help(struct stub *s, int argc, char **argv)
{
	const struct monitor_command *c;
	size_t i;
	int count;

	if (argc > 2)
		return monitor_usage(s);
	if (argc == 2) {
		c = find(s, argv[1], &count);
		if (!c)
			return reply_error(s, -ENOENT, "there is no command \"%s\"", argv[1]);
		show(s, c);
		if (c->more)
			show_lines(s, c->more);
		return 0;
	}
	for (i = 0; (c = table(s, i)); i++)
		for (; c->name; c++)
			show(s, c);
	return 0;
}

static int run(struct stub *s, const struct monitor_command *c, int argc, char **argv)
{
	int result;

	if (!s->attached && !c->no_vm)
		result = reply_error(s, -ESRCH, "no VM is attached");
	else if (argc > 1 && !*c->args)
		result = monitor_usage(s);
	else
		result = c->handler(s, argc, argv);
	if (result == REPLY_LATER) {
		s->job.console = true;
		return result;
	}
	if (result == -EINVAL && !*s->error) {
		reply_console(s, "usage: monitor %s%s%s\n", c->name, *c->args ? " " : "", c->args);
		return reply_ok(s);
	}
	return monitor_end(s, c->name, result);
}

/*
 * The format in "xp/4xg ADDR" becomes an argument of its own. Return: the number of words,
 * or -1 if there are too many.
 */
static int split(char *line, char **argv)
{
	char *word, *rest, *slash;
	int argc = 0;

	for (word = strtok_r(line, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest)) {
		if (argc >= ARGS_MAX - 1)
			return -1;
		slash = argc ? NULL : strchr(word, '/');
		argv[argc++] = word;
		if (!slash)
			continue;
		*slash = '\0';
		if (slash[1])
			argv[argc++] = slash + 1;
	}
	return argc;
}

int monitor_run(struct stub *s, char *line)
{
	const struct monitor_command *c;
	char *argv[ARGS_MAX];
	int argc, count;

	argc = split(line, argv);
	if (argc < 0) {
		reply_console(s, "a command has at most %d words\n", ARGS_MAX - 1);
		return reply_ok(s);
	}
	if (!argc)
		argv[argc++] = "help";
	c = find(s, argv[0], &count);
	if (c)
		return run(s, c, argc, argv);
	if (count)
		reply_console(s, "several commands begin with \"%s\", see monitor help\n",
			      argv[0]);
	else
		reply_console(s, "there is no such command, see monitor help\n");
	return reply_ok(s);
}
