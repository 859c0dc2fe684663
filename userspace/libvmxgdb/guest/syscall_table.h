/* SPDX-License-Identifier: MIT */
/* The table of breakpoints that the stub has at the entries of system calls. */
#ifndef VMXGDB_SYSCALL_TABLE_H
#define VMXGDB_SYSCALL_TABLE_H

#include "guest/stub_types.h"

/* Return: whether the target's object @id is one of them. */
bool syscall_table_has(const struct stub *s, uint32_t id);

/* Delete all of them from the target if the debugger has switched them off. */
void syscall_table_flush(struct stub *s);

/*
 * Make the table the same as @new, which owns its @numbers. Objects that are not in @new are
 * deleted from the target.
 */
void syscall_table_replace(struct stub *s, const struct syscalls *new);

/* Delete from the target the objects of @other that are not in the table. */
void syscall_table_undo(struct stub *s, const struct syscalls *other);

#endif /* VMXGDB_SYSCALL_TABLE_H */
