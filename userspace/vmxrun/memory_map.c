// SPDX-License-Identifier: GPL-2.0-only
/* The memory map that firmware would report to the guest. */
#include "memory_map.h"

/* Extended BIOS data, video memory and ROMs of a PC. */
#define LEGACY_START	0x9fc00ULL
#define LEGACY_END	0x100000ULL

/**
 * memory_map - fill in @map
 *
 * Return: number of used entries.
 */
unsigned int memory_map(const struct ram *ram,
			struct memory_range map[MEMORY_MAP_MAX])
{
	unsigned int n = 0;

	map[n++] = (struct memory_range){ 0, LEGACY_START, MEMORY_RAM };
	map[n++] = (struct memory_range){ LEGACY_START,
		LEGACY_END - LEGACY_START, MEMORY_RESERVED };
	map[n++] = (struct memory_range){ LEGACY_END, ram->low - LEGACY_END,
		MEMORY_RAM };
	if (ram->size > ram->low)
		map[n++] = (struct memory_range){ RAM_HIGH_BASE,
			ram->size - ram->low, MEMORY_RAM };
	return n;
}
