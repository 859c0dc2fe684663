/* SPDX-License-Identifier: MIT */
/* A buffer for text and data that grows up to a limit. */
#ifndef VMXGDB_BUF_H
#define VMXGDB_BUF_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct buf - bytes appended to storage
 * @data: storage, NUL terminated after @len bytes
 * @len: used bytes
 * @room: maximum of @len in this storage
 * @limit: maximum of @room; the storage grows up to it
 * @full: some bytes did not fit, or there was no memory, and they were dropped
 */
struct buf {
	char *data;
	size_t len;
	size_t room;
	size_t limit;
	bool full;
};

/* A buf with @size bytes of storage on the stack, which does not grow. */
#define BUF_ON_STACK(name, size)					\
	char name##_storage[size];					\
	struct buf name = { .data = name##_storage, .room = (size) - 1,	\
			    .limit = (size) - 1 };			\
	name##_storage[0] = '\0'

/* Make an empty buf that holds up to @limit bytes. Return: false if there is no memory. */
bool buf_init(struct buf *b, size_t limit);
void buf_free(struct buf *b);
void buf_clear(struct buf *b);

/* Drop the first @len bytes; there are that many. */
void buf_drop(struct buf *b, size_t len);

void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Add two hex digits for each byte. */
void buf_hex(struct buf *b, const void *data, size_t len);

/*
 * Add bytes as the protocol's binary data, with '#', '$', '}' and '*' escaped,
 * until the buffer holds at most @limit bytes.
 * Return: how many bytes of @data were added.
 */
size_t buf_escaped(struct buf *b, const void *data, size_t len, size_t limit);

#endif /* VMXGDB_BUF_H */
