/* SPDX-License-Identifier: MIT */
/* Stopping a running vCPU for a moment, to look at it: for the non-stop protocol. */
#ifndef VMXGDB_PAUSE_H
#define VMXGDB_PAUSE_H

#include "guest/stub_types.h"

/**
 * pause_begin() - stop a vCPU if it runs
 * @s: stub
 * @vcpu: existing vCPU
 * @paused: set to the argument of pause_end()
 *
 * Return: 0 or a negative errno of the target.
 */
int pause_begin(struct stub *s, unsigned int vcpu, bool *paused);

/* Let the vCPU go on as before, unless it has had an event. */
void pause_end(struct stub *s, unsigned int vcpu, bool paused);

#endif /* VMXGDB_PAUSE_H */
