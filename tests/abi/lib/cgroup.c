// SPDX-License-Identifier: GPL-2.0-only
/* See cgroup.h. */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "hostmem.h"

#define ROOT	"/sys/fs/cgroup"

long figure_of(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	char word[64];
	long value, found = 0;

	REQUIRE(file);
	while (fscanf(file, "%63s %ld", word, &value) == 2)
		if (!strcmp(word, name))
			found = value;
	fclose(file);
	return found;
}

long group_memory(const char *name)
{
	/* The kernel gathers small changes every two seconds. */
	sleep(3);
	return figure_of(GROUP "/memory.stat", name);
}

long group_kernel_memory(void)
{
	return group_memory("kernel") - group_memory("pagetables");
}

void group_make(const char *max)
{
	if (mount("cgroup2", ROOT, "cgroup2", 0, NULL) && errno != EBUSY)
		tap_skip("no cgroups: %s", strerror(errno));
	if (!write_text(ROOT "/cgroup.subtree_control", "+memory"))
		tap_skip("no cgroups for memory");
	CHECK_OK(mkdir(GROUP, 0700));
	REQUIRE(write_text(GROUP "/memory.max", max));
}

bool group_enter(void)
{
	return write_text(GROUP "/cgroup.procs", "0");
}

int group_run(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (!group_enter())
			_exit(1);
		fn();
		_exit(0);
	}
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

void group_remove(void)
{
	unsigned int i;

	/* A rest may stay in the stock of other CPUs. */
	for (i = 0; i < 100 && read_number(GROUP "/memory.current") > (long)MIB; i++)
		usleep(100000);
	CHECK(read_number(GROUP "/memory.current") <= (long)MIB);
	CHECK_OK(rmdir(GROUP));
}
