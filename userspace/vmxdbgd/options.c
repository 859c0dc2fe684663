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
#include "transport_fd.h"
#include "transport_serial.h"
#include "transport_stdio.h"
#include "transport_tcp.h"
#include "transport_unix.h"

static const char help[] =
	"Usage: vmxdbgd [OPTION]... --tcp [ADDR:]PORT | --unix PATH | --serial TTY[,BAUD] |\n"
	"                           --stdio | --fd N\n"
	"\n"
	"Let gdb debug a guest of the vmxdbg module.\n"
	"\n"
	"Guest (default: the only one):\n"
	"  --vm ID            the VM with this number, see --list\n"
	"  --pid PID          the VM of this process\n"
	"  --multi            none: gdb attaches to any VM, and there can be several gdb\n"
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
	"  --fd N             use an open stream socket, which listens or is connected;\n"
	"                     without any of these: the sockets that systemd has passed\n"
	"  --on-vanish WHAT   when gdb ends without detach, the guest shall\n"
	"                     continue (default), stay as it is for the next gdb, or stop\n"
	"\n"
	"Other:\n"
	"  --once             end when gdb disconnects\n"
	"  --arch NAME        registers that gdb sees: x86-64 (default), i386, i8086\n"
	"                     (16-bit code), or auto: by the guest's mode when gdb comes\n"
	"  --device PATH      the module's device, default " VMXDBG_DEVICE "\n"
	"  --user USER[:GROUP]\n"
	"                     whose rights to keep when root starts vmxdbgd; default: nobody\n"
	"                     and the group vmxdbg, with the right to debug any VM\n"
	"  --log[=LEVEL]      print error, warn, info (default), debug, or packets too;\n"
	"                     without LEVEL: debug\n"
	"  --log-file PATH    append the messages to a file\n"
	"  --ready-fd N       write a newline there once gdb can connect\n"
	"  --list [--json]    list the VMs, for programs as JSON, and end\n"
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

#define TRANSPORTS	"--tcp, --unix, --serial, --stdio and --fd"

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
		return wrong_usage("only one of " TRANSPORTS " is allowed");
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

static bool set_fd(struct options *o, const char *value)
{
	return set_transport(o, &transport_fd, value);
}

static bool set_multi(struct options *o, const char *value)
{
	o->multi = true;
	return true;
}

static bool set_json(struct options *o, const char *value)
{
	o->json = true;
	return true;
}

static bool set_vanish(struct options *o, const char *value)
{
	static const char * const words[] = {
		[VANISH_CONTINUE] = "continue", [VANISH_STAY] = "stay", [VANISH_STOP] = "stop",
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(value, words[i])) {
			o->vanish = i;
			return true;
		}
	}
	return wrong_usage("--on-vanish needs continue, stay or stop, not \"%s\"", value);
}

static bool set_user(struct options *o, const char *value)
{
	o->user = value;
	return true;
}

static bool set_log(struct options *o, const char *value)
{
	return log_level_find(value ? value : "debug", &o->log_level) ||
	       wrong_usage("--log needs error, warn, info, debug or packets, not \"%s\"", value);
}

static bool set_log_file(struct options *o, const char *value)
{
	o->log_file = value;
	return true;
}

static bool set_ready_fd(struct options *o, const char *value)
{
	long long fd;

	if (!parse_option_number("--ready-fd", value, 0, INT_MAX, &fd))
		return false;
	o->ready_fd = fd;
	return true;
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
	{ "fd", required_argument, set_fd },
	{ "multi", no_argument, set_multi },
	{ "on-vanish", required_argument, set_vanish },
	{ "user", required_argument, set_user },
	{ "log", optional_argument, set_log },
	{ "log-file", required_argument, set_log_file },
	{ "ready-fd", required_argument, set_ready_fd },
	{ "json", no_argument, set_json },
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
	/* An empty path would be a socket that everybody on this machine can connect to. */
	if (rows[which - FIRST_ROW].has_arg == required_argument && !*optarg)
		return wrong_usage("--%s needs a value", rows[which - FIRST_ROW].name);
	return rows[which - FIRST_ROW].set(o, optarg);
}

/* Return: false after a message. */
static bool check_together(const struct options *o)
{
	if (o->vm >= 0 && o->pid)
		return wrong_usage("only one of --vm and --pid is allowed");
	if (o->multi && (o->vm >= 0 || o->pid || o->wait))
		return wrong_usage("--multi is for any VM: not with --vm, --pid or --wait");
	if (o->multi && o->transport == &transport_serial)
		return wrong_usage("--multi needs connections, which a serial line does not have");
	if (o->once && o->vanish != VANISH_CONTINUE)
		return wrong_usage("--on-vanish: with --once no debugger can come, for which the guest would wait");
	if (o->json && !o->list)
		return wrong_usage("--json is for --list");
	if (!o->transport && !o->list && !o->passed)
		return wrong_usage("one of " TRANSPORTS " is required");
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
		.log_level = LOG_INFO,
		.ready_fd = -1,
		.passed = fd_passed(),
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
