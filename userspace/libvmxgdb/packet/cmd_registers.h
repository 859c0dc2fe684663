/* SPDX-License-Identifier: MIT */
/* Packets that read and write registers. */
#ifndef VMXGDB_CMD_REGISTERS_H
#define VMXGDB_CMD_REGISTERS_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_read_registers(struct stub *s, char *args, size_t len);
int cmd_write_registers(struct stub *s, char *args, size_t len);
int cmd_read_register(struct stub *s, char *args, size_t len);
int cmd_write_register(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_REGISTERS_H */
