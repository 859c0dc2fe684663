/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's memory, as this process sees it. */
#ifndef VMXRUN_RAM_H
#define VMXRUN_RAM_H

#include <stdbool.h>
#include <stdint.h>

/* RAM stops here and goes on at 4 GiB: between are a PC's device addresses. */
#define RAM_LOW_MAX	0xc0000000ULL
#define RAM_HIGH_BASE	0x100000000ULL

/**
 * struct ram - one mapping, up to two places in the guest
 * @host: the mapping
 * @size: of all of it
 * @low: bytes of it at guest physical address 0; the rest is at RAM_HIGH_BASE
 */
struct ram {
	uint8_t *host;
	uint64_t size;
	uint64_t low;
};

bool ram_init(struct ram *ram, uint64_t size);
bool ram_clear(const struct ram *ram);
void *ram_at(const struct ram *ram, uint64_t gpa, uint64_t len);

#endif
