/* SPDX-License-Identifier: MIT */
/* Packets that define tracepoints and trace state variables, and give them back. */
#ifndef VMXGDB_CMD_TRACE_DEFINE_H
#define VMXGDB_CMD_TRACE_DEFINE_H

#include <stddef.h>

struct stub;

int cmd_trace_init(struct stub *s, char *args, size_t len);
int cmd_trace_define(struct stub *s, char *args, size_t len);
int cmd_trace_source(struct stub *s, char *args, size_t len);
int cmd_trace_variable(struct stub *s, char *args, size_t len);
int cmd_trace_enable(struct stub *s, char *args, size_t len);
int cmd_trace_disable(struct stub *s, char *args, size_t len);
int cmd_trace_readonly(struct stub *s, char *args, size_t len);
int cmd_first_point(struct stub *s, char *args, size_t len);
int cmd_next_point(struct stub *s, char *args, size_t len);
int cmd_first_variable(struct stub *s, char *args, size_t len);
int cmd_next_variable(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_TRACE_DEFINE_H */
