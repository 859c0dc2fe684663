// SPDX-License-Identifier: GPL-2.0-only
/* vmxdbg-check: tells whether this host can run vmxdbg. The command line. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "host.h"
#include "mitigations.h"
#include "module.h"
#include "owner.h"
#include "processor.h"
#include "report.h"

/* Exit status of wrong usage; report_end() has the others. */
#define STATUS_USAGE	2

static const char help[] =
"Usage: vmxdbg-check [--root DIR] [--msrs]\n"
"Tell whether this host can run vmxdbg and, for each thing that is missing, what to do.\n"
"Run it as root for a full check.\n"
"\n"
"  --root DIR         read the files of the host below DIR, not below /\n"
"  --msrs             print the VMX capability MSRs of the first CPU, and end\n"
"  --help, --version  show this help or the version, and end\n"
"\n"
"Exit status: 0 if the host has all that is needed, 1 if not, 2 for wrong usage.\n";

enum { OPT_ROOT = 256, OPT_MSRS, OPT_HELP, OPT_VERSION };

static const struct option long_options[] = {
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "msrs", no_argument, NULL, OPT_MSRS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 },
};

static int wrong_usage(const char *problem, const char *value)
{
	fprintf(stderr, "vmxdbg-check: %s%s; see vmxdbg-check --help.\n", value, problem);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	const char *root = "/";
	bool msrs = false;
	struct host host;
	int c, error;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_ROOT:
			root = optarg;
			break;
		case OPT_MSRS:
			msrs = true;
			break;
		case OPT_HELP:
			fputs(help, stdout);
			return 0;
		case OPT_VERSION:
			puts("vmxdbg-check " VMXDBG_VERSION);
			return 0;
		case ':':
			return wrong_usage(" needs a value", argv[optind - 1]);
		default:
			return wrong_usage(" is not an option, or takes no value", argv[optind - 1]);
		}
	}
	if (optind < argc)
		return wrong_usage(" is one argument too many", argv[optind]);
	error = host_open(&host, root);
	if (error) {
		fprintf(stderr, "vmxdbg-check: --root %s: %s\n", root, strerror(-error));
		return STATUS_USAGE;
	}
	if (msrs)
		return print_msrs(&host);
	check_processor(&host);
	check_owner(&host);
	check_module_loads(&host);
	check_mitigations(&host);
	check_device(&host);
	return report_end();
}
