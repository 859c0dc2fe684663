/* SPDX-License-Identifier: GPL-2.0-only */
/* A buffer of fixed size for text and data. */
#ifndef VMXDBGD_BUF_H
#define VMXDBGD_BUF_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct buf - bytes appended to storage of a fixed size
 * @data: storage, NUL terminated after @len bytes
 * @len: used bytes
 * @room: maximum of @len
 * @full: some bytes did not fit and were dropped
 */
struct buf {
	char *data;
	size_t len;
	size_t room;
	bool full;
};

/* A buf with @size bytes of storage on the stack. */
#define BUF_ON_STACK(name, size)					\
	char name##_storage[size];					\
	struct buf name = { .data = name##_storage, .room = (size) - 1 };	\
	name##_storage[0] = '\0'

/* Return: false if there is no memory. */
bool buf_alloc(struct buf *b, size_t room);
void buf_free(struct buf *b);
void buf_clear(struct buf *b);

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

#endif /* VMXDBGD_BUF_H */
