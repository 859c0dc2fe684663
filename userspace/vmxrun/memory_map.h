/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory map that firmware would report to the guest. */
#ifndef VMXRUN_MEMORY_MAP_H
#define VMXRUN_MEMORY_MAP_H

#include <stdint.h>

#include "ram.h"

#define MEMORY_MAP_MAX		4

/* Types of memory, as numbered in Linux's e820 table and in PVH's. */
#define MEMORY_RAM		1
#define MEMORY_RESERVED		2

struct memory_range {
	uint64_t start;
	uint64_t size;
	uint32_t type;
};

unsigned int memory_map(const struct ram *ram,
			struct memory_range map[MEMORY_MAP_MAX]);

#endif
