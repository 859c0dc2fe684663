/* SPDX-License-Identifier: GPL-2.0-only */
/* Loading the guest's files into its memory. */
#ifndef VMXRUN_LOAD_H
#define VMXRUN_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "ram.h"

/**
 * struct load_request - options of the command line
 * @kernel: path
 * @initrd: path, or NULL
 * @cmdline: kernel command line, not NULL
 * @entry: mode of the CPU; BOOT_AUTO chooses by the file
 * @flat: @kernel is a flat image and goes to @address
 * @address: guest-physical address of a flat image
 */
struct load_request {
	const char *kernel;
	const char *initrd;
	const char *cmdline;
	enum boot_mode entry;
	bool flat;
	uint64_t address;
};

/* Guest-physical address and size of the initramfs; @size is 0 without one. */
struct load_initrd {
	uint64_t address;
	uint64_t size;
};

bool load_guest(const struct load_request *req, const struct ram *ram,
		struct boot *boot);

#endif
