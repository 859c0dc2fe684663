// SPDX-License-Identifier: GPL-2.0-only
/* The command line. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vmxdbg-client.h>

#include "exit_status.h"
#include "guest/reg_layout.h"
#include "options.h"
#include "transport_serial.h"
#include "transport_stdio.h"
#include "transport_tcp.h"
#include "transport_unix.h"

static const char help[] =
	"Usage: vmxdbgd [OPTION]... --tcp [ADDR:]PORT | --unix PATH | --serial TTY[,BAUD] | --stdio\n"
	"\n"
	"Let gdb debug a guest of the vmxdbg module.\n"
	"\n"
	"Guest (default: the only one):\n"
	"  --vm ID            the VM with this number, see --list\n"
	"  --pid PID          the VM of this process\n"
	"  --wait             wait until the VM appears\n"
	"  --time stop|run    hold the guest's time while a debugger has stopped it\n"
	"                     (default), or let it run\n"
	"\n"
	"Connection to gdb:\n"
	"  --tcp [ADDR:]PORT  listen on a TCP port; default ADDR: 127.0.0.1\n"
	"  --unix PATH        listen on a Unix socket\n"
	"  --serial TTY[,BAUD]\n"
	"                     use a serial line; default BAUD: 115200\n"
	"  --stdio            use standard input and output\n"
	"\n"
	"Other:\n"
	"  --once             end when gdb disconnects\n"
	"  --arch NAME        registers that gdb sees: x86-64 (default), i386, i8086\n"
	"                     (16-bit code), or auto: by the guest's mode when gdb comes\n"
	"  --device PATH      the module's device, default " VMXDBG_DEVICE "\n"
	"  --list             list the VMs and end\n"
	"  --help, --version  show this help or the version, and end\n";

/* Return: false, after a message. */
__attribute__((format(printf, 1, 2)))
static bool wrong_usage(const char *format, ...)
{
	va_list args;

	fputs("vmxdbgd: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see vmxdbgd --help.\n", stderr);
	return false;
}

static bool parse_option_number(const char *option, const char *text,
				long long min, long long max, long long *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 0);
	if (*text && !*end && !errno && *value >= min && *value <= max)
		return true;
	return wrong_usage("%s needs a number from %lld to %lld, not \"%s\"",
			   option, min, max, text);
}

/* ---- the handlers of the options: they return false after a message ---- */

static bool set_device(struct options *o, const char *value)
{
	o->device = value;
	return true;
}

static bool set_vm(struct options *o, const char *value)
{
	return parse_option_number("--vm", value, 0, UINT32_MAX, &o->vm);
}

static bool set_pid(struct options *o, const char *text)
{
	long long pid;

	if (!parse_option_number("--pid", text, 1, INT_MAX, &pid))
		return false;
	o->pid = pid;
	return true;
}

static bool set_transport(struct options *o, const struct transport_ops *ops,
			  const char *endpoint)
{
	if (o->transport)
		return wrong_usage("only one of --tcp, --unix, --serial and --stdio is allowed");
	o->transport = ops;
	o->endpoint = endpoint;
	return true;
}

static bool set_tcp(struct options *o, const char *value)
{
	return set_transport(o, &transport_tcp, value);
}

static bool set_unix(struct options *o, const char *value)
{
	return set_transport(o, &transport_unix, value);
}

static bool set_serial(struct options *o, const char *value)
{
	return set_transport(o, &transport_serial, value);
}

static bool set_stdio(struct options *o, const char *value)
{
	return set_transport(o, &transport_stdio, "");
}

static bool set_once(struct options *o, const char *value)
{
	o->once = true;
	return true;
}

static bool set_wait(struct options *o, const char *value)
{
	o->wait = true;
	return true;
}

static bool set_list(struct options *o, const char *value)
{
	o->list = true;
	return true;
}

static bool set_time(struct options *o, const char *value)
{
	o->time_runs = !strcmp(value, "run");
	return o->time_runs || !strcmp(value, "stop") ||
	       wrong_usage("--time needs stop or run, not \"%s\"", value);
}

static bool set_layout(struct options *o, const char *name)
{
	o->layout = layout_find(name);
	return o->layout || !strcmp(name, "auto") ||
	       wrong_usage("--arch needs x86-64, i386, i8086 or auto, not \"%s\"", name);
}

static bool show_help(struct options *o, const char *value)
{
	fputs(help, stdout);
	o->done = true;
	return true;
}

static bool show_version(struct options *o, const char *value)
{
	puts("vmxdbgd " VMXDBG_VERSION);
	o->done = true;
	return true;
}

static const struct {
	const char *name;
	int has_arg;
	bool (*set)(struct options *o, const char *value);
} rows[] = {
	{ "device", required_argument, set_device },
	{ "vm", required_argument, set_vm },
	{ "pid", required_argument, set_pid },
	{ "tcp", required_argument, set_tcp },
	{ "unix", required_argument, set_unix },
	{ "serial", required_argument, set_serial },
	{ "stdio", no_argument, set_stdio },
	{ "once", no_argument, set_once },
	{ "wait", no_argument, set_wait },
	{ "time", required_argument, set_time },
	{ "list", no_argument, set_list },
	{ "arch", required_argument, set_layout },
	{ "help", no_argument, show_help },
	{ "version", no_argument, show_version },
};

#define NR_ROWS		(sizeof(rows) / sizeof(*rows))
#define FIRST_ROW	256	/* no character */

/* ---- all of them ---- */

/* Return: false after a message. */
static bool set_option(struct options *o, int which, char **argv)
{
	if (which == ':')
		return wrong_usage("%s needs a value", argv[optind - 1]);
	if (which < FIRST_ROW)
		return wrong_usage("%s is not an option, or takes no value", argv[optind - 1]);
	return rows[which - FIRST_ROW].set(o, optarg);
}

/* Return: false after a message. */
static bool check_together(const struct options *o)
{
	if (o->vm >= 0 && o->pid)
		return wrong_usage("only one of --vm and --pid is allowed");
	if (!o->transport && !o->list)
		return wrong_usage("one of --tcp, --unix, --serial and --stdio is required");
	return true;
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct option table[NR_ROWS + 1] = { 0 };
	size_t i;
	int c;

	*o = (struct options){
		.device = VMXDBG_DEVICE,
		.vm = -1,
		.layout = layout_find("x86-64"),
	};
	for (i = 0; i < NR_ROWS; i++)
		table[i] = (struct option){ rows[i].name, rows[i].has_arg, NULL, FIRST_ROW + i };
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", table, NULL)) != -1) {
		if (!set_option(o, c, argv))
			return EXIT_USAGE;
		if (o->done)
			return 0;
	}
	if (optind < argc) {
		wrong_usage("the argument \"%s\" is one too many", argv[optind]);
		return EXIT_USAGE;
	}
	return check_together(o) ? -1 : EXIT_USAGE;
}
