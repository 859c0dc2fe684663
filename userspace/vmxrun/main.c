// SPDX-License-Identifier: GPL-2.0-only
/* vmxrun: a small virtual machine monitor for /dev/vmxdbg. The command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vmxdbg-client.h>

#include "load.h"
#include "machine.h"
#include "msg.h"

#define DEFAULT_RAM	(128ULL << 20)
#define MIN_RAM		(2ULL << 20)
#define MAX_RAM		(1ULL << 40)

/* Exit status of wrong usage; other failures have 1. */
#define STATUS_USAGE	2

static const char help[] =
"Usage: vmxrun --kernel FILE [options]\n"
"Run a guest on /dev/vmxdbg, or on /dev/kvm.\n"
"\n"
"  --kernel FILE    an ELF file (vmlinux), a bzImage, or a flat image (--load)\n"
"  --append TEXT    kernel command line\n"
"  --initrd FILE    initramfs\n"
"  --mem SIZE       guest memory, with K, M or G (128M)\n"
"  --cpus N         virtual CPUs, up to 16 (1)\n"
"  --entry HOW      how to start the kernel: auto, pvh, 64, 32 or 16 (auto)\n"
"  --load ADDR      load the flat image --kernel at this address and start at its\n"
"                   first byte, in 16-bit real mode unless --entry 32\n"
"  --console WHERE  serial port: stdio, pty or file:PATH (stdio)\n"
"  --paused         wait for a debugger before the first instruction\n"
"  --no-reboot      end when the guest resets\n"
"  --irqchip WHERE  interrupt controllers in the kernel: off (none), split (local\n"
"                   APICs) or full (all, and the PIT) (off)\n"
"  --hide-hypervisor  hide the hypervisor from CPUID\n"
"  --debug-exit PORT  end with the byte that the guest writes there as status\n"
"  --device PATH    " VMXDBG_DEVICE " (default) or /dev/kvm\n"
"  --help, --version  show this help or the version, and end\n"
"\n"
"With --console stdio, Ctrl-A x quits and Ctrl-A Ctrl-A sends Ctrl-A.\n";

struct options {
	struct machine_config machine;
	struct load_request load;
	const char *console;
};

enum {
	OPT_KERNEL = 256, OPT_APPEND, OPT_INITRD, OPT_MEM, OPT_CPUS, OPT_ENTRY,
	OPT_LOAD, OPT_CONSOLE, OPT_PAUSED, OPT_NO_REBOOT, OPT_HIDE,
	OPT_DEBUG_EXIT, OPT_DEVICE, OPT_IRQCHIP, OPT_HELP, OPT_VERSION,
};

static const struct option long_options[] = {
	{ "kernel",		required_argument, NULL, OPT_KERNEL },
	{ "append",		required_argument, NULL, OPT_APPEND },
	{ "initrd",		required_argument, NULL, OPT_INITRD },
	{ "mem",		required_argument, NULL, OPT_MEM },
	{ "cpus",		required_argument, NULL, OPT_CPUS },
	{ "entry",		required_argument, NULL, OPT_ENTRY },
	{ "load",		required_argument, NULL, OPT_LOAD },
	{ "console",		required_argument, NULL, OPT_CONSOLE },
	{ "paused",		no_argument, NULL, OPT_PAUSED },
	{ "no-reboot",		no_argument, NULL, OPT_NO_REBOOT },
	{ "irqchip",		required_argument, NULL, OPT_IRQCHIP },
	{ "hide-hypervisor",	no_argument, NULL, OPT_HIDE },
	{ "debug-exit",		required_argument, NULL, OPT_DEBUG_EXIT },
	{ "device",		required_argument, NULL, OPT_DEVICE },
	{ "help",		no_argument, NULL, OPT_HELP },
	{ "version",		no_argument, NULL, OPT_VERSION },
	{ }
};

/* Return: false if @text is not a number up to @max */
static bool parse_number(const char *text, uint64_t max, uint64_t *val,
			 const char **end)
{
	char *stop;

	/* strtoull() would take a sign and leading blanks. */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*val = strtoull(text, &stop, 0);
	if (end)
		*end = stop;
	else if (*stop)
		return false;
	return !errno && *val <= max;
}

static bool parse_mem(struct options *opt, const char *text)
{
	unsigned int shift;
	const char *end;
	uint64_t val;

	if (!parse_number(text, MAX_RAM, &val, &end))
		end = "?";
	switch (*end) {
	case '\0':
		shift = 0;
		break;
	case 'k': case 'K':
		shift = 10;
		break;
	case 'm': case 'M':
		shift = 20;
		break;
	case 'g': case 'G':
		shift = 30;
		break;
	default:
		shift = 64;
	}
	if (shift < 64 && (!*end || !end[1]) && val <= MAX_RAM >> shift &&
	    val << shift >= MIN_RAM && !((val << shift) & 0xfff)) {
		opt->machine.ram = val << shift;
		return true;
	}
	msg("--mem needs a multiple of 4 KiB from 2M to 1024G, not '%s'", text);
	return false;
}

static bool parse_cpus(struct options *opt, const char *text)
{
	uint64_t val;

	if (!parse_number(text, MAX_VCPUS, &val, NULL) || !val) {
		msg("--cpus needs a number from 1 to %d, not '%s'", MAX_VCPUS,
		    text);
		return false;
	}
	opt->machine.vcpus = val;
	return true;
}

static bool parse_entry(struct options *opt, const char *text)
{
	static const struct { const char *name; enum boot_mode mode; } modes[] = {
		{ "auto", BOOT_AUTO }, { "pvh", BOOT_PVH32 },
		{ "64", BOOT_LONG64 }, { "32", BOOT_FLAT32 },
		{ "16", BOOT_REAL16 },
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (!strcmp(text, modes[i].name)) {
			opt->load.entry = modes[i].mode;
			return true;
		}
	}
	msg("--entry needs auto, pvh, 64, 32 or 16, not '%s'", text);
	return false;
}

static bool parse_load(struct options *opt, const char *text)
{
	opt->load.flat = true;
	if (parse_number(text, UINT32_MAX, &opt->load.address, NULL))
		return true;
	msg("--load needs an address below 4 GiB, not '%s'", text);
	return false;
}

static bool parse_console(struct options *opt, const char *text)
{
	opt->console = text;
	if (!strcmp(text, "stdio") || !strcmp(text, "pty") ||
	    (!strncmp(text, "file:", 5) && text[5]))
		return true;
	msg("--console needs stdio, pty or file:PATH, not '%s'", text);
	return false;
}

static bool parse_irqchip(struct options *opt, const char *text)
{
	static const char *const names[] = {
		[IRQCHIP_OFF] = "off", [IRQCHIP_SPLIT] = "split", [IRQCHIP_FULL] = "full",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i])) {
			opt->machine.irqchip = i;
			return true;
		}
	}
	msg("--irqchip needs off, split or full, not '%s'", text);
	return false;
}

static bool parse_debug_exit(struct options *opt, const char *text)
{
	uint64_t val;

	if (!parse_number(text, UINT16_MAX, &val, NULL)) {
		msg("--debug-exit needs a port below 0x10000, not '%s'", text);
		return false;
	}
	opt->machine.debug_exit = val;
	return true;
}

/* Return: false after a message */
static bool parse_option(struct options *opt, int option, const char *arg)
{
	switch (option) {
	case OPT_KERNEL:
		opt->load.kernel = arg;
		return true;
	case OPT_APPEND:
		opt->load.cmdline = arg;
		return true;
	case OPT_INITRD:
		opt->load.initrd = arg;
		return true;
	case OPT_MEM:
		return parse_mem(opt, arg);
	case OPT_CPUS:
		return parse_cpus(opt, arg);
	case OPT_ENTRY:
		return parse_entry(opt, arg);
	case OPT_LOAD:
		return parse_load(opt, arg);
	case OPT_CONSOLE:
		return parse_console(opt, arg);
	case OPT_PAUSED:
		opt->machine.paused = true;
		return true;
	case OPT_NO_REBOOT:
		opt->machine.no_reboot = true;
		return true;
	case OPT_IRQCHIP:
		return parse_irqchip(opt, arg);
	case OPT_HIDE:
		opt->machine.hide_hypervisor = true;
		return true;
	case OPT_DEBUG_EXIT:
		return parse_debug_exit(opt, arg);
	default:
		opt->machine.device = arg;
		return true;
	}
}

/* Check combinations of options. Return: false after a message */
static bool check_together(const struct options *opt)
{
	enum boot_mode entry = opt->load.entry;
	const char *wrong = NULL;

	if (!opt->load.kernel)
		wrong = "--kernel FILE is missing";
	else if (!opt->load.flat && entry == BOOT_REAL16)
		wrong = "--entry 16 needs --load";
	else if (opt->load.flat &&
		 (entry == BOOT_PVH32 || entry == BOOT_LONG64))
		wrong = "--load needs --entry 16 or 32";
	else if (opt->load.flat &&
		 (opt->load.initrd || *opt->load.cmdline))
		wrong = "--load excludes --initrd and --append";
	if (wrong)
		msg("%s (see vmxrun --help)", wrong);
	return !wrong;
}

/* Return: -1, or the exit status if there is nothing to run */
static int parse_command_line(struct options *opt, int argc, char **argv)
{
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", long_options, NULL)) >= 0) {
		switch (option) {
		case OPT_HELP:
			fputs(help, stdout);
			return 0;
		case OPT_VERSION:
			puts("vmxrun " VMXDBG_VERSION);
			return 0;
		case ':':
			msg("%s needs an argument (see vmxrun --help)",
			    argv[optind - 1]);
			return STATUS_USAGE;
		case '?':
			msg("unknown option %s (see vmxrun --help)",
			    argv[optind - 1]);
			return STATUS_USAGE;
		}
		if (!parse_option(opt, option, optarg))
			return STATUS_USAGE;
	}
	if (optind < argc) {
		msg("unexpected argument '%s' (see vmxrun --help)", argv[optind]);
		return STATUS_USAGE;
	}
	return check_together(opt) ? -1 : STATUS_USAGE;
}

int main(int argc, char **argv)
{
	/* Static, because it is too large for the stack. */
	static struct machine machine;
	struct options opt = {
		.machine = {
			.device = VMXDBG_DEVICE,
			.ram = DEFAULT_RAM,
			.vcpus = 1,
			.debug_exit = -1,
		},
		.load.cmdline = "",
		.console = "stdio",
	};
	int status = parse_command_line(&opt, argc, argv);

	if (status >= 0)
		return status;
	if (!machine_create(&machine, &opt.machine))
		return 1;
	return machine_run(&machine, &opt.load, opt.console);
}
