/* SPDX-License-Identifier: GPL-2.0-only */
/* The ACPI tables: what CPUs, interrupt controllers and switches there are. */
#ifndef VMXRUN_ACPI_TABLES_H
#define VMXRUN_ACPI_TABLES_H

#include "ram.h"

/* Where operating systems look for the first of them, if nobody tells. */
#define ACPI_RSDP	0xe0000
#define ACPI_TABLES_END	0xe1000

void acpi_tables_write(const struct ram *ram, unsigned int cpus);

#endif
