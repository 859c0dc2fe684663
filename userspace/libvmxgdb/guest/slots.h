/* SPDX-License-Identifier: MIT */
/* The guest's memory slots. */
#ifndef VMXGDB_SLOTS_H
#define VMXGDB_SLOTS_H

#include "guest/stub_types.h"

/**
 * slots_region() - find the physical addresses around one that are memory, or none
 * @s: stub
 * @gpa: physical address
 * @first: set to the first address of the range
 * @last: set to its last address
 * @memory: set to whether there is a slot
 *
 * Return: 0 or a negative errno.
 */
int slots_region(struct stub *s, uint64_t gpa, uint64_t *first, uint64_t *last, bool *memory);

#endif /* VMXGDB_SLOTS_H */
