/* SPDX-License-Identifier: MIT */
/* Packets about vCPUs, gdb's threads. */
#ifndef VMXGDB_CMD_THREADS_H
#define VMXGDB_CMD_THREADS_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_select_thread(struct stub *s, char *args, size_t len);
int cmd_thread_alive(struct stub *s, char *args, size_t len);
int cmd_current_thread(struct stub *s, char *args, size_t len);
int cmd_first_threads(struct stub *s, char *args, size_t len);
int cmd_more_threads(struct stub *s, char *args, size_t len);
int cmd_thread_extra(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_THREADS_H */
