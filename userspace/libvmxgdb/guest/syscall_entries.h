/* SPDX-License-Identifier: MIT */
/* Where the guest's system calls enter its kernel. */
#ifndef VMXGDB_SYSCALL_ENTRIES_H
#define VMXGDB_SYSCALL_ENTRIES_H

#include "guest/stub_types.h"

/**
 * syscall_entries_find() - find the entries of a stopped vCPU
 * @s: stub, whose layout says which calls the debugger knows by number
 * @vcpu: vCPU
 * @found: entries, which are added unless they are there
 *
 * With a 64-bit layout it is that of SYSCALL, otherwise those of SYSENTER and INT 80h.
 *
 * Return: 0 or a negative errno; -E2BIG: too many.
 */
int syscall_entries_find(struct stub *s, unsigned int vcpu, struct syscalls *found);

#endif /* VMXGDB_SYSCALL_ENTRIES_H */
