/* SPDX-License-Identifier: MIT */
/* Text for pages. */
#ifndef VMXGDB_PAGE_TEXT_H
#define VMXGDB_PAGE_TEXT_H

#include <stdint.h>

#include "wire/buf.h"

/* Add a number of bytes with the largest unit that divides it: "4 KiB"; 0 is 2^64. */
void page_put_size(struct buf *out, uint64_t size);

#endif /* VMXGDB_PAGE_TEXT_H */
