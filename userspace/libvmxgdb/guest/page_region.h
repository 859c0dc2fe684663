/* SPDX-License-Identifier: MIT */
/* Ranges of addresses that are mapped alike, or not at all. */
#ifndef VMXGDB_PAGE_REGION_H
#define VMXGDB_PAGE_REGION_H

#include "guest/stub_types.h"

#define REGION_MAPPED	(1U << 8)	/* beside PAGE_WRITE, PAGE_USER, PAGE_EXEC */

/**
 * page_region() - find the range of like addresses around one
 * @s: stub; addresses are physical ones if @s->physical
 * @addr: address
 * @first: set to the first address of the range
 * @last: set to its last address
 * @flags: set to REGION_MAPPED and the rights; 0 if it is not mapped
 *
 * The range has one right and is contiguous. It may go on on both sides, because the
 * number of page tables that are read has a limit. A page is mapped also where the guest
 * has no memory at its physical address.
 *
 * Return: 0 or a negative errno.
 */
int page_region(struct stub *s, uint64_t addr, uint64_t *first, uint64_t *last,
		unsigned int *flags);

/*
 * Return: bytes from @addr, where nothing can be read, to the next address where something
 * may be; at least 1.
 */
uint64_t page_hole(struct stub *s, uint64_t addr);

#endif /* VMXGDB_PAGE_REGION_H */
