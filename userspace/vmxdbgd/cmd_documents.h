/* SPDX-License-Identifier: GPL-2.0-only */
/* The qXfer packets. */
#ifndef VMXDBGD_CMD_DOCUMENTS_H
#define VMXDBGD_CMD_DOCUMENTS_H

#include <stddef.h>

struct stub;

/* See struct command. */
int cmd_read_features(struct stub *s, char *args, size_t len);
int cmd_read_threads(struct stub *s, char *args, size_t len);

#endif /* VMXDBGD_CMD_DOCUMENTS_H */
