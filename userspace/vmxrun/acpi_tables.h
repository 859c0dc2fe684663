/* SPDX-License-Identifier: GPL-2.0-only */
/* The ACPI tables: CPUs, interrupt controllers and power management. */
#ifndef VMXRUN_ACPI_TABLES_H
#define VMXRUN_ACPI_TABLES_H

#include "ram.h"

/* Operating systems search for the RSDP here if no boot protocol tells them. */
#define ACPI_RSDP	0xe0000
#define ACPI_TABLES_END	0xe1000

void acpi_tables_write(const struct ram *ram, unsigned int cpus);

#endif
