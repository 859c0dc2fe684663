/* SPDX-License-Identifier: MIT */
/* "info WORD" of QEMU's monitor, with its output, which other programs parse. */
#ifndef VMXGDB_MON_QEMU_H
#define VMXGDB_MON_QEMU_H

#include "guest/stub_types.h"

/* Handle "info WORD". Return: as the handler of a monitor command. */
int qemu_info(struct stub *s, const char *word);

#endif /* VMXGDB_MON_QEMU_H */
