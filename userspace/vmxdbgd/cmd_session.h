/* SPDX-License-Identifier: GPL-2.0-only */
/* Packets about the conversation itself. */
#ifndef VMXDBGD_CMD_SESSION_H
#define VMXDBGD_CMD_SESSION_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_supported(struct stub *s, char *args, size_t len);
int cmd_no_ack(struct stub *s, char *args, size_t len);
int cmd_attached(struct stub *s, char *args, size_t len);
int cmd_symbol(struct stub *s, char *args, size_t len);
int cmd_detach(struct stub *s, char *args, size_t len);
int cmd_kill(struct stub *s, char *args, size_t len);
int cmd_monitor(struct stub *s, char *args, size_t len);

#endif /* VMXDBGD_CMD_SESSION_H */
