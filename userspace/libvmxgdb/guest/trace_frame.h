/* SPDX-License-Identifier: MIT */
/* Making the frames of a trace. */
#ifndef VMXGDB_TRACE_FRAME_H
#define VMXGDB_TRACE_FRAME_H

#include "guest/stub_types.h"

/* More than a record and all registers. */
#define TRACE_FRAME_MAX	(1 << 17)

/* Add blocks of a frame to @out, see struct trace_frame. */
void trace_put_memory(struct buf *out, uint64_t addr, const void *data, size_t len);
void trace_put_var(struct buf *out, uint32_t number, uint64_t value);

/* Add all variables of the user: they are a few, so each frame has them. */
void trace_put_vars(const struct stub *s, struct buf *out);

/*
 * Add a frame to the trace, which ends if there is no room. @hit: it counts as a hit of @p
 */
void trace_add_frame(struct stub *s, struct trace_point *p, const struct trace_frame *head,
		     const struct buf *data, bool hit);

#endif /* VMXGDB_TRACE_FRAME_H */
