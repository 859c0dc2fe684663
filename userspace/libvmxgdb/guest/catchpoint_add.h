/* SPDX-License-Identifier: MIT */
/* Adding catches of events, breakpoints and watchpoints by monitor commands. */
#ifndef VMXGDB_CATCHPOINT_ADD_H
#define VMXGDB_CATCHPOINT_ADD_H

#include "guest/stub_types.h"

/**
 * catchpoint_add_catch() - add a catch
 * @s: stub
 * @object: catch for the target
 * @text: the user's words, which are copied
 *
 * Return: its number, or a negative errno, with its text in s->error if it needs one.
 */
int catchpoint_add_catch(struct stub *s, struct vmxdbg_catch *object, const char *text);

/* Add a breakpoint or watchpoint: as catchpoint_add_catch(). */
int catchpoint_add_bp(struct stub *s, struct vmxdbg_bp *object, const char *text);

#endif /* VMXGDB_CATCHPOINT_ADD_H */
