/* SPDX-License-Identifier: MIT */
/*
 * Guest memory as the debugger sees it: by linear addresses of the chosen vCPU, or by
 * physical ones (s->physical).
 */
#ifndef VMXGDB_MEMORY_H
#define VMXGDB_MEMORY_H

#include <sys/types.h>

#include "guest/stub_types.h"

/* Bytes of s->piece. A VMM may run the stub in a thread with a small stack. */
#define MEMORY_PIECE	(2 * LINK_PACKET_MAX)

/* Return: @len limited to @room, and to the end of the address space. */
size_t memory_clip(uint64_t addr, uint64_t len, size_t room);

/*
 * Read up to @len bytes. Return: how many, which is less where memory ends; or a negative
 * errno.
 */
ssize_t memory_read(struct stub *s, uint64_t addr, void *data, size_t len);

/*
 * Write all of @len bytes; a partial write is an error. Return: 0 or a negative errno with
 * its text in s->error.
 */
int memory_write(struct stub *s, uint64_t addr, const void *data, size_t len);

/* Set the text of an error. Return: the errno to return for @error at @addr. */
int memory_missing(struct stub *s, uint64_t addr, int error);

#endif /* VMXGDB_MEMORY_H */
