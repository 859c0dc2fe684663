/* SPDX-License-Identifier: MIT */
/* The packet of gdb's "catch syscall". */
#ifndef VMXGDB_CMD_SYSCALLS_H
#define VMXGDB_CMD_SYSCALLS_H

#include <stddef.h>

struct stub;

int cmd_catch_syscalls(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_SYSCALLS_H */
