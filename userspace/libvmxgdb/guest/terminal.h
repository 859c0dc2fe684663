/* SPDX-License-Identifier: MIT */
/*
 * Text that hits print on the debugger's terminal. The non-stop protocol has no place for
 * it, so there it is kept until the user asks for it. While a guest waits for its debugger
 * text is kept as well, until the guest runs under the next one.
 */
#ifndef VMXGDB_TERMINAL_H
#define VMXGDB_TERMINAL_H

#include "guest/stub_types.h"

/* As much text is kept; older text goes first. */
#define TERMINAL_KEPT_MAX	(1U << 20)

/* Print text, or keep it. In all-stop the debugger must wait for a stop reply. */
void terminal_put(struct stub *s, const char *text, size_t len);

/* Likewise with a format of printf(). Texts over 999 bytes are cut. */
void terminal_printf(struct stub *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Keep text until the guest runs, or until the user asks for it. */
void terminal_keep(struct stub *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Print what was kept, and keep it no longer. Return: whether there was some. */
bool terminal_show(struct stub *s);

/* Drop what was kept. */
void terminal_forget(struct stub *s);

#endif /* VMXGDB_TERMINAL_H */
