/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets about vCPUs, gdb's threads. */
#ifndef VMXDBGD_CMD_THREADS_H
#define VMXDBGD_CMD_THREADS_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_select_thread(struct stub *s, char *args, size_t len);
int cmd_thread_alive(struct stub *s, char *args, size_t len);
int cmd_current_thread(struct stub *s, char *args, size_t len);
int cmd_first_threads(struct stub *s, char *args, size_t len);
int cmd_more_threads(struct stub *s, char *args, size_t len);
int cmd_thread_extra(struct stub *s, char *args, size_t len);

struct buf;

/* Add the XML list of vCPUs (qXfer:threads:read) to @out. */
void threads_xml(struct stub *s, struct buf *out);

#endif /* VMXDBGD_CMD_THREADS_H */
