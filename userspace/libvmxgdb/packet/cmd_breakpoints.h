/* SPDX-License-Identifier: MIT */
/* The Z and z packets. */
#ifndef VMXGDB_CMD_BREAKPOINTS_H
#define VMXGDB_CMD_BREAKPOINTS_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_insert_bp(struct stub *s, char *args, size_t len);
int cmd_remove_bp(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_BREAKPOINTS_H */
