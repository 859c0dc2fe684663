/* SPDX-License-Identifier: MIT */
/*
 * The debugger's breakpoints and watchpoints, and the target's objects for
 * them.
 */
#ifndef VMXGDB_BP_TABLE_H
#define VMXGDB_BP_TABLE_H

#include "guest/stub_types.h"

/**
 * bp_table_insert() - insert a breakpoint
 * @s: stub; a new breakpoint is found through the page tables of s->general
 * @key: breakpoint; inserting it twice is the same as once
 * @code: conditions and commands, see bp_code.h; others than before replace those. "":
 *	none
 *
 * Conditions that the target refuses are left to gdb, which looks at them again at each
 * stop.
 *
 * Return: 0 or a negative errno with its text in s->error.
 */
int bp_table_insert(struct stub *s, const struct bp_key *key, const char *code);

/*
 * Remove a breakpoint; it is no error if there is none. The target keeps it
 * until bp_table_flush().
 */
void bp_table_remove(struct stub *s, const struct bp_key *key);

/**
 * bp_table_add_object() - add an object of the target
 * @s: stub
 * @key: breakpoint, found through the page tables of s->general
 * @options: condition and action, or NULL
 * @id: set to the id of the object
 *
 * Return: 0 or a negative errno of the target.
 */
int bp_table_add_object(struct stub *s, const struct bp_key *key,
			const struct vmxdbg_options *options, uint32_t *id);

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
