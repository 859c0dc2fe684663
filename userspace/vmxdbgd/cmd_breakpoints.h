/* SPDX-License-Identifier: GPL-2.0-only */
/* The Z and z packets. */
#ifndef VMXDBGD_CMD_BREAKPOINTS_H
#define VMXDBGD_CMD_BREAKPOINTS_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_insert_bp(struct stub *s, char *args, size_t len);
int cmd_remove_bp(struct stub *s, char *args, size_t len);

#endif /* VMXDBGD_CMD_BREAKPOINTS_H */
