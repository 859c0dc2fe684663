/* SPDX-License-Identifier: MIT */
/* Breakpoints, watchpoints and catches of the target in words, for the user. */
#ifndef VMXGDB_OBJECT_WORDS_H
#define VMXGDB_OBJECT_WORDS_H

#include "guest/stub_types.h"

/* Return: the name of its type: "hard", "write", "io". */
const char *object_type(const struct vmxdbg_object_info *o);

/* Add how it is armed: "in copies of pages, 2 mapped". */
void object_put_armed(const struct vmxdbg_object_info *o, struct buf *out);

/* Add what limits its hits and what they do, each behind a comma. */
void object_put_filters(struct stub *s, const struct vmxdbg_object_info *o, struct buf *out);

#endif /* VMXGDB_OBJECT_WORDS_H */
