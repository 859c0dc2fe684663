/* SPDX-License-Identifier: MIT */
/* Tables for gdb's "info os". */
#ifndef VMXGDB_OSDATA_H
#define VMXGDB_OSDATA_H

struct buf;
struct stub;

/* Makes the document of qXfer:osdata for the table @name, see struct document. */
int osdata_make(struct stub *s, const char *name, struct buf *out);

#endif /* VMXGDB_OSDATA_H */
