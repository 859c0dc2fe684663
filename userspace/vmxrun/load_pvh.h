/* SPDX-License-Identifier: GPL-2.0-only */
/* The PVH boot protocol: a kernel entered in 32-bit protected mode. */
#ifndef VMXRUN_LOAD_PVH_H
#define VMXRUN_LOAD_PVH_H

#include <stdint.h>

#include "load.h"
#include "ram.h"

uint64_t pvh_start_info(const struct ram *ram,
			const struct load_initrd *initrd);

#endif
