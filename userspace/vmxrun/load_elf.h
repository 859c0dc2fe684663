/* SPDX-License-Identifier: GPL-2.0-only */
/* ELF executables, 32 and 64 bits. */
#ifndef VMXRUN_LOAD_ELF_H
#define VMXRUN_LOAD_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "file.h"
#include "ram.h"

/**
 * struct elf_image - a loaded file
 * @is_64: e_machine is x86-64
 * @has_pvh: the file has a PVH note
 * @pvh_entry: entry from the PVH note
 * @entry: e_entry
 * @end: first byte after the highest segment below 4 GiB
 */
struct elf_image {
	bool is_64;
	bool has_pvh;
	uint32_t pvh_entry;
	uint64_t entry;
	uint64_t end;
};

bool elf_is(const struct file *file);
bool elf_load(const struct file *file, const struct ram *ram,
	      struct elf_image *elf);

#endif
