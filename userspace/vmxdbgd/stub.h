/* SPDX-License-Identifier: GPL-2.0-only */
/* Lifetime of a debugger's conversation, and its input. */
#ifndef VMXDBGD_STUB_H
#define VMXDBGD_STUB_H

#include "stub_types.h"

/**
 * stub_init() - prepare a stub
 * @s: stub
 * @target: guest, not attached yet
 * @layout: registers that the debugger sees
 * @write: sends bytes to the debugger
 * @context: first argument of @write
 *
 * Return: false if there is no memory.
 */
bool stub_init(struct stub *s, struct target *target,
	       const struct layout *layout,
	       void (*write)(void *context, const void *data, size_t len),
	       void *context);

/* Free what stub_init() allocated. */
void stub_free(struct stub *s);

/**
 * stub_connect() - begin with a debugger, and stop the guest
 * @s: stub; its target is attached
 *
 * Return: 0 or a negative errno of the target; then the guest may run.
 */
int stub_connect(struct stub *s);

/*
 * Forget the debugger that has gone. The guest runs on once the caller
 * detaches the target.
 */
void stub_disconnect(struct stub *s);

/*
 * Handle @len bytes that came from the debugger, which may be part of a packet.
 */
void stub_input(struct stub *s, const void *data, size_t len);

/*
 * Handle the target's events. A stop is reported if the debugger waits for one.
 */
void stub_event(struct stub *s);

#endif /* VMXDBGD_STUB_H */
