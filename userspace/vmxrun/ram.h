/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's memory, as this process sees it. */
#ifndef VMXRUN_RAM_H
#define VMXRUN_RAM_H

#include <stdbool.h>
#include <stdint.h>

/* RAM is below RAM_LOW_MAX and above 4 GiB; devices of a PC are between. */
#define RAM_LOW_MAX	0xc0000000ULL
#define RAM_HIGH_BASE	0x100000000ULL

/**
 * struct ram - guest memory: one mapping, at up to two guest-physical addresses
 * @host: address of the mapping
 * @size: bytes of the mapping
 * @low: bytes at guest-physical address 0; the rest is at RAM_HIGH_BASE
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
