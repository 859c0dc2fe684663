/* SPDX-License-Identifier: MIT */
/* Names of model-specific registers. */
#ifndef VMXGDB_MSR_NAMES_H
#define VMXGDB_MSR_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* Return: the name of the MSR, in small letters, or NULL. */
const char *msr_name(uint32_t number);

/* Return: the number of MSR @i of those with names, or -1 if there are not that many. */
int64_t msr_named(unsigned int i);

/* Find an MSR by its name, in any case, with "msr_" or "ia32_" in front or without. */
bool msr_find(const char *name, uint64_t *number);

#endif /* VMXGDB_MSR_NAMES_H */
