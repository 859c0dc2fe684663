/* SPDX-License-Identifier: MIT */
/* "info registers" of QEMU's monitor. */
#ifndef VMXGDB_QEMU_REGISTERS_H
#define VMXGDB_QEMU_REGISTERS_H

#include "guest/stub_types.h"

/* Print the registers of the selected vCPU. Return: 0 or a negative errno. */
int qemu_registers(struct stub *s);

#endif /* VMXGDB_QEMU_REGISTERS_H */
