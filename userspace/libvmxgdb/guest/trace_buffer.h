/* SPDX-License-Identifier: MIT */
/* Frames of a trace. */
#ifndef VMXGDB_TRACE_BUFFER_H
#define VMXGDB_TRACE_BUFFER_H

#include "guest/trace_types.h"
#include "wire/buf.h"

#define TRACE_BUFFER_SIZE	(16U << 20)
#define TRACE_BUFFER_MAX	(256U << 20)

void trace_buffer_clear(struct trace_buffer *b);

/* Return: number of frames. */
size_t trace_buffer_count(const struct trace_buffer *b);

/* Return: frame @number, or NULL. */
const struct trace_frame *trace_buffer_frame(const struct trace_buffer *b, long number);

/**
 * trace_buffer_add() - add a frame
 * @b: buffer
 * @head: frame without data
 * @data: its data
 * @size: bytes of @data
 * @dropped: set to the number of old frames that had to go
 *
 * Return: false if the buffer is full.
 */
bool trace_buffer_add(struct trace_buffer *b, const struct trace_frame *head, const void *data,
		      size_t size, size_t *dropped);

/*
 * Add up to @len bytes of a trace file from @offset to @out, in hex. @pad: zeros behind the
 * registers of each frame. Return: how many.
 */
size_t trace_buffer_file(const struct trace_buffer *b, uint64_t offset, size_t len, size_t pad,
			 struct buf *out);

/**
 * trace_frame_block() - walk through the blocks of a frame
 * @frame: frame
 * @at: offset, 0 for the first block; set to the offset of the next one
 * @type: set to 'R', 'M' or 'V'
 * @addr: set to the address, or the number of the variable
 * @len: set to the length of the data
 *
 * Return: the data, or NULL at the end.
 */
const uint8_t *trace_frame_block(const struct trace_frame *frame, size_t *at, char *type,
				 uint64_t *addr, size_t *len);

/* Read collected memory. Return: how many bytes of @len there are from @addr. */
size_t trace_frame_read(const struct trace_frame *frame, uint64_t addr, void *data, size_t len);

#endif /* VMXGDB_TRACE_BUFFER_H */
