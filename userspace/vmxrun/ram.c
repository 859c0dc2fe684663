// SPDX-License-Identifier: GPL-2.0-only
/* The guest's memory, as this process sees it. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "msg.h"
#include "ram.h"

/* Return: false with errno set */
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
 * ram_at - where guest physical memory is
 *
 * Return: the address of @len bytes at @gpa, NULL if they are not all RAM.
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

/* All of it zero again, as after power-on. Return: false after a message. */
bool ram_clear(const struct ram *ram)
{
	/* Of a private mapping without a file, new pages are zero. */
	if (!madvise(ram->host, ram->size, MADV_DONTNEED))
		return true;
	msg("cannot clear guest memory: %s", strerror(errno));
	return false;
}
