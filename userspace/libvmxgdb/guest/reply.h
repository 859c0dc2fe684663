/* SPDX-License-Identifier: MIT */
/* Replies to packets. */
#ifndef VMXGDB_REPLY_H
#define VMXGDB_REPLY_H

#include "guest/stub_types.h"

/* Results of handlers of packets, beside 0 (s->reply is the reply) and negative errnos: */
#define REPLY_SENT	1	/* there is no reply, or it has been sent */
#define REPLY_LATER	2	/* s->job is set, and the reply comes later */

/**
 * reply_error() - set the text of an error reply
 * @s: stub
 * @error: negative errno
 * @format: printf() format of the text
 *
 * Return: @error, for the handler to return.
 */
int reply_error(struct stub *s, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Return: the text of an error: that of reply_error(), or what is known of the number. */
const char *reply_reason(const struct stub *s, int error);

/* Return: the error for a packet that breaks the rules of the protocol. */
int reply_malformed(struct stub *s);

/* Add "OK" to the reply. Return: 0. */
int reply_ok(struct stub *s);

/**
 * reply_put_error() - make the reply an error
 * @s: stub
 * @error: negative errno
 * @text: send the text even if the debugger did not ask for texts: for packets
 *	whose error texts gdb has always understood
 *
 * The text is that of reply_reason().
 */
void reply_put_error(struct stub *s, int error, bool text);

/* Print @len bytes on the debugger's terminal, as reply_console() does. */
void reply_text(struct stub *s, const char *text, size_t len);

/* Send s->reply and clear it. */
void reply_send(struct stub *s);

/*
 * Print text on the debugger's terminal. Allowed only while the debugger waits
 * for a reply. Texts over 999 bytes are cut.
 */
void reply_console(struct stub *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* VMXGDB_REPLY_H */
