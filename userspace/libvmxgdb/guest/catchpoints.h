/* SPDX-License-Identifier: MIT */
/*
 * Catches of events, and breakpoints and watchpoints, that the user has added by monitor
 * commands. The debugger knows nothing about them.
 */
#ifndef VMXGDB_CATCHPOINTS_H
#define VMXGDB_CATCHPOINTS_H

#include "guest/stub_types.h"

/**
 * catchpoints_add_catch() - add a catch
 * @s: stub
 * @object: catch for the target
 * @text: the user's words, which are copied
 *
 * Return: its number, or a negative errno, with its text in s->error if it needs one.
 */
int catchpoints_add_catch(struct stub *s, struct vmxdbg_catch *object, const char *text);

/* Add a breakpoint or watchpoint: as catchpoints_add_catch(). */
int catchpoints_add_bp(struct stub *s, struct vmxdbg_bp *object, const char *text);

/* Delete one. Return: 0, or -ENOENT if there is none with this number. */
int catchpoints_delete(struct stub *s, unsigned int number);

/* Delete all of them. */
void catchpoints_delete_all(struct stub *s);

/* Empty the list, because the target's objects ended with its session. */
void catchpoints_forget(struct stub *s);

/* Return: the catchpoint with this number, or NULL. */
const struct catchpoint *catchpoints_get(const struct stub *s, unsigned int number);

/* Return: the catchpoint that the target's object @id is for, or NULL. */
const struct catchpoint *catchpoints_by_id(const struct stub *s, uint32_t id);

#endif /* VMXGDB_CATCHPOINTS_H */
