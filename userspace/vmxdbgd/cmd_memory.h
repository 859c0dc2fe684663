/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets that read, write and search guest memory. */
#ifndef VMXDBGD_CMD_MEMORY_H
#define VMXDBGD_CMD_MEMORY_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_read_memory(struct stub *s, char *args, size_t len);
int cmd_read_binary(struct stub *s, char *args, size_t len);
int cmd_write_memory(struct stub *s, char *args, size_t len);
int cmd_write_binary(struct stub *s, char *args, size_t len);
int cmd_search_memory(struct stub *s, char *args, size_t len);
int cmd_crc(struct stub *s, char *args, size_t len);
int cmd_get_physical(struct stub *s, char *args, size_t len);
int cmd_set_physical(struct stub *s, char *args, size_t len);

#endif /* VMXDBGD_CMD_MEMORY_H */
