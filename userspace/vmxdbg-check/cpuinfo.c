// SPDX-License-Identifier: GPL-2.0-only
/* /proc/cpuinfo of the host. */
#include <stdlib.h>
#include <string.h>

#include "cpuinfo.h"

/* End @line and split it at the colon. Return: the value, or NULL */
static char *split(char *line)
{
	char *value = strchr(line, ':');
	char *end = value;

	if (!value)
		return NULL;
	while (end > line && (end[-1] == '\t' || end[-1] == ' '))
		end--;
	*end = '\0';
	value++;
	return value + strspn(value, " \t");
}

bool cpuinfo_read(struct cpuinfo *info, const struct host *host)
{
	char *line, *value, *rest;
	size_t length;

	*info = (struct cpuinfo){ .model = "unknown processor" };
	info->text = host_read_all(host, "/proc/cpuinfo", &length);
	rest = info->text;
	while (rest && (line = strsep(&rest, "\n")) && line[0]) {
		value = split(line);
		if (!value)
			continue;
		if (!strcmp(line, "model name"))
			info->model = value;
		else if (!strcmp(line, "flags"))
			info->flags = value;
		else if (!strcmp(line, "vmx flags"))
			info->vmx_flags = value;
	}
	return info->text;
}

void cpuinfo_free(struct cpuinfo *info)
{
	free(info->text);
}

bool cpuinfo_has(const char *flags, const char *word)
{
	size_t length = strlen(word);
	const char *found = flags;

	while (found && (found = strstr(found, word))) {
		if ((found == flags || found[-1] == ' ') &&
		    (!found[length] || found[length] == ' '))
			return true;
		found += length;
	}
	return false;
}
