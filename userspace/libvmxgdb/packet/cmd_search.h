/* SPDX-License-Identifier: MIT */
/* Packets that search guest memory and compute its checksum, in slices. */
#ifndef VMXGDB_CMD_SEARCH_H
#define VMXGDB_CMD_SEARCH_H

#include <stddef.h>

struct stub;

/* Handlers of packets, see struct command. */
int cmd_search_memory(struct stub *s, char *args, size_t len);
int cmd_crc(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_SEARCH_H */
