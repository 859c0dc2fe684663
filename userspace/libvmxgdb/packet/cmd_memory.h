/* SPDX-License-Identifier: MIT */
/* Packets that read and write guest memory. */
#ifndef VMXGDB_CMD_MEMORY_H
#define VMXGDB_CMD_MEMORY_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_read_memory(struct stub *s, char *args, size_t len);
int cmd_read_binary(struct stub *s, char *args, size_t len);
int cmd_write_memory(struct stub *s, char *args, size_t len);
int cmd_write_binary(struct stub *s, char *args, size_t len);
int cmd_get_physical(struct stub *s, char *args, size_t len);
int cmd_set_physical(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_MEMORY_H */
