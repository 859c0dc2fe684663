/* SPDX-License-Identifier: GPL-2.0-only */
/* Groups and users of the host. */
#ifndef VMXDBG_CHECK_GROUP_H
#define VMXDBG_CHECK_GROUP_H

#include "host.h"

/**
 * struct group_info - a group, and its relation to the user who runs this program
 * @gid: its number
 * @listed: /etc/group lists the user as a member
 * @active: this process is in the group
 * @user: name of the user
 */
struct group_info {
	gid_t gid;
	bool listed, active;
	char user[HOST_LINE];
};

/* Return: whether the host has such a group; @info->user is filled in anyway */
bool group_find(struct group_info *info, const struct host *host, const char *name);

#endif
