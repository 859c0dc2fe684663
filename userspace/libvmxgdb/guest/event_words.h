/* SPDX-License-Identifier: MIT */
/* Events in words, for the user. */
#ifndef VMXGDB_EVENT_WORDS_H
#define VMXGDB_EVENT_WORDS_H

#include "guest/stub_types.h"

/* Return: why the guest cannot go on, or NULL. */
const char *event_dead_end(const struct vmxdbg_event *event);

/* Return: what went wrong with the debugger's objects, or NULL. */
const char *event_trouble(const struct vmxdbg_event *event);

/*
 * Add what a catch has seen, as "out to port 0x60, 1 byte: 0x41". Nothing is added if no
 * catch was hit.
 */
void event_put_caught(const struct vcpu_event *why, struct buf *out);

/* Add a watched access, with all that is known about it. */
void event_put_access(const struct vmxdbg_event *event, struct buf *out);

/*
 * Add what the user's catchpoints stopped for, as "catchpoint 2: …" with a line for each.
 */
void event_put_catchpoints(const struct stub *s, const struct vcpu_event *why,
			   struct buf *out);

/* Add a line about a recorded hit, with the general registers if the record has them. */
void event_put_record(const struct catchpoint *c, const struct vmxdbg_record *record,
		      struct buf *out);

#endif /* VMXGDB_EVENT_WORDS_H */
