/* SPDX-License-Identifier: GPL-2.0-only */
/* A buffer of fixed room for text and data on their way to gdb. */
#ifndef VMXDBGD_BUF_H
#define VMXDBGD_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct buf - bytes appended to storage of a fixed size
 * @data: the storage, always NUL terminated after @len bytes
 * @len: how much of it is used
 * @room: how much of it may be, without the NUL
 * @full: something did not fit; what did not is missing from the end
 */
struct buf {
	char *data;
	size_t len;
	size_t room;
	bool full;
};

/* A buf over the array @name##_storage of @size bytes, on the stack. */
#define BUF_ON_STACK(name, size)					\
	char name##_storage[size];					\
	struct buf name = { .data = name##_storage, .room = (size) - 1 };	\
	name##_storage[0] = '\0'

bool buf_alloc(struct buf *b, size_t room);
void buf_free(struct buf *b);
void buf_clear(struct buf *b);

void buf_add(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Two hex digits for each byte. */
void buf_hex(struct buf *b, const void *data, size_t len);

/*
 * Bytes as the protocol's binary data: '#', '$', '}' and '*' escaped. Stops
 * before @limit bytes of the buffer are exceeded. Returns how many of @len
 * went in.
 */
size_t buf_escaped(struct buf *b, const void *data, size_t len, size_t limit);

#endif /* VMXDBGD_BUF_H */
