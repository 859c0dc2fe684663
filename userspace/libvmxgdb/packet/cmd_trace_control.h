/* SPDX-License-Identifier: MIT */
/* Packets that begin and end a trace, and tell how it stands. */
#ifndef VMXGDB_CMD_TRACE_CONTROL_H
#define VMXGDB_CMD_TRACE_CONTROL_H

#include <stddef.h>

struct stub;

int cmd_trace_start(struct stub *s, char *args, size_t len);
int cmd_trace_stop(struct stub *s, char *args, size_t len);
int cmd_trace_circular(struct stub *s, char *args, size_t len);
int cmd_trace_size(struct stub *s, char *args, size_t len);
int cmd_trace_disconnected(struct stub *s, char *args, size_t len);
int cmd_trace_notes(struct stub *s, char *args, size_t len);
int cmd_trace_status(struct stub *s, char *args, size_t len);
int cmd_point_status(struct stub *s, char *args, size_t len);
int cmd_variable_value(struct stub *s, char *args, size_t len);
int cmd_trace_save(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_TRACE_CONTROL_H */
