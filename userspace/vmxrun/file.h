/* SPDX-License-Identifier: GPL-2.0-only */
/* A file to load, mapped read-only. */
#ifndef VMXRUN_FILE_H
#define VMXRUN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct file - a mapped file
 * @path: path, for messages
 * @data: contents
 * @size: bytes of @data, never 0
 */
struct file {
	const char *path;
	const uint8_t *data;
	size_t size;
};

bool file_open(struct file *file, const char *path);
void file_close(const struct file *file);

/* Return: whether @len bytes at @offset are in the file; any values are safe */
static inline bool file_has(const struct file *file, uint64_t offset,
			    uint64_t len)
{
	return offset <= file->size && len <= file->size - offset;
}

#endif
