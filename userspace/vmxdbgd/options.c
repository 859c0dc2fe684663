// SPDX-License-Identifier: GPL-2.0-only
/* The command line. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <vmxdbg-client.h>

#include "options.h"
#include "reg_layout.h"
#include "transport_serial.h"
#include "transport_stdio.h"
#include "transport_tcp.h"
#include "transport_unix.h"

#define VMXDBGD_VERSION	"1.0"

static const char help[] =
	"Usage: vmxdbgd [OPTION]... --tcp [ADDR:]PORT | --unix PATH | --serial TTY[,BAUD] | --stdio\n"
	"\n"
	"Let gdb debug a guest of the vmxdbg module.\n"
	"\n"
	"Guest (default: the only one):\n"
	"  --vm ID            the VM with this number, see --list\n"
	"  --pid PID          the VM of this process\n"
	"  --wait             wait until the VM appears\n"
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
	"  --arch NAME        registers that gdb sees: x86-64 (default) or i386\n"
	"  --device PATH      the module's device, default " VMXDBG_DEVICE "\n"
	"  --list             list the VMs and end\n"
	"  --help, --version  show this help or the version, and end\n";

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
static void wrong_usage(const char *format, ...)
{
	va_list args;

	fputs("vmxdbgd: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see vmxdbgd --help.\n", stderr);
	exit(2);
}

static long long option_number(const char *option, const char *text, long long min,
			long long max)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 0);
	if (!*text || *end || errno || value < min || value > max)
		wrong_usage("%s needs a number from %lld to %lld, not \"%s\"", option,
		      min, max, text);
	return value;
}

static void set_transport(struct options *o, const struct transport_ops *ops,
			  const char *endpoint)
{
	if (o->transport)
		wrong_usage("only one of --tcp, --unix, --serial and --stdio is allowed");
	o->transport = ops;
	o->endpoint = endpoint;
}

static void show_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(0);
}

static void set_option(struct options *o, int which, const char *value)
{
	switch (which) {
	case OPT_DEVICE:
		o->device = value;
		break;
	case OPT_VM:
		o->vm = option_number("--vm", value, 0, UINT32_MAX);
		break;
	case OPT_PID:
		o->pid = option_number("--pid", value, 1, INT_MAX);
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
			wrong_usage("--arch needs x86-64 or i386, not \"%s\"", value);
		break;
	case OPT_HELP:
		show_and_exit(help);
		break;
	case OPT_VERSION:
		show_and_exit("vmxdbgd " VMXDBGD_VERSION "\n");
		break;
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	int c, index;

	*o = (struct options){
		.device = VMXDBG_DEVICE,
		.vm = -1,
		.layout = layout_find("x86-64"),
	};
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", long_options, &index)) != -1) {
		if (c == ':')
			wrong_usage("%s needs a value", argv[optind - 1]);
		if (c == '?')
			wrong_usage("%s is not an option, or takes no value",
			      argv[optind - 1]);
		set_option(o, c, optarg);
	}
	if (optind < argc)
		wrong_usage("the argument \"%s\" is one too many", argv[optind]);
	if (o->vm >= 0 && o->pid)
		wrong_usage("only one of --vm and --pid is allowed");
	if (!o->transport && !o->list)
		wrong_usage("one of --tcp, --unix, --serial and --stdio is required");
}
