/* SPDX-License-Identifier: GPL-2.0-only */
/* The beginning of a conversation with a debugger. */
#ifndef VMXDBGD_CONVERSATION_H
#define VMXDBGD_CONVERSATION_H

#include "stub_types.h"

/**
 * conversation_begin() - stop the guest, and reset what a debugger has set up
 * @s: stub
 *
 * Runs when a debugger connects. On a line, where no connection is seen to end,
 * it runs as soon as a packet shows that there is a new debugger. The reply to
 * '?' is in s->stop_reply afterwards.
 *
 * Return: 0 or a negative errno of the target.
 */
int conversation_begin(struct stub *s);

#endif /* VMXDBGD_CONVERSATION_H */
