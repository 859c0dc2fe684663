// SPDX-License-Identifier: GPL-2.0-only
/* Groups and users of the host, from its own /etc, which need not be that of the C library. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "group.h"

#define MAX_FIELDS	7

/* Return: number of fields of a line of /etc/passwd or /etc/group */
static int split_fields(char *line, char *fields[MAX_FIELDS])
{
	int count = 0;

	while (line && count < MAX_FIELDS)
		fields[count++] = strsep(&line, ":");
	return count;
}

static void find_user(struct group_info *info, const struct host *host)
{
	char *fields[MAX_FIELDS], *line, *rest, *text;
	size_t length;

	snprintf(info->user, sizeof(info->user), "USER");
	text = host_read_all(host, "/etc/passwd", &length);
	rest = text;
	while (rest && (line = strsep(&rest, "\n"))) {
		if (split_fields(line, fields) < 3 || strtoul(fields[2], NULL, 10) != getuid())
			continue;
		snprintf(info->user, sizeof(info->user), "%s", fields[0]);
		break;
	}
	free(text);
}

static bool is_member(char *members, const char *user)
{
	char *member;

	while ((member = strsep(&members, ",")))
		if (!strcmp(member, user))
			return true;
	return false;
}

static bool is_active(gid_t gid)
{
	int count = getgroups(0, NULL);
	gid_t *groups = count > 0 ? calloc(count, sizeof(*groups)) : NULL;
	bool found = getegid() == gid;

	count = groups ? getgroups(count, groups) : 0;
	for (int i = 0; i < count; i++)
		found |= groups[i] == gid;
	free(groups);
	return found;
}

bool group_find(struct group_info *info, const struct host *host, const char *name)
{
	char *fields[MAX_FIELDS], *line, *rest, *text;
	bool found = false;
	size_t length;

	*info = (struct group_info){ 0 };
	find_user(info, host);
	text = host_read_all(host, "/etc/group", &length);
	rest = text;
	while (!found && rest && (line = strsep(&rest, "\n"))) {
		if (split_fields(line, fields) < 4 || strcmp(fields[0], name))
			continue;
		found = true;
		info->gid = strtoul(fields[2], NULL, 10);
		info->listed = is_member(fields[3], info->user);
		info->active = is_active(info->gid);
	}
	free(text);
	return found;
}
