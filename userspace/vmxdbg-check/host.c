// SPDX-License-Identifier: GPL-2.0-only
/* The files of the host. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host.h"

int host_file(const struct host *host, const char *path, int flags)
{
	struct open_how how = {
		/* A pipe must not hold us up; O_PATH opens nothing, and allows no such flag. */
		.flags = flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NONBLOCK),
		.resolve = RESOLVE_IN_ROOT,
	};
	long fd = syscall(SYS_openat2, host->root, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

bool host_has(const struct host *host, const char *path)
{
	int fd = host_file(host, path, O_PATH);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

ssize_t host_read(const struct host *host, const char *path, char *text, size_t size)
{
	size_t length = 0;
	ssize_t count;
	int fd = host_file(host, path, O_RDONLY);

	if (fd < 0)
		return fd;
	do {
		count = read(fd, text + length, size - 1 - length);
		if (count > 0)
			length += count;
	} while (count > 0 && length < size - 1);
	count = count < 0 ? -errno : (ssize_t)length;
	close(fd);
	text[length] = '\0';
	return count;
}

char *host_read_all(const struct host *host, const char *path, size_t *length)
{
	size_t size = 1 << 16;
	char *text = NULL, *bigger;
	ssize_t count;

	/* Files of /proc and /sys do not tell their size. */
	for (;;) {
		bigger = realloc(text, size);
		if (!bigger)
			break;
		text = bigger;
		count = host_read(host, path, text, size);
		if (count < 0)
			break;
		if ((size_t)count < size - 1) {
			*length = count;
			return text;
		}
		size *= 2;
	}
	free(text);
	return NULL;
}

bool host_line(const struct host *host, const char *path, char line[HOST_LINE])
{
	if (host_read(host, path, line, HOST_LINE) <= 0)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

int host_open(struct host *host, const char *directory)
{
	host->root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (host->root < 0)
		return -errno;
	host->major = 0;
	host->minor = 0;
	if (!host_line(host, "/proc/sys/kernel/osrelease", host->release) ||
	    sscanf(host->release, "%u.%u", &host->major, &host->minor) != 2)
		host->release[0] = '\0';
	return 0;
}
