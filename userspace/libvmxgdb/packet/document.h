/* SPDX-License-Identifier: MIT */
/* Type of the table of qXfer objects. */
#ifndef VMXGDB_DOCUMENT_H
#define VMXGDB_DOCUMENT_H

#include <stdbool.h>

struct buf;
struct stub;

/**
 * struct document - an object that the debugger reads in pieces
 * @object: name of the object
 * @annex: name of the part; NULL: @make gets it
 * @no_vm: can be read while no VM is attached
 * @make: adds the whole text to @out, when its first piece is read; all pieces are of
 *	one text. Returns 0 or a negative errno; -ENOENT: there is no such annex
 */
struct document {
	const char *object;
	const char *annex;
	bool no_vm;
	int (*make)(struct stub *s, const char *annex, struct buf *out);
};

#endif /* VMXGDB_DOCUMENT_H */
