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

static bool set_layout(struct options *o, const char *name)
{
	o->layout = layout_find(name);
	return o->layout || !strcmp(name, "auto") ||
	       wrong_usage("--arch needs x86-64, i386, i8086 or auto, not \"%s\"", name);
}

/* Return: false after a message. */
static bool set_option(struct options *o, int which, const char *value)
{
	switch (which) {
	case OPT_DEVICE:
		o->device = value;
		return true;
	case OPT_VM:
		return parse_option_number("--vm", value, 0, UINT32_MAX, &o->vm);
	case OPT_PID:
		return set_pid(o, value);
	case OPT_TCP:
		return set_transport(o, &transport_tcp, value);
	case OPT_UNIX:
		return set_transport(o, &transport_unix, value);
	case OPT_SERIAL:
		return set_transport(o, &transport_serial, value);
	case OPT_STDIO:
		return set_transport(o, &transport_stdio, "");
	case OPT_ONCE:
		o->once = true;
		return true;
	case OPT_WAIT:
		o->wait = true;
		return true;
	case OPT_LIST:
		o->list = true;
		return true;
	case OPT_ARCH:
		return set_layout(o, value);
	case ':':
		return wrong_usage("%s needs a value", value);
	default:
		return wrong_usage("%s is not an option, or takes no value",
				   value);
	}
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
	int c;

	*o = (struct options){
		.device = VMXDBG_DEVICE,
		.vm = -1,
		.layout = layout_find("x86-64"),
	};
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", long_options, NULL)) != -1) {
		if (c == OPT_HELP || c == OPT_VERSION) {
			fputs(c == OPT_HELP ? help :
			      "vmxdbgd " VMXDBG_VERSION "\n", stdout);
			return 0;
		}
		if (!set_option(o, c, c == ':' || c == '?' ? argv[optind - 1] :
				optarg))
			return EXIT_USAGE;
	}
	if (optind < argc) {
		wrong_usage("the argument \"%s\" is one too many", argv[optind]);
		return EXIT_USAGE;
	}
	return check_together(o) ? -1 : EXIT_USAGE;
}
