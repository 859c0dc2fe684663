/* SPDX-License-Identifier: GPL-2.0-only */
/* Putting the guest's files into its memory. */
#ifndef VMXRUN_LOAD_H
#define VMXRUN_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "file.h"
#include "ram.h"

/**
 * struct load_request - what the command line asked for
 * @kernel: path
 * @initrd: path, or NULL
 * @cmdline: never NULL
 * @entry: BOOT_AUTO: what suits the file
 * @flat: the file has no format and goes to @address
 */
struct load_request {
	const char *kernel;
	const char *initrd;
	const char *cmdline;
	enum boot_mode entry;
	bool flat;
	uint64_t address;
};

/* Where the initramfs went; @size is 0 without one. */
struct load_initrd {
	uint64_t address;
	uint64_t size;
};

bool load_guest(const struct load_request *req, const struct ram *ram,
		struct boot *boot);

#endif
