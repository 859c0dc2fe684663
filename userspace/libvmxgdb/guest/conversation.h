/* SPDX-License-Identifier: MIT */
/* The beginning of a conversation with a debugger. */
#ifndef VMXGDB_CONVERSATION_H
#define VMXGDB_CONVERSATION_H

#include "guest/stub_types.h"

/**
 * conversation_begin() - stop the guest, and reset what a debugger has set up
 * @s: stub
 *
 * Runs at the first packet of a debugger. A guest that has waited for it (see stay.h) is
 * as the last debugger has left it, but for the breakpoints that the new one does not
 * know. The reply to '?' is in s->stop_reply afterwards.
 *
 * Return: 0 or a negative errno of the target.
 */
int conversation_begin(struct stub *s);

/*
 * On a line no connection is seen to end: a packet has shown that there is a new debugger.
 * Return: as conversation_begin().
 */
int conversation_again(struct stub *s);

/**
 * conversation_attach() - go on with another VM
 * @s: stub without a VM
 * @vm: number of the VM, or TARGET_ANY_VM
 *
 * Return: 0 with the VM stopped, or a negative errno with its text in s->error.
 */
int conversation_attach(struct stub *s, uint32_t vm);

/* Let the guest run without a debugger, and go on without a VM. */
void conversation_detach(struct stub *s);

/* Return: words for the errno of an attach operation, or NULL. */
const char *conversation_refused(int error);

#endif /* VMXGDB_CONVERSATION_H */
