/* SPDX-License-Identifier: MIT */
/* The table of the debugger's breakpoints and watchpoints. */
#ifndef VMXGDB_BP_TABLE_H
#define VMXGDB_BP_TABLE_H

#include "guest/stub_types.h"

/* Return: the breakpoint in the table, wanted or not, or NULL. */
struct bp *bp_table_find(const struct stub *s, const struct bp_key *key);

/*
 * Put a copy of @new into the table, which then owns @new->code. Return: the copy, or NULL
 * if there is no memory.
 */
struct bp *bp_table_put(struct bp_table *t, const struct bp *new);

/*
 * Make @bp, which is in the table, the same as @new, with its object. Return: false if
 * there is no memory; then it is not found by its object.
 */
bool bp_table_replace(struct bp_table *t, struct bp *bp, const struct bp *new);

/*
 * Remove a breakpoint; it is no error if there is none. The target keeps it
 * until bp_table_flush().
 */
void bp_table_remove(struct stub *s, const struct bp_key *key);

/* Delete from the target what the debugger has removed. */
void bp_table_flush(struct stub *s);

/* Remove all breakpoints, as a new debugger knows none of them. */
void bp_table_unwant_all(struct stub *s);

/* Empty the table, because the target's breakpoints ended with its session. */
void bp_table_forget(struct stub *s);

/* Return: whether the debugger has inserted @key and not removed it. */
bool bp_table_wants(const struct stub *s, const struct bp_key *key);

/* Return: the breakpoint that the target's object @id is for, or NULL. */
const struct bp *bp_table_by_id(const struct stub *s, uint32_t id);

#endif /* VMXGDB_BP_TABLE_H */
