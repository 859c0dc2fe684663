// SPDX-License-Identifier: GPL-2.0-only
/* The guest's memory, as this process sees it. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "msg.h"
#include "ram.h"

/**
 * ram_init - map @size bytes of guest memory
 *
 * Return: false with errno set.
 */
bool ram_init(struct ram *ram, uint64_t size)
{
	void *host = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (host == MAP_FAILED)
		return false;
	ram->host = host;
	ram->size = size;
	ram->low = size < RAM_LOW_MAX ? size : RAM_LOW_MAX;
	return true;
}

/**
 * ram_at - find guest-physical memory
 *
 * Return: the address of @len bytes at @gpa, or NULL if they are not all RAM.
 */
void *ram_at(const struct ram *ram, uint64_t gpa, uint64_t len)
{
	uint64_t offset = gpa, end = ram->low;

	if (gpa >= RAM_HIGH_BASE) {
		offset = gpa - RAM_HIGH_BASE + ram->low;
		end = ram->size;
	}
	if (offset > end || len > end - offset)
		return NULL;
	return ram->host + offset;
}

/**
 * ram_clear - set all guest memory to zero, as after power-on
 *
 * Return: false after a message.
 */
bool ram_clear(const struct ram *ram)
{
	/* New pages of a private anonymous mapping are zero. */
	if (!madvise(ram->host, ram->size, MADV_DONTNEED))
		return true;
	msg("cannot clear guest memory: %s", strerror(errno));
	return false;
}
