/* SPDX-License-Identifier: MIT */
/* Inserting gdb's breakpoints and watchpoints, with their conditions and commands. */
#ifndef VMXGDB_BP_INSERT_H
#define VMXGDB_BP_INSERT_H

#include "guest/stub_types.h"

/**
 * bp_insert() - insert a breakpoint
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
int bp_insert(struct stub *s, const struct bp_key *key, const char *code);

/* Variables have changed: make the objects of breakpoints with conditions again. */
void bp_insert_again(struct stub *s);

#endif /* VMXGDB_BP_INSERT_H */
