// SPDX-License-Identifier: GPL-2.0-only
/* A file to load, mapped read-only. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "msg.h"

/**
 * file_open - map the file at @path
 *
 * Return: false after a message, also for an empty file.
 */
bool file_open(struct file *file, const char *path)
{
	int fd;
	struct stat st;
	void *data = MAP_FAILED;

	errno = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &st) && st.st_size > 0)
		data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		msg("cannot read %s: %s", path,
		    errno ? strerror(errno) : "it is empty");
		return false;
	}
	close(fd);
	*file = (struct file){ path, data, st.st_size };
	return true;
}

/**
 * file_close - unmap a file
 */
void file_close(const struct file *file)
{
	munmap((void *)file->data, file->size);
}
