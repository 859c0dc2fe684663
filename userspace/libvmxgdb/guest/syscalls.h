/* SPDX-License-Identifier: MIT */
/* gdb's "catch syscall": stops where the guest's system calls enter its kernel. */
#ifndef VMXGDB_SYSCALLS_H
#define VMXGDB_SYSCALLS_H

#include "guest/stub_types.h"

/*
 * Return: whether @numbers is a list of system calls as it is in the packet: ";N;N", or ""
 * for all.
 */
bool syscalls_valid(const char *numbers);

/*
 * Let the guest stop at these calls. The debugger may also hear of others. Return: 0 or a
 * negative errno, with a text; then it does not stop at any.
 */
int syscalls_catch(struct stub *s, const char *numbers);

#endif /* VMXGDB_SYSCALLS_H */
