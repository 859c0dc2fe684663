/* SPDX-License-Identifier: MIT */
/*
 * The list of catches of events, and of breakpoints and watchpoints, that the user has added
 * by monitor commands. The debugger knows nothing about them.
 */
#ifndef VMXGDB_CATCHPOINTS_H
#define VMXGDB_CATCHPOINTS_H

#include "guest/stub_types.h"

/*
 * Put the target's object @id into the list. @type: see struct catchpoint. @text is copied.
 * Return: the number of the new catchpoint, or -ENOMEM with the object deleted.
 */
int catchpoints_put(struct stub *s, uint32_t id, int type, const char *text);

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
