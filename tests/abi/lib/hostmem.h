/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of the VMM, and what the host does to it. */
#ifndef TESTS_ABI_HOSTMEM_H
#define TESTS_ABI_HOSTMEM_H

#include <sys/mman.h>

#include "guest.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define PAGE		4096UL
#define MIB		(1UL << 20)
#define LARGE_PAGE	(2 * MIB)

bool write_text(const char *path, const char *text);
/* aligned to a large page, with another one's room on both sides */
u8 *area(size_t size);
void add_slot(struct vm *vm, u32 slot, u32 flags, u64 gpa, u64 size, void *mem);
/* the host's ram disk to swap to, 4 MiB, once per boot */
void swap_on(void);
/* pages that have been swapped out */
unsigned int swapped(const u8 *mem, size_t size);
/* has any been, now? What a guest uses is young: it takes several attempts */
bool page_out(u8 *mem, size_t size);

#endif
