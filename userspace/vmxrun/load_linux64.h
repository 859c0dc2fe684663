/* SPDX-License-Identifier: GPL-2.0-only */
/* The 64-bit Linux boot protocol, for vmlinux and bzImage. */
#ifndef VMXRUN_LOAD_LINUX64_H
#define VMXRUN_LOAD_LINUX64_H

#include <stdbool.h>
#include <stdint.h>

#include "file.h"
#include "load.h"
#include "ram.h"

bool linux64_is_bzimage(const struct file *file);
bool linux64_load_bzimage(const struct file *file, const struct ram *ram,
			  uint64_t *entry, uint64_t *end);
uint64_t linux64_zero_page(const struct file *bzimage, const struct ram *ram,
			   const struct load_initrd *initrd,
			   const char *cmdline);

#endif
