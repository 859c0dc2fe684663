/* SPDX-License-Identifier: MIT */
/* Exceptions of the processor, and the signals that a debugger knows for them. */
#ifndef VMXGDB_VECTORS_H
#define VMXGDB_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct vector - one exception
 * @name: in manuals, as "#PF"
 * @words: as "page-fault"
 * @signal: gdb's number of a signal (SIGNAL_*)
 * @code: si_code of that signal, as Linux has it
 */
struct vector {
	const char *name;
	const char *words;
	int signal;
	int code;
};

/* Return: the exception with this vector, or NULL if the processor has none. */
const struct vector *vector_get(uint64_t number);

/* Find a vector by either name, in any case, the first also without '#'. */
bool vector_find(const char *name, uint64_t *number);

#endif /* VMXGDB_VECTORS_H */
