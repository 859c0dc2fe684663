/* SPDX-License-Identifier: MIT */
/* gdb's memory map. */
#ifndef VMXGDB_MEMORY_MAP_H
#define VMXGDB_MEMORY_MAP_H

struct buf;
struct stub;

/* Makes the document of qXfer:memory-map, see struct document. */
int memory_map_make(struct stub *s, const char *annex, struct buf *out);

#endif /* VMXGDB_MEMORY_MAP_H */
