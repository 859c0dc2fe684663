/* SPDX-License-Identifier: MIT */
/* Formats of gdb's agent printf: those of C, for values that the target has recorded. */
#ifndef VMXGDB_AGENT_FORMAT_H
#define VMXGDB_AGENT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"

#define AGENT_ARGS_MAX	16	/* VMXDBG_RECORD_BLOCKS */

/**
 * struct agent_arg - argument of a format
 * @value: number, or the address of a string
 * @text: with %s: bytes of the string, which may have a NUL at their end; NULL: there is
 *	no memory
 * @len: bytes of @text
 */
struct agent_arg {
	uint64_t value;
	const char *text;
	size_t len;
};

/**
 * agent_format_args() - check a format
 * @format: format; backslashes stand for what they mean in C
 * @len: its length
 * @strings: set to which arguments are strings (bit n: argument n)
 * @why: set to the mistake
 *
 * Return: number of arguments, at most AGENT_ARGS_MAX, or -1.
 */
int agent_format_args(const char *format, size_t len, unsigned int *strings, const char **why);

/* Add the text of a format that agent_format_args() has accepted to @out. */
void agent_format_print(struct buf *out, const char *format, size_t len,
			const struct agent_arg *args);

#endif /* VMXGDB_AGENT_FORMAT_H */
