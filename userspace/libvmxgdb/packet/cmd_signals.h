/* SPDX-License-Identifier: MIT */
/* Packets about the signals that stand for exceptions. */
#ifndef VMXGDB_CMD_SIGNALS_H
#define VMXGDB_CMD_SIGNALS_H

#include <stddef.h>

struct buf;
struct stub;

int cmd_pass_signals(struct stub *s, char *args, size_t len);

/* Make Linux' siginfo_t of the selected vCPU's exception; -ENOENT if there is none. */
int siginfo_make(struct stub *s, const char *annex, struct buf *out);

#endif /* VMXGDB_CMD_SIGNALS_H */
