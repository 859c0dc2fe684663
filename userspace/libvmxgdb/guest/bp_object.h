/* SPDX-License-Identifier: MIT */
/* The target's object of a breakpoint or watchpoint. */
#ifndef VMXGDB_BP_OBJECT_H
#define VMXGDB_BP_OBJECT_H

#include "guest/stub_types.h"

/**
 * bp_object_add() - add an object of the target
 * @s: stub
 * @key: breakpoint, found through the page tables of s->general
 * @options: condition and action, or NULL
 * @id: set to the id of the object
 *
 * Return: 0 or a negative errno of the target.
 */
int bp_object_add(struct stub *s, const struct bp_key *key,
		  const struct vmxdbg_options *options, uint32_t *id);

#endif /* VMXGDB_BP_OBJECT_H */
