/* SPDX-License-Identifier: MIT */
/* Packets that only lldb sends. */
#ifndef VMXGDB_CMD_LLDB_H
#define VMXGDB_CMD_LLDB_H

#include <stddef.h>

struct stub;

/* Handlers of packets, see struct command. */
int cmd_thread_suffix(struct stub *s, char *args, size_t len);
int cmd_list_threads_in_stops(struct stub *s, char *args, size_t len);
int cmd_error_strings(struct stub *s, char *args, size_t len);
int cmd_attach_or_wait(struct stub *s, char *args, size_t len);
int cmd_echo(struct stub *s, char *args, size_t len);
int cmd_host_info(struct stub *s, char *args, size_t len);
int cmd_process_info(struct stub *s, char *args, size_t len);
int cmd_watchpoint_info(struct stub *s, char *args, size_t len);
int cmd_region_info(struct stub *s, char *args, size_t len);
int cmd_thread_stop_info(struct stub *s, char *args, size_t len);
int cmd_threads_info(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_LLDB_H */
