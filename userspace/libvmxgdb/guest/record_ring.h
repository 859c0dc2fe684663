/* SPDX-License-Identifier: MIT */
/* The target's ring of records. The parts of a record: see vmxdbg_record_next(). */
#ifndef VMXGDB_RECORD_RING_H
#define VMXGDB_RECORD_RING_H

#include "guest/stub_types.h"

/* Let the target keep records. Return: 0 or a negative errno with its text in s->error. */
int record_ring_open(struct stub *s);

/* Return: the bytes of @block, or NULL if there was no memory. */
const void *record_bytes(const struct vmxdbg_record_block *block);

#endif /* VMXGDB_RECORD_RING_H */
