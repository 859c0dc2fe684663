/* SPDX-License-Identifier: GPL-2.0-only */
/* The host that is checked: the files below one directory, "/" or a made-up one. */
#ifndef VMXDBG_CHECK_HOST_H
#define VMXDBG_CHECK_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define HOST_LINE	256

/**
 * struct host - the host
 * @root: its root directory, an O_PATH descriptor
 * @release: release of its kernel, as uname -r prints it
 * @major: first number of the release
 * @minor: second number of the release
 */
struct host {
	int root;
	char release[HOST_LINE];
	unsigned int major, minor;
};

/* Return: 0, or -errno if there is no such directory */
int host_open(struct host *host, const char *directory);

/* Paths are absolute, and links in them stay below the root. Return: -errno on failure. */
int host_file(const struct host *host, const char *path, int flags);
bool host_has(const struct host *host, const char *path);

/* Return: length of the text, which ends in a zero byte, or -errno */
ssize_t host_read(const struct host *host, const char *path, char *text, size_t size);

/* Read the whole file. Return: memory for free(), with a zero byte after it; or NULL */
char *host_read_all(const struct host *host, const char *path, size_t *length);

/* Read the first line, without its line feed. Return: whether there is one */
bool host_line(const struct host *host, const char *path, char line[HOST_LINE]);

#endif
