/* SPDX-License-Identifier: GPL-2.0-only */
/* A cgroup with a limit of memory, for processes of a test. */
#ifndef TESTS_ABI_CGROUP_H
#define TESTS_ABI_CGROUP_H

#include <stdbool.h>

#define GROUP		"/sys/fs/cgroup/test"
#define KIB		1024L

/* Make the group, or skip the test. @max: memory.max, in bytes or "max" */
void group_make(const char *max);
/* Remove it. What was charged to it must be free by then. */
void group_remove(void);
/* Put this process into the group. Return: whether it is there. */
bool group_enter(void);
/* Run @fn in a process in the group. Return: the status of waitpid(). */
int group_run(void (*fn)(void));

/* Return: a figure of memory.stat, when it is up to date. */
long group_memory(const char *name);
/* Return: kernel memory without the page tables of the group's processes. */
long group_kernel_memory(void);
/* Return: the figure in the line @name of a file, 0 without such a line. */
long figure_of(const char *path, const char *name);

#endif
