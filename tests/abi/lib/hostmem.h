/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of the VMM, and the host's work on it. */
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
/* Return: memory aligned to a large page, with room for another on each side. */
u8 *area(size_t size);
void add_slot(struct vm *vm, u32 slot, u32 flags, u64 gpa, u64 size, void *mem);
/* Turn on swapping to the host's ram disk, 4 MiB, once per boot. */
void swap_on(void);
/* Return: the number of pages that are swapped out. */
unsigned int swapped(const u8 *mem, size_t size);
/*
 * Swap out. A guest's pages are young, so this takes several attempts. Return:
 * whether a page was swapped out.
 */
bool page_out(u8 *mem, size_t size);
/*
 * Return: a userfaultfd that reports the accesses to the page at @mem, which wait for
 * supply_page().
 */
int missing_page(u8 *mem);
/* Wait for an access to a missing page. */
void page_is_wanted(int uffd);
/* The page comes, and is zero. */
void supply_page(int uffd, u8 *mem);

#endif
