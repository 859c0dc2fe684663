/* SPDX-License-Identifier: MIT */
/* Packets about the conversation itself: features and user commands. */
#ifndef VMXGDB_CMD_SESSION_H
#define VMXGDB_CMD_SESSION_H

#include <stddef.h>

struct stub;

/* Handlers of packets, see struct command. */
int cmd_supported(struct stub *s, char *args, size_t len);
int cmd_no_ack(struct stub *s, char *args, size_t len);
int cmd_symbol(struct stub *s, char *args, size_t len);
int cmd_monitor(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_SESSION_H */
