/* SPDX-License-Identifier: MIT */
/* A guest without a debugger that waits for its next one, with what the last has set up. */
#ifndef VMXGDB_STAY_H
#define VMXGDB_STAY_H

#include "guest/stub_types.h"

/* Return: whether the debugger has asked for a trace that goes on without it. */
bool stay_wants_trace(const struct stub *s);

/* Let the guest of @s wait. */
void stay_begin(struct stub *s, enum stub_stay how);

/* Handle the target's events meanwhile. */
void stay_event(struct stub *s);

/*
 * There is a debugger: stop the guest. Stops that nobody has heard of are pending.
 * Return: 0 or a negative errno of the target.
 */
int stay_end(struct stub *s);

/* Move the guest of @from, with all that was set up for it, to @to, which has none. */
void stay_move(struct stub *to, struct stub *from);

#endif /* VMXGDB_STAY_H */
