/* SPDX-License-Identifier: MIT */
/* The qXfer packets: documents that the debugger reads in pieces. */
#ifndef VMXGDB_CMD_DOCUMENTS_H
#define VMXGDB_CMD_DOCUMENTS_H

#include <stddef.h>

struct buf;
struct stub;

/* Handler of a packet, see struct command. */
int cmd_read_document(struct stub *s, char *args, size_t len);

/* Add ";qXfer:OBJECT:read+" for each object to the reply to qSupported. */
void documents_features(const struct stub *s, struct buf *out);

#endif /* VMXGDB_CMD_DOCUMENTS_H */
