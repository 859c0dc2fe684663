// SPDX-License-Identifier: GPL-2.0-only
/* Rows about processor flaws: the kernel's answers, and those of the module. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mitigations.h"
#include "report.h"

#define FLAWS	"/sys/devices/system/cpu/vulnerabilities"
#define MODULE	"/sys/kernel/debug/vmxdbg/mitigations"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/* Return: number of @names, for free() each, sorted; or -1 */
static int list_flaws(const struct host *host, char *names[], int room)
{
	int fd = host_file(host, FLAWS, O_RDONLY | O_DIRECTORY);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int count = 0;

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (count < room && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' && (names[count] = strdup(entry->d_name)))
			count++;
	closedir(directory);
	qsort(names, count, sizeof(names[0]), by_name);
	return count;
}

/* The kernel says "Vulnerable" first, or of what a guest can do, "VMX:" or "KVM:". */
static bool is_open(const char *state)
{
	return !strncmp(state, "Vulnerable", 10) || strstr(state, "VMX: vulnerable") ||
	       strstr(state, "KVM: Vulnerable");
}

static void check_flaw(const struct host *host, const char *name, int *mitigated, int *open)
{
	char path[HOST_LINE + 64], state[HOST_LINE];

	snprintf(path, sizeof(path), FLAWS "/%s", name);
	if (!host_line(host, path, state) || !strncmp(state, "Not affected", 12))
		return;
	if (!is_open(state)) {
		++*mitigated;
		return;
	}
	++*open;
	report(NOTE, name, "%s", state);
}

static void check_kernel(const struct host *host)
{
	int mitigated = 0, open = 0, count;
	char *names[64];

	count = list_flaws(host, names, sizeof(names) / sizeof(names[0]));
	if (count < 0) {
		report(NOTE, "flaws", "this kernel does not list them");
		report_advice("Run only guests that you trust.");
		return;
	}
	for (int i = 0; i < count; i++) {
		check_flaw(host, names[i], &mitigated, &open);
		free(names[i]);
	}
	report(open ? NOTE : YES, "flaws", "%d that the kernel mitigates, %d that it does not",
	       mitigated, open);
	if (open)
		report_advice("A guest may be able to read memory of the host. Run only guests that "
			      "you trust; or update the microcode, and do not boot with mitigations=off.");
}

/* The file is of root alone, as all of debugfs. */
static void check_module(const struct host *host)
{
	char text[4096], *line, *rest = text;

	if (host_read(host, MODULE, text, sizeof(text)) <= 0)
		return;
	report(YES, "vmxdbg", "does at each VM entry and exit:");
	while ((line = strsep(&rest, "\n")))
		if (line[0])
			printf("          %s\n", line);
}

void check_mitigations(const struct host *host)
{
	report_section("Mitigations");
	check_kernel(host);
	check_module(host);
}
