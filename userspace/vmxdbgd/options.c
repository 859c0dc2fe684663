// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "regs.h"
#include "transport.h"

#define VERSION	"1.0"

static const char help[] =
	"Usage: vmxdbgd [OPTION]... --tcp [ADDR:]PORT | --unix PATH | --serial TTY[,BAUD] | --stdio\n"
	"\n"
	"Lets gdb debug a guest of the vmxdbg module.\n"
	"\n"
	"Which guest (default: the only one):\n"
	"  --vm ID            the VM of this number, see --list\n"
	"  --pid PID          the VM of this process\n"
	"  --wait             wait for it to appear\n"
	"\n"
	"Where gdb is:\n"
	"  --tcp [ADDR:]PORT  listen there; ADDR is 127.0.0.1 unless given\n"
	"  --unix PATH        listen on a Unix socket\n"
	"  --serial TTY       on this serial line; ,BAUD is 115200 unless given\n"
	"  --stdio            at standard input and output\n"
	"\n"
	"Other:\n"
	"  --once             end when gdb has gone\n"
	"  --arch NAME        registers as gdb sees them: x86-64 (default) or i386\n"
	"  --device PATH      the module's device, default /dev/vmxdbg\n"
	"  --list             show the VMs and end\n"
	"  --help, --version  show this, show the version, and end\n";

enum {
	OPT_DEVICE = 256, OPT_VM, OPT_PID, OPT_TCP, OPT_UNIX, OPT_SERIAL,
	OPT_STDIO, OPT_ONCE, OPT_WAIT, OPT_LIST, OPT_ARCH, OPT_HELP,
	OPT_VERSION,
};

static const struct option long_options[] = {
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "vm", required_argument, NULL, OPT_VM },
	{ "pid", required_argument, NULL, OPT_PID },
	{ "tcp", required_argument, NULL, OPT_TCP },
	{ "unix", required_argument, NULL, OPT_UNIX },
	{ "serial", required_argument, NULL, OPT_SERIAL },
	{ "stdio", no_argument, NULL, OPT_STDIO },
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "wait", no_argument, NULL, OPT_WAIT },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "arch", required_argument, NULL, OPT_ARCH },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

__attribute__((format(printf, 1, 2), noreturn))
static void wrong(const char *format, ...)
{
	va_list args;

	fputs("vmxdbgd: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see vmxdbgd --help.\n", stderr);
	exit(2);
}

static long long number(const char *option, const char *text, long long min,
			long long max)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 0);
	if (!*text || *end || errno || value < min || value > max)
		wrong("%s wants a number from %lld to %lld, not \"%s\"", option,
		      min, max, text);
	return value;
}

static void set_transport(struct options *o, const struct transport_ops *ops,
			  const char *endpoint)
{
	if (o->transport)
		wrong("only one of --tcp, --unix, --serial and --stdio can be given");
	o->transport = ops;
	o->endpoint = endpoint;
}

static void show(const char *text)
{
	fputs(text, stdout);
	exit(0);
}

static void option(struct options *o, int which, const char *value)
{
	switch (which) {
	case OPT_DEVICE:
		o->device = value;
		break;
	case OPT_VM:
		o->vm = number("--vm", value, 0, UINT32_MAX);
		break;
	case OPT_PID:
		o->pid = number("--pid", value, 1, INT_MAX);
		break;
	case OPT_TCP:
		set_transport(o, &transport_tcp, value);
		break;
	case OPT_UNIX:
		set_transport(o, &transport_unix, value);
		break;
	case OPT_SERIAL:
		set_transport(o, &transport_serial, value);
		break;
	case OPT_STDIO:
		set_transport(o, &transport_stdio, "");
		break;
	case OPT_ONCE:
		o->once = true;
		break;
	case OPT_WAIT:
		o->wait = true;
		break;
	case OPT_LIST:
		o->list = true;
		break;
	case OPT_ARCH:
		o->layout = layout_find(value);
		if (!o->layout)
			wrong("--arch is x86-64 or i386, not \"%s\"", value);
		break;
	case OPT_HELP:
		show(help);
		break;
	case OPT_VERSION:
		show("vmxdbgd " VERSION "\n");
		break;
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	int c, index;

	*o = (struct options){ .vm = -1, .layout = layout_find("x86-64") };
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", long_options, &index)) != -1) {
		if (c == ':')
			wrong("%s wants a value", argv[optind - 1]);
		if (c == '?')
			wrong("%s is no option, or takes no value",
			      argv[optind - 1]);
		option(o, c, optarg);
	}
	if (optind < argc)
		wrong("\"%s\" is too much", argv[optind]);
	if (o->vm >= 0 && o->pid)
		wrong("only one of --vm and --pid can be given");
	if (!o->transport && !o->list)
		wrong("one of --tcp, --unix, --serial and --stdio must be given");
}
