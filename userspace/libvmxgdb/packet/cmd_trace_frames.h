/* SPDX-License-Identifier: MIT */
/* Packets that select and read the frames of a trace. */
#ifndef VMXGDB_CMD_TRACE_FRAMES_H
#define VMXGDB_CMD_TRACE_FRAMES_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct reg;
struct stub;

int cmd_select_frame(struct stub *s, char *args, size_t len);
int cmd_trace_buffer(struct stub *s, char *args, size_t len);

/* The document traceframe-info. */
int trace_frame_info(struct stub *s, const char *annex, struct buf *out);

/* Replies to g, p, m and x while a frame is selected. */
int trace_read_registers(struct stub *s);
int trace_read_register(struct stub *s, const struct reg *reg, unsigned int number);

#endif /* VMXGDB_CMD_TRACE_FRAMES_H */
