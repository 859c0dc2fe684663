/* SPDX-License-Identifier: MIT */
/* Packets of the non-stop protocol. */
#ifndef VMXGDB_CMD_NONSTOP_H
#define VMXGDB_CMD_NONSTOP_H

#include <stddef.h>

struct stub;

/* Handlers of packets, see struct command. */
int cmd_non_stop(struct stub *s, char *args, size_t len);
int cmd_thread_events(struct stub *s, char *args, size_t len);
int cmd_stopped(struct stub *s, char *args, size_t len);
int cmd_interrupt(struct stub *s, char *args, size_t len);

#endif /* VMXGDB_CMD_NONSTOP_H */
