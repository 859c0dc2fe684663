// SPDX-License-Identifier: GPL-2.0-only
/* MSRs of the host's CPUs. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "msr.h"

int msr_next_cpu(const struct host *host, int cpu)
{
	int fd = host_file(host, "/dev/cpu", O_RDONLY | O_DIRECTORY);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int next = INT_MAX;

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((entry = readdir(directory))) {
		char *end, path[64];
		long number = strtol(entry->d_name, &end, 10);

		if (end == entry->d_name || *end || number <= cpu || number >= next)
			continue;
		snprintf(path, sizeof(path), "/dev/cpu/%ld/msr", number);
		if (host_has(host, path))
			next = number;
	}
	closedir(directory);
	return next == INT_MAX ? -1 : next;
}

int msr_open(const struct host *host, int cpu)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/cpu/%d/msr", cpu);
	return host_file(host, path, O_RDONLY);
}

bool msr_read(int fd, uint32_t msr, uint64_t *value)
{
	struct stat status;
	off_t scale = !fstat(fd, &status) && S_ISREG(status.st_mode) ? 8 : 1;

	return pread(fd, value, sizeof(*value), msr * scale) == sizeof(*value);
}
